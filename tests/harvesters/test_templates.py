"""Filled-in templates, archives and other kinds of files in a folder: what is read, what is noticed, what is refused by name."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from harvesters.files import FilesConfig, FilesSource
from harvesters.pipeline import Outcome
from harvesters.registry import WrongConfiguration, configure
from schemas.record import Dataset
from schemas.spreadsheet_guard import guarded, unguarded
from schemas.templates import DATASET_FIELDS, template_csv, template_workbook
from schemas.templates.cells import several, whole_number
from schemas.translate import read as read_document
from tests.corpus import corpus
from tests.harvesters.archives import HEADINGS, HOSTILE_ARCHIVES, HOSTILE_WORKBOOKS, ONE_DATASET, archive, row, workbook
from tests.harvesters.holding import Holding, dataset, kinds


def read(path: Path, **options: str) -> list[Outcome]:
    return Holding().run(FilesSource(FilesConfig(path=str(path), **options), "full", Holding()))[0]


def one(path: Path, name: str, body: bytes | str, **options: str) -> list[Outcome]:
    file = path / name
    file.write_bytes(body.encode() if isinstance(body, str) else body)
    return read(file, **options)


def canonical(outcome: Outcome) -> dict[str, object]:
    assert outcome.record is not None, outcome.detail
    return outcome.record.as_json()


def notices(outcome: Outcome) -> list[str]:
    return [finding.message for finding in outcome.findings or () if finding.rule == "TPL-01"]


# our own templates

def demonstration() -> list[Dataset]:
    folder = Path(__file__).parents[2] / "demonstration" / "custodians"
    files = [path for path in sorted(folder.rglob("*.json")) if path.name != "custodian.json"]
    found = (json.loads(path.read_text()) for path in files)
    return [read_document(value).record for value in found if isinstance(value, dict) and "summary" in value]


def stated(value: Any) -> Any:
    """Without empty lists and objects: a cell that is empty does not say that there is none. Related datasets by one name."""
    if isinstance(value, dict):
        named = next(({name: value[name]} for name in ("url", "pid") if name in value), value) if "title" in value and "pid" in value else value
        return {name: inner for name, given in named.items() if (inner := stated(given)) not in ([], {})}
    return [stated(one) for one in value] if isinstance(value, list) else value


def test_a_filled_in_template_says_what_the_records_said(tmp_path: Path) -> None:
    records = {record.identifier: record for record in demonstration()}
    assert len(records) > 20
    met = one(tmp_path, "all.xlsx", template_workbook(list(records.values())))
    without_title = sum(not record.summary.title for record in records.values())
    assert Counter(outcome.kind for outcome in met) == {"accepted": len(records) - without_title, "quarantined": without_title}
    for outcome in met:
        expected, found = stated(records[outcome.local_id].as_json()), stated(canonical(outcome))
        for section in ("summary", "documentation", "coverage", "accessibility", "provenance", "structuralMetadata"):
            assert found.get(section) == expected.get(section), (outcome.local_id, section)
        assert found.get("observations") == expected.get("observations")
        assert [message for message in notices(outcome) if "not known" in message] == []


def test_the_empty_templates_hold_no_dataset_and_no_path_or_label_twice(tmp_path: Path) -> None:
    assert one(tmp_path, "empty.xlsx", template_workbook()) == []
    assert one(tmp_path, "empty.csv", template_csv()) == []
    assert len({field.path for field in DATASET_FIELDS}) == len({field.label.casefold() for field in DATASET_FIELDS}) == len(DATASET_FIELDS)


@pytest.mark.parametrize("which", ["path", "label"])
def test_headings_are_paths_or_labels_and_rows_above_them_do_not_matter(tmp_path: Path, which: str) -> None:
    names = ("identifier", "summary.title", "summary.keywords", "summary.populationSize", "coverage.spatial")
    chosen = [next(field for field in DATASET_FIELDS if field.path == name) for name in names]
    heads = [getattr(field, which) for field in chosen]
    text = f"1,2,3,4,5\n{','.join(heads)}\nd1,Sleep,sleep | rest,\"1,200\",\"['Leeds', 'Hull']\"\n"
    [outcome] = one(tmp_path, "t.csv", text)
    record = canonical(outcome)
    assert outcome.local_id == "d1"
    assert record["summary"] == {"title": "Sleep", "keywords": ["sleep", "rest"], "populationSize": 1200, "dataCustodian": {}}
    assert record["coverage"] == {"spatial": ["Leeds", "Hull"]}


def test_an_unknown_heading_is_advice_and_its_cell_is_kept(tmp_path: Path) -> None:
    [outcome] = one(tmp_path, "t.csv", "identifier,summary.title,Our own code,summary.dataCustodian.name\na,Sleep,X-7,Trust\n")
    assert notices(outcome) == ["C2: The heading 'Our own code' is not known; the cell is kept beside the record."]
    assert outcome.reading is not None
    assert [(carried.path, carried.value) for carried in outcome.reading.carried] == [("/Our own code", "X-7")]


def test_without_an_identifier_custodian_and_title_stand_for_one_with_a_warning(tmp_path: Path) -> None:
    [outcome] = one(tmp_path, "t.csv", "summary.title,summary.dataCustodian.name\nSleep,Trust\n")
    assert (outcome.local_id, outcome.kind) == ("Trust: Sleep", "accepted")
    assert "a new title means a new dataset" in next(finding.hint for finding in outcome.findings or () if finding.rule == "TPL-01")


def test_headings_of_earlier_versions_are_understood(tmp_path: Path) -> None:
    text = "summary.title,summary.publisher.name,coverage.typicalAgeRange,coverage.followup,identifier\nSleep,Trust,18-65,0 - 6 Months,a\n"
    [outcome] = one(tmp_path, "t.csv", text)
    record = canonical(outcome)
    assert record["coverage"] == {"typicalAgeRangeMin": 18, "typicalAgeRangeMax": 65, "followUp": "0 - 6 Months"}
    assert record["summary"] == {"title": "Sleep", "dataCustodian": {"name": "Trust"}}


def test_tables_belong_to_the_dataset_they_name_or_to_the_only_one(tmp_path: Path) -> None:
    tables = row(1, "Dataset id", "Table Name", "Table Description", "Column Name", "Column Description", "Data Type", "Sensitive")
    named = tables + row(2, "a", "visit", "", "day", "", "date", "no") + row(3, "zzz", "lost", "", "x", "", "", "")
    two = HEADINGS + row(2, "a", "Sleep", "T") + row(3, "b", "Wake", "T")
    met = {outcome.local_id: outcome for outcome in one(tmp_path, "t.xlsx", workbook({"Anything": two, "Else": named}))}
    column = {"name": "day", "dataType": "date", "sensitive": False}
    assert canonical(met["a"])["structuralMetadata"] == {"tables": [{"name": "visit", "columns": [column]}]}
    assert "structuralMetadata" not in canonical(met["b"])
    assert any("'zzz'" in message for message in notices(met["a"]))
    unnamed = tables.replace("Dataset id", "") + row(2, "", "visit", "", "day", "", "date", "no")
    [only] = one(tmp_path, "u.xlsx", workbook({"D": ONE_DATASET, "T": unnamed}))
    assert canonical(only)["structuralMetadata"] == {"tables": [{"name": "visit", "columns": [column]}]}


def test_hidden_sheets_are_left_out_and_dates_errors_and_truths_are_read_as_meant(tmp_path: Path) -> None:
    styles = '<numFmts><numFmt numFmtId="164" formatCode="[$-F800]dddd\\,\\ mmmm\\ dd"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/></cellXfs>'
    cells = (
        '<row r="2"><c r="A2" t="str"><f>1+1</f><v>id-1</v></c><c r="B2" t="inlineStr"><is><r><t>Sle</t></r><r><t>ep</t></r></is></c>'
        '<c r="C2" t="inlineStr"><is><t>Trust</t></is></c><c r="D2" s="1"><v>44495</v></c><c r="E2" s="2"><v>44496</v></c><c r="F2" t="e"><v>#REF!</v></c>'
        '<c r="G2"><v>12</v></c></row>'
    )
    heads = row(
        1, "identifier", "summary.title", "summary.dataCustodian.name", "provenance.temporal.startDate", "provenance.temporal.endDate",
        "summary.abstract", "summary.populationSize",
    )  # fmt: skip
    body = workbook({"Datasets": heads + cells, "Old": HEADINGS + row(2, "hidden", "Hidden", "T")}, styles=styles, hidden=("Old",))
    [outcome] = one(tmp_path, "t.xlsx", body)
    record = canonical(outcome)
    assert record["provenance"] == {"temporal": {"startDate": "2021-10-26", "endDate": "2021-10-27"}, "origin": {}}
    assert record["summary"] == {"title": "Sleep", "populationSize": 12, "dataCustodian": {"name": "Trust"}}
    assert outcome.local_id == "id-1"
    assert notices(outcome) == ["Datasets, F2: The cell holds the error #REF!; it was left out."]


@pytest.mark.parametrize(("cell", "expected"), [
    ("a", "a"), ("a, b", "a, b"), ("a | b", ["a", "b"]), ("a\nb\r\nc", ["a", "b", "c"]), ('["a", "b|c"]', ["a", "b|c"]), ("['a', 'b']", ["a", "b"]),
    ("['it\\'s', \"b\"]", ["it's", "b"]), ("['don't', 'b']", ["don't", "b"]), ("[a, b]", ["a", "b"]), ("[__import__('os').system('x')]", "[__import__('os').system('x')]"),
    ("[1, 2]", ["1", "2"]), ("[", "["), ("[]", []), ("['a', b'", "['a', b'"),
])  # fmt: skip
def test_lists_in_a_cell_are_read_by_a_small_grammar_and_never_evaluated(cell: str, expected: object) -> None:
    assert several(cell) == expected


@pytest.mark.parametrize(("cell", "expected"), [("12", 12), ("1,200", 1200), ("-1", -1), ("about 5", "about 5"), ("1,20", "1,20"), ("1.5", "1.5")])
def test_numbers_in_a_cell(cell: str, expected: object) -> None:
    assert whole_number(cell) == expected


@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "+1-2", "-x", "@SUM", "\t=1", "'=1", "''=1", "'quoted'", "-5", "+44", "plain", ""])
def test_h12_formula_starts_are_kept_on_import_and_guarded_on_export(tmp_path: Path, text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert not guarded(text).startswith(("=", "@", "\t")) or text == ""
    record = Dataset.model_validate({"identifier": "a", "summary": {"title": text or "x", "dataCustodian": {"name": "T"}}})
    [outcome] = one(tmp_path, "t.csv", template_csv([record]))
    assert canonical(outcome)["summary"]["title"] == (text.strip() or "x")  # type: ignore[index]


# encodings

@pytest.mark.parametrize(("encoding", "option", "has_warning"), [("utf-8", "", False), ("utf-8-sig", "", False), ("utf-16", "", False), ("cp1252", "", True), ("mac-roman", "mac-roman", False)])
def test_h10_csv_in_whichever_encoding(tmp_path: Path, encoding: str, option: str, has_warning: bool) -> None:
    text = "identifier;summary.title;summary.dataCustodian.name\r\na;Café “Schlaf”;Trust\r\n"
    [outcome] = one(tmp_path, "t.csv", text.encode(encoding), charset=option)
    assert canonical(outcome)["summary"]["title"] == "Café “Schlaf”"  # type: ignore[index]
    assert bool(notices(outcome)) is has_warning


def test_an_encoding_that_is_not_known_is_refused_on_save(tmp_path: Path) -> None:
    with pytest.raises(WrongConfiguration, match="no character encoding"):
        configure("files", {"path": str(tmp_path), "charset": "klingon"})


# folders and archives

def members() -> dict[str, bytes | str]:
    return {
        "one.json": json.dumps(dataset("one")), "deep/lines.jsonl": f"{json.dumps(dataset('two'))}\nnot json\n{json.dumps(dataset('three'))}\n",
        "table.csv": "identifier,summary.title,summary.dataCustodian.name\nfour,Sleep,Trust\n", "book.xlsx": workbook({"Datasets": ONE_DATASET}),
        "doi.xml": (
            '<resource xmlns="http://datacite.org/schema/kernel-4"><identifier identifierType="DOI">10.1234/five</identifier>'
            "<titles><title>Five</title></titles><publisher>Trust</publisher></resource>"
        ),
        "cat.ttl": (
            '@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .\n<https://example.org/six> a dcat:Dataset ; dct:title "Six" ; '
            'dct:publisher [ <http://xmlns.com/foaf/0.1/name> "Trust" ] .'
        ),
        "__MACOSX/._one.json": "junk", "readme.txt": "nothing",
    }  # fmt: skip


IN_ALL = {"one": "accepted", "two": "accepted", "three": "accepted", "four": "accepted", "a": "accepted", "10.1234/five": "accepted", "https://example.org/six": "accepted"}


def test_a_folder_may_hold_every_kind_of_file(tmp_path: Path) -> None:
    for name, body in members().items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(body.encode() if isinstance(body, str) else body)
    (tmp_path / "__MACOSX" / "._one.json").unlink()
    met = read(tmp_path)
    assert kinds(outcome for outcome in met if outcome.local_id) == IN_ALL
    assert [outcome.reason for outcome in met if not outcome.local_id] == ["bad-json"]


def test_an_archive_may_hold_every_kind_of_file(tmp_path: Path) -> None:
    met = one(tmp_path, "all.zip", archive(members()))
    assert kinds(outcome for outcome in met if outcome.local_id) == IN_ALL
    assert [(outcome.reason, outcome.detail) for outcome in met if not outcome.local_id] == [
        ("bad-json", "all.zip/deep/lines.jsonl, line 2: The answer is not valid JSON (Expecting value, line 1, column 1)."),
    ]


@pytest.mark.parametrize("in_archive", [False, True])
def test_tables_beside_a_document_of_the_same_name_are_added_to_it(tmp_path: Path, in_archive: bool) -> None:
    files = {"x/a.json": json.dumps(dataset("a")), "x/a.tables.csv": "Table Name,Column Name,Data Type\nvisit,day,date\n", "x/b.json": json.dumps(dataset("b"))}
    if in_archive:
        met = one(tmp_path, "t.zip", archive(files))
    else:
        (tmp_path / "x").mkdir()
        for name, text in files.items():
            (tmp_path / name).write_text(text)
        met = read(tmp_path)
    found = {outcome.local_id: canonical(outcome).get("structuralMetadata") for outcome in met}
    assert found == {"a": {"tables": [{"name": "visit", "columns": [{"name": "day", "dataType": "date"}]}]}, "b": None}


def test_an_oai_answer_saved_as_a_file_is_read(tmp_path: Path) -> None:
    source = corpus("oaipmh") / "zenodo-2026" / "list_records-08.xml"
    met = one(tmp_path, "saved.xml", source.read_bytes())
    assert Counter(outcome.kind for outcome in met) == {"accepted": 3}
    assert all(outcome.local_id.startswith("oai:zenodo.org:") for outcome in met)


# what would do harm

@pytest.mark.parametrize("name", HOSTILE_ARCHIVES)
def test_a13_hostile_archives_end_in_a_named_reason_and_the_run_goes_on(tmp_path: Path, name: str) -> None:
    make, reason = HOSTILE_ARCHIVES[name]
    (tmp_path / "bad.zip").write_bytes(make())
    (tmp_path / "good.json").write_text(json.dumps(dataset("good")))
    held = Holding()
    met, marks = held.run(FilesSource(FilesConfig(path=str(tmp_path)), "full", held))
    assert [(outcome.local_id, outcome.reason or outcome.kind) for outcome in met][-1] == ("good", "accepted")
    assert reason in {outcome.reason for outcome in met}
    assert (marks[-1].complete, marks[-1].why_incomplete) == (False, "file-unreadable")


@pytest.mark.parametrize("name", HOSTILE_WORKBOOKS)
def test_a13_hostile_workbooks_end_in_a_named_reason(tmp_path: Path, name: str) -> None:
    make, reason = HOSTILE_WORKBOOKS[name]
    [outcome] = one(tmp_path, "bad.xlsx", make())
    assert (outcome.kind, outcome.reason) == ("rejected", reason), outcome.detail


def test_a13_links_to_other_files_are_never_opened_and_a_million_blank_rows_are_nothing(tmp_path: Path) -> None:
    blank = "".join(f'<row r="{number}"/>' for number in range(3, 1_000_003))
    links = {"xl/externalLinks/externalLink1.xml": '<externalLink><externalBook r:id="rId1" xmlns:r="x"/></externalLink>',
             "xl/externalLinks/_rels/externalLink1.xml.rels": '<Relationships><Relationship Id="rId1" Target="http://127.0.0.1:9/x.xlsx"/></Relationships>'}  # fmt: skip
    [outcome] = one(tmp_path, "t.xlsx", workbook({"Datasets": ONE_DATASET + blank}, also=links))
    assert (outcome.local_id, outcome.kind) == ("a", "accepted")


@pytest.mark.parametrize(("text", "reason"), [
    ("identifier,summary.title\na," + "x" * 1_100_000 + "\n", "too-large"), ("identifier,summary.title\n" + "x," * 600 + "\n", "too-large"),
    ("a,b\n1,2\n", "no-headings"), ("", "no-headings"), ('identifier,summary.title\na,"never closed\n', "bad-csv"),
])  # fmt: skip
def test_a13_csv_beyond_its_limits_has_a_name(tmp_path: Path, text: str, reason: str) -> None:
    [outcome] = one(tmp_path, "t.csv", text)
    assert (outcome.kind, outcome.reason) == ("rejected", reason)


XML = '<resource xmlns="http://datacite.org/schema/kernel-4">{}</resource>'
HOSTILE_XML = {
    "entity bomb": ('<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><resource>&b;</resource>', "dtd-forbidden"),
    "external entity": ('<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><resource>&a;</resource>', "dtd-forbidden"),
    "document type alone": ("<!-- x --><?pi?>\n<!DOCTYPE resource><resource/>", "dtd-forbidden"),
    "document type in UTF-16": ('<!DOCTYPE x><resource/>', "dtd-forbidden"),
    "undeclared entity": (XML.format("&evil;"), "bad-xml"),
    "300 deep": ("<a>" * 300 + "</a>" * 300, "too-deep"),
    "a text of 2 MiB": (XML.format(f"<version>{'x' * 2_097_152}</version>"), "too-large"),
    "cut off": ("<resource><titles>", "bad-xml"),
    "a web page": ("<!DOCTYPE html><html></html>", "html-instead-of-data"),
    "something else": ("<feed/>", "unreadable-shape"),
    "empty": ("", "empty-answer"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE_XML)
def test_a13_hostile_xml_ends_in_a_named_reason(tmp_path: Path, name: str) -> None:
    text, reason = HOSTILE_XML[name]
    [outcome] = one(tmp_path, "t.xml", text.encode("utf-16" if "UTF-16" in name else "utf-8"))
    assert (outcome.kind, outcome.reason) == ("rejected", reason), outcome.detail


# files as custodians filled them in

FILLED = {
    "hdruk/2024/born-in-bradford-general-metadata.csv": {"accepted": 1}, "hdruk/2024/born-in-bradford-structural-metadata.csv": {"no-headings": 1},
    "hdruk/2024/datasets-curation-july2024.csv": {"accepted": 100}, "hdruk/2024/access-service-categories.csv": {"no-headings": 1},
    "specification/structural-metadata/example-dataset-metadata.xlsx": {"accepted": 1}, "specification/structural-metadata/template.xlsx": {"no-headings": 1},
    "specification/structural-metadata/template-older.xlsx": {"no-headings": 1},
}


@pytest.mark.parametrize("name", FILLED)
def test_a2_files_as_custodians_filled_them_in(name: str) -> None:
    options = {"charset": "mac-roman"} if "july2024" in name else {}
    met = read(corpus(name.partition("/")[0]) / name.partition("/")[2], **options)
    assert Counter(outcome.reason or outcome.kind for outcome in met) == FILLED[name]


def test_a2_the_filled_workbook_has_its_tables_and_observations() -> None:
    [outcome] = read(corpus("specification") / "structural-metadata" / "example-dataset-metadata.xlsx")
    assert outcome.record is not None
    tables = outcome.record.structural_metadata.tables or []
    assert sum(len(table.columns or ()) for table in tables) == 1597
    assert len(tables) == len({table.name for table in tables})
    assert [observation.measured_value for observation in outcome.record.observations or ()][:3] == [82268, 106146, 69263]
    assert (outcome.record.coverage.typical_age_range_min, outcome.record.coverage.typical_age_range_max) == (0, 150)

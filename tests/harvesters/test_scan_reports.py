"""White Rabbit scan reports beside a description: what is filled, what is replaced, and what is never shown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harvesters.registry import KINDS, WrongConfiguration, configure
from harvesters.source import Mark, RawRecord, Source, SourceError
from schemas.scan_reports import read_scan
from tests.harvesters.archives import HOSTILE_WORKBOOKS, row, workbook
from tests.harvesters.holding import Holding, dataset
from tests.harvesters.test_templates import read as read_folder
from tests.harvesters.web_server import loopback_fetcher

OLD = ("Table", "Field", "Type", "Max length", "N rows", "N rows checked", "Fraction empty")
NEW = ("Table", "Field", "Description", "Type", "Max length", "N rows", "N rows checked", "Fraction empty", "N unique values", "Fraction unique")
FIELDS = (
    ("visit", "sex", "Sex at birth", "varchar", "1", "1234", "1234", "0.25", "3", "0.002"),
    ("visit", "town", "", "varchar", "20", "1234", "1234", "25%", "40", "0.03"),
    ("visit", "note", "", "varchar", "4000", "1234", "1234", "0", "1200", "0.97"),
    ("visit", "nhs_number", "", "varchar", "10", "1234", "1234", "0", "1234", "1"),
    ("visit", "year", "", "int", "4", "1234", "1234", "0", "12", "0.01"),
    (),
    ("rare", "code", "", "varchar", "3", "7", "7", "0.5", "2", "0.2"),
    ("unknown", "code", "", "varchar", "3", "-1", "100", "0.5", "2", "0.02"),
    ("bounded", "code", "", "varchar", "3", "<=5000", "5000", "0.001", "2", "0.02"),
)
VISIT = (
    ("sex", "Frequency", "town", "Frequency", "note", "Frequency", "nhs_number", "Frequency", "year", "Frequency"),
    ("F", "600", "Leeds", "900", "Smith called", "30", "943 476 5919", "40", "2019", "400"),
    ("M", "325", "Hidden", "9", "Jones", "20", "943 476 5870", "30", "2020", "300"),
    ("X", "4", "List truncated...", "", "", "", "", "", "", ""),
)


def sheet(*rows: tuple[str, ...]) -> str:
    return "".join(row(number, *(cell.replace("<", "&lt;") for cell in cells)) for number, cells in enumerate(rows, start=1))


def report(*, heads: tuple[str, ...] = NEW, fields: tuple[tuple[str, ...], ...] = FIELDS, minimum: str = "5", **more: str) -> bytes:
    kept = [NEW.index(head) for head in heads]
    overview = sheet(heads, *(tuple(cells[place] for place in kept) if cells else () for cells in fields))
    tables = sheet(("Table", "Description", "N rows"), ("visit", "One row a visit", "1234"))
    settings = sheet(("Key", "Value"), ("Min cell count", minimum))
    return workbook({"Field Overview": overview, "Table Overview": tables, "visit": sheet(*VISIT), "_": settings, **more})


def described(**structure: Any) -> dict[str, Any]:
    return dataset("a", **({"structuralMetadata": structure} if structure else {}))


def source(folder: Path, body: bytes, document: dict[str, Any] | None = None, *, wanted: str = "full", held: Holding | None = None, **options: Any) -> Source:
    (folder / "ScanReport.xlsx").write_bytes(body)
    (folder / "a.json").write_text(json.dumps(document or described()))
    configuration = {"path": str(folder / "ScanReport.xlsx"), "description": str(folder / "a.json"), **options}
    with loopback_fetcher() as fetcher:
        return KINDS["scan-report"].build(configuration, fetcher=fetcher, held=held or Holding(), wanted=wanted)


def tables_of(folder: Path, body: bytes, document: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
    [outcome], marks = Holding().run(source(folder, body, document, **options))
    assert outcome.record is not None, outcome.detail
    assert (outcome.kind, outcome.local_id, marks[-1].complete) == ("accepted", "a", True)
    return {table["name"]: table for table in outcome.record.as_json()["structuralMetadata"]["tables"]}


def columns(table: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {column["name"]: column for column in table["columns"]}


def test_a21_tables_and_columns_come_with_rounded_sizes_and_completeness(tmp_path: Path) -> None:
    tables = tables_of(tmp_path, report())
    assert list(tables) == ["visit", "rare", "unknown", "bounded"]
    assert tables["visit"]["description"] == "One row a visit From a scan of the data: about 1,230 rows."
    assert columns(tables["visit"])["sex"] == {"name": "sex", "dataType": "varchar", "description": "Sex at birth 75% complete."}
    assert columns(tables["visit"])["town"]["description"] == "75% complete."


@pytest.mark.parametrize("heads", [OLD, NEW, tuple(reversed(NEW))], ids=["old", "new", "in another order"])
def test_a21_old_and_new_sets_of_columns_are_read_by_their_headings(tmp_path: Path, heads: tuple[str, ...]) -> None:
    found = columns(tables_of(tmp_path, report(heads=heads))["visit"])
    assert list(found) == ["sex", "town", "note", "nhs_number", "year"]
    assert {column["dataType"] for column in found.values()} == {"varchar", "int"}
    assert found["town"]["description"] == "75% complete."


def test_a21_small_counts_are_never_shown(tmp_path: Path) -> None:
    tables = tables_of(tmp_path, report(), take_values=True)
    assert tables["rare"]["description"] == "From a scan of the data: fewer than 10 rows."
    assert "description" not in columns(tables["rare"])["code"]
    assert tables["unknown"]["description"] == "From a scan of the data."
    assert tables["bounded"]["description"] == "From a scan of the data: at most 5,000 rows."
    assert "description" not in columns(tables["bounded"])["code"], "five empty cells would tell of five people"
    assert "Hidden" not in json.dumps(tables)
    assert not any(value["frequency"] < 10 for table in tables.values() for column in table["columns"] for value in column.get("values", ()))


def test_a21_values_are_off_by_default_and_their_sheets_are_never_opened(tmp_path: Path) -> None:
    body = report(broken="<row><c>")
    tables = tables_of(tmp_path, report())
    assert not any("values" in column for table in tables.values() for column in table["columns"])
    assert tables_of(tmp_path, body) == tables
    [outcome], _ = Holding().run(source(tmp_path, body, take_values=True))
    assert outcome.reason == "bad-workbook"


def test_a21_with_consent_only_frequent_values_of_harmless_columns_are_taken(tmp_path: Path) -> None:
    found = columns(tables_of(tmp_path, report(), take_values=True)["visit"])
    assert found["sex"]["values"] == [{"name": "F", "frequency": 600}, {"name": "M", "frequency": 325}]
    assert found["town"]["values"] == [{"name": "Leeds", "frequency": 900}]
    assert found["town"]["description"].endswith("Only the most frequent values are listed.")
    assert {name for name, column in found.items() if "values" in column} == {"sex", "town"}, "no free text, nothing unique, no numbers"


def test_a21_a_scan_with_a_higher_minimum_keeps_to_it(tmp_path: Path) -> None:
    found = columns(tables_of(tmp_path, report(minimum="500"), take_values=True)["visit"])
    assert found["sex"]["values"] == [{"name": "F", "frequency": 600}]


def test_a21_what_the_custodian_calls_sensitive_shows_no_values(tmp_path: Path) -> None:
    document = described(tables=[{"name": "Visit", "columns": [{"name": "Sex", "sensitive": True}]}])
    for mode in ("fill", "replace"):
        tables = tables_of(tmp_path, report(), document, take_values=True, mode=mode)
        visit = next(table for name, table in tables.items() if name.casefold() == "visit")
        sex = next(column for column in visit["columns"] if column["name"].casefold() == "sex")
        assert (sex["sensitive"], "values" in sex) == (True, False)


def test_a_scan_fills_what_is_missing_and_keeps_every_word_of_the_custodian(tmp_path: Path) -> None:
    held = [{"name": "visit", "description": "Ours", "columns": [{"name": "sex", "description": "Our words"}, {"name": "extra", "dataType": "text"}]}, {"name": "kept"}]
    tables = tables_of(tmp_path, report(), described(tables=held))
    assert tables["visit"]["description"] == "Ours"
    found = columns(tables["visit"])
    assert found["sex"] == {"name": "sex", "description": "Our words", "dataType": "varchar"}
    assert found["extra"] == {"name": "extra", "dataType": "text"}
    assert found["town"]["description"] == "75% complete. (from a scan)"
    assert list(tables) == ["visit", "kept", "rare", "unknown", "bounded"]


def test_a_scan_replaces_the_tables_it_saw_where_that_is_wanted(tmp_path: Path) -> None:
    held = [{"name": "visit", "description": "Ours", "columns": [{"name": "gone"}]}, {"name": "kept"}]
    tables = tables_of(tmp_path, report(), described(tables=held), mode="replace")
    assert "gone" not in columns(tables["visit"])
    assert tables["visit"]["description"].startswith("One row a visit From a scan")
    assert "kept" in tables


def test_the_report_says_where_the_structure_came_from_and_suggests_omop_by_table_names(tmp_path: Path) -> None:
    names = ("person", "visit_occurrence", "condition_occurrence", "drug_exposure", "cdm.measurement")
    fields = tuple((name, "id", "", "int", "9", "1000", "1000", "0", "1000", "1") for name in names)
    [outcome], _ = Holding().run(source(tmp_path, report(fields=fields)))
    told = {finding.rule: finding for finding in outcome.findings or ()}
    assert "5 scanned tables" in told["SCN-01"].message
    assert (told["SCN-02"].path, "OMOP" in told["SCN-02"].message) == ("/accessibility/formatAndStandards/conformsTo", True)
    [outcome], _ = Holding().run(source(tmp_path, report()))
    assert "SCN-02" not in {finding.rule for finding in outcome.findings or ()}


def test_a_table_sheet_whose_name_was_cut_is_found_by_its_beginning(tmp_path: Path) -> None:
    name = "a_table_with_a_name_of_more_than_thirty_one_letters"
    fields = ((name, "sex", "", "varchar", "1", "1000", "1000", "0", "2", "0.002"),)
    body = report(fields=fields, **{name[:31]: sheet(("sex", "Frequency"), ("F", "600"))})
    assert columns(tables_of(tmp_path, body, take_values=True)[name])["sex"]["values"] == [{"name": "F", "frequency": 600}]


def test_an_unchanged_scan_and_description_are_one_mark_and_a_changed_scan_is_a_new_state(tmp_path: Path) -> None:
    held = Holding()
    held.run(source(tmp_path, report(), held=held))
    again = source(tmp_path, report(), wanted="incremental", held=held)
    items = list(again.records())
    stamps = [item for item in items if isinstance(item, RawRecord)]
    assert len(stamps) <= 1, "written again with equal bytes, it may be read again"
    [mark] = [item for item in again.records() if isinstance(item, Mark)]
    assert (mark.complete, mark.local_ids) == (True, ("a",))
    met, _ = held.run(source(tmp_path, report(fields=FIELDS[:3]), wanted="incremental", held=held))
    assert [outcome.kind for outcome in met] == ["accepted"]


@pytest.mark.parametrize("beside", ["a.scan.xlsx", "A/a.scan.xlsx"])
def test_a_scan_beside_a_document_in_a_folder_fills_it(tmp_path: Path, beside: str) -> None:
    file = tmp_path / beside
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(report())
    old = {"identifier": "a", "version": "1.0.0", "summary": {"title": "t", "publisher": {"name": "T"}},
           "structuralMetadata": [{"name": "visit", "elements": [{"name": "sex", "description": "Ours", "sensitive": False}]}]}  # fmt: skip
    (file.parent / "a.json").write_text(json.dumps(old))
    [outcome] = read_folder(tmp_path)
    assert outcome.record is not None
    tables = {table.name: table for table in outcome.record.structural_metadata.tables or ()}
    assert set(tables) == {"visit", "rare", "unknown", "bounded"}
    assert [(column.name, column.description) for column in tables["visit"].columns or ()].index(("sex", "Ours")) == 0


def test_a13_a_workbook_that_is_no_scan_report_or_hostile_has_a_named_reason(tmp_path: Path) -> None:
    for name, reason in (("no headings", "no-headings"), ("macros", "macros"), ("before 2007, or encrypted", "encrypted")):
        [outcome], marks = Holding().run(source(tmp_path, HOSTILE_WORKBOOKS[name][0]()))
        assert (outcome.reason, marks[-1].complete) == (reason, False)


def test_missing_files_and_unknown_modes_are_told(tmp_path: Path) -> None:
    found = source(tmp_path, report())
    (tmp_path / "a.json").unlink()
    with pytest.raises(SourceError) as failure:
        list(found.records())
    assert failure.value.reason == "not-found"
    with pytest.raises(WrongConfiguration, match="mode"):
        configure("scan-report", {"path": "x", "description": "y", "mode": "guess"})


@pytest.mark.parametrize(("text", "expected"), [("0.1", 0.9), ("10%", 0.9), ("<=0.1", 0.9), ("0,1", 0.9), ("1.5", None), ("x", None), ("", None)])
def test_shares_are_read_as_shares_or_percent(text: str, expected: float | None) -> None:
    rows = [(1, list(NEW)), (2, ["t", "c", "", "int", "1", "1000", "1000", text, "", ""])]
    assert read_scan({"Field Overview": rows}).tables[0].columns[0].completeness == expected

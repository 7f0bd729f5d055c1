"""Findings: all of them at once, each at its leaf, in plain words; and no document that breaks the judge."""

from __future__ import annotations

import copy
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from schemas.document import Unreadable, parse, parse_noting_repeats
from schemas.explain import explain
from schemas.findings import Finding, Findings
from schemas.translate import read
from schemas.validate import FINDINGS_LIMIT, blocking, check
from schemas.versions import VERSIONS
from tests.schemas.documents import every_document
from tests.schemas.mutation import Path, at, places, replaced, without
from tests.schemas.test_equivalence import NAMES, valid_documents

Document = dict[str, Any]


@pytest.fixture
def smallest() -> Document:
    """The smallest valid 4.0.0 record."""
    return {
        "identifier": None, "version": "1.0.0", "issued": "2024-01-01T00:00:00Z", "modified": "2024-01-02T00:00:00Z",
        "revisions": [], "observations": [],
        "summary": {
            "title": "Births", "abstract": None, "populationSize": 12, "contactPoint": None,
            "dataCustodian": {"identifier": 7, "name": "Register", "contactPoint": None},
        },
        "accessibility": {"access": {"accessRights": None}},
    }  # fmt: skip


def schema_findings(document: Any, version: str | None = "4.0.0") -> list[Finding]:
    return [finding for finding in check(document, version) if finding.rule.startswith("SCH-")]


def test_the_smallest_record_has_no_schema_finding(smallest: Document) -> None:
    assert schema_findings(smallest) == []
    assert schema_findings(smallest, "3.0.0") == []


def test_all_flaws_are_found_at_once_each_at_its_leaf(smallest: Document) -> None:
    smallest["summary"] |= {"title": "x", "populationSize": "12", "keywords": ["ok", "y"], "colour": "red"}
    smallest["coverage"] = {"spatial": None, "followUp": "Contnuous"}
    smallest["provenance"] = {"temporal": {"publishingFrequency": None, "startDate": "1/2/21", "timeLag": None}}
    del smallest["accessibility"]["access"]["accessRights"]
    found = {(finding.path, finding.rule) for finding in schema_findings(smallest)}
    assert found == {
        ("/summary/title", "SCH-MIN-LENGTH"), ("/summary/populationSize", "SCH-TYPE"), ("/summary/keywords/1", "SCH-MIN-LENGTH"),
        ("/summary/colour", "SCH-UNKNOWN-KEY"), ("/coverage/followUp", "SCH-ENUM"), ("/provenance/temporal/startDate", "SCH-FORMAT"),
        ("/provenance/temporal/timeLag", "SCH-NULL"), ("/accessibility/access/accessRights", "SCH-REQUIRED"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("path", "value", "rule"),
    [
        ("version", "1.0", "SCH-PATTERN"), ("issued", "2024-01-01", "SCH-FORMAT"), ("summary.abstract", "abc", "SCH-MIN-LENGTH"),
        ("summary.abstract", "x" * 501, "SCH-MAX-LENGTH"), ("summary.contactPoint", "nobody", "SCH-FORMAT"),
        ("summary.doiName", "https://doi.org/10.1/x", "SCH-PATTERN"), ("summary.populationSize", True, "SCH-TYPE"),
        ("summary.populationSize", 1.5, "SCH-TYPE"), ("revisions", None, "SCH-NULL"), ("observations", {}, "SCH-TYPE"),
        ("summary.dataCustodian", "Register", "SCH-TYPE"), ("summary.dataCustodian.memberOf", "HUB", "SCH-ENUM"),
    ],
)  # fmt: skip
def test_each_flaw_is_told_apart(smallest: Document, path: str, value: Any, rule: str) -> None:
    place, steps = smallest, path.split(".")
    for step in steps[:-1]:
        place = place[step]
    place[steps[-1]] = value
    assert [(finding.path, finding.rule) for finding in schema_findings(smallest)] == [("/" + "/".join(steps), rule)]


def test_a_whole_number_written_as_a_fraction_is_whole(smallest: Document) -> None:
    smallest["summary"]["populationSize"] = 12.0
    assert schema_findings(smallest) == []


def test_null_in_a_union_does_not_report_the_whole_section(smallest: Document) -> None:
    smallest["coverage"] = {"spatial": "Wales", "typicalAgeRangeMin": "18"}
    assert [finding.path for finding in schema_findings(smallest)] == ["/coverage/typicalAgeRangeMin"]


def test_a_flaw_deep_in_a_table_is_reported_at_its_column(smallest: Document) -> None:
    columns = [{"name": "a", "dataType": "text", "sensitive": False}, {"name": "b", "dataType": "text", "sensitive": "no"}]
    smallest["structuralMetadata"] = {"tables": [{"name": "One", "columns": columns}]}
    found = schema_findings(smallest)
    assert [(one.path, one.rule) for one in found] == [("/structuralMetadata/tables/0/columns/1/sensitive", "SCH-TYPE")]


def test_a_finding_says_what_is_wrong_and_what_to_do(smallest: Document) -> None:
    smallest["summary"]["dataCustodian"]["memberOf"] = "ALLIANCE"
    (found,) = schema_findings(smallest)
    assert found.severity == "error"
    assert found.field == "Custodian: membership"
    assert found.message == "'ALLIANCE' is not one of the values of this field."
    assert found.hint == "Did you mean 'Alliance'?"
    assert found.value == "ALLIANCE"


def test_values_shown_are_short(smallest: Document) -> None:
    smallest["summary"]["title"] = "x" * 100_000
    assert all(len(finding.value or "") <= 120 and len(finding.message) < 400 for finding in check(smallest))


def test_findings_are_in_field_order_and_the_same_each_time(smallest: Document) -> None:
    smallest["observations"], smallest["version"], smallest["summary"]["title"] = None, None, None
    first, second = check(smallest), check(copy.deepcopy(smallest))
    assert first == second
    paths = [finding.path for finding in first if finding.rule.startswith("SCH")]
    assert paths == ["/version", "/summary/title", "/observations"]


def test_findings_survive_being_stored(smallest: Document) -> None:
    smallest["version"] = None
    for finding in check(smallest):
        assert Finding.from_json(json.loads(json.dumps(finding.as_json()))) == finding


def test_every_real_document_gets_findings_and_the_words_name_no_internal_type() -> None:
    for real in every_document():
        found = check(real.content)
        assert isinstance(found, Findings)
        assert found.shape, real.name
        for finding in found if "Doi[" not in str(real.content) else ():  # templates quote names of types as values
            assert finding.message.endswith((".", "!", "?", ")")), finding
            assert finding.hint, finding
            said = finding.message.replace(repr(finding.value), "").replace(finding.value or "", "")
            for word in ("NoneType", "dict", "anyOf", "oneOf", "schema ", "$defs", "enum", "pydantic"):
                assert not re.search(rf"(?<!\w){re.escape(word)}", said), finding


def one_flaw(document: Any) -> Iterator[tuple[Path, Any]]:
    """Each place of a document with what may be wrong there."""
    for path in places(document):
        value = at(document, path)
        if path and isinstance(path[-1], str):
            yield path, without(document, path)
        for wrong in (None, 7, [value], {"a": value}, "", "x", "y" * 60_000, True) if path else ():
            yield path, replaced(document, path, wrong)
        if isinstance(value, dict):
            yield (*path, "somethingElse"), replaced(document, path, {**value, "somethingElse": 1})


@pytest.mark.parametrize("name", NAMES)
def test_a_single_flaw_is_found_where_it_is_and_nowhere_else(name: str) -> None:
    version, number = VERSIONS[name], 0
    for document in valid_documents(name)[:3]:
        for path, mutant in one_flaw(document):
            found, place = list(explain(mutant, version)), "".join(f"/{step}" for step in path)
            assert bool(found) != version.validator.is_valid(mutant), (place, found)
            for finding in found:
                one_of_them = "physicalSampleAvailability/" in place and place.startswith(finding.path)  # one good member is enough
                assert finding.path == place or finding.path.startswith(f"{place}/") or one_of_them, (place, finding)
                assert "anyOf" not in finding.message + finding.hint
            number += 1
    assert number > 100


def test_judging_leaves_the_document_alone() -> None:
    for real in every_document()[::25]:
        before = json.dumps(real.content)
        check(real.content)
        assert json.dumps(real.content) == before, real.name


@pytest.mark.parametrize("odd", [None, [], "x", 7, {}, {"summary": None}, {"summary": []}, {"items": []}, [[]], {"required": {}}])
def test_what_is_no_record_gets_one_clear_finding(odd: Any) -> None:
    found = check(odd)
    assert found.items
    assert all(isinstance(finding, Finding) for finding in found)


def test_a_record_needs_a_title_a_custodian_and_an_identity(smallest: Document) -> None:
    record = read(smallest).record
    assert blocking(record, identity_problem="", custodian_known=False) == ()
    record.summary.title, record.summary.data_custodian.name = " ", None
    assert [finding.path for finding in blocking(record, identity_problem="It has none.", custodian_known=False)] == [
        "/identifier", "/summary/title", "/summary/dataCustodian/name",
    ]  # fmt: skip


def test_text_that_cannot_be_stored_blocks(smallest: Document) -> None:
    for text in ("a\0b", "half \ud83d character"):
        smallest["summary"]["title"] = text
        found = blocking(read(smallest).record, identity_problem="", custodian_known=True)
        assert [(finding.path, finding.rule) for finding in found] == [("/summary/title", "BLOCK-02")]


# documents made to break a reader


def test_lone_surrogates_do_not_stop_the_judge(smallest: Document) -> None:
    document = parse(json.dumps({**smallest, "version": "\ud800"}).encode())
    assert ("/version", "SCH-PATTERN") in {(finding.path, finding.rule) for finding in check(document)}


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1e999", "1" * 5000, "123456789012345678901234567890"])
def test_c7_numbers_that_are_no_json_are_refused_in_words(text: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        parse(f'{{"summary": {{"populationSize": {text}}}}}'.encode())
    assert refusal.value.reason == "bad-json"
    assert refusal.value.hint


@pytest.mark.parametrize("number", [float("nan"), float("inf"), 10**40, -(10**40)])
def test_numbers_that_no_field_takes_are_findings_where_no_parser_stood_before(smallest: Document, number: float) -> None:
    smallest["summary"]["populationSize"] = number
    assert check(smallest).items is not None


def test_c7_repeated_keys_are_noted_and_the_last_one_holds() -> None:
    parsed = parse_noting_repeats(b'{"summary": {"title": "a", "title": "b"}, "version": 1, "version": 2}')
    assert set(parsed.repeated_keys) == {"title", "version"}
    assert parsed.value == {"summary": {"title": "b"}, "version": 2}


def test_deep_nesting_is_refused_in_words() -> None:
    with pytest.raises(Unreadable) as refusal:
        parse(b'{"a":' * 200 + b"1" + b"}" * 200)
    assert refusal.value.reason == "too-deep"


def test_deep_nesting_is_a_finding_where_no_parser_stood_before(smallest: Document) -> None:
    deep: Any = "x"
    for _ in range(1000):
        deep = {"a": [deep]}
    smallest["summary"]["abstract"] = deep
    assert [(finding.path, finding.rule) for finding in check(smallest)] == [("", "DOC-02")]


SLOW_ONES = {
    "4 MB of text": 'record["documentation"] = {"description": "x" * 4_000_000}',
    "4 MB of keywords": 'record["summary"]["keywords"] = ["word %d" % n for n in range(300_000)]',
    "100,000 columns": 'record["structuralMetadata"] = {"tables": [{"columns": [{"name": "c", "dataType": 7} for _ in range(100_000)]}]}',
    "10 MB of a revision's address": 'record["revisions"] = [{"version": "1.0.0", "url": "a" * 10_000_000 + "!"}]',
    "10 MB of dots": 'record["revisions"] = [{"version": "1.0.0", "url": "a." * 5_000_000 + "!"}]',
    "10 MB of schemes": 'record["revisions"] = [{"version": "1.0.0", "url": "http://" * 1_400_000}]',
    "4 MB of commas": 'record["coverage"] = {"materialType": "DNA," * 1_000_000}',
    "4 MB of addresses": 'record["documentation"] = {"associatedMedia": "https://" * 500_000}',
    "4 MB of an age range": 'record["coverage"] = {"typicalAgeRange": " " * 4_000_000 + "x"}',
    "4 MB of a DOI": 'record["enrichmentAndLinkage"] = {"publicationUsingDataset": ["10.1234/" + "x" * 4_000_000 + " "]}',
    "4 MB of ampersands": 'record["documentation"] = {"description": "&" * 4_000_000}',
    "4 MB of an e-mail address": 'record["summary"]["contactPoint"] = "a." * 2_000_000 + "@"',
}


@pytest.mark.parametrize("name", SLOW_ONES)
@pytest.mark.parametrize("version", ["3.0.0", "4.0.0"])
def test_great_documents_are_judged_in_linear_time(smallest: Document, name: str, version: str) -> None:
    """Each runs in a process of its own, so that a stall is a failure and not a hang."""
    program = f"import json\nfrom schemas.validate import check\nrecord = json.loads({json.dumps(smallest)!r})\n{SLOW_ONES[name]}\nfound = check(record, {version!r})\nassert found.shape, found"
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


@pytest.mark.parametrize(
    ("text", "said", "hint"),
    [
        ('{"a": 1,}', "line 1, column", "comma"), ('{"a": "b" "c": 1}', "column 11", "quotation mark"), ('{"a" 1}', "column 6", "colon"),
        ('{"a": }', "column 7", "value"), ('{"a": 1}\n{"b": 2}', "line 2, column 1", "line of its own"), ('{"a": "b', "column 7", "cut off"), ('{"a": "b\n"}', "column 9", "line breaks"),
        ('{"a": "\\x"}', "column 8", "backslash"), ('{"a": [1', "column 9", "cut off"), ("<html>", "web page", "login"), ('{"a": "NaN", \n"b": NaN}', "line 2, column 6", "null"),
        ('{"a": "-Infinity", "b": -Infinity}', "column 25", "null"), ('{"a": [1,\n 9223372036854775808]}', "line 2, column 2", "code"),
        ('{"a": 1e999}', "column 7", "code"), (f'{{"a": {"9" * 5_000}}}', "column 7", "code"),
    ],
    ids=lambda text: str(text)[:12],
)  # fmt: skip
def test_what_is_no_json_is_told_with_its_place_and_remedy(text: str, said: str, hint: str) -> None:
    with pytest.raises(Unreadable) as refused:
        parse(text.encode())
    assert said in refused.value.message
    assert hint in refused.value.hint


def test_an_older_spelling_leads_to_the_value_that_is_meant(smallest: Document) -> None:
    smallest["accessibility"]["access"]["deliveryLeadTime"] = "LESS 1 WEEK"
    (found,) = [finding for finding in check(smallest) if finding.rule == "SCH-ENUM"]
    assert found.hint == "Did you mean 'Less than 1 week'?"


def test_a_value_that_cannot_be_read_is_told_though_the_schema_has_nothing_against_it(smallest: Document) -> None:
    two = {"summary": {"publisher": {"name": "x"}}, "coverage": {"typicalAgeRange": "18-65 years"}}
    (found,) = [finding for finding in check(two, "2.1.2") if finding.rule == "TRN-01"]
    assert (found.path, found.severity) == ("/coverage/typicalAgeRange", "advice")
    assert not [finding for finding in check({**two, "coverage": {"typicalAgeRange": "18-65"}}, "2.1.2") if finding.rule == "TRN-01"]
    assert not [finding for finding in check(smallest) if finding.rule == "TRN-01"]


@pytest.mark.parametrize(("flaws", "is_said"), [(FINDINGS_LIMIT, False), (FINDINGS_LIMIT + 1, True)])
def test_flaws_beyond_counting_are_said_to_be_more(smallest: Document, flaws: int, is_said: bool) -> None:
    smallest["summary"]["keywords"] = [7] * flaws
    found = check(smallest)
    assert ("SCH-MORE" in {finding.rule for finding in found}) is is_said
    assert sum(finding.rule == "SCH-TYPE" for finding in found) == FINDINGS_LIMIT

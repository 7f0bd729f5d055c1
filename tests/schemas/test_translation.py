"""Translation into the canonical record: nothing made up, nothing converted in silence, nothing lost without a word."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from schemas.translate import Reading, local_id, read
from tests.schemas.documents import every_document

PID, ID, OLD = "255d70c6-9a50-4b62-adc0-44216606a216", "71b8569c-b582-499c-85aa-909b825f6ea6", "cacfd200-8c88-433d-9693-9917d778880b"


def two(**parts: Any) -> dict[str, Any]:
    """A record of the 2.x line."""
    summary = {"title": "Births", "publisher": {"name": "Register"}}
    return {**parts, "summary": {**summary, **parts.get("summary", {})}}


def four(**parts: Any) -> dict[str, Any]:
    """A record of 4.0.0."""
    summary = {"title": "Births", "dataCustodian": {"name": "Register"}, "datasetAliases": None}
    return {**parts, "summary": {**summary, **parts.get("summary", {})}}


def kinds(reading: Reading, path: str) -> list[str]:
    return [loss.kind for loss in reading.losses if loss.from_path == path]


def carried(reading: Reading) -> dict[str, Any]:
    return {one.path: one.value for one in reading.carried}


# nothing is made up, nothing is converted


def test_an_empty_record_stays_empty() -> None:
    record = read({"summary": {"dataCustodian": {}}}).record
    assert record.as_json() == {} or all(not value for value in _scalars(record.as_json()))


@pytest.mark.parametrize("value", ["12", 1.5, True, [12], {"n": 12}])
def test_a_number_in_another_form_is_carried_and_not_converted(value: Any) -> None:
    reading = read(four(summary={"populationSize": value}))
    assert reading.record.summary.population_size is None
    assert carried(reading)["/summary/populationSize"] == value
    assert kinds(reading, "/summary/populationSize") == ["carried"]


@pytest.mark.parametrize("value", ["3/4/21", "3/31/13", "Ongoing", "2021", "21-03-04", "2021-13-01"])
def test_a_date_that_is_not_iso_is_carried_as_text(value: str) -> None:
    reading = read(two(provenance={"temporal": {"startDate": value, "accrualPeriodicity": None}}))
    assert reading.record.provenance.temporal.start_date is None
    assert carried(reading)["/provenance/temporal/startDate"] == value


@pytest.mark.parametrize("value", ["2021-03-04", "2021-03-04T05:06:07Z", "2021-03-04T05:06:07.123+01:00"])
def test_dates_keep_their_precision_and_offset(value: str) -> None:
    assert read(two(provenance={"temporal": {"startDate": value}})).record.provenance.temporal.start_date == value


def test_text_is_left_alone() -> None:
    text = "  A&amp;E\u00a0 > 10 Years  <b>é</b>\n"
    assert read(four(summary={"abstract": text})).record.summary.abstract == text


@pytest.mark.parametrize("value", ["18+", "All ages", "Not Known", "40-90+", "0-151", "x0-90", 7])
def test_an_age_range_that_is_none_is_carried(value: Any) -> None:
    reading = read(two(coverage={"typicalAgeRange": value}))
    assert reading.record.coverage.typical_age_range_min is reading.record.coverage.typical_age_range_max is None
    assert carried(reading)["/coverage/typicalAgeRange"] == value


def test_a_value_that_no_list_knows_is_carried_and_said() -> None:
    reading = read(two(accessibility={"access": {"deliveryLeadTime": "two weeks or so"}}))
    assert reading.record.accessibility.access.delivery_lead_time is None
    assert carried(reading) == {"/accessibility/access/deliveryLeadTime": "two weeks or so"}
    assert kinds(reading, "/accessibility/access/deliveryLeadTime") == ["carried"]


def test_unknown_keys_are_carried_where_they_stood() -> None:
    reading = read(two(colour="red", coverage={"spatial": "Wales", "shape": {"a": [1]}}))
    assert carried(reading) == {"/colour": "red", "/coverage/shape": {"a": [1]}}


def test_what_lists_of_objects_hold_beside_known_members_is_carried() -> None:
    columns = [{"name": "a", "dataType": "t", "sensitive": False, "unit": "kg"}, "no column"]
    reading = read(four(structuralMetadata={"tables": [{"name": "x", "columns": columns, "rows": 7}, "no table"]}))
    assert carried(reading) == {
        "/structuralMetadata/tables/0/rows": 7, "/structuralMetadata/tables/0/columns/0/unit": "kg",
        "/structuralMetadata/tables/0/columns/1": "no column", "/structuralMetadata/tables/1": "no table",
    }  # fmt: skip


# lists


@pytest.mark.parametrize(
    ("value", "expected"),
    [("a, b ,c", ["a", "b", "c"]), (["a, b", "c"], ["a, b", "c"]), ("one", ["one"]), ([], []), (None, None), (["a", None], ["a"])],
)
def test_keywords_are_split_at_commas_only_where_they_are_one_text(value: Any, expected: Any) -> None:
    assert read(two(summary={"keywords": value})).record.summary.keywords == expected


def test_comma_text_of_closed_lists_is_split_by_the_longest_match() -> None:
    reading = read(four(provenance={"origin": {"collectionSource": "Clinic, Cohort, study, trial, Somewhere"}}))
    assert reading.record.provenance.origin.collection_source == ["Clinic", "Cohort, study, trial"]
    assert [one.value for one in reading.carried] == ["Somewhere"]


@pytest.mark.parametrize(
    "text", ["https://a.example/1, https://a.example/2", "https://a.example/1 https://a.example/2", "https://a.example/1;https://a.example/2"]
)
def test_addresses_are_split_where_the_next_one_begins(text: str) -> None:
    reading = read(two(documentation={"associatedMedia": text}))
    assert reading.record.documentation.associated_media == ["https://a.example/1", "https://a.example/2"]
    assert "split" in kinds(reading, "/documentation/associatedMedia")


def test_sentences_that_hold_addresses_are_not_split() -> None:
    text = "See https://a.example/1, and for prices https://a.example/2 please."
    assert read(two(documentation={"associatedMedia": text})).record.documentation.associated_media == [text]


def test_creators_and_contacts_are_never_split() -> None:
    document = two(accessibility={"usage": {"resourceCreator": "Doe, J, Register"}})
    document["summary"]["publisher"]["contactPoint"] = "a@x.example, b@x.example"
    record = read(document).record
    assert record.accessibility.usage.resource_creator == ["Doe, J, Register"]
    assert record.summary.data_custodian.contact_point == ["a@x.example, b@x.example"]


# identity


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"pid": PID, "id": ID, "identifier": "x", "summary": {}}, PID),
        ({"identifier": f"https://web.example.org/dataset/{ID.upper()}", "summary": {}}, ID),
        ({"identifier": "https://example.org/data/1", "summary": {}}, "https://example.org/data/1"),
        ({"identifier": " local-7 ", "summary": {}}, "local-7"),
        ({"identifier": None, "id": 42, "summary": {}}, "42"),
        ({"id": ID, "identifier": "ALSPAC", "title": "x"}, ID),
        ({"required": {"gatewayPid": PID, "gatewayId": "7"}, "summary": {}}, PID),
        ({"persistentId": "p-1", "name": "x"}, "p-1"),
        ({"identifier": "", "summary": {}}, None), ({"identifier": True, "summary": {}}, None), ({"identifier": "x" * 1001, "summary": {}}, "x" * 1001),
        ([], None), ("x", None), (None, None),
    ],
)  # fmt: skip
def test_identity_is_the_persistent_id_and_else_the_identifier(document: Any, expected: str | None) -> None:
    assert local_id(document) == expected


def test_other_identifiers_are_aliases_and_earlier_ones_former_ids() -> None:
    document = two(pid=PID, id=ID, identifier=f"https://web.example.org/dataset/{ID}", revisions={"0.0.1": OLD, "1.0.0": ID, "latest": ID})
    document["summary"]["doiName"] = "https://doi.org/10.1234/ABC"
    reading = read(document)
    assert reading.aliases == (PID, ID, "10.1234/abc")
    assert set(reading.former_ids) == {OLD, ID}
    assert [revision.version for revision in reading.record.revisions or []] == ["0.0.1", "1.0.0"]


def test_a_former_id_is_never_the_identity_itself() -> None:
    for real in every_document():
        reading = read(real.content)
        assert local_id(real.content) not in reading.former_ids, real.name


# the reading itself


def test_reading_alters_nothing_and_gives_the_same_each_time() -> None:
    for real in every_document()[::7]:
        before = json.dumps(real.content)
        assert read(real.content) == read(copy.deepcopy(real.content)), real.name
        assert json.dumps(real.content) == before, real.name


def test_paths_lead_back_to_where_each_value_stood() -> None:
    document = two(summary={"keywords": "a,b"}, structuralMetadata=[{"name": "t", "elements": [{"name": "c", "dataType": "x", "sensitive": True}]}])
    paths = read(document).paths
    assert paths["/summary/title"] == "/summary/title"
    assert paths["/summary/dataCustodian/name"] == "/summary/publisher/name"
    assert paths["/structuralMetadata/tables"] == "/structuralMetadata"


def _scalars(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [scalar for inner in value.values() for scalar in _scalars(inner)]
    if isinstance(value, list):
        return [scalar for inner in value for scalar in _scalars(inner)]
    return [value]


# places, rules and partner fields


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("England, Scotland", ["England", "Scotland"]), ("GB-ENG,GB-WLS", ["GB-ENG", "GB-WLS"]), ("England, and parts of Wales", ["England, and parts of Wales"]),
        ("Wales", ["Wales"]), ("Leeds, West Yorkshire", ["Leeds, West Yorkshire"]), (["England, Scotland"], ["England, Scotland"]), ("England;,;Leeds", ["England", "Leeds"]),
    ],
)  # fmt: skip
def test_an_area_is_split_only_where_every_part_is_a_known_place(given: Any, expected: list[str]) -> None:
    for sections in ({"coverage": {"spatial": given}}, {"coverage": {"spatial": given}, "summary": {"publisher": {"name": "x"}}}):
        reading = read({"summary": {"dataCustodian": {"name": "x"}}, **sections})
        assert reading.record.coverage.spatial == expected


def test_every_entry_about_a_value_names_the_rule_that_decided_and_whether_it_can_be_had_again() -> None:
    found = read({
        "summary": {"publisher": {"name": "x"}}, "coverage": {"spatial": "England, Wales", "typicalAgeRange": "18+"},
        "provenance": {"temporal": {"startDate": "3/4/21", "timeLag": "NO TIMELAG", "accrualPeriodicity": "Whenever"}},
        "accessibility": {"usage": {"isReferencedBy": ["see our page"]}},
    })  # fmt: skip
    told = {loss.from_path: loss.as_json() for loss in found.losses}
    assert {path: loss["rule"] for path, loss in told.items()} == {
        "/coverage/spatial": "4.4", "/coverage/typicalAgeRange": "1.2", "/provenance/temporal/startDate": "T22", "/provenance/temporal/timeLag": "3.3",
        "/provenance/temporal/accrualPeriodicity": "3.3", "/accessibility/usage/isReferencedBy": "T23",
    }  # fmt: skip
    assert all(loss["reversible"] for loss in told.values())


def test_partner_fields_stand_under_their_own_names() -> None:
    partner = {
        "summary": {"dataCustodian": {"name": "x"}, "leadResearcher": "A lab", "unknown": 1}, "icons": ["https://a.ac.uk/i.svg"], "erd": "https://a.ac.uk/erd",
        "structuralMetadata": {"tables": [{"name": "t", "size": 7, "columns": []}]},
    }  # fmt: skip
    reading = read(partner)
    assert reading.detected.name == "CRUK 1.0.0"
    assert reading.extensions == {
        "summary.leadResearcher": "A lab", "icons": ["https://a.ac.uk/i.svg"], "erd": "https://a.ac.uk/erd", "structuralMetadata.tables.0.size": 7,
    }  # fmt: skip
    assert {"model": "CRUK", "version": "1.0.0", "path": "/summary/unknown", "value": 1} in reading.carried_as_json()
    assert read({"summary": {"dataCustodian": {"name": "x"}}, "erd": None}).extensions == {}

"""The rules: each has a record that fires it and a near miss that does not."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.record import Dataset
from schemas.rules import RULES
from schemas.translate import read
from schemas.validate import check
from tests.schemas.documents import every_document


def sound() -> Dataset:
    """A record with no flaw that a rule looks for."""
    return Dataset.from_json({
        "identifier": "https://example.ac.uk/1", "version": "1.1.0", "issued": "2024-01-01T00:00:00Z", "modified": "2024-02-01T00:00:00Z",
        "summary": {
            "title": "Births in Wales", "abstract": "Every birth that was registered in Wales between 1990 and today, with weight and place.",
            "contactPoint": "data@register.ac.uk", "populationSize": 1200, "keywords": ["birth"],
            "dataCustodian": {"name": "Register of Wales", "identifier": "https://ror.org/03yrm5c26", "contactPoint": ["data@register.ac.uk"]},
        },
        "coverage": {"typicalAgeRangeMin": 0, "typicalAgeRangeMax": 150, "spatial": ["Wales"]},
        "provenance": {"temporal": {"startDate": "1990-01-01", "endDate": "2020-01-01", "publishingFrequency": "Annual"}},
        "accessibility": {"access": {"accessRights": ["https://register.ac.uk/access/how-to-apply"]}},
    })  # fmt: skip


def fired(rule: str, record: Dataset) -> list[str]:
    (one,) = [entry for entry in RULES if entry.id == rule]
    return [flaw.path for flaw in one.find(record)]


def with_value(path: str, value: Any) -> Dataset:
    record = sound()
    *steps, last = path.split(".")
    place: Any = record
    for step in steps:
        place = getattr(place, step)
    setattr(place, last, value)
    return record


START, END = "provenance.temporal.start_date", "provenance.temporal.end_date"
RIGHTS = "accessibility.access.access_rights"
CASES: list[tuple[str, str, Any, Any]] = [
    ("XFD-01", END, "1989-12-31", "1990-01-01"), ("XFD-01", END, "1989-12-31T00:00:00Z", "CONTINUOUS"),
    ("XFD-09", "coverage.typical_age_range_max", 151, 150), ("XFD-09", "coverage.typical_age_range_min", -1, 0),
    ("XFD-10", "coverage.typical_age_range_max", -1, 0), ("XFD-12", "summary.population_size", -2, 1),
    ("XFD-12", "summary.population_size", -1, None), ("XFD-12", "summary.population_size", 0, 7),
    ("TXT-01", "summary.abstract", " TBC ", "To be decided by the board."), ("TXT-01", "summary.doi_name", "n/a", "10.1234/na"),
    ("TXT-02", "summary.abstract", "null", "null and void"), ("TXT-02", "documentation.description", "[object Object]", "an object"),
    ("TXT-04", "summary.title", "A&amp;E", "A&E"), ("TXT-04", "summary.keywords", ["&gt; 10 Years"], ["> 10 Years"]),
    ("PRV-01", "summary.contact_point", "jane.doe@nhs.net", "data.team@nhs.net"),
    ("PRV-01", "summary.contact_point", "someone@gmail.com", "cohortdata@gmail.com"),
    ("ACC-01", RIGHTS, ["In Progress"], ["In progress of being decided, ask the board."]), ("ACC-01", RIGHTS, None, ["https://a.example/x"]),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "path", "wrong", "right"), CASES)
def test_a_flaw_fires_its_rule_and_a_near_miss_does_not(rule: str, path: str, wrong: Any, right: Any) -> None:
    assert fired(rule, with_value(path, wrong)) != []
    assert fired(rule, with_value(path, right)) == []


def test_a_sound_record_fires_nothing() -> None:
    assert [(rule.id, fired(rule.id, sound())) for rule in RULES if fired(rule.id, sound())] == []


def test_every_rule_has_a_case() -> None:
    assert {rule.id for rule in RULES} <= {case[0] for case in CASES}
    assert len({rule.id for rule in RULES}) == len(RULES)


def test_flaws_name_places_of_the_record_and_say_what_to_do() -> None:
    for real in every_document()[::10]:
        record = read(real.content).record
        document = record.as_json()
        for rule in RULES:
            for flaw in rule.find(record):
                assert flaw.path == "" or flaw.path.split("/")[1] in {*document, *Dataset.model_fields, *map(_camel, Dataset.model_fields)}
                assert flaw.message.endswith((".", "!")), flaw
                assert flaw.hint, flaw


def test_findings_of_rules_point_into_the_submitted_document() -> None:
    found = check({"summary": {"title": "TBC", "publisher": {"name": "x", "contactPoint": "jane.doe@nhs.net"}}, "coverage": {"typicalAgeRange": "90-10"}})
    places = {(finding.rule, finding.path) for finding in found}
    assert {("XFD-10", "/coverage/typicalAgeRange"), ("TXT-01", "/summary/title"), ("PRV-01", "/summary/publisher/contactPoint")} <= places


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)



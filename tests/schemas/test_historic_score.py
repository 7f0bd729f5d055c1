"""The historic formula against the reports that were published with the records, figure by figure."""

import json
from pathlib import Path
from typing import Any

import pytest

from schemas.quality_historic import ATTRIBUTES, HistoricScore, historic_score
from tests.corpus import corpus

STATE = "2021-04-07"
Figures = tuple[float, float, float, str]


@pytest.fixture(scope="module")
def scores() -> dict[str, HistoricScore]:
    found = {}
    for path in sorted(corpus("hdruk", "v2", STATE).rglob("*.json")):
        document = json.loads(path.read_bytes())
        found[document["id"]] = historic_score(document)
    return found


def report(name: str) -> Path:
    return corpus("hdruk", "reports", STATE, name)


def figures_of(score: HistoricScore) -> Figures:
    return score.completeness, score.error, score.score, score.rating


def published(entry: dict[str, Any]) -> Figures:
    return (
        entry["weighted_completeness_percent"], entry["weighted_error_percent"], entry["weighted_quality_score"],
        entry["weighted_quality_rating"],
    )  # fmt: skip


@pytest.mark.parametrize("name", ["metadata_quality.v2.json", "metadata_quality.merged.json"])
def test_every_published_score_is_reproduced_without_tolerance(
    name: str, scores: dict[str, HistoricScore], capsys: pytest.CaptureFixture[str]
) -> None:
    entries = [entry for entry in json.loads(report(name).read_bytes()) if entry["schema_version"] == "2.0.1"]
    differing = [entry["id"] for entry in entries if figures_of(scores[entry["id"]]) != published(entry)]
    with capsys.disabled():
        print(f"\n{name}: compared {len(entries)} published scores, {len(differing)} differ")
    assert len(entries) == len(scores) == 318
    assert differing == []


def test_every_attribute_of_the_published_breakdown_is_reproduced(
    scores: dict[str, HistoricScore], capsys: pytest.CaptureFixture[str]
) -> None:
    compared, differing = 0, []
    for line in report("score_breakdown.v2.jsonl").read_text("utf-8").splitlines():
        entry = json.loads(line)
        for ours, theirs in zip(scores[entry["id"]].attributes, entry["attributes"], strict=True):
            compared += 1
            expected = (theirs["attribute"], theirs["weight"], theirs["completeness"], theirs["error"])
            if (ours.attribute, ours.weight, sixteen(ours.completeness), sixteen(ours.error)) != expected:
                differing.append((entry["id"], ours.attribute))
    with capsys.disabled():
        print(f"\nscore_breakdown.v2.jsonl: compared {compared} attributes, {len(differing)} differ")
    assert compared == 318 * len(ATTRIBUTES)
    assert differing == []


def sixteen(value: float) -> float:
    """The breakdown was written with sixteen significant digits."""
    return float(f"{value:.16g}")


def test_the_rating_is_the_one_the_utility_report_shows(scores: dict[str, HistoricScore]) -> None:
    entries = [entry for entry in json.loads(report("data_utility.json").read_bytes()) if entry["id"] in scores]
    assert len(entries) == 318
    assert [entry["id"] for entry in entries if scores[entry["id"]].rating != entry["metadata_richness"]] == []


def test_the_weights_are_the_published_ones() -> None:
    sections = json.loads(corpus("specification", "quality", "latest", "weights.v2.json").read_bytes())
    expected = [item for section in sections.values() for item in section.items()]
    assert [(attribute.path, attribute.weight) for attribute in ATTRIBUTES] == expected


def test_an_empty_record_earns_its_identifier_only_and_never_fails() -> None:
    score = historic_score({})
    assert score.completeness == 2.68
    assert score.rating == "Not Rated"


@pytest.mark.parametrize(
    "document", [{"summary": "text"}, {"summary": None, "provenance": [1]}, {"coverage": {"spatial": 3}}]
)
def test_sections_of_the_wrong_type_are_scored_as_missing(document: dict[str, Any]) -> None:
    assert historic_score(document).rating == "Not Rated"


def test_a_list_fails_as_a_whole_where_the_field_is_a_union() -> None:
    score = {
        one.attribute: one
        for one in historic_score({"summary": {"keywords": ["a"]}, "coverage": {"spatial": "Wales"}}).attributes
    }
    assert score["summary.keywords"].error == score["summary.keywords"].weight
    assert score["coverage.spatial"].error == score["coverage.spatial"].weight
    assert score["coverage.spatial"].completeness == score["coverage.spatial"].weight

"""Records that mean harm, or are merely odd: each ends in an outcome of its own, and its neighbours are published."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from gateway.models import Outcome, Run
from gateway.wiring import Services
from tests.journeys.gateways import add_files, document, harvest, make_services, titles


@pytest.fixture
def services(tmp_path: Path, database_url: str | None) -> Iterator[Services]:
    built = make_services(tmp_path / "data", database_url)
    yield built
    built.close()


def harvest_all(services: Services, folder: Path, documents: list[dict[str, Any]]) -> Run:
    """Documents of any identity, in files of their order."""
    folder.mkdir()
    for number, value in enumerate(documents):
        (folder / f"{number:03}.json").write_text(json.dumps(value))
    return harvest(services, add_files(services, folder))


def outcomes(services: Services, run: Run) -> list[Outcome]:
    with services.store.reading() as session:
        return list(session.scalars(select(Outcome).where(Outcome.run_id == run.id).order_by(Outcome.id)))


def with_sign(sign: str) -> list[dict[str, Any]]:
    """One document for each place a sign may stand in."""
    placed = [document(number) for number in range(8)]
    placed[0]["summary"]["title"] = f"A title {sign}of sleep"
    placed[1]["summary"]["abstract"] = f"An abstract {sign}"
    placed[2][f"unknown{sign}"] = {f"name{sign}": f"value{sign}"}
    placed[3]["summary"]["keywords"] = [f"sleep{sign}"]
    placed[4]["summary"]["dataCustodian"]["name"] = f"Example{sign} Trust"
    placed[5]["version"] = f"1.0{sign}"
    placed[6]["structuralMetadata"] = {
        "tables": [{"name": f"t{sign}", "description": sign, "columns": [{"name": f"c{sign}", "dataType": "text", "sensitive": False}]}]
    }
    placed[7]["identifier"] = f"id{sign}"
    return placed


@pytest.mark.parametrize("sign", ["\x00", "\x1b", "\ud800", "\uffff", "\u202e"], ids=ascii)
def test_h10_characters_that_cannot_be_stored_are_left_out_with_a_finding(services: Services, tmp_path: Path, sign: str) -> None:
    run = harvest_all(services, tmp_path / "feed", with_sign(sign))
    assert run.counters == {"created": 7, "rejected": 1}, run.error
    *published, refused = outcomes(services, run)
    assert all("TXT-05" in [finding["rule"] for finding in outcome.findings] for outcome in published)
    assert (refused.reason, refused.local_id) == ("bad-id", "")
    assert titles(services, "title of sleep", 1) == ["A title of sleep"]


def test_the_bytes_of_a_cleaned_document_are_kept_as_they_came(services: Services, tmp_path: Path) -> None:
    harvest_all(services, tmp_path / "feed", with_sign("\x00")[:1])
    ref = services.catalogue.resolve(document(0)["identifier"])
    assert ref is not None
    assert services.catalogue.original(services.catalogue.version(ref, 1))[1] == (tmp_path / "feed" / "000.json").read_bytes()


def test_values_beyond_all_measure_end_in_outcomes(services: Services, tmp_path: Path) -> None:
    long = [document(number) for number in range(5)]
    long[0]["summary"]["title"] = "Sleep " * 200_000
    long[1]["summary"]["doiName"] = "10.1234/" + "é" * 5_000
    long[2]["summary"]["dataCustodian"]["name"] = "Trust " * 5_000
    long[3]["summary"]["keywords"] = [f"keyword {number}" for number in range(34_866)]
    long[4]["identifier"] = "語" * 1_000
    run = harvest_all(services, tmp_path / "feed", [*long, document(9)])
    assert run.counters == {"created": 5, "rejected": 1}, run.error
    assert [outcome.reason for outcome in outcomes(services, run) if outcome.outcome == "rejected"] == ["bad-id"]


IDENTIFIERS = ["TODO", "a/b?c#d", "a:b%20c", "ñandú – 語", "'; DROP TABLE records; --", "x" * 1_000, "..", "10.1234/AbC", "  spaced out "]


def test_any_identifier_is_kept_exactly_and_leads_to_its_dataset(services: Services, tmp_path: Path) -> None:
    documents = [document(number, title=f"Title number {number}") | {"identifier": name} for number, name in enumerate(IDENTIFIERS)]
    run = harvest_all(services, tmp_path / "feed", documents)
    assert run.counters == {"created": len(IDENTIFIERS)}
    assert [outcome.local_id for outcome in outcomes(services, run)] == [name.strip() for name in IDENTIFIERS]
    for number, name in enumerate(IDENTIFIERS):
        ref = services.catalogue.resolve(name)
        assert ref is not None
        assert services.catalogue.get(ref).dataset.summary.title == f"Title number {number}"


def test_a_record_that_the_database_refuses_is_rejected_alone(services: Services, tmp_path: Path) -> None:
    refuse_title(services, "Poison")
    run = harvest_all(services, tmp_path / "feed", [document(1), document(2, title="Poison"), document(3)])
    assert run.counters == {"created": 2, "rejected": 1}, run.error
    assert run.state == "partial"
    refused = [outcome for outcome in outcomes(services, run) if outcome.outcome == "rejected"]
    assert [(outcome.local_id, outcome.reason) for outcome in refused] == [(document(2)["identifier"], "not-storable")]
    assert len(titles(services, "sleep")) == 2


def refuse_title(services: Services, title: str) -> None:
    """Let the database itself refuse to hold a record of this title."""
    if services.store.is_sqlite:
        rule = (
            f"CREATE TRIGGER refuse_title BEFORE INSERT ON records WHEN new.title = '{title}' "
            "BEGIN SELECT RAISE(ABORT, 'refused'); END"
        )
    else:
        rule = f"ALTER TABLE records ADD CONSTRAINT refuse_title CHECK (title <> '{title}')"
    with services.store.engine.begin() as connection:
        connection.execute(text(rule))

"""Rules that need more than the record: the date, the state held before, other records."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.harvesting.dry_run import dry_run
from gateway.store import runs
from gateway.wiring import Services
from tests.journeys.gateways import add_files, document, harvest, make_services, write_documents, writing_statements

NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def services(tmp_path: Path, database_url: str | None) -> Iterator[Services]:
    built = make_services(tmp_path / "data", database_url, worker=False)
    built.harvesting.clock = lambda: NOW
    yield built
    built.close()


def found(services: Services, run_id: int, rule: str) -> dict[str, list[str]]:
    """local id -> paths at which the rule spoke."""
    with services.store.reading() as session:
        rows = runs.outcomes(session, run_id, limit=100)
    told = {row.local_id: [finding["path"] for finding in row.findings if finding["rule"] == rule] for row in rows}
    return {local_id: paths for local_id, paths in told.items() if paths}


def dated(number: int, start: str, **parts: Any) -> dict[str, Any]:
    made = document(number) | parts
    return made | {"provenance": {"temporal": {"startDate": start, "timeLag": "Other", "publishingFrequency": "Annual", "distributionReleaseDate": "2026-01-01"}}}


def test_rules_that_need_the_date_run_in_a_harvest(services: Services, tmp_path: Path) -> None:
    write_documents(tmp_path / "feed", [dated(1, "2026-06-02"), dated(2, "2026-06-01"), dated(3, "1970-01-01", modified="2026-06-03T00:00:00Z")])
    run = harvest(services, add_files(services, tmp_path / "feed"))
    ids = [document(number)["identifier"] for number in range(4)]
    assert found(services, run.id, "XFD-04") == {ids[1]: ["/provenance/temporal/startDate"], ids[3]: ["/provenance/temporal/startDate"]}
    assert found(services, run.id, "XFD-07") == {ids[3]: ["/modified"]}
    assert found(services, run.id, "XFD-05") == {}


@pytest.mark.parametrize("wanted", ["incremental", "audit"])
def test_what_did_not_change_stays_unchanged_though_the_date_moves(services: Services, tmp_path: Path, wanted: str) -> None:
    write_documents(tmp_path / "feed", [dated(1, "2026-06-01"), dated(2, "2030-06-02")])
    slug = add_files(services, tmp_path / "feed")
    harvest(services, slug)
    services.harvesting.clock = lambda: NOW + timedelta(days=2_000)
    with writing_statements(services) as written:
        run = harvest(services, slug, wanted=wanted)
    assert run.counters == {"unchanged": 2}
    assert not [statement for statement in written if statement.endswith((" versions", " outcomes", " records", " raw"))]


def test_a_version_that_falls_or_stays_though_the_content_changed_is_told(services: Services, tmp_path: Path) -> None:
    slug, feed = add_files(services, tmp_path / "feed"), tmp_path / "feed"
    write_documents(feed, [document(number) | {"version": "2.0.0"} for number in range(1, 4)])
    assert found(services, harvest(services, slug).id, "XFD-40") == {}
    later = {"modified": "2025-07-01T00:00:00Z"}
    write_documents(feed, [document(1, populationSize=7) | later | {"version": "2.0.0"}, document(2, populationSize=7) | later | {"version": "1.9.0"},
                           document(3, populationSize=7) | later | {"version": "2.0.1"}])  # fmt: skip
    run = harvest(services, slug)
    assert run.counters == {"updated": 3}
    assert found(services, run.id, "XFD-40") == {document(number)["identifier"]: ["/version"] for number in (1, 2)}


def test_an_older_state_is_not_compared_with_the_one_held(services: Services, tmp_path: Path) -> None:
    slug, feed = add_files(services, tmp_path / "feed"), tmp_path / "feed"
    write_documents(feed, [document(1) | {"version": "2.0.0"}])
    harvest(services, slug)
    (feed / "old").mkdir()
    write_documents(feed / "old", [document(1, populationSize=7) | {"version": "1.0.0", "modified": "2025-02-01T00:00:00Z"}])
    run = harvest(services, slug)
    assert run.counters["repeated"] == 1
    assert found(services, run.id, "XFD-40") == {}


def test_the_second_record_of_one_title_is_told_but_not_one_of_another_custodian(services: Services, tmp_path: Path) -> None:
    other = {"identifier": "other", "name": "Other Trust", "contactPoint": "data@other.ac.uk"}
    write_documents(tmp_path / "feed", [document(1, title="Sleep"), document(2, title=" SLEEP "), document(3, title="Sleep", dataCustodian=other)])
    slug = add_files(services, tmp_path / "feed")
    assert found(services, harvest(services, slug).id, "XFD-41") == {document(2)["identifier"]: ["/summary/title"]}
    write_documents(tmp_path / "feed", [document(4, title="sleep", dataCustodian=other), document(1, title="Sleep", populationSize=7)])
    again = found(services, harvest(services, slug).id, "XFD-41")
    assert again == {document(4)["identifier"]: ["/summary/title"], document(1)["identifier"]: ["/summary/title"]}


def test_records_of_one_custodian_are_compared_over_its_sources_and_identifiers_over_all(services: Services, tmp_path: Path) -> None:
    other = {"identifier": "other", "name": "Other Trust", "contactPoint": "data@other.ac.uk"}
    write_documents(tmp_path / "a", [document(1, title="Sleep", doiName="10.1234/sleep"), document(9, dataCustodian=other)])
    write_documents(tmp_path / "b", [document(2, title="Sleep"), document(3, doiName="https://doi.org/10.1234/SLEEP")])
    write_documents(tmp_path / "c", [document(1, title="Sleep"), document(5, title="Dreams")])
    assert found(services, harvest(services, add_files(services, tmp_path / "a", name="a")).id, "XFD-41") == {}
    second = add_files(services, tmp_path / "b", name="b", custodian="example-trust")
    third = add_files(services, tmp_path / "c", name="c", custodian="other-trust")
    assert found(services, harvest(services, second).id, "XFD-41") == {
        document(2)["identifier"]: ["/summary/title"], document(3)["identifier"]: ["/summary/doiName"],
    }  # fmt: skip
    assert found(services, harvest(services, third).id, "XFD-41") == {document(1)["identifier"]: ["/identifier"]}


def test_a_dry_run_finds_what_a_run_would(services: Services, tmp_path: Path) -> None:
    write_documents(tmp_path / "feed", [document(1, title="Sleep"), document(2, title="Sleep"), dated(3, "2026-06-02")])
    slug = add_files(services, tmp_path / "feed")
    trial = dry_run(services.store, slug, services.sealer.open, user_agent="test", clock=lambda: NOW)
    told = {record["local_id"]: record["findings"] for record in trial.records}
    run = harvest(services, slug)
    with services.store.reading() as session:
        assert told == {row.local_id: row.findings for row in runs.outcomes(session, run.id, limit=100)}
    assert found(services, run.id, "XFD-41")

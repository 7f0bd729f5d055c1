"""Replays (A24) and the daily housekeeping (A25): what is kept is read again, compared, and forgotten in time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from gateway.errors import Conflict
from gateway.models import Hold, Outcome, Record, Run, RunEvent, Version
from gateway.store import records, replays, runs, sources
from gateway.store.database import utc_now
from gateway.wiring import Services, due_jobs
from schemas.translate import MAPPING_VERSION
from search.document import Facts, search_document
from search.engine import Query
from tests.journeys.endpoints import Endpoint, serving
from tests.journeys.gateways import add_federation, add_files, document, harvest, make_services, write_documents

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ALL = [document(number) for number in range(3)]


@pytest.fixture
def services(tmp_path: Path, database_url: str | None) -> Iterator[Services]:
    built = make_services(tmp_path / "data", database_url)
    yield built
    built.close()


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with serving(Endpoint()) as started:
        started.hold(*ALL)
        yield started


@pytest.fixture
def feed(services: Services, endpoint: Endpoint) -> str:
    slug = add_federation(services, endpoint.base_url)
    harvest(services, slug)
    endpoint.requests.clear()
    return slug


def replay(services: Services, slug: str) -> Run:
    run = services.harvesting.run(services.harvesting.queue_run(slug, trigger="replay", wanted="audit"))
    services.catalogue.index_pending()
    return run


def as_an_older_mapping_left_it(services: Services, local_id: str) -> str:
    """What a reader that knew less of the specification would have stored for the same document."""
    with services.store.transaction() as tx:
        record = tx.session.scalars(select(Record).where(Record.local_id == local_id)).one()
        version = tx.session.get_one(Version, record.current_version_id)
        poorer = {**version.canonical, "summary": {name: value for name, value in version.canonical["summary"].items() if name != "keywords"}}
        tx.session.execute(update(Version).where(Version.id == version.id).values(canonical=poorer, mapping_version="0"))
        tx.session.execute(update(Record).values(mapping_version="0"))
        return record.ref


def test_a24_a_replay_after_a_mapping_change_makes_no_request_and_names_the_cause(services: Services, endpoint: Endpoint, feed: str) -> None:
    ref = as_an_older_mapping_left_it(services, ALL[0]["identifier"])
    run = replay(services, feed)
    assert endpoint.requests == []
    assert (run.state, run.counters, run.http.get("requests", 0)) == ("succeeded", {"updated": 1, "unchanged": 2}, 0)
    newest, older = services.catalogue.versions(ref)
    assert newest.cause == f"Read again from what was kept, with mapping {MAPPING_VERSION}"
    assert (newest.mapping_version, older.mapping_version) == (MAPPING_VERSION, "0")
    assert "/summary/keywords" in newest.changed_paths
    assert services.catalogue.original(newest)[1] == services.catalogue.original(older)[1]
    assert harvest(services, feed).counters == {"unchanged": 3}, "the source was not asked, so nothing changed for it"


def test_a24_records_read_by_another_mapping_are_replayed_by_themselves_once(services: Services, endpoint: Endpoint, feed: str) -> None:
    assert services.housekeeping.queue_replays() == 0
    as_an_older_mapping_left_it(services, ALL[1]["identifier"])
    assert services.housekeeping.queue_replays() == 1
    assert services.housekeeping.queue_replays() == 1, "the run that waits is the run"
    (run_id,) = services.harvesting.claimable()
    run = services.harvesting.run(run_id)
    assert (run.trigger, run.counters["updated"]) == ("replay", 1)
    assert services.housekeeping.queue_replays() == 0
    assert endpoint.requests == []


@on_sqlite
def test_a24_a_source_that_cannot_be_replayed_does_not_keep_later_ones_from_it(services: Services, feed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    later, last = (add_files(services, tmp_path / name, name=name) for name in ("later", "last"))
    for number, slug in enumerate((later, last), start=10):
        write_documents(tmp_path / slug, [document(number)])
        harvest(services, slug)
    with services.store.transaction() as tx:
        sources.by_slug(tx.session, feed).state = "untried"
        tx.session.execute(update(Record).values(mapping_version="0"))
    assert services.housekeeping.queue_replays() == 2
    queue_run = services.harvesting.queue_run

    def refuses_one(slug: str, **options: str) -> int:
        if slug == later:
            raise Conflict("It was changed this moment.")
        return queue_run(slug, **options)

    monkeypatch.setattr(services.harvesting, "queue_run", refuses_one)
    assert services.housekeeping.queue_replays() == 1
    with services.store.transaction() as tx:
        sources.by_slug(tx.session, feed).state = "active"
    assert services.housekeeping.queue_replays() == 2


@on_sqlite
def test_a24_a_replay_reads_a_refused_document_again_and_removes_nothing(services: Services, endpoint: Endpoint, feed: str) -> None:
    refused = document(0, title=None) | {"version": "2.0.0"}
    endpoint.hold(refused, *ALL[1:])
    endpoint.items[0]["name"] = "x"
    assert harvest(services, feed).counters == {"quarantined": 1, "unchanged": 2}
    run = replay(services, feed)
    assert run.counters == {"quarantined": 1, "unchanged": 2}
    with services.store.reading() as session:
        assert replays.outdated(session) == []
        assert records.count_visible(session) == 3


@on_sqlite
def test_a_replay_and_a_harvest_are_never_taken_for_each_other(services: Services, feed: str) -> None:
    waiting = services.harvesting.queue_run(feed, trigger="replay", wanted="audit")
    assert services.harvesting.queue_run(feed) != waiting
    assert services.harvesting.queue_run(feed, trigger="replay", wanted="audit") == waiting


@on_sqlite
def test_a24_what_is_no_longer_kept_is_left_as_it_is(services: Services, feed: str) -> None:
    for path in (services.settings.data_dir / "files").rglob("*"):
        if path.is_file():
            path.unlink()
    assert replay(services, feed).counters == {}


def test_a25_the_daily_compare_mends_planted_drift_of_both_kinds(services: Services, feed: str) -> None:
    lost = services.catalogue.search(Query(text="sleep", limit=1)).hits[0].id
    services.catalogue.engine.remove([lost])
    dataset = services.catalogue.listing()[0].dataset
    facts = Facts(
        ref="surplus", pid="surplus", version=1, custodian_slug=None, custodian_name=None, custodian_category=None, aliases=(),
        first_seen="2026-01-01", updated="2026-01-01", quality=None, findings_errors=0, is_demonstration=False,
        spec_version=None,
    )
    services.catalogue.engine.index([search_document(dataset, facts)])
    assert services.catalogue.search(Query(text="sleep")).total == 3, "one too few and one too many"
    done = services.housekeeping.keep_house(now=utc_now())
    assert done["index_differences"] == 2
    found = {hit.id for hit in services.catalogue.search(Query(text="sleep")).hits}
    assert lost in found
    assert "surplus" not in found
    assert services.housekeeping.keep_house(now=utc_now())["index_differences"] == 0


def test_what_is_old_is_forgotten_and_what_is_needed_stays(services: Services, endpoint: Endpoint, feed: str) -> None:
    for number in range(2, 5):
        endpoint.hold(document(0, title=f"Title {number}") | {"version": f"{number}.0.0"}, *ALL[1:])
        last = harvest(services, feed)
    files = services.settings.data_dir / "files"
    kept = {path.name for path in files.rglob("*") if path.is_file()}
    assert len(kept) == 3 + 3
    now = utc_now()
    with services.store.transaction() as tx:
        runs.add_event(tx.session, last.id, seq=99, kind="reading", data={}, now=now)
    assert services.housekeeping.keep_house(now=now)["files"] == 0, "of the last 180 days all stays"
    stray = files / "ab" / ("ab" + "0" * 62)
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b"left by a crash")
    for path in (stray, *(files / name[:2] / name for name in kept)):
        os.utime(path, (now.timestamp() - 25 * 3600,) * 2)
    assert services.housekeeping.keep_house(now=now)["files"] == 1, "what nothing refers to goes after a day"
    done = services.housekeeping.keep_house(now=now + timedelta(days=181))
    assert (done["files"], done["events"], done["outcomes"]) == (2, 1, 0), "current and previous version keep their documents"
    ref = services.catalogue.resolve(ALL[0]["identifier"]) or ""
    current, previous = services.catalogue.versions(ref)[:2]
    assert services.catalogue.original(current)[1] != services.catalogue.original(previous)[1]
    assert services.housekeeping.keep_house(now=now + timedelta(days=401))["outcomes"] == 3 + 3
    with services.store.reading() as session:
        assert session.scalars(select(Outcome)).all() == session.scalars(select(RunEvent)).all() == []


@on_sqlite
def test_housekeeping_is_due_once_a_day_and_ends_holds(services: Services, endpoint: Endpoint, feed: str) -> None:
    assert "housekeeping" in due_jobs(services)
    services.housekeeping.keep_house(now=utc_now())
    assert "housekeeping" not in due_jobs(services)
    endpoint.hold()
    assert harvest(services, feed).state == "held"
    assert services.housekeeping.keep_house(now=datetime.now(UTC) + timedelta(days=15))["expired_holds"] == 1
    with services.store.reading() as session:
        assert session.scalars(select(Hold.state)).one() == "expired"

"""Runs that do not go as planned: stopped, taken over, wrongly configured, late. Each ends by itself and says how."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from gateway.harvesting import BATCH_RECORDS, Progress
from gateway.models import Message, Run, Source
from gateway.sources import upkeep as source_upkeep
from gateway.store import records, runs, sources
from gateway.store.sealing import Sealer
from gateway.wiring import Services
from tests.journeys.gateways import add_federation, add_files, document, harvest, make_services, write_documents

RECORDS = 2 * BATCH_RECORDS + 5
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.fixture
def services(tmp_path: Path, database_url: str | None) -> Iterator[Services]:
    built = make_services(tmp_path / "data", database_url)
    yield built
    built.close()


@pytest.fixture
def feed(services: Services, tmp_path: Path) -> str:
    """A source whose listing fills two batches and a bit."""
    write_documents(tmp_path / "feed", [document(number) for number in range(RECORDS)])
    return add_files(services, tmp_path / "feed", name="Feed")


def visible(services: Services) -> int:
    with services.store.reading() as session:
        return records.count_visible(session)


def source_of(services: Services, slug: str) -> Source:
    with services.store.reading() as session:
        return sources.by_slug(session, slug)


class AfterFirstBatch:
    """Watches a run and acts once, when its first batch is committed; ``committed`` says how many records that were."""

    def __init__(self, act: Callable[[], object]) -> None:
        self.act = act
        self.committed = 0

    def __call__(self, progress: Progress) -> None:
        if not self.committed:
            self.committed = progress.done
            self.act()


def test_a_run_that_is_cancelled_stops_before_its_next_batch_and_keeps_what_it_committed(services: Services, feed: str) -> None:
    run_id = services.harvesting.queue_run(feed)
    watch = AfterFirstBatch(lambda: services.harvesting.cancel(run_id))
    run = services.harvesting.run(run_id, watch=watch)
    assert 0 < watch.committed <= BATCH_RECORDS
    assert (run.state, run.counters) == ("cancelled", {"created": watch.committed})
    assert run.ended_at is not None
    assert visible(services) == watch.committed
    again = harvest(services, feed)
    assert again.id != run_id
    assert again.counters == {"created": RECORDS - watch.committed, "unchanged": watch.committed}


def test_a_cancelled_run_leaves_the_failures_before_it_counted(services: Services, feed: str) -> None:
    with services.store.transaction() as tx:
        sources.by_slug(tx.session, feed).consecutive_failures = 3
    run_id = services.harvesting.queue_run(feed)
    run = services.harvesting.run(run_id, watch=AfterFirstBatch(lambda: services.harvesting.cancel(run_id)))
    assert (run.state, source_of(services, feed).consecutive_failures) == ("cancelled", 3)
    assert harvest(services, feed).state == "succeeded"
    assert source_of(services, feed).consecutive_failures == 0


def test_a_run_that_waits_is_cancelled_at_once_and_never_starts(services: Services, feed: str) -> None:
    run_id = services.harvesting.queue_run(feed)
    services.harvesting.cancel(run_id)
    run = services.harvesting.run(run_id)
    assert (run.state, run.started_at) == ("cancelled", None)
    assert visible(services) == 0


def test_a_worker_whose_run_was_taken_over_writes_nothing_more(services: Services, feed: str) -> None:
    run_id = services.harvesting.queue_run(feed)

    def take_over() -> None:
        with services.store.transaction() as tx:
            assert runs.claim(tx.session, run_id, owner="another", now=services.harvesting.now() + 2 * runs.LEASE) is not None

    watch = AfterFirstBatch(take_over)
    run = services.harvesting.run(run_id, watch=watch)
    assert (run.state, run.lease_owner, run.ended_at) == ("running", "another", None)
    assert visible(services) == watch.committed < RECORDS
    assert source_of(services, feed).last_success_at is None


def test_a_source_that_another_worker_reads_is_left_to_it(services: Services, feed: str) -> None:
    first = services.harvesting.queue_run(feed)
    with services.store.transaction() as tx:
        assert runs.claim(tx.session, first, owner="another machine:1:a", now=services.harvesting.now()) is not None
    second = services.harvesting.queue_run(feed)
    run = services.harvesting.run(second)
    assert second != first
    assert (run.state, run.attempt) == ("queued", 0)
    assert visible(services) == 0


def test_a_source_without_its_secret_fails_with_advice_instead_of_hanging(services: Services) -> None:
    slug = add_federation(services, "http://127.0.0.1:9", auth="BEARER")
    run = harvest(services, slug)
    assert (run.state, run.reason) == ("failed", "wrong-configuration")
    assert "BEARER needs a secret" in (run.error or "")
    assert source_of(services, slug).consecutive_failures == 1


def test_a_secret_sealed_with_a_lost_key_fails_the_run_with_advice(services: Services, tmp_path: Path) -> None:
    slug = add_federation(services, "http://127.0.0.1:9", auth="BEARER")
    with services.store.transaction() as tx:
        sources.by_slug(tx.session, slug).secret = Sealer(tmp_path / "lost.key").seal("token")
    run = harvest(services, slug)
    assert (run.state, run.reason) == ("failed", "wrong-configuration")
    assert "cannot be opened with this installation's key" in (run.error or "")


def test_due_times_that_were_missed_collapse_into_one_run_and_the_next_is_set(services: Services, tmp_path: Path) -> None:
    slug = add_files(services, tmp_path)
    with services.store.transaction() as tx:
        source = sources.by_slug(tx.session, slug)
        source.schedule, source.next_due_at = "@hourly", NOW - timedelta(hours=5)
    services.harvesting.clock = lambda: NOW
    queued = services.harvesting.queue_due()
    assert len(queued) == 1
    assert services.harvesting.queue_due() == []
    following = source_of(services, slug).next_due_at
    assert following is not None
    assert NOW < following <= NOW + timedelta(hours=1)
    with services.store.reading() as session:
        run = runs.by_id(session, queued[0])
    assert (run.trigger, run.due_at) == ("schedule", NOW - timedelta(hours=5))


@pytest.mark.parametrize("broken", [{"schedule": "99 * * * *"}, {"timezone": "Europe/Nowhere"}])
def test_j23_a_source_whose_schedule_cannot_be_read_fails_alone_and_is_told(services: Services, tmp_path: Path, broken: dict[str, str]) -> None:
    bad, good = (add_files(services, tmp_path, name=name) for name in ("Bad", "Good"))
    with services.store.transaction() as tx:
        for number, slug in enumerate((bad, good)):
            source = sources.by_slug(tx.session, slug)
            source.schedule, source.next_due_at = "@hourly", NOW - timedelta(hours=5 - number)
        for name, value in broken.items():
            setattr(sources.by_slug(tx.session, bad), name, value)
    source_upkeep.set_contact(services.store, bad, "data@example.org", digest="never")
    services.harvesting.clock = lambda: NOW
    (run_id,) = services.harvesting.queue_due()
    assert services.harvesting.queue_due() == [], "the other is tried again a day later"
    with services.store.reading() as session:
        assert runs.by_id(session, run_id).source_id == sources.by_slug(session, good).id
        (failed,) = runs.listing(session, source_id=sources.by_slug(session, bad).id)
        assert [row.to_address for row in session.scalars(select(Message))] == ["data@example.org"]
    assert (failed.state, failed.reason, failed.started_at) == ("failed", "wrong-configuration", None)
    assert next(iter(broken.values())) in (failed.error or "")
    assert (source_of(services, bad).consecutive_failures, source_of(services, bad).next_due_at) == (1, NOW + timedelta(days=1))


def test_a_paused_source_is_not_due(services: Services, tmp_path: Path) -> None:
    slug = add_files(services, tmp_path)
    with services.store.transaction() as tx:
        source = sources.by_slug(tx.session, slug)
        source.state, source.next_due_at = "paused", NOW
    services.harvesting.clock = lambda: NOW + timedelta(days=1)
    assert services.harvesting.queue_due() == []


def test_a_run_that_takes_long_tells_of_its_progress_and_a_short_one_does_not(services: Services, feed: str) -> None:
    services.harvesting.clock = lambda: NOW
    short = harvest(services, feed)
    hours = iter(range(10_000))
    services.harvesting.clock = lambda: NOW + next(hours) * timedelta(seconds=3)
    write_documents(Path(source_of(services, feed).configuration["path"]), [document(number) for number in range(500, 620)])
    long = harvest(services, feed)
    with services.store.reading() as session:
        assert runs.events(session, short.id) == []
        told = runs.events(session, long.id)
        assert [event.seq for event in told] == list(range(1, len(told) + 1))
        assert (told[-1].kind, told[-1].data["created"]) == ("finished", 120)
        assert session.scalars(select(Run.state).where(Run.id == long.id)).one() == "succeeded"

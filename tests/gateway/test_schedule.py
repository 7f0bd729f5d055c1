"""When sources are due (J9-J12), by a clock that the test holds."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from gateway.errors import Unprocessable
from gateway.models import Run
from gateway.sources.schedule import check, due_times, jitter, missed, next_due
from gateway.store import runs, sources
from gateway.wiring import Services
from tests.journeys.gateways import add_files, make_services

SLUG = "a-source"
LATE_BY = jitter(SLUG)


def due(schedule: str, after: str, count: int = 3, zone: str = "Europe/London") -> list[str]:
    """Due times without the source's own lateness."""
    found = due_times(schedule, zone, source_slug=SLUG, after=datetime.fromisoformat(after) + LATE_BY)
    return [f"{moment - LATE_BY:%m-%d %H:%M}Z" for moment in islice(found, count)]


def test_a9_j10_a_time_skipped_in_spring_counts_at_the_first_moment_after_the_gap() -> None:
    assert due("30 1 * * *", "2026-03-28T12:00Z") == ["03-29 01:00Z", "03-30 00:30Z", "03-31 00:30Z"]


def test_j10_several_times_skipped_in_spring_count_once() -> None:
    assert due("*/15 * * * *", "2026-03-29T00:40Z") == ["03-29 00:45Z", "03-29 01:00Z", "03-29 01:15Z"]


def test_a9_j10_a_time_that_occurs_twice_in_autumn_counts_the_first_time_only() -> None:
    assert due("30 1 * * *", "2026-10-24T12:00Z") == ["10-25 00:30Z", "10-26 01:30Z", "10-27 01:30Z"]
    assert due("30 1 * * *", "2026-10-25T00:45Z", 1) == ["10-26 01:30Z"]


def test_a9_j10_other_zones_and_gaps_of_other_widths() -> None:
    assert due("15 2 * * *", "2026-10-03T12:00Z", 2, "Australia/Lord_Howe") == ["10-03 15:30Z", "10-04 15:15Z"]
    assert due("0 2 * * *", "2026-03-07T12:00Z", 2, "America/New_York") == ["03-08 07:00Z", "03-09 06:00Z"]
    assert due("0 9 * * *", "2026-01-01T12:00Z", 2, "Asia/Kathmandu") == ["01-02 03:15Z", "01-03 03:15Z"]


def test_a9_j9_leap_days_and_weekdays() -> None:
    assert due("0 3 29 2 *", "2026-01-01T00:00Z", 1) == ["02-29 03:00Z"]
    assert due("@weekly", "2026-11-24T00:00Z", 2) == ["11-30 02:00Z", "12-07 02:00Z"]
    assert due("@daily", "2026-11-24T00:00Z", 1) == ["11-24 02:00Z"]


def test_a9_j11_a_source_keeps_its_own_lateness_of_up_to_ten_minutes() -> None:
    late = {jitter(f"source-{number}") for number in range(1000)}
    assert len(late) > 400
    assert timedelta(0) <= min(late) <= max(late) < timedelta(minutes=10)
    first = next_due("@daily", "Europe/London", source_slug=SLUG, after=datetime(2026, 11, 24, tzinfo=UTC))
    assert first == datetime(2026, 11, 24, 2, tzinfo=UTC) + LATE_BY


@settings(max_examples=60, deadline=None)
@given(
    minute=st.integers(0, 59), hour=st.integers(0, 23), zone=st.sampled_from(["Europe/London", "America/New_York", "Australia/Lord_Howe", "UTC"]),
    days=st.integers(0, 730), seconds=st.integers(0, 86_399),
)
def test_j10_a_daily_time_comes_once_on_each_day_of_its_zone(*, minute: int, hour: int, zone: str, days: int, seconds: int) -> None:
    after = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=days, seconds=seconds)
    moments = list(islice(due_times(f"{minute} {hour} * * *", zone, source_slug=SLUG, after=after), 10))
    dates = [(moment - LATE_BY).astimezone(ZoneInfo(zone)).date() for moment in moments]
    assert moments[0] > after
    assert dates == [dates[0] + timedelta(days=number) for number in range(10)]


@pytest.mark.parametrize(
    ("schedule", "said"),
    [
        ("@yearly", "is not a schedule"), ("every day", "is not a schedule"), ("61 * * * *", "bad minute"), ("0 0 30 2 *", "is not a schedule"),
        ("* * * * *", "more often than every five minutes"), ("0,3 4 * * *", "more often than every five minutes"),
        ("0 0 0 * * *", "is not a schedule"),
    ],
)
def test_j9_a_schedule_that_makes_no_sense_is_refused_with_advice(schedule: str, said: str) -> None:
    with pytest.raises(Unprocessable) as refused:
        check(schedule, "Europe/London")
    assert said in str(refused.value)
    assert refused.value.hint


@pytest.mark.parametrize("schedule", ["@hourly", "manual", "*/5 * * * *", "0 3 29 2 *", "30 4 * * MON-FRI", "0 2 L * *"])
def test_j9_sensible_schedules_are_taken(schedule: str) -> None:
    check(schedule, "Pacific/Auckland")


def test_j9_a_zone_that_does_not_exist_is_refused() -> None:
    with pytest.raises(Unprocessable, match="not a time zone"):
        check("@daily", "Europe/Londinium")


def test_j12_times_that_went_by_are_counted() -> None:
    first = datetime(2026, 11, 24, 2, tzinfo=UTC) + LATE_BY

    def count(schedule: str, **late: int) -> int:
        return missed(schedule, "Europe/London", source_slug=SLUG, due=first, now=first + timedelta(**late))

    assert [count("@daily", minutes=1), count("@daily", hours=2), count("@daily", days=3, minutes=1)] == [0, 1, 3]
    assert count("@hourly", hours=3) == 3


NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.fixture
def services(tmp_path: Path, database_url: str | None) -> Iterator[Services]:
    built = make_services(tmp_path / "data", database_url)
    built.harvesting.clock = lambda: NOW
    yield built
    built.close()


@pytest.fixture
def slug(services: Services, tmp_path: Path) -> str:
    made = add_files(services, tmp_path)
    with services.store.transaction() as tx:
        source = sources.by_slug(tx.session, made)
        source.schedule, source.next_due_at = "@daily", NOW - timedelta(hours=3)
    return made


def run_rows(services: Services) -> list[Run]:
    with services.store.reading() as session:
        return list(session.scalars(select(Run).order_by(Run.id)))


def test_a9_j12_a_scheduler_that_was_down_for_three_hours_makes_one_run_that_says_so(services: Services, slug: str) -> None:
    services.harvesting.queue_due()
    services.harvesting.queue_due()
    (run,) = run_rows(services)
    assert (run.trigger, run.due_at, run.missed_ticks) == ("schedule", NOW - timedelta(hours=3), 1)


def test_a9_j12_a_source_that_is_due_while_a_run_goes_on_gets_one_that_follows_it(services: Services, slug: str) -> None:
    first = services.harvesting.queue_run(slug)
    with services.store.transaction() as tx:
        assert runs.claim(tx.session, first, owner="another", now=NOW) is not None
    services.harvesting.queue_due()
    for days in (1, 2):
        services.harvesting.clock = lambda days=days: NOW + timedelta(days=days)  # type: ignore[misc]  # a lambda with a default is not inferred
        with services.store.transaction() as tx:
            tx.session.get_one(Run, first).lease_until = NOW + timedelta(days=3)
        services.harvesting.queue_due()
    assert [run.state for run in run_rows(services)] == ["running", "queued"]
    assert services.harvesting.claimable() == []


def test_a7_two_tickers_make_one_run_for_each_due_time(services: Services, slug: str, tmp_path: Path, database_url: str | None) -> None:
    other = make_services(tmp_path / "data", database_url)
    other.harvesting.clock = lambda: NOW
    try:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda built: built.harvesting.queue_due(), [services, other] * 4))
    finally:
        other.close()
    with services.store.reading() as session:
        assert session.scalar(select(func.count()).select_from(Run)) == 1


@pytest.mark.parametrize(("kind", "days"), [("files", 7), ("oai-pmh", 28)])
def test_c2_a_scheduled_run_is_an_audit_once_in_so_many_days_and_no_sooner(
    services: Services, slug: str, kind: str, days: int
) -> None:
    passes = []
    with services.store.transaction() as tx:
        sources.by_slug(tx.session, slug).created_at = NOW
    for day in range(1, 2 * days + 3):
        now = NOW + timedelta(days=day, minutes=-day % 3)
        services.harvesting.clock = lambda now=now: now  # type: ignore[misc]  # a lambda with a default is not inferred
        with services.store.transaction() as tx:
            source = sources.by_slug(tx.session, slug)
            source.kind, source.next_due_at = kind, now
        (number,) = services.harvesting.queue_due()
        with services.store.transaction() as tx:
            run = tx.session.get_one(Run, number)
            passes.append(run.wanted_pass)
            run.state, run.ended_at = "succeeded", now
    assert [day for day, wanted in enumerate(passes, start=1) if wanted == "audit"] == [days, 2 * days]


def test_c2_an_audit_that_failed_is_made_up_for_at_the_next_time(services: Services, slug: str) -> None:
    with services.store.transaction() as tx:
        sources.by_slug(tx.session, slug).created_at = NOW - timedelta(days=8)
    passes = []
    for day, state in ((0, "failed"), (1, "succeeded"), (2, "succeeded")):
        services.harvesting.clock = lambda day=day: NOW + timedelta(days=day)  # type: ignore[misc]  # as above
        (number,) = services.harvesting.queue_due()
        with services.store.transaction() as tx:
            run = tx.session.get_one(Run, number)
            passes.append(run.wanted_pass)
            run.state = state
            sources.by_slug(tx.session, slug).next_due_at = NOW + timedelta(days=day + 1)
    assert passes == ["audit", "audit", "incremental"]

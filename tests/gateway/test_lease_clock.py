"""Leases go by the clock of the database (J2): a worker whose own clock is wrong neither takes a run from another nor leaves a dead one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from gateway.harvesting import Progress
from gateway.models import Run
from gateway.store import Store, runs
from gateway.store.database import utc_now
from gateway.store.database_clock import DatabaseClock
from gateway.wiring import Services
from tests.journeys.gateways import add_files, document, make_services, write_documents

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
CLOSE = timedelta(seconds=20)


@pytest.fixture(params=[-60, 60], ids=["the worker's clock is an hour ahead", "the worker's clock is an hour behind"])
def minutes(request: pytest.FixtureRequest, database_url: str) -> int:
    """By which the database's clock differs from that of this process."""
    made: int = request.param
    store = Store(database_url)
    with store.transaction() as tx:
        tx.session.execute(text(
            "CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql "
            f"AS $$ SELECT pg_catalog.clock_timestamp() + interval '{made} minutes' $$"
        ))
        name = tx.session.execute(text("SELECT current_database()")).scalar_one()
        tx.session.execute(text(f'ALTER DATABASE "{name}" SET search_path = public, pg_catalog'))
    store.close()
    return made


@pytest.fixture
def services(tmp_path: Path, database_url: str, minutes: int) -> Iterator[Services]:
    built = make_services(tmp_path / "data", database_url)
    yield built
    built.close()


@pytest.fixture
def run_id(services: Services, tmp_path: Path) -> int:
    write_documents(tmp_path / "feed", [document(number) for number in range(3)])
    return services.harvesting.queue_run(add_files(services, tmp_path / "feed"))


def true_time(minutes: int) -> datetime:
    return utc_now() + timedelta(minutes=minutes)


def leased_to_another(services: Services, run_id: int, *, until: datetime) -> None:
    with services.store.transaction() as tx:
        run = runs.by_id(tx.session, run_id)
        run.state, run.lease_owner, run.lease_until, run.attempt = "running", "another machine:1:a", until, 1


def test_j2_a_live_lease_is_not_stolen(services: Services, run_id: int, minutes: int) -> None:
    leased_to_another(services, run_id, until=true_time(minutes) + timedelta(seconds=40))
    assert services.harvesting.claimable() == []
    assert services.harvesting.run(run_id).lease_owner == "another machine:1:a"


def test_j2_a_dead_lease_is_taken_over(services: Services, run_id: int, minutes: int) -> None:
    leased_to_another(services, run_id, until=true_time(minutes) - timedelta(seconds=1))
    assert services.harvesting.claimable() == [run_id]
    run = services.harvesting.run(run_id)
    assert (run.state, run.attempt, run.counters) == ("succeeded", 2, {"created": 3})


def test_j2_the_lease_that_is_taken_and_renewed_ends_by_the_databases_clock(services: Services, run_id: int, minutes: int) -> None:
    ends: list[datetime | None] = []

    def look(_: Progress) -> None:
        with services.store.reading() as session:
            ends.append(session.scalars(select(Run.lease_until).where(Run.id == run_id)).one())

    services.harvesting.run(run_id, watch=look)
    assert ends[0] is not None
    assert abs(ends[0] - true_time(minutes) - runs.LEASE) < CLOSE


def test_the_clock_goes_on_between_two_questions_and_is_never_ahead(services: Services, minutes: int) -> None:
    clock = DatabaseClock(services.store)
    told = [clock() for _ in range(50)]
    assert told == sorted(told)
    assert told[0] < told[-1]
    assert timedelta(0) <= true_time(minutes) - told[-1] < CLOSE

"""kill -9 at each point of a run, again and again (A6): nothing lost, nothing doubled, no run stuck. Prints the counts.

``GATEWAY_TEST_KILLS`` says how often at each point; see killed_workers.py for the points.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import redis
from sqlalchemy import func, select

from gateway.models import IndexEntry, Outcome, Record, Run, Version
from gateway.store import removals, sources
from gateway.wiring import Services
from harvesters.parsing.pool import ParsingPool, shared_pool
from harvesters.parsing.process import ParsingProcess
from search.engine import Query
from tests.journeys.gateways import add_files, document, make_services, write_documents
from tests.services import Unavailable, leave_out, redis_server

KILLS = int(os.environ.get("GATEWAY_TEST_KILLS", "3"))
POINTS = ("before_the_first_page", "before_a_commit", "after_keeping_bytes", "before_the_index", "during_the_index", "during_removals")
PASSES = {"before_a_commit": (1, 2, 3), "after_keeping_bytes": (1, 2, 3)}
"""How often a worker passes the point before it dies there, in turn; otherwise it dies at once."""
RECORDS = 12
WAIT_SECONDS = 60


class Workers:
    """A process that forks workers as they are ordered."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.journeys.killed_workers"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True,
        )

    def start(self, run_id: int | None, point: str | None, passes: int = 0, *, threads: bool = False) -> int:
        assert self.process.stdin is not None
        order = {"environment": self.environment, "run": run_id, "point": point, "passes": passes, "threads": threads}
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return int(self._said())

    def ended(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._said())
        return found

    def _said(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(30)
        if self.process.stdout is not None:
            self.process.stdout.close()


class Place:
    def __init__(self, services: Services, workers: Workers, feed: Path) -> None:
        self.services, self.workers, self.feed = services, workers, feed
        self.slug = add_files(services, feed)

    @property
    def is_celery(self) -> bool:
        return "GATEWAY_QUEUE_URL" in self.workers.environment

    def attempt(self, run_id: int, point: str | None, passes: int = 0) -> bool:
        """One worker at the run; tells whether it was killed."""
        process = self.workers.start(run_id, point, passes)
        if self.is_celery:
            self._ring_until(process, run_id)
        return bool(self.workers.ended()["killed"])

    def _ring_until(self, process: int, run_id: int) -> None:
        """The bells that the tick would ring, until the worker is gone or has done all."""
        end = time.monotonic() + WAIT_SECONDS
        while _is_alive(process):
            assert time.monotonic() < end, "the worker neither died nor finished"
            if self.is_done(run_id):
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGTERM)
            else:
                self.services.harvesting.release_dead()
                self.services.jobs.enqueue("harvest", run_id=run_id)
                self.services.jobs.enqueue("index")
            time.sleep(0.2)

    def is_done(self, run_id: int) -> bool:
        with self.services.store.reading() as session:
            waiting = session.scalar(select(func.count()).select_from(IndexEntry))
            return session.get_one(Run, run_id).state in ("succeeded", "partial", "failed", "held") and not waiting


def _is_alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@pytest.fixture(params=["in-process on SQLite", "Celery on PostgreSQL"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    with _place(request, tmp_path, is_celery=request.param.startswith("Celery")) as made:
        yield made


@contextmanager
def _place(request: pytest.FixtureRequest, tmp_path: Path, *, is_celery: bool) -> Iterator[Place]:
    environment = {"GATEWAY_DATA_DIR": str(tmp_path / "data")}
    with ExitStack() as stack:
        if is_celery:
            try:
                environment["GATEWAY_QUEUE_URL"] = stack.enter_context(redis_server())
            except Unavailable as error:
                leave_out(str(error))
            environment["GATEWAY_DATABASE_URL"] = stack.enter_context(request.getfixturevalue("postgresql_server").database())
        services = make_services(tmp_path / "data", environment.get("GATEWAY_DATABASE_URL"), queue_url=environment.get("GATEWAY_QUEUE_URL"))
        stack.callback(services.close)
        services.catalogue.ensure_index()
        services.catalogue.engine.close()
        workers = Workers(environment)
        stack.callback(workers.close)
        (tmp_path / "feed").mkdir()
        yield Place(services, workers, tmp_path / "feed")


def _flush(place: Place) -> None:
    if place.is_celery:
        redis.Redis.from_url(place.workers.environment["GATEWAY_QUEUE_URL"]).flushall()


@pytest.mark.parametrize("point", POINTS)
def test_a6_killed_at_each_point_a_run_loses_and_doubles_nothing(place: Place, point: str, capsys: pytest.CaptureFixture[str]) -> None:
    killed = 0
    expected: dict[str, int] = {}
    _change_feed(place.feed, 0, expected)
    assert not place.attempt(place.services.harvesting.queue_run(place.slug), None)
    for number in range(1, KILLS + 1):
        _change_feed(place.feed, number, expected)
        _flush(place)
        run_id = place.services.harvesting.queue_run(place.slug, wanted="audit")
        passes = PASSES.get(point, (0,))
        killed += place.attempt(run_id, point, passes[number % len(passes)])
        assert not place.attempt(run_id, None)
        _check(place, run_id, expected)
    with place.services.store.reading() as session:
        counts = {table.__tablename__: session.scalar(select(func.count()).select_from(table)) for table in (Record, Version, Outcome, Run)}
    with capsys.disabled():
        print(f"\n{point}: {killed} of {KILLS} workers killed, {'Celery on PostgreSQL' if place.is_celery else 'in-process on SQLite'}: {counts}")
    assert killed == KILLS


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_a6_killed_in_the_parser_child_a_document_is_named_and_the_others_are_read(
    tmp_path: Path, database_url: str | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The child gets SIGKILL while it has the document; in the worker nothing but that is different."""
    feed, pool, take = tmp_path / "feed", shared_pool(), ParsingPool._take
    feed.mkdir()
    names = [f"d{number}" for number in range(6)]
    for name in names:
        (feed / f"{name}.csv").write_text(f"identifier,summary.title,summary.dataCustodian.name\n{name},Sleep {name},Trust\n")
    left = {"documents": -1}

    def taken(of: ParsingPool) -> ParsingProcess:
        process = take(of)
        left["documents"] -= 1
        if left["documents"] == 0:
            os.kill(process.id, signal.SIGKILL)
        return process

    monkeypatch.setattr(ParsingPool, "_take", taken)
    services = make_services(tmp_path / "data", database_url)
    try:
        slug, before, started = add_files(services, feed), pool.killed, os.getpid()
        for number in range(1, KILLS + 1):
            left["documents"] = number % len(names) + 1
            run = services.harvesting.run(services.harvesting.queue_run(slug, wanted="audit"))
            assert run.state == "partial"
            with services.store.reading() as session:
                refused = [(row.outcome, row.reason) for row in session.scalars(select(Outcome).where(Outcome.run_id == run.id)) if row.outcome == "rejected"]
            assert refused == [("rejected", "parser-killed")]
            assert sum(count for name, count in run.counters.items() if name != "rejected") == len(names) - 1
            left["documents"] = -1
            run = services.harvesting.run(services.harvesting.queue_run(slug, wanted="audit"))
            assert (run.state, sum(run.counters.values())) == ("succeeded", len(names))
        with services.store.reading() as session:
            assert session.scalar(select(func.count()).select_from(Record)) == session.scalar(select(func.count()).select_from(Version)) == len(names)
    finally:
        services.close()
    assert (pool.killed - before, started) == (KILLS, os.getpid())
    with capsys.disabled():
        print(f"\nin the parser child: {KILLS} of {KILLS} children killed, {'PostgreSQL' if database_url else 'SQLite'}")


@pytest.mark.parametrize("place", ["Celery on PostgreSQL"], indirect=True)
def test_a6_killed_in_the_parser_child_of_a_celery_worker_a_document_is_named_and_the_worker_goes_on(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    names = [f"d{number}" for number in range(6)]
    for name in names:
        (place.feed / f"{name}.csv").write_text(f"identifier,summary.title,summary.dataCustodian.name\n{name},Sleep {name},Trust\n")
    named = 0
    for number in range(1, KILLS + 1):
        _flush(place)
        run_id = place.services.harvesting.queue_run(place.slug, wanted="audit")
        assert not place.attempt(run_id, "in_the_parser_child", number % len(names)), "the worker itself lives on"
        with place.services.store.reading() as session:
            run = session.get_one(Run, run_id)
            refused = [row.reason for row in session.scalars(select(Outcome).where(Outcome.run_id == run_id, Outcome.outcome == "rejected"))]
        assert (run.state, run.attempt, refused, sum(run.counters.values())) == ("partial", 1, ["parser-killed"], len(names))
        named += len(refused)
    _flush(place)
    run_id = place.services.harvesting.queue_run(place.slug, wanted="audit")
    assert not place.attempt(run_id, None)
    with place.services.store.reading() as session:
        assert session.get_one(Run, run_id).state == "succeeded"
        assert session.scalar(select(func.count()).select_from(Record)) == session.scalar(select(func.count()).select_from(Version)) == len(names)
    with capsys.disabled():
        print(f"\nin the parser child: {named} of {KILLS} children killed, Celery on PostgreSQL")


def _change_feed(feed: Path, number: int, expected: dict[str, int]) -> None:
    """A few new records each time, one that changes, and one that goes; ``expected`` is the number of versions of each."""
    fresh = [document(number * RECORDS + position) for position in range(RECORDS)]
    if expected:
        gone, changed, *_ = sorted(path.stem for path in feed.iterdir())[:2]
        (feed / f"{gone}.json").unlink()
        value = json.loads((feed / f"{changed}.json").read_text())
        value["summary"]["populationSize"], value["modified"] = number, f"2025-07-{number + 1:02}T00:00:00Z"
        (feed / f"{changed}.json").write_text(json.dumps(value))
        expected[changed] += 1
    write_documents(feed, fresh)
    expected.update({str(value["identifier"]): 1 for value in fresh})


def _check(place: Place, run_id: int, expected: dict[str, int]) -> None:
    with place.services.store.reading() as session:
        run = session.get_one(Run, run_id)
        assert (run.state, run.lease_until) == ("succeeded", None), run.error
        versions = dict(session.execute(select(Record.local_id, func.count()).join(Version, Version.record_id == Record.id).group_by(Record.local_id)).all())
        assert versions == expected
        reported = dict(session.execute(select(Outcome.local_id, func.count()).where(Outcome.run_id == run_id).group_by(Outcome.local_id)).all())
        assert set(reported.values()) <= {1}
        by_outcome = dict(session.execute(select(Outcome.outcome, func.count()).where(Outcome.run_id == run_id).group_by(Outcome.outcome)).all())
        assert {name: count for name, count in run.counters.items() if name != "unchanged"} == by_outcome
        source = sources.by_slug(session, place.slug)
        away = {local_id: passes for local_id, (passes, _) in removals.missing(session, source.id).items()}
        assert set(away) == set(expected) - {path.stem for path in place.feed.iterdir()}
        assert sorted(away.values()) == list(range(1, len(away) + 1)), "each pass counts once"
        assert session.scalar(select(func.count()).select_from(IndexEntry)) == 0
    total = place.services.catalogue.search(Query(limit=1)).total
    place.services.catalogue.engine.close()
    assert total == len(expected)

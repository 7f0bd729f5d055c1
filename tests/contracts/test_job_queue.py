"""The contract of job queues: what was queued or is due gets done, once, whatever is lost on the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import redis
from sqlalchemy import func, select

from gateway.models import Record, Run, Version
from gateway.store import Store, sources
from gateway.wiring import Services
from search.engine import Query
from tests.journeys.gateways import add_files, document, make_services, wait_until, write_documents
from tests.services import Unavailable, leave_out, redis_server


@pytest.fixture(scope="session")
def _redis() -> Iterator[str | Unavailable]:
    with ExitStack() as stack:
        try:
            address: str | Unavailable = stack.enter_context(redis_server())
        except Unavailable as error:
            address = error
        yield address


@pytest.fixture
def redis_url(_redis: str | Unavailable) -> str:
    """A database of its own on the server, emptied."""
    if isinstance(_redis, Unavailable):
        leave_out(str(_redis))
        raise AssertionError("leaving a test out ends it")
    redis.Redis.from_url(_redis).flushall()
    return _redis


class Place:
    """One installation: services for the test, and the processes that work off its jobs."""

    def __init__(self, data: Path, environment: dict[str, str], services: Services) -> None:
        self.data, self.environment, self.services = data, environment, services
        self.processes: list[subprocess.Popen[bytes]] = []

    @property
    def is_celery(self) -> bool:
        return "GATEWAY_QUEUE_URL" in self.environment

    def start_workers(self, count: int = 1) -> None:
        if not self.is_celery:
            self.services.jobs.start()
            return
        for _ in range(count):
            self.spawn("worker", "--concurrency", "2")
        self.spawn("beat")

    def spawn(self, *command: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-c", "from gateway.cli import main; main()", *command],
            env={**os.environ, **self.environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        self.processes.append(process)
        return process

    def stop(self) -> None:
        self.services.close()
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@pytest.fixture(params=["in-process on SQLite", "Celery on PostgreSQL"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    data = tmp_path / "data"
    environment = {"GATEWAY_DATA_DIR": str(data), "GATEWAY_TICK_SECONDS": "0.2"}
    with ExitStack() as stack:
        database = None
        if request.param.startswith("Celery"):
            environment["GATEWAY_QUEUE_URL"] = request.getfixturevalue("redis_url")
            database = stack.enter_context(request.getfixturevalue("postgresql_server").database())
            environment["GATEWAY_DATABASE_URL"] = database
        services = make_services(data, database, queue_url=environment.get("GATEWAY_QUEUE_URL"))
        made = Place(data, environment, services)
        stack.callback(made.stop)
        yield made


def feed(place: Place, folder: Path, *, count: int = 20, schedule: str = "manual") -> str:
    write_documents(folder, [document(number) for number in range(count)])
    slug = add_files(place.services, folder)
    if schedule != "manual":
        with place.services.store.transaction() as tx:
            source = sources.by_slug(tx.session, slug)
            source.schedule, source.next_due_at = schedule, place.services.clock()
    return slug


def counted(store: Store) -> tuple[int, int]:
    with store.reading() as session:
        return (
            session.scalar(select(func.count()).select_from(Record)) or 0,
            session.scalar(select(func.count()).select_from(Version)) or 0,
        )


def states(store: Store) -> list[str]:
    with store.reading() as session:
        return list(session.scalars(select(Run.state).order_by(Run.id)))


def test_a_queued_run_is_worked_off(place: Place, tmp_path: Path) -> None:
    slug = feed(place, tmp_path / "feed")
    place.services.catalogue.ensure_index()
    place.start_workers()
    run_id = place.services.harvesting.queue_run(slug)
    place.services.jobs.enqueue("harvest", run_id=run_id)
    wait_until(lambda: states(place.services.store) == ["succeeded"], "the run succeeds")
    assert counted(place.services.store) == (20, 20)
    wait_until(lambda: place.services.catalogue.search(Query(limit=1)).total == 20, "the index is written, whoever does it")


def test_what_is_due_is_found_by_the_tick(place: Place, tmp_path: Path) -> None:
    feed(place, tmp_path / "feed", schedule="@daily")
    place.start_workers()
    wait_until(lambda: states(place.services.store) == ["succeeded"], "the tick finds the source")


def test_j1_a_bell_that_nobody_rang_is_rung_by_the_sweep(place: Place, tmp_path: Path) -> None:
    slug = feed(place, tmp_path / "feed")
    place.services.harvesting.queue_run(slug)
    place.start_workers()
    wait_until(lambda: states(place.services.store) == ["succeeded"], "the sweep finds the run")


def test_a7_j1_many_bells_for_one_run_work_it_off_once(place: Place, tmp_path: Path) -> None:
    slug = feed(place, tmp_path / "feed", count=200)
    place.services.catalogue.ensure_index()
    place.start_workers(2)
    run_id = place.services.harvesting.queue_run(slug)
    for _ in range(30):
        place.services.jobs.enqueue("harvest", run_id=run_id)
    wait_until(lambda: states(place.services.store) == ["succeeded"], "the run succeeds")
    time.sleep(1)
    assert states(place.services.store) == ["succeeded"]
    assert counted(place.services.store) == (200, 200)
    wait_until(lambda: place.services.catalogue.search(Query(limit=1)).total == 200, "two workers share the index")


def test_an_unknown_job_is_a_fault_of_ours(place: Place) -> None:
    with pytest.raises(KeyError):
        place.services.jobs.enqueue("nothing")


def test_a_failing_job_does_not_end_the_worker(place: Place, tmp_path: Path) -> None:
    slug = feed(place, tmp_path / "feed")
    place.start_workers()
    place.services.jobs.enqueue("harvest", run_id=999_999)
    place.services.harvesting.queue_run(slug)
    wait_until(lambda: states(place.services.store) == ["succeeded"], "the next job is done")


def test_a_worker_killed_in_the_middle_is_replaced_without_loss_or_doubles(redis_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    with request.getfixturevalue("postgresql_server").database() as database, _killable(tmp_path, database, redis_url) as place:
        slug = feed(place, tmp_path / "feed", count=1200)
        first = place.spawn("worker", "--concurrency", "2")
        place.spawn("beat")
        place.services.harvesting.queue_run(slug)
        wait_until(lambda: counted(place.services.store)[0] >= 100, "the harvest begins")
        first.send_signal(signal.SIGKILL)
        first.wait()
        at_kill = counted(place.services.store)[0]
        assert at_kill < 1200, "the harvest was over before it could be killed"
        place.spawn("worker", "--concurrency", "2")
        place.services.harvesting.release_dead()
        wait_until(lambda: states(place.services.store) == ["succeeded"], "another worker goes on")
        assert counted(place.services.store) == (1200, 1200)


@contextmanager
def _killable(tmp_path: Path, database: str, redis_url: str) -> Iterator[Place]:
    data = tmp_path / "data"
    environment = {
        "GATEWAY_DATA_DIR": str(data), "GATEWAY_TICK_SECONDS": "0.2", "GATEWAY_QUEUE_URL": redis_url, "GATEWAY_DATABASE_URL": database,
    }
    place = Place(data, environment, make_services(data, database, queue_url=redis_url))
    try:
        yield place
    finally:
        place.stop()


def test_a_queue_that_cannot_be_reached_costs_nobody_anything(tmp_path: Path) -> None:
    services = make_services(tmp_path / "data", queue_url="redis://127.0.0.1:1/0")
    try:
        slug = add_files(services, tmp_path)
        run_id = services.harvesting.queue_run(slug)
        services.jobs.enqueue("harvest", run_id=run_id)
        assert states(services.store) == ["queued"], "the row is there; the bell will be rung by the sweep"
    finally:
        services.close()


def test_whether_a_worker_answers_can_be_asked(redis_url: str, tmp_path: Path) -> None:
    environment = {**os.environ, "GATEWAY_DATA_DIR": str(tmp_path), "GATEWAY_QUEUE_URL": redis_url}
    command = [sys.executable, "-c", "from gateway.cli import main; main()", "worker"]
    asked = subprocess.run([*command, "--ping"], env=environment, capture_output=True, text=True, check=False)
    assert (asked.returncode, asked.stdout.strip()) == (1, "No worker answers.")
    without = {name: value for name, value in environment.items() if name != "GATEWAY_QUEUE_URL"}
    refused = subprocess.run(command, env=without, capture_output=True, text=True, check=False)
    assert refused.returncode == 2
    assert "GATEWAY_QUEUE_URL is not set" in refused.stderr

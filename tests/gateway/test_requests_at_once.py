"""Requests to one host: as many at once as an operator allows it, spaced out all the same, over all workers (J19)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from gateway.models import Run
from gateway.sources.registering import Policy, change_policy
from gateway.store import audit, runs
from gateway.wiring import Services
from harvesters.fetch import Fetcher
from tests.harvesters.federation_server import Federation
from tests.harvesters.holding import dataset
from tests.harvesters.web_server import Answer, Asked, serving
from tests.journeys.gateways import add_federation, make_services

PATHS = {"list_path": "/api/list", "detail_path": "/api/one/{id}"}
INTERVAL_SECONDS = 0.02
WAVES = 4


class Waves:
    """A federation that answers for a document only once so many are asked for at the same time; keeps how many there were."""

    def __init__(self, at_once: int, *, waves: int = WAVES) -> None:
        self.served = Federation(*(dataset(f"d{number:03}") for number in range(at_once * waves)))
        self.wave = threading.Barrier(at_once, timeout=60)
        self.counting = threading.Lock()
        self.under_way = 0
        self.log: list[int] = []
        """At each request for a document, how many are under way."""

    def answer(self, asked: Asked) -> Answer:
        if not asked.path.startswith("/api/one/"):
            return self.served.answer(asked)
        with self.counting:
            self.under_way += 1
            self.log.append(self.under_way)
        self.wave.wait()
        with self.counting:
            self.under_way -= 1
        return self.served.answer(asked)


@pytest.fixture
def services(tmp_path: Path, database_url: str | None) -> Iterator[Services]:
    built = make_services(tmp_path / "data", database_url)
    yield built
    built.close()


@pytest.fixture
def starts(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """When each request of any fetcher began, as the fetchers themselves have it."""
    found: list[float] = []

    def noting(fetcher: Fetcher, name: str, value: object) -> None:
        object.__setattr__(fetcher, name, value)
        if name == "_last_start" and isinstance(value, float):
            found.append(value)

    monkeypatch.setattr(Fetcher, "__setattr__", noting, raising=False)
    return found


def add(services: Services, url: str, name: str, **policy: float) -> str:
    slug = add_federation(services, url, name=name, **PATHS)
    change_policy(services.store, slug, policy)
    return slug


def run_of(services: Services, run_id: int) -> Run:
    with services.store.reading() as session:
        return runs.by_id(session, run_id)


def work_off(services: Services, run_id: int) -> None:
    """As a worker does: a run that waits for the host is taken up again when it may be."""
    while run_of(services, run_id).state in ("queued", "waiting"):
        services.harvesting.run(run_id)


@pytest.mark.parametrize("at_once", [2, 6])
def test_j19_as_many_documents_at_once_as_the_operator_allows_and_over_two_workers_no_more(
    services: Services, starts: list[float], monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr("gateway.harvesting.turns.BUSY_SECONDS", 0.1)
    waves = Waves(at_once)
    with serving(waves.answer) as server:
        slugs = [add(services, server.url, name, connections=at_once, min_interval_seconds=INTERVAL_SECONDS) for name in ("One", "Two")]
        numbers = [services.harvesting.queue_run(slug) for slug in slugs]
        workers = [threading.Thread(target=work_off, args=(services, number)) for number in numbers]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    assert [(run.state, run.counters) for run in (run_of(services, number) for number in numbers)] == [("succeeded", {"created": at_once * WAVES})] * 2
    assert len(waves.log) == 2 * at_once * WAVES, "each document is asked for once by each source"
    assert max(waves.log) == at_once
    spaces = [later - earlier for earlier, later in zip(sorted(starts), sorted(starts)[1:], strict=False)]
    assert len(spaces) == len(server.paths) - 1
    assert min(spaces) >= INTERVAL_SECONDS


def test_j19_one_at_a_time_unless_an_operator_says_otherwise(services: Services) -> None:
    waves = Waves(1)
    with serving(waves.answer) as server:
        run = services.harvesting.run(services.harvesting.queue_run(add_federation(services, server.url, **PATHS)))
    assert (run.state, max(waves.log)) == ("succeeded", 1)


@pytest.mark.parametrize("connections", [0, 7, 60])
def test_j19_no_more_than_six_can_be_allowed(services: Services, connections: int) -> None:
    slug = add_federation(services, "http://127.0.0.1:9")
    with pytest.raises(ValidationError):
        change_policy(services.store, slug, {"connections": connections})
    with pytest.raises(ValidationError):
        Policy(connections=connections)


def test_j19_what_is_allowed_is_audited(services: Services) -> None:
    slug = add_federation(services, "http://127.0.0.1:9")
    change_policy(services.store, slug, {"connections": 6})
    with services.store.reading() as session:
        rows = [(row.action, row.object) for row in audit.rows(session, "gateway")]
    assert ("source.changed", f"source/{slug}") in rows


def test_j19_a_server_that_fails_is_not_asked_for_all_that_stands_in_line(services: Services) -> None:
    served = Federation.of(40)
    served.overrides |= {f"/api/one/d{number}": Answer(status=503, headers={"Retry-After": "600"}) for number in range(40)}
    with serving(served.answer) as server:
        run = services.harvesting.run(services.harvesting.queue_run(add(services, server.url, "Failing", connections=6)))
    assert (run.state, run.reason) == ("waiting", "server-error")
    assert len(server.paths) <= 1 + 6 + 1


def test_j19_j24_requests_under_way_end_with_a_cancelled_run(services: Services) -> None:
    waves = Waves(3)
    asked, go = threading.Event(), threading.Event()

    def answer(request: Asked) -> Answer:
        if request.path.startswith("/api/one/") and len(waves.log) >= 3:
            asked.set()
            go.wait(60)
            return Answer(status=404)
        return waves.answer(request)

    with serving(answer) as server:
        run_id = services.harvesting.queue_run(add(services, server.url, "Slow", connections=3))
        worker = threading.Thread(target=services.harvesting.run, args=(run_id,))
        worker.start()
        assert asked.wait(60)
        services.harvesting.cancel(run_id)
        worker.join(60)
        assert not worker.is_alive()
        go.set()
    run = run_of(services, run_id)
    assert (run.state, run.counters) == ("cancelled", {})

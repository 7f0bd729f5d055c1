"""One custodian's trouble is its own (J22, A11); a run is followed over page and API alike (A23)."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from gateway.app import create_app
from gateway.models import Run
from gateway.sources.registering import change_policy
from gateway.store import custodians, runs
from gateway.wiring import Services
from tests.harvesters.federation_server import Federation
from tests.harvesters.holding import dataset
from tests.harvesters.web_server import Answer, Asked, serving
from tests.journeys.gateways import add_federation, add_files, document, make_services, write_documents

WAIT_SECONDS = 900
"""Only a hang is as long as that: nothing here is right or wrong by how long it takes."""
HEALTHY = 50
PATHS = {"list_path": "/api/list", "detail_path": "/api/one/{id}"}


@pytest.fixture
def services(tmp_path: Path, database_url: str | None) -> Iterator[Services]:
    built = make_services(tmp_path / "data", database_url)
    yield built
    built.close()


class BlackHole:
    """Takes every connection and answers none."""

    def __init__(self) -> None:
        self.asked, self.go = threading.Event(), threading.Event()

    def answer(self, _: Asked) -> Answer:
        self.asked.set()
        self.go.wait(WAIT_SECONDS)
        return Answer(status=500)


@pytest.fixture
def hole() -> Iterator[BlackHole]:
    made = BlackHole()
    yield made
    made.go.set()


def states(services: Services, slugs: dict[int, str]) -> dict[str, str]:
    with services.store.reading() as session:
        return {slugs[row.source_id]: row.state for row in session.scalars(select(Run))}


def test_a11_b5_j22_fifty_healthy_sources_are_done_while_one_host_says_nothing_and_another_is_broken(
    services: Services, tmp_path: Path, hole: BlackHole
) -> None:
    write_documents(tmp_path / "feed", [document(number) for number in range(3)])
    with serving(hole.answer) as silent, serving(lambda _: Answer(b"<html>", 200, {"Content-Type": "text/html"})) as broken:
        waited_for = add_federation(services, silent.url, name="Silent", **PATHS)
        change_policy(services.store, waited_for, {"attempts": 10})
        slugs = {services.harvesting.queue_run(waited_for): "silent"}
        services.jobs.start()
        assert hole.asked.wait(WAIT_SECONDS)
        for name, url in (("broken", broken.url),):
            services.harvesting.queue_run(add_federation(services, url, name=name, **PATHS))
        for number in range(HEALTHY):
            with services.store.transaction() as tx:
                custodians.add(tx.session, name=f"Trust {number}", now=services.clock())
            services.harvesting.queue_run(add_files(services, tmp_path / "feed", name=f"Healthy {number}", custodian=f"trust-{number}"))
        end = time.monotonic() + WAIT_SECONDS
        while True:
            with services.store.reading() as session:
                found = [row.state for row in session.scalars(select(Run).order_by(Run.id))]
            if found[2:] == ["succeeded"] * HEALTHY and found[1] == "failed":
                break
            assert time.monotonic() < end, found
            time.sleep(0.1)
        assert found[0] in ("running", "waiting"), "the silent host is tried again and again, and is not given up yet"
        services.harvesting.cancel(next(iter(slugs)))


def test_a23_page_and_api_tell_of_a_run_that_goes_on_and_of_one_that_waits(services: Services, database_url: str | None) -> None:
    served = Federation(*(dataset(f"d{number}") for number in range(30)))
    asked, go = threading.Event(), threading.Event()

    def answer(request: Asked) -> Answer:
        if request.path == "/api/one/d20" and not go.is_set():
            asked.set()
            go.wait(WAIT_SECONDS)
            return Answer(status=429, headers={"Retry-After": "3600"})
        return served.answer(request)

    client = TestClient(create_app(services.settings, services=services), base_url="http://127.0.0.1:8000")
    with serving(answer) as server:
        slug = add_federation(services, server.url, **PATHS)
        run_id = services.harvesting.queue_run(slug)
        thread = threading.Thread(target=services.harvesting.run, args=(run_id,))
        thread.start()
        try:
            assert asked.wait(WAIT_SECONDS)
            page = client.get(f"/sources/{slug}/runs/{run_id}").text
            assert 'hx-trigger="every 2s"' in page
            assert client.get(f"/api/v1/runs/{run_id}").json()["state"] == "running"
        finally:
            go.set()
            thread.join()
        told = client.get(f"/api/v1/runs/{run_id}").json()
        page = client.get(f"/sources/{slug}/runs/{run_id}").text
    assert (told["state"], told["reason"], told["counters"]) == ("waiting", "rate-limited", {"created": 20})
    assert "It waits, and goes on by itself at" in page
    assert "Waiting to go on" in page
    with services.store.reading() as session:
        assert runs.by_id(session, run_id).not_before is not None

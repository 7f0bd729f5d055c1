"""One custodian's trouble is its own (J22, A11); a run is followed over page and API alike (A23)."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import IO, Any

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


COUNTS = re.compile(r">([A-Z][a-z ]+) <strong>([\d,]+)</strong>")


def test_a23_page_api_and_command_line_tell_the_same_counts_of_a_run_that_goes_on(services: Services, database_url: str | None) -> None:
    """Two pages of ten are committed, and the first detail of the third does not come."""
    served = Federation(*(dataset(f"d{number}") for number in range(30)))
    served.page_size = 10
    asked, go = threading.Event(), threading.Event()

    def answer(request: Asked) -> Answer:
        if "offset=20" in request.path:
            time.sleep(1.2)  # Events are written once a second at the most.
        if request.path == "/api/one/d20":
            asked.set()
            go.wait(WAIT_SECONDS)
        return served.answer(request)

    began = services.clock()
    ticks = count()
    services.harvesting.clock = lambda: began + timedelta(seconds=min(3 * next(ticks), 30))  # Runs under two seconds have no events.
    client = TestClient(create_app(services.settings, services=services), base_url="http://127.0.0.1:8000")
    with serving(answer) as server:
        slug = add_federation(services, server.url, **PATHS)
        run_id = services.harvesting.queue_run(slug)
        thread = threading.Thread(target=services.harvesting.run, args=(run_id,))
        thread.start()
        try:
            assert asked.wait(WAIT_SECONDS)
            with _following(services, run_id, database_url) as told:
                event = _first_with(told, "created", 20)
                shown = client.get(f"/api/v1/runs/{run_id}").json()
                events = client.get(f"/api/v1/runs/{run_id}/events").json()["items"]
                page = client.get(f"/sources/{slug}/runs/{run_id}").text
                assert (shown["state"], shown["counters"]) == ("running", {"created": 20})
                assert [one["data"] for one in events if one["seq"] == event["seq"]] == [event["data"]]
                assert (event["data"]["created"], event["data"]["done"], event["data"]["path"]) == (20, 20, "/api/one/d20")
                assert 'hx-trigger="every 2s"' in page
                assert _on_page(page) == {"added": 20}
                go.set()
                ended = json.loads(list(told)[-1])
        finally:
            go.set()
            thread.join()
    shown = client.get(f"/api/v1/runs/{run_id}").json()
    assert (ended["state"], ended["counters"]) == (shown["state"], shown["counters"]) == ("succeeded", {"created": 30})
    assert _on_page(client.get(f"/sources/{slug}/runs/{run_id}").text) == {"added": 30}


@contextmanager
def _following(services: Services, run_id: int, database_url: str | None) -> Iterator[IO[str]]:
    """What the command prints while it follows the run, in a process of its own."""
    environment = {**os.environ, "GATEWAY_DATA_DIR": str(services.settings.data_dir), **({"GATEWAY_DATABASE_URL": database_url} if database_url else {})}
    command = [sys.executable, "-c", "from gateway.cli import main; main()", "harvest", "follow", str(run_id), "--json"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    try:
        yield process.stdout
        assert process.wait(WAIT_SECONDS) == 0
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def _first_with(lines: IO[str], name: str, wanted: int) -> dict[str, Any]:
    for line in lines:
        event: dict[str, Any] = json.loads(line)
        if event.get("data", {}).get(name) == wanted:
            return event
    raise AssertionError(f"the command never told of {wanted} {name}")


def _on_page(page: str) -> dict[str, int]:
    totals = page.partition('<ul class="app-totals">')[2].partition("</ul>")[0]
    return {name.lower(): int(number.replace(",", "")) for name, number in COUNTS.findall(totals)}

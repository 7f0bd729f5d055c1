"""Runs among others: pauses that a server asks for, turns at a host, rests, limits for each custodian, stops (J15-J24)."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from gateway.app import create_app
from gateway.harvesting.checkpoint import MAX_WAITS
from gateway.harvesting.trial_turns import TrialTurns
from gateway.models import Host, Record, Run
from gateway.sources.registering import change_policy
from gateway.sources.trying import try_source
from gateway.store import custodians, dry_runs, hosts, records, runs, sources
from gateway.wiring import Services
from harvesters.source import FetchDeferred
from tests.harvesters.federation_server import Federation
from tests.harvesters.holding import dataset
from tests.harvesters.web_server import Answer, Asked, serving
from tests.journeys.gateways import add_federation, add_files, document, harvest, make_services, write_documents

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
PATHS = {"list_path": "/api/list", "detail_path": "/api/one/{id}"}


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **amount: float) -> None:
        self.now += timedelta(**amount)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def services(tmp_path: Path, database_url: str | None, clock: Clock) -> Iterator[Services]:
    built = make_services(tmp_path / "data", database_url)
    built.harvesting.clock = clock
    yield built
    built.close()


def federation(count: int) -> Federation:
    return Federation(*(dataset(f"d{number:03}") for number in range(count)))


def run_of(services: Services, run_id: int) -> Run:
    with services.store.reading() as session:
        return runs.by_id(session, run_id)


def scheduled(services: Services, slug: str) -> int:
    return services.harvesting.queue_run(slug, trigger="schedule")


def work_off(services: Services, clock: Clock, run_id: int, *, at_most: int = 20) -> list[str]:
    """The states in which the run was left, the clock put forward over each pause."""
    states: list[str] = []
    while not states or states[-1] in ("waiting", "queued"):
        assert len(states) < at_most, states
        assert services.harvesting.claimable() == [run_id]
        run = services.harvesting.run(run_id)
        states.append(run.state)
        if run.state == "waiting":
            assert run.not_before is not None
            assert run.not_before > clock.now
            assert services.harvesting.claimable() == []
            clock.now = run.not_before
    return states


class Limited:
    """A federation that answers 100 requests in each quarter of an hour, by the clock of the test."""

    def __init__(self, served: Federation, clock: Clock) -> None:
        self.served, self.clock = served, clock
        self.window, self.used, self.refused = clock.now, 0, 0

    def answer(self, asked: Asked) -> Answer:
        if self.clock.now - self.window >= timedelta(minutes=15):
            self.window, self.used = self.clock.now, 0
        if self.used >= 100:
            self.refused += 1
            rest = self.window + timedelta(minutes=15) - self.clock.now
            return Answer(status=429, headers={"Retry-After": str(int(rest.total_seconds()))})
        self.used += 1
        return self.served.answer(asked)


def test_a15_j15_a_server_that_allows_100_requests_in_15_minutes_is_read_over_several_of_them(
    services: Services, clock: Clock
) -> None:
    limited = Limited(federation(250), clock)
    with serving(limited.answer) as server:
        run_id = services.harvesting.queue_run(add_federation(services, server.url, **PATHS))
        states = work_off(services, clock, run_id)
    run = run_of(services, run_id)
    assert (states, run.counters) == (["waiting", "waiting", "succeeded"], {"created": 250})
    details = [path for path in server.paths if path.startswith("/api/one/")]
    assert len(details) == 250 + limited.refused
    assert (limited.refused, clock.now - NOW) == (2, timedelta(minutes=30))
    assert run.http["rate_limited"] == 2
    assert sum(run.http["response_ms"]["counts"].values()) == run.http["requests"]


def test_j15_a_server_that_only_ever_asks_for_pauses_fails_the_run_in_the_end(services: Services, clock: Clock) -> None:
    with serving(lambda _: Answer(status=503, headers={"Retry-After": "600"})) as server:
        run_id = services.harvesting.queue_run(add_federation(services, server.url, **PATHS))
        states = work_off(services, clock, run_id)
    assert states == ["waiting"] * MAX_WAITS + ["failed"]
    assert run_of(services, run_id).reason == "server-error"


def test_j15_run_now_and_the_schedule_find_a_waiting_run_and_make_no_other(services: Services, clock: Clock) -> None:
    with serving(lambda _: Answer(status=429, headers={"Retry-After": "600"})) as server:
        slug = add_federation(services, server.url, **PATHS)
        run_id = services.harvesting.queue_run(slug)
        assert services.harvesting.run(run_id).state == "waiting"
    assert services.harvesting.queue_run(slug) == run_id
    services.harvesting.cancel(run_id)
    assert run_of(services, run_id).state == "cancelled"


@pytest.mark.parametrize("status", [401, 403])
def test_j16_refused_credentials_end_the_run_without_further_requests(services: Services, status: int) -> None:
    served = federation(10)
    served.overrides["/api/one/d003"] = Answer(status=status)
    with serving(served.answer) as server:
        run = harvest(services, add_federation(services, server.url, **PATHS))
    assert (run.state, run.reason) == ("failed", "credentials")
    assert server.paths[-1] == "/api/one/d003"


def test_j17_a_host_that_fails_five_times_in_a_row_is_left_alone_and_then_tried_once(services: Services, clock: Clock) -> None:
    served = federation(3)
    served.overrides["/api/list"] = Answer(status=500)
    with serving(served.answer) as server:
        slug = add_federation(services, server.url, **PATHS)
        for _ in range(hosts.FAILURES_IN_A_ROW):
            assert services.harvesting.run(scheduled(services, slug)).reason == "server-error"
        server.asked.clear()
        run_id = scheduled(services, slug)
        run = services.harvesting.run(run_id)
        assert (run.state, run.reason, server.paths) == ("waiting", "host-resting", [])
        assert run.not_before == clock.now + timedelta(minutes=5)
        clock.forward(minutes=5)
        assert services.harvesting.run(run_id).reason == "server-error"
        assert server.paths == ["/api/list"]
        run_id = scheduled(services, slug)
        assert services.harvesting.run(run_id).not_before == clock.now + timedelta(minutes=10)
        del served.overrides["/api/list"]
        clock.forward(minutes=10)
        assert services.harvesting.run(run_id).state == "succeeded"
    with services.store.reading() as session:
        host = session.scalars(select(Host)).one()
    assert (host.failures, host.resting_until) == (0, None)


def test_j17_whoever_runs_a_source_by_hand_has_a_resting_host_tried(services: Services) -> None:
    served = federation(3)
    served.overrides["/api/list"] = Answer(status=500)
    with serving(served.answer) as server:
        slug = add_federation(services, server.url, **PATHS)
        for _ in range(hosts.FAILURES_IN_A_ROW):
            harvest(services, slug)
        del served.overrides["/api/list"]
        assert harvest(services, slug).state == "succeeded"


class Held:
    """Answers one path only when the test lets it."""

    def __init__(self, served: Federation, path: str) -> None:
        self.served, self.path = served, path
        self.asked, self.go = threading.Event(), threading.Event()

    def answer(self, asked: Asked) -> Answer:
        if asked.path == self.path:
            self.asked.set()
            self.go.wait(30)
        return self.served.answer(asked)


@pytest.fixture
def held() -> Iterator[Held]:
    made = Held(federation(20), "/api/one/d005")
    yield made
    made.go.set()


def in_thread(services: Services, run_id: int) -> threading.Thread:
    thread = threading.Thread(target=services.harvesting.run, args=(run_id,))
    thread.start()
    return thread


def test_j19_two_sources_on_one_host_take_turns(services: Services, clock: Clock, held: Held) -> None:
    with serving(held.answer) as server:
        first, second = (add_federation(services, server.url, name=name, **PATHS) for name in ("One", "Two"))
        one, two = services.harvesting.queue_run(first), services.harvesting.queue_run(second)
        thread = in_thread(services, one)
        assert held.asked.wait(20)
        before = len(server.paths)
        run = services.harvesting.run(two)
        assert (run.state, run.reason, len(server.paths)) == ("waiting", "host-busy", before)
        held.go.set()
        thread.join()
        again = services.harvesting.queue_run(first)
        assert services.harvesting.run(again).reason == "host-busy", "whoever waited goes first"
        clock.forward(seconds=10)
        assert services.harvesting.run(two).state == "succeeded"
        assert services.harvesting.run(again).state == "succeeded"


def test_j21_two_runs_of_a_custodian_at_once_and_the_custodian_with_fewest_first(services: Services, tmp_path: Path) -> None:
    with services.store.transaction() as tx:
        for name in ("Large", "Small"):
            custodians.add(tx.session, name=name, now=NOW)
    slugs = [add_files(services, tmp_path, name=f"Large {number}", custodian="large") for number in range(4)]
    slugs += [add_files(services, tmp_path, name=f"Small {number}", custodian="small") for number in range(2)]
    ids = [services.harvesting.queue_run(slug) for slug in slugs]
    assert services.harvesting.claimable() == [ids[0], ids[4], ids[1], ids[5], ids[2], ids[3]]
    with services.store.transaction() as tx:
        claimed = [runs.claim(tx.session, run_id, owner="another", now=NOW) is not None for run_id in ids]
    assert claimed == [True, True, False, False, True, True]
    with services.store.transaction() as tx:
        tx.session.get_one(Run, ids[0]).state = "succeeded"
        assert runs.claim(tx.session, ids[2], owner="another", now=NOW) is not None


@pytest.mark.parametrize("path", ["/api/one/d005", "drip"])
def test_j24_a_run_that_waits_for_an_answer_is_cancelled_at_once(services: Services, held: Held, path: str) -> None:
    dripping = threading.Event()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000000")
        handler.end_headers()
        dripping.set()
        for _ in range(300):
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(0.1)

    if path == "drip":
        held.path = ""
        held.served.overrides["/api/one/d005"] = Answer(raw=drip)
    with serving(held.answer) as server:
        run_id = services.harvesting.queue_run(add_federation(services, server.url, **PATHS))
        thread = in_thread(services, run_id)
        assert (dripping if path == "drip" else held.asked).wait(20)
        services.harvesting.cancel(run_id)
        thread.join(20)
        assert not thread.is_alive(), "the answer would have taken 30 seconds"
    run = run_of(services, run_id)
    assert run.state == "cancelled"
    assert len([one for one in server.paths if one.startswith("/api/one/")]) == 6


def test_a_gateway_that_stops_lets_its_runs_go_and_the_next_process_goes_on(services: Services, held: Held) -> None:
    with serving(held.answer) as server:
        run_id = services.harvesting.queue_run(add_federation(services, server.url, **PATHS))
        thread = in_thread(services, run_id)
        assert held.asked.wait(20)
        services.harvesting.close()
        thread.join(20)
        run = run_of(services, run_id)
        assert (run.state, run.lease_owner) == ("queued", None)
        held.go.set()
        services.harvesting.is_closing = False
        run = services.harvesting.run(run_id)
    assert (run.state, run.counters, run.attempt) == ("succeeded", {"created": 20}, 2)


def test_a7_a_paused_worker_that_wakes_after_its_lease_writes_nothing(services: Services, clock: Clock, tmp_path: Path) -> None:
    write_documents(tmp_path / "feed", [document(number) for number in range(5)])
    slug = add_files(services, tmp_path / "feed")
    run_id = services.harvesting.queue_run(slug)
    with services.store.transaction() as tx:
        stale = runs.claim(tx.session, run_id, owner="asleep", now=clock.now)
        assert stale is not None
    clock.forward(seconds=61)
    assert services.harvesting.run(run_id).state == "succeeded"
    with services.store.transaction() as tx, pytest.raises(runs.LeaseLostError):
        runs.save(tx.session, stale, state="failed")
    assert run_of(services, run_id).state == "succeeded"


def test_j23_a_broken_source_ends_its_own_run_only(services: Services, tmp_path: Path) -> None:
    write_documents(tmp_path / "feed", [document(1)])
    broken, good = add_files(services, tmp_path, name="Broken"), add_files(services, tmp_path / "feed", name="Good")
    with services.store.transaction() as tx:
        sources.by_slug(tx.session, broken).configuration = {"path": 7}
    assert harvest(services, broken).reason == "wrong-configuration"
    assert harvest(services, good).state == "succeeded"


def test_j19_hosts_of_one_provider_take_turns_as_one(services: Services, clock: Clock, held: Held) -> None:
    with serving(held.answer) as first_host, serving(held.answer) as second_host:
        slugs = [add_federation(services, host.url, name=name, **PATHS) for host, name in ((first_host, "One"), (second_host, "Two"))]
        for slug in slugs:
            change_policy(services.store, slug, {"host_group": "provider"})
        one, two = map(services.harvesting.queue_run, slugs)
        thread = in_thread(services, one)
        assert held.asked.wait(20)
        run = services.harvesting.run(two)
        assert (run.state, run.reason, second_host.paths) == ("waiting", "host-busy", [])
        held.go.set()
        thread.join()
        clock.forward(seconds=10)
        assert services.harvesting.run(two).state == "succeeded"


@pytest.mark.parametrize("tried", ["Two", "One"])
def test_j19_a_dry_run_waits_for_the_run_that_reads_there_also_for_its_own_sources(services: Services, held: Held, tried: str) -> None:
    with serving(held.answer) as server:
        slugs = {name: add_federation(services, server.url, name=name, **PATHS) for name in ("One", "Two")}
        thread = in_thread(services, services.harvesting.queue_run(slugs["One"]))
        assert held.asked.wait(20)
        before = len(server.paths)
        trial = threading.Thread(target=try_out, args=(services, slugs[tried]))
        trial.start()
        time.sleep(1.5)
        assert len(server.paths) == before, "it asks nothing meanwhile"
        held.go.set()
        thread.join()
        trial.join(60)
    with services.store.reading() as session:
        [found] = dry_runs.of_source(session, sources.by_slug(session, slugs[tried]).id, limit=1)
    assert (found.state, found.diff["failure"]) == ("succeeded", None)


@pytest.mark.parametrize("other", ["Two", "One"])
def test_j19_a_run_and_another_dry_run_wait_for_a_dry_run(services: Services, clock: Clock, held: Held, other: str) -> None:
    with serving(held.answer) as server:
        slugs = {name: add_federation(services, server.url, name=name, **PATHS) for name in ("One", "Two")}
        trial = threading.Thread(target=try_out, args=(services, slugs["One"]))
        trial.start()
        assert held.asked.wait(20)
        before = len(server.paths)
        run_id = services.harvesting.queue_run(slugs[other])
        run = services.harvesting.run(run_id)
        assert (run.state, run.reason) == ("waiting", "host-busy")
        with services.store.reading() as session:
            turns = TrialTurns(services.store, sources.by_slug(session, slugs[other]), services.clock, waits_seconds=0.1)
        with pytest.raises(FetchDeferred, match="Another source"):
            turns.take(urlsplit(server.url).netloc, "/")
        assert len(server.paths) == before
        held.go.set()
        trial.join(60)
        clock.forward(seconds=10)
        assert services.harvesting.run(run_id).state == "succeeded"


def test_j19_a_dry_run_whose_process_died_keeps_a_host_for_three_minutes_only(services: Services, clock: Clock, held: Held) -> None:
    held.go.set()
    with serving(held.answer) as server:
        slug = add_federation(services, server.url, **PATHS)
        with services.store.reading() as session:
            TrialTurns(services.store, sources.by_slug(session, slug), services.clock).take(urlsplit(server.url).netloc, "/")
        run_id = services.harvesting.queue_run(slug)
        assert services.harvesting.run(run_id).reason == "host-busy"
        clock.forward(minutes=4)
        assert services.harvesting.run(run_id).state == "succeeded"


def try_out(services: Services, slug: str) -> None:
    try_source(services.store, services.sealer, slug, user_agent="test", clock=services.clock)


def test_j18_a_run_of_more_than_a_day_warns_and_goes_on(services: Services, clock: Clock, held: Held) -> None:
    with serving(held.answer) as server:
        run_id = services.harvesting.queue_run(add_federation(services, server.url, **PATHS))
        thread = in_thread(services, run_id)
        assert held.asked.wait(20)
        clock.forward(seconds=25 * 3600)
        held.go.set()
        thread.join()
    with services.store.reading() as session:
        run = session.scalars(select(Run)).one()
    assert (run.state, run.http["warnings"]) == ("succeeded", ["long-run"])
    client = TestClient(create_app(services=services), base_url="http://127.0.0.1")
    assert "The run took more than a day" in client.get(f"/sources/endpoint/runs/{run.id}").text


def test_a_run_tells_how_long_names_connections_and_first_bytes_took(services: Services, held: Held) -> None:
    held.go.set()
    with serving(held.answer) as server:
        run = harvest(services, add_federation(services, server.url, **PATHS))
    for name in ("dns_seconds", "connect_seconds", "first_byte_seconds"):
        assert 0 < run.http[name] < 20
    assert run.http["first_byte_seconds"] >= run.http["connect_seconds"]


def test_a_run_tells_what_each_stage_took_and_which_addresses_were_slow(services: Services, clock: Clock) -> None:
    with serving(federation(3).answer) as server:
        slug = add_federation(services, server.url, list_path="/api/list?key=sesame", detail_path="/api/one/{id}?key=sesame")
        run, again = (run_of(services, harvest(services, slug).id) for _ in range(2))
    assert run.counters == {"created": 3}, run.error
    assert {"total", "list", "fetch", "translate", "validate", "write", "index"} == run.timings_ms.keys()
    parts = sum(spent for stage, spent in run.timings_ms.items() if stage not in ("total", "index"))
    assert 0 < parts <= run.timings_ms["total"] + 5
    assert run.http["decoded_bytes"] == run.http["received_bytes"] > 0
    times = run.http["response_ms"]
    assert 0 < times["p50"] <= times["p95"] <= times["max"]
    assert sum(times["counts"].values()) == run.http["requests"] == 4
    assert sorted(one["url"] for one in run.http["slowest"]) == sorted(f"{server.url}{path}" for path in ("/api/list", *(f"/api/one/d{n:03}" for n in range(3))))
    client = TestClient(create_app(services=services), base_url="http://127.0.0.1")
    page = client.get(f"/sources/{slug}/runs/{run.id}").text
    assert "Where the time went" in page
    assert f"{server.url}/api/one/d001" in page
    answer = client.get(f"/api/v1/runs/{run.id}")
    assert answer.json()["timings_ms"] == run.timings_ms
    assert "sesame" not in page + answer.text
    assert again.counters == {"unchanged": 3}
    assert "index" not in again.timings_ms
    with services.store.transaction() as tx:
        records.queue_for_index(tx.session, tx.session.scalars(select(Record)), now=clock.now + timedelta(days=1))
    clock.forward(days=1)
    services.catalogue.index_pending()
    assert run_of(services, run.id).timings_ms == run.timings_ms, "the run is not to blame for what others ask of the index"

"""S17: limits that hold, at each boundary of a frozen clock, for forged headers and IPv6 neighbours, and when Redis is lost."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
from argon2 import PasswordHasher
from starlette.testclient import TestClient

from gateway import api, pages
from gateway.access.deliver import deliver_due
from gateway.accounts import passkeys, sessions
from gateway.accounts.party import party_of
from gateway.accounts.sign_in import with_code, with_password
from gateway.app import create_app
from gateway.errors import TooMany, Unprocessable
from gateway.limits import Limiter
from gateway.limits.counters import RedisCounter
from gateway.limits.networks import forwarded, names_a_visitor, network_of
from gateway.limits.table import LIMITS, Limit
from gateway.store import accounts
from gateway.store.sealing import token_digest
from gateway.web.auth import create_key
from gateway.wiring import Services
from tests.accounts.authenticator import Authenticator
from tests.accounts.people import PASSWORD, code_of, member, set_password
from tests.gateway.asking import Post, text_of
from tests.journeys.gateways import make_services
from tests.routes import calls, routes_of
from tests.services import Unavailable, leave_out, redis_server

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
ADA = "ada@university.example"
PARTY = party_of("http://127.0.0.1:8000", name="Gateway")


@pytest.fixture
def services(tmp_path: Path, post: Post) -> Iterator[Services]:
    built = make_services(tmp_path / "data", worker=False, mail_url=post.url)
    try:
        yield built
    finally:
        built.close()


@pytest.fixture(params=["in process", "redis"])
def limiter(request: pytest.FixtureRequest) -> Iterator[Limiter]:
    if request.param == "in process":
        yield Limiter()
        return
    try:
        with redis_server() as url:
            made = Limiter(RedisCounter(url))
            yield made
            made.close()
    except Unavailable as error:
        leave_out(str(error))


def rows() -> list[Any]:
    return [pytest.param(action, limit, id=f"{action}-{limit.by}-{limit.times}") for action, limits in LIMITS.items() for limit in limits]


@pytest.mark.parametrize(("action", "limit"), rows())
def test_S17_each_limit_at_its_boundary(action: str, limit: Limit) -> None:
    """The narrowest of several windows for one thing is tried with hits that are spread, so that each is the one that is full."""
    limiter, at = Limiter(), NOW
    spread = limit.within / (limit.times * 2)
    whom = {limit.by: "one"} if limit.by != "all" else {}
    only = next((one for one in LIMITS[action] if one.by == limit.by and one.within == limit.within), None)
    assert only == limit
    tighter = [one for one in LIMITS[action] if one.by == limit.by and one.within < limit.within]
    if tighter:
        spread = max(one.within / one.times for one in tighter) + SECOND
    for _ in range(limit.times):
        limiter.take(action, now=at, **whom)
        at += spread
    first, last = NOW, at - spread
    full_until = first + limit.within
    if full_until <= last:
        return  # the day is over before so many fit into it; the tighter window is the one that holds
    with pytest.raises(TooMany) as refused:
        limiter.take(action, now=full_until - SECOND, **whom)
    assert refused.value.retry_after_seconds == 1
    limiter.take(action, now=full_until, **whom)


def test_S17_a_moving_window_lets_no_burst_through_between_two_fixed_ones(limiter: Limiter) -> None:
    for second in range(60):
        limiter.take("search", network="n", now=NOW + second * SECOND)
    for second in (59, 59.9):
        with pytest.raises(TooMany):
            limiter.take("search", network="n", now=NOW + second * SECOND)
    limiter.take("search", network="n", now=NOW + 60 * SECOND)
    with pytest.raises(TooMany):
        limiter.take("search", network="n", now=NOW + 60.5 * SECOND)
    limiter.take("search", network="other", now=NOW + 60 * SECOND)


def test_S17_all_windows_of_an_action_or_none(limiter: Limiter) -> None:
    for number in range(10):
        limiter.take("sign-in", account="a", pair=f"a {number}", network=f"n{number}", now=NOW)
    with pytest.raises(TooMany) as refused:
        limiter.take("sign-in", account="a", pair="a x", network="x", now=NOW)
    assert refused.value.retry_after_seconds == 300
    for _ in range(100):
        limiter.take("sign-in", network="x", now=NOW)
    with pytest.raises(TooMany):
        limiter.take("sign-in", network="x", now=NOW)


def test_S17_a_place_can_be_given_back(limiter: Limiter) -> None:
    places = [limiter.take("harvest", source="s", now=NOW) for _ in range(6)]
    with pytest.raises(TooMany):
        limiter.take("harvest", source="s", now=NOW)
    limiter.give_back(places[2], now=NOW)
    limiter.take("harvest", source="s", now=NOW)
    with pytest.raises(TooMany):
        limiter.take("harvest", source="s", now=NOW)


def test_S17_tries_at_the_same_moment_are_no_more_than_the_limit(limiter: Limiter) -> None:
    taken: list[bool] = []
    barrier = threading.Barrier(16)

    def try_often() -> None:
        barrier.wait()
        taken.extend(limiter.has_taken("message", account="a", now=NOW) for _ in range(10))

    threads = [threading.Thread(target=try_often) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sum(taken), len(taken)) == (60, 160)


def test_S17_two_web_processes_count_together_in_redis() -> None:
    try:
        with redis_server() as url:
            one, two = Limiter(RedisCounter(url)), Limiter(RedisCounter(url))
            taken = [limiter.has_taken("harvest", source="s", now=NOW) for _ in range(5) for limiter in (one, two)]
            one.close()
            two.close()
    except Unavailable as error:
        leave_out(str(error))
    assert taken == [True] * 6 + [False] * 4


def test_S17_redis_stopped_in_the_middle_opens_nothing() -> None:
    try:
        with redis_server() as url:
            limiter = Limiter(RedisCounter(url))
            assert [limiter.has_taken("harvest", source="s", now=NOW) for _ in range(4)] == [True] * 4
            with redis.Redis.from_url(url) as server:
                server.shutdown(nosave=True)
            assert [limiter.has_taken("harvest", source="s", now=NOW) for _ in range(4)] == [True, True, False, False]
            later = NOW + timedelta(hours=1)
            assert [limiter.has_taken("harvest", source="s", now=later) for _ in range(7)] == [True] * 6 + [False]
            limiter.close()
    except Unavailable as error:
        leave_out(str(error))


@pytest.mark.parametrize(("said", "proxies", "counted"), [
    ([], 0, "198.51.100.7"), (["1.2.3.4"], 0, "198.51.100.7"), (["1.2.3.4"], 1, "1.2.3.4"), (["6.6.6.6", "1.2.3.4"], 1, "1.2.3.4"),
    (["6.6.6.6", "1.2.3.4", "10.0.0.1"], 2, "1.2.3.4"), ([], 1, "198.51.100.7"), (["1.2.3.4"], 2, "198.51.100.7"), (["not an address"], 1, "198.51.100.7"),
    (["::ffff:1.2.3.4"], 1, "::ffff:1.2.3.4"),
])
def test_S17_a_forged_forwarding_header_changes_nothing(said: list[str], proxies: int, counted: str) -> None:
    assert forwarded("198.51.100.7", said, trusted_proxies=proxies) == counted


def test_S17_ipv6_neighbours_in_one_64_count_together() -> None:
    assert network_of("2001:db8:1:2::1") == network_of("2001:db8:1:2:ffff:ffff:ffff:ffff") != network_of("2001:db8:1:3::1")
    assert network_of("::ffff:192.0.2.1") == network_of("192.0.2.1") != network_of("192.0.2.2")
    assert network_of("fe80::1%eth0") == "fe80::/64"
    assert [names_a_visitor(one) for one in ("192.0.2.1", "2001:db8::1", "127.0.0.1", "::1", "::ffff:127.0.0.1", None)] == [True, True, False, False, False, False]


def browser(services: Services, address: str) -> TestClient:
    return TestClient(create_app(services=services), base_url="http://127.0.0.1", headers={"Origin": "http://127.0.0.1"}, client=(address, 5000))


def test_S17_searching_is_limited_by_network_account_and_key_and_answers_429_with_retry_after(services: Services) -> None:
    services.catalogue.ensure_index()
    neighbours = [browser(services, f"2001:db8::{number}") for number in (1, 2)]
    paths = ["/search", "/search.json", "/suggest?q=a", "/api/v1/search", "/api/v1/suggest?q=a", "/api/v1/columns"]
    answers = [neighbours[number % 2].get(paths[number % 6], headers={"X-Forwarded-For": f"192.0.2.{number}"}) for number in range(61)]
    assert [answer.status_code for answer in answers] == [200] * 60 + [429]
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
    assert "tried too often" in answers[-1].text
    assert browser(services, "2001:db8:0:1::1").get("/search").status_code == 200
    key = create_key(services.store, name="n", now=services.clock()).key
    assert neighbours[0].get("/api/v1/search", headers={"Authorization": f"Bearer {key}"}).status_code == 200
    assert neighbours[0].get("/api/v1/search", headers={"Authorization": "Bearer gwk_12345678_" + "x" * 49}).status_code == 429
    ada = member(services, ADA, name="Ada")
    signed_in = TestClient(ada.app, base_url="http://127.0.0.1", client=("2001:db8::1", 5000), cookies={"session": ada.cookies["session"]})
    assert signed_in.get("/search").status_code == 200


def test_S17_the_number_of_trusted_proxies_decides_whose_address_counts(tmp_path: Path) -> None:
    services = make_services(tmp_path / "data", worker=False, trusted_proxies=1)
    services.catalogue.ensure_index()
    proxy = browser(services, "127.0.0.1")
    spend = [proxy.get("/search", headers={"X-Forwarded-For": f"192.0.2.{number}, 203.0.113.9"}).status_code for number in range(61)]
    assert spend == [200] * 60 + [429], "what the client put before is not believed"
    assert proxy.get("/search", headers={"X-Forwarded-For": "203.0.113.9, 203.0.113.10"}).status_code == 200
    services.close()


def test_S17_keys_are_limited_apart_for_reading_and_writing(services: Services) -> None:
    client = browser(services, "192.0.2.1")
    headers = {"Authorization": f"Bearer {create_key(services.store, name='n', now=services.clock()).key}"}
    writes = [client.post("/api/v1/runs/1/cancel", headers=headers) for _ in range(121)]
    assert {answer.status_code for answer in writes[:120]} == {404}
    assert writes[120].status_code == 429
    assert writes[120].json()["detail"] == "This key may ask 120 times a minute here."
    assert client.get("/api/v1/triage", headers=headers).status_code == 200


def try_password(services: Services, password: str, at: datetime, network: str = "192.0.2.1") -> str:
    done = with_password(services.store, services.sealer, services.limits, address=ADA, password=password, network=network, browser=None, now=at)
    return done.token


def test_S17_the_victim_of_a_password_attack_signs_in_by_passkey_at_once_and_by_password_after_the_window(services: Services) -> None:
    client, device = member(services, ADA, name="Ada"), Authenticator("http://localhost:8000")
    set_password(services, ADA)
    _add_passkey(services, client, device)
    at = services.clock()
    for number in range(10):
        with pytest.raises(Unprocessable):
            try_password(services, "wrong", at + number * SECOND, network=f"198.51.100.{number}")
    with pytest.raises(TooMany):
        try_password(services, PASSWORD, at + 10 * SECOND)
    assert sign_in_by_passkey(services, device, at + 10 * SECOND)
    with pytest.raises(TooMany):
        try_password(services, PASSWORD, at + timedelta(minutes=5) - SECOND)
    assert try_password(services, PASSWORD, at + timedelta(minutes=5))


def sign_in_by_passkey(services: Services, device: Authenticator, at: datetime) -> str:
    asked = json.loads(passkeys.offer_sign_in(services.store, PARTY, now=at))
    return passkeys.sign_in(services.store, services.sealer, PARTY, answer=device.get(asked), browser=None, now=at)


def _add_passkey(services: Services, client: TestClient, device: Authenticator) -> None:
    me = sessions.who(services.store, client.cookies["session"], now=services.clock())
    assert me is not None
    asked = json.loads(passkeys.offer_new(services.store, PARTY, me, now=services.clock()))
    passkeys.register(services.store, services.sealer, PARTY, me, answer=device.make(asked), name="Phone", now=services.clock())


def test_S17_who_signs_in_rightly_spends_nothing(services: Services) -> None:
    member(services, ADA, name="Ada")
    set_password(services, ADA)
    at = services.clock()
    for _ in range(12):
        assert try_password(services, PASSWORD, at)


def test_S17_the_owner_is_told_once_after_fifty_wrong_passwords_and_nobody_is_locked_out_for_good(
    services: Services, post: Post
) -> None:
    member(services, ADA, name="Ada")
    with services.store.transaction() as tx:
        row = accounts.by_address(tx.session, ADA)
        assert row is not None
        row.password_hash = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)  # seventy of the real ones take long
    at = services.clock()
    for number in range(70):
        with pytest.raises(Unprocessable):
            try_password(services, "wrong", at + number * timedelta(seconds=31))
        assert told(services, post, at + timedelta(hours=1)) == (number >= 49)
    assert try_password(services, PASSWORD, at + timedelta(hours=1))


def told(services: Services, post: Post, at: datetime) -> int:
    deliver_due(services.store, services.channels, now=at)
    return sum("fifty times" in text_of(letter) for letter in post.to(ADA))


def test_S17_second_factors_are_limited_for_five_minutes_an_hour_and_a_day(services: Services) -> None:
    client = member(services, ADA, name="Ada", has_app=True)
    with services.store.reading() as session:
        found = accounts.session_of(session, token_digest(client.cookies["session"]))
        assert found is not None
    row, account = found
    secret, at = services.sealer.open(account.totp_secret or ""), services.clock()

    def try_code(code: str, later: timedelta) -> str:
        return with_code(services.store, services.sealer, services.limits, account=account, session_row=row, code=code, now=at + later)

    for number in range(5):
        refuse(lambda: try_code("000000", timedelta()), Unprocessable, number)
    refuse(lambda: try_code(code_of(secret, at), timedelta(minutes=4, seconds=59)), TooMany)
    for block in range(1, 4):
        for number in range(5):
            refuse(lambda block=block: try_code("000000", block * timedelta(minutes=5)), Unprocessable, number)  # type: ignore[misc]
    refuse(lambda: try_code("000000", timedelta(minutes=59)), TooMany, "twenty in an hour")
    later = timedelta(minutes=60)
    assert try_code(code_of(secret, at + later), later)


def refuse(tried: Callable[[], object], error: type[Exception], *why: object) -> None:
    with pytest.raises(error):
        tried()


def test_S17_mail_is_limited_by_address_without_telling(services: Services, post: Post) -> None:
    member(services, ADA, name="Ada")
    pages_seen = set()
    for number in range(4):
        answer = browser(services, f"192.0.2.{number}").post("/forgotten", data={"email": ADA})
        assert answer.status_code == 200
        pages_seen.add(answer.text)
    assert len(pages_seen) == 1
    deliver_due(services.store, services.channels, now=services.clock())
    assert len(post.to(ADA)) == 3


def test_S17_registration_is_limited_by_network(services: Services) -> None:
    client = browser(services, "192.0.2.1")
    statuses = [client.post("/register", data={"email": f"a{number}@university.example"}).status_code for number in range(11)]
    assert statuses == [200] * 10 + [429]
    assert browser(services, "192.0.2.2").post("/register", data={"email": "b@university.example"}).status_code == 200


def test_S17_a_source_is_run_six_times_an_hour_by_hand(services: Services) -> None:
    key = create_key(services.store, name="n", now=services.clock()).key
    client = browser(services, "192.0.2.1")
    statuses = [client.post("/api/v1/sources/nobody/runs", headers={"Authorization": f"Bearer {key}"}).status_code for _ in range(7)]
    assert statuses == [404] * 6 + [429]


LIMITED = {
    "search": 19, "feed": 1, "choose": 1, "passkey": 2, "upload": 1, "attach": 5, "export": 4, "message": 5, "harvest": 4, "source": 3,
}


def test_S17_the_routes_with_a_limit_of_their_own_are_these() -> None:
    found: dict[str, int] = {}
    for router in (api.router, pages.router):
        for route in routes_of(router):
            for action in {call.limits for call in calls(route.dependant) if hasattr(call, "limits")}:
                found[action] = found.get(action, 0) + 1
    assert found == LIMITED

"""S4: sessions live on the server. Boundaries of a frozen clock, stolen cookies, every Set-Cookie, and what the database gives away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, text
from starlette.testclient import TestClient

from gateway.accounts import operator, sessions
from gateway.accounts.sessions import AT_ONCE
from gateway.app import create_app
from gateway.store import accounts
from gateway.store.sealing import token_digest
from gateway.wiring import Services
from tests.accounts.people import PASSWORD, add_app, browser, code_of, hidden, member, set_password
from tests.journeys.gateways import make_services

ADA = "ada@university.example"
SECOND = timedelta(seconds=1)


@pytest.fixture
def services(tmp_path: Path, database_url: str | None) -> Iterator[Services]:
    built = make_services(tmp_path / "data", database_url, worker=False)
    try:
        yield built
    finally:
        built.close()


def works(services: Services, token: str, at: Any = None) -> bool:
    return sessions.who(services.store, token, now=at or services.clock()) is not None


def begun(services: Services, at: Any) -> str:
    with services.store.transaction() as tx:
        account = accounts.by_address(tx.session, ADA)
        assert account is not None
        return sessions.begin(tx.session, account, now=at, is_complete=True)


@pytest.mark.parametrize(("idle", "is_over"), [(timedelta(minutes=30) - SECOND, False), (timedelta(minutes=30), True), (timedelta(minutes=30) + SECOND, True)])
def test_S4_a_session_is_over_after_thirty_idle_minutes(services: Services, idle: timedelta, is_over: bool) -> None:
    member(services, ADA, name="Ada")
    at = services.clock()
    token = begun(services, at)
    assert works(services, token, at + idle) is not is_over


@pytest.mark.parametrize(("age", "is_over"), [(timedelta(hours=12) - SECOND, False), (timedelta(hours=12), True), (timedelta(hours=12) + SECOND, True)])
def test_S4_a_session_is_over_after_twelve_hours_however_busy(services: Services, age: timedelta, is_over: bool) -> None:
    member(services, ADA, name="Ada")
    at = services.clock()
    token, seen = begun(services, at), at
    while seen < at + age - timedelta(minutes=20):
        seen += timedelta(minutes=15)
        assert works(services, token, seen)
    assert works(services, token, at + age) is not is_over


def test_S4_an_eleventh_session_ends_the_one_that_was_used_longest_ago(services: Services) -> None:
    member(services, ADA, name="Ada")
    at = services.clock()
    tokens = [begun(services, at + number * SECOND) for number in range(1, AT_ONCE)]
    with services.store.reading() as session:
        row = accounts.by_address(session, ADA)
        assert row is not None
        assert len(accounts.open_sessions(session, row.id, idle_since=at - timedelta(hours=1), begun_since=at - timedelta(hours=1))) == AT_ONCE
    begun(services, at + 20 * SECOND)
    begun(services, at + 21 * SECOND)
    assert [works(services, token, at + 30 * SECOND) for token in tokens] == [False] + [True] * (AT_ONCE - 2)


def test_S4_a_stolen_cookie_is_dead_after_sign_out_rotation_and_suspension(services: Services) -> None:
    client = member(services, ADA, name="Ada")
    stolen = client.cookies["session"]
    secret, _ = add_app(client, services.clock())
    rotated = client.cookies["session"]
    assert rotated != stolen
    assert not works(services, stolen), "a new factor"
    csrf = hidden(client.get("/account/again").text, "csrf")
    client.post("/account/again", data={"csrf": csrf, "code": code_of(secret, services.clock() + timedelta(seconds=30))})
    again = client.cookies["session"]
    assert again != rotated
    assert not works(services, rotated), "a step-up"
    out = client.post("/sign-out", data={"csrf": hidden(client.get("/account").text, "csrf")}, follow_redirects=False)
    assert out.headers["clear-site-data"] == '"cache", "storage"'
    assert not works(services, again)
    other = begun(services, services.clock())
    operator.suspend(services.store, ADA, now=services.clock())
    assert not works(services, other)
    operator.resume(services.store, ADA)
    assert not works(services, other), "and it does not come back"


def test_S4_signing_in_never_takes_over_a_session_that_was_there(services: Services) -> None:
    member(services, ADA, name="Ada")
    set_password(services, ADA)
    fixed = begun(services, services.clock())
    client = browser(services)
    client.cookies.set("session", fixed, domain="127.0.0.1")
    client.post("/sign-in", data={"email": ADA, "password": PASSWORD})
    assert client.cookies["session"] != fixed
    assert not works(services, fixed)


def test_S4_the_owner_sees_and_ends_any_session(services: Services) -> None:
    client = member(services, ADA, name="Ada")
    other = begun(services, services.clock())
    key = token_digest(other)[:16]
    page = client.get("/account/security").text
    assert f"/account/security/sessions/{key}/end" in page
    assert token_digest(other) not in page
    csrf = hidden(page, "csrf")
    eve = member(services, "eve@university.example", name="Eve")
    refused = eve.post(f"/account/security/sessions/{key}/end", data={"csrf": hidden(eve.get("/account/security").text, "csrf")})
    assert refused.status_code == 404
    assert works(services, other)
    client.post(f"/account/security/sessions/{key}/end", data={"csrf": csrf})
    assert not works(services, other)
    own = token_digest(client.cookies["session"])[:16]
    assert client.post(f"/account/security/sessions/{own}/end", data={"csrf": csrf}, follow_redirects=False).headers["clear-site-data"]
    assert client.get("/account").url.path == "/sign-in"


@pytest.mark.parametrize("public_url", [None, "https://gateway.example"])
def test_S4_every_cookie_of_a_session_is_bound_to_this_host_and_out_of_reach_of_scripts(tmp_path: Path, public_url: str | None) -> None:
    services = make_services(tmp_path / "data", worker=False, public_url=public_url)
    member(services, ADA, name="Ada")
    set_password(services, ADA)
    base = public_url or "http://127.0.0.1"
    client = TestClient(create_app(services=services), base_url=base, headers={"Origin": base}, follow_redirects=False)
    answers = [client.get("/"), client.get("/sign-in"), client.post("/sign-in", data={"email": ADA, "password": PASSWORD})]
    answers.append(client.post("/sign-out", data={"csrf": hidden(client.get("/account").text, "csrf")}))
    assert [len(answer.headers.get_list("set-cookie")) for answer in answers] == [0, 0, 1, 1], "an anonymous page sets none"
    for answer in answers[2:]:
        [(name, cookie)] = SimpleCookie(answer.headers["set-cookie"]).items()
        assert name == ("__Host-session" if public_url else "session")
        assert cookie["httponly"] is True
        assert cookie["samesite"].lower() == "lax"
        assert cookie["path"] == "/"
        assert cookie["domain"] == ""
        assert bool(cookie["secure"]) == bool(public_url)
    assert SimpleCookie(answers[2].headers["set-cookie"])[name]["max-age"] == "", "it goes with the browser"
    services.close()


def test_S4_no_table_holds_anything_that_opens_a_session(services: Services) -> None:
    client = member(services, ADA, name="Ada")
    add_app(client, services.clock())
    token = client.cookies["session"]
    csrf = hidden(client.get("/account").text, "csrf")
    kept: list[str] = []
    with services.store.engine.connect() as connection:
        for table in inspect(connection).get_table_names():
            kept += [str(value) for row in connection.execute(text(f'SELECT * FROM "{table}"')) for value in row]
    assert not any(token in value or csrf in value for value in kept)
    assert token_digest(token) in kept
    for value in {value for value in kept if 16 <= len(value) <= 200 and value.isascii() and value.isprintable()}:
        assert not works(services, value)

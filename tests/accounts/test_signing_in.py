"""Accounts through the front door: registering, signing in, second step, sessions, closing; on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from gateway.accounts import registration, sessions
from gateway.accounts.roles import Action
from gateway.accounts.setup import grant, setup_path, withdraw
from gateway.errors import Conflict, NotAllowed, StepUpNeeded, Unprocessable
from gateway.store import accounts, custodians
from gateway.store.sealing import token_digest
from gateway.wiring import Services
from tests.accounts.people import PASSWORD, add_app, browser, code_of, hidden, link_in, newest_letter, register, sign_in
from tests.gateway.asking import Post
from tests.journeys.gateways import make_services

ADA = "ada@university.example"


@pytest.fixture
def services(tmp_path: Path, database_url: str | None, post: Post) -> Iterator[Services]:
    built = make_services(tmp_path / "data", database_url, worker=False, mail_url=post.url)
    try:
        yield built
    finally:
        built.close()


def test_r01_nothing_is_kept_about_a_person_before_the_address_is_confirmed(services: Services, post: Post) -> None:
    client = browser(services)
    client.post("/register", data={"email": ADA})
    letter = newest_letter(services, post)
    with services.store.reading() as session:
        assert accounts.listing(session) == []
    path = link_in(letter)
    assert client.get(path).status_code == client.get(path).status_code == 200, "opening the link changes nothing"
    empty = client.post(path, data={})
    assert empty.status_code == 422
    for field in ("name", "organisation", "password", "is_adult", "agrees"):
        assert f'href="#{field}"' in empty.text
    details = {"name": "Ada Marker", "organisation": "Example", "password": PASSWORD, "is_adult": "yes", "agrees": "yes"}
    assert client.post(path, data=details).url.path == "/account"
    assert "Ada Marker" in client.get("/").text
    assert browser(services).post(path, data=details).status_code == 404, "the link works once"


def test_s7_answers_do_not_tell_which_addresses_have_an_account(services: Services, post: Post) -> None:
    register(services, post, ADA)
    other = "grace@university.example"
    for path in ("/register", "/forgotten"):
        known, unknown = (browser(services).post(path, data={"email": address}).text.replace(address, "") for address in (ADA, other))
        assert known == unknown
    wrong = [browser(services).post("/sign-in", data={"email": address, "password": "x" * 20}) for address in (ADA, other)]
    assert wrong[0].status_code == wrong[1].status_code == 422
    assert wrong[0].text.replace(ADA, "") == wrong[1].text.replace(other, "")
    newest_letter(services, post)
    assert [letter["Subject"] for letter in post.to(ADA)] == ["Confirm your address", "You have an account already", "Choose a new password"]
    assert [letter["Subject"] for letter in post.to(other)] == ["Confirm your address", "No account with this address"]


@pytest.mark.parametrize(("password", "why"), [
    ("x" * 14, "at least 15"), ("x" * 129, "at most 128"), ("aaaaaaaaaaaaaaaaaaaa", "guess"), ("passwordpassword1", "guess"),
    ("Ada Marker University", "guess"),
])
def test_s7_passwords_that_others_could_guess_are_refused(password: str, why: str) -> None:
    with pytest.raises(Unprocessable) as raised:
        registration.check_details(
            name="Ada Marker", organisation="University", is_adult=True, agrees=True, password=password, address="ada@university.example"
        )
    assert why in raised.value.fields["password"]


def test_s4_a_session_ends_on_the_server(services: Services, post: Post) -> None:
    client = register(services, post, ADA)
    stolen = client.cookies["session"]
    page = client.get("/account").text
    assert client.get("/account").headers["cache-control"] == "no-store"
    answer = client.post("/sign-out", data={"csrf": hidden(page, "csrf")}, follow_redirects=False)
    assert answer.headers["clear-site-data"]
    thief = browser(services)
    thief.cookies.set("session", stolen)
    assert thief.get("/account").url.path == "/sign-in"


def test_s4_idle_and_old_sessions_are_over_and_an_eleventh_ends_the_oldest(services: Services, post: Post) -> None:
    client = register(services, post, ADA)
    token, now = client.cookies["session"], services.clock()
    assert sessions.who(services.store, token, now=now) is not None
    assert sessions.who(services.store, token, now=now + timedelta(minutes=29)) is not None
    assert sessions.who(services.store, token, now=now + timedelta(minutes=29 + 31)) is None, "idle"
    with services.store.transaction() as tx:
        account = accounts.by_address(tx.session, ADA)
        assert account is not None
        tokens = [sessions.begin(tx.session, account, now=now + timedelta(seconds=number), is_complete=True) for number in range(1, 11)]
    later = now + timedelta(seconds=20)
    assert sessions.who(services.store, tokens[0], now=later) is None
    assert sessions.who(services.store, tokens[1], now=later) is not None
    seen = later
    while seen < now + timedelta(hours=12):
        assert sessions.who(services.store, tokens[-1], now=seen) is not None
        seen += timedelta(minutes=25)
    assert sessions.who(services.store, tokens[-1], now=now + timedelta(hours=12, seconds=12)) is None, "too old, though in use"


def test_s4_the_database_holds_no_usable_token(services: Services, post: Post) -> None:
    client = register(services, post, ADA)
    token = client.cookies["session"]
    with services.store.engine.connect() as connection:
        rows = [str(row) for table in ("account_sessions", "account_links", "accounts") for row in connection.execute(text(f"SELECT * FROM {table}"))]
    assert not any(token in row or PASSWORD in row for row in rows)
    assert any(token_digest(token) in row for row in rows)


def test_s5_posts_without_the_sessions_own_token_or_from_elsewhere_are_refused(services: Services, post: Post) -> None:
    client, other = register(services, post, ADA), register(services, post, "eve@university.example", name="Eve")
    foreign = hidden(other.get("/account").text, "csrf")
    own = hidden(client.get("/account").text, "csrf")
    for path in ("/account", "/account/security/sessions", "/account/security/app", "/account/close", "/sign-out"):
        for csrf in ("", foreign):
            assert client.post(path, data={"csrf": csrf, "name": "Changed"}).status_code == 403, path
    for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}):
        assert client.post("/account", data={"csrf": own, "name": "X", "organisation": "Y"}, headers=headers).status_code == 403
    del client.headers["Origin"]
    assert client.post("/account", data={"csrf": own, "name": "X", "organisation": "Y"}).status_code == 403, "no origin at all"
    assert "Ada Marker" in client.get("/account").text


def test_s8_a_code_works_once_and_a_recovery_code_too(services: Services, post: Post) -> None:
    client, at = register(services, post, ADA), services.clock()
    secret, codes = add_app(client, at)
    again = sign_in(services, ADA)
    assert again.get("/account").url.path == "/sign-in", "the password alone opens nothing"
    used = again.post("/sign-in/code", data={"code": code_of(secret, at)})
    assert used.status_code == 422, "the code that enrolled the app was used"
    later = code_of(secret, at + timedelta(seconds=30))
    assert again.post("/sign-in/code", data={"code": later}).url.path == "/account"
    assert sign_in(services, ADA).post("/sign-in/code", data={"code": later}).status_code == 422
    assert sign_in(services, ADA).post("/sign-in/code", data={"code": codes[0].lower()}).url.path == "/account"
    assert sign_in(services, ADA).post("/sign-in/code", data={"code": codes[0]}).status_code == 422


def test_s8_codes_cannot_be_tried_for_ever(services: Services, post: Post) -> None:
    client = register(services, post, ADA)
    add_app(client, services.clock())
    half = sign_in(services, ADA)
    answers = [half.post("/sign-in/code", data={"code": "000000"}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0


def test_failed_sign_ins_are_limited_and_the_right_password_still_waits(services: Services, post: Post) -> None:
    register(services, post, ADA)
    client = browser(services)
    statuses = [client.post("/sign-in", data={"email": ADA, "password": "wrong " * 4}).status_code for _ in range(11)]
    assert statuses == [422] * 10 + [429]
    assert client.post("/sign-in", data={"email": ADA, "password": PASSWORD}).status_code == 429


def test_a_new_password_ends_every_session_and_keeps_the_second_step(services: Services, post: Post) -> None:
    client, at = register(services, post, ADA), services.clock()
    secret, _ = add_app(client, at)
    browser(services).post("/forgotten", data={"email": ADA})
    path = link_in(newest_letter(services, post))
    new = "violet harbour seven tickets"
    assert browser(services).post(path, data={"password": new}).url.path == "/sign-in"
    assert client.get("/account").url.path == "/sign-in"
    assert browser(services).get(path).status_code == 404
    fresh = sign_in(services, ADA, new)
    assert fresh.get("/account").url.path == "/sign-in"
    assert fresh.post("/sign-in/code", data={"code": code_of(secret, at + timedelta(seconds=30))}).url.path == "/account"


def test_roles_hold_inside_their_custodian_and_go_with_the_next_request(services: Services, post: Post) -> None:
    client = register(services, post, ADA)
    with services.store.transaction() as tx:
        for slug in ("alpha", "beta"):
            custodians.add(tx.session, name=slug.title(), slug=slug, now=services.clock())
    grant(services.store, address=ADA, role="team_admin", custodian="alpha", granted_by="operator", now=services.clock())

    def person() -> sessions.Person:
        found = sessions.who(services.store, client.cookies["session"], now=services.clock())
        assert found is not None
        return found

    with pytest.raises(NotAllowed, match="second step"):
        person().require(Action.SOURCES, custodian="alpha")
    assert "second step" in client.get("/account").text
    add_app(client, services.clock())
    person().require(Action.SOURCES, custodian="alpha")
    for custodian, action in (("beta", Action.SOURCES), (None, Action.SOURCES), ("alpha", Action.DECIDE_PARTS)):
        with pytest.raises(NotAllowed):
            person().require(action, custodian=custodian)
    with pytest.raises(Conflict, match="last"):
        withdraw(services.store, address=ADA, role="team_admin", custodian="alpha", now=services.clock())
    register(services, post, "grace@university.example", name="Grace")
    grant(services.store, address="grace@university.example", role="team_admin", custodian="alpha", granted_by="operator", now=services.clock())
    withdraw(services.store, address=ADA, role="team_admin", custodian="alpha", now=services.clock())
    assert not person().may(Action.SOURCES, custodian="alpha")


def test_nobody_grants_themselves_and_administrator_excludes_decider(services: Services, post: Post) -> None:
    client = register(services, post, ADA)
    me = sessions.who(services.store, client.cookies["session"], now=services.clock())
    assert me is not None
    with pytest.raises(Conflict, match="themselves"):
        grant(services.store, address=ADA, role="auditor", custodian=None, granted_by=me.subject, now=services.clock())
    with services.store.transaction() as tx:
        custodians.add(tx.session, name="Alpha", slug="alpha", now=services.clock())
    grant(services.store, address=ADA, role="decider", custodian="alpha", granted_by="operator", now=services.clock())
    with pytest.raises(Conflict, match="exclude"):
        grant(services.store, address=ADA, role="admin", custodian=None, granted_by="operator", now=services.clock())


def test_the_first_administrator_is_made_by_a_link_that_works_once(services: Services, post: Post) -> None:
    now = services.clock()
    older, path = setup_path(services.store, now=now), setup_path(services.store, now=now)
    assert older is not None
    assert path is not None
    client = browser(services)
    assert client.get(older).status_code == 404, "a new start ends the old link"
    page = client.get(path).text
    secret = page.split('app-secret">')[1].split("<")[0]
    details = {
        "email": "root@gateway.example", "name": "First Administrator", "organisation": "Alliance", "password": PASSWORD,
        "offer": hidden(page, "offer"), "code": "000000",
    }
    assert client.post(path, data=details).status_code == 422
    made = client.post(path, data={**details, "code": code_of(secret, services.clock())})
    assert "recovery codes" in made.text
    assert "Gateway administrator" in client.get("/account").text
    assert setup_path(services.store, now=now) is None
    assert client.get(path).status_code == 404


def test_a_step_up_is_asked_for_after_half_an_hour(services: Services, post: Post) -> None:
    client = register(services, post, ADA)
    add_app(client, services.clock())
    me = sessions.who(services.store, client.cookies["session"], now=services.clock())
    assert me is not None
    me.require_recent_factor(now=services.clock() + timedelta(minutes=29))
    with pytest.raises(StepUpNeeded):
        me.require_recent_factor(now=services.clock() + timedelta(minutes=31))


def test_r12_closing_leaves_nothing_that_says_who_it_was(services: Services, post: Post) -> None:
    client = register(services, post, ADA)
    page = client.get("/account/close").text
    assert client.post("/account/close", data={"csrf": hidden(page, "csrf")}).status_code == 422
    assert client.get("/account/export.json").json()["address"] == ADA
    client.post("/account/close", data={"csrf": hidden(page, "csrf"), "sure": "yes"})
    assert client.get("/account").url.path == "/sign-in"
    newest_letter(services, post)
    with services.store.engine.connect() as connection:
        for table in ("accounts", "account_sessions", "account_links", "account_memberships", "account_recovery_codes"):
            for row in connection.execute(text(f"SELECT * FROM {table}")):
                assert ADA not in str(row)
                assert "Ada Marker" not in str(row)
    register(services, post, ADA)


def test_a_printed_secret_of_the_app_does_not_reach_anybody_elses_account(services: Services, post: Post) -> None:
    client, other = register(services, post, ADA), register(services, post, "eve@university.example", name="Eve")
    page = client.get("/account/security/app").text
    theirs = other.get("/account/security/app").text
    answer = other.post("/account/security/app", data={"csrf": hidden(theirs, "csrf"), "offer": hidden(page, "offer"), "code": "000000"})
    assert answer.status_code == 409

"""Passkeys at the front door, with an authenticator in software: what is accepted, and every defect that is not; on both databases."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from gateway.access.deliver import deliver_due
from gateway.accounts import passkeys, sessions
from gateway.accounts.party import party_of
from gateway.accounts.people import Person
from gateway.accounts.setup import grant
from gateway.errors import Unprocessable
from gateway.store import accounts, custodians
from gateway.wiring import Services
from tests.accounts.authenticator import Authenticator
from tests.accounts.people import add_app, at_localhost, code_of, hidden, member, set_password, sign_in
from tests.gateway.asking import Post, text_of
from tests.journeys.gateways import make_services

ADA = "ada@university.example"
ORIGIN = "http://localhost:8000"
PARTY = party_of("http://127.0.0.1:8000", name="Gateway")


@pytest.fixture
def services(tmp_path: Path, database_url: str | None, post: Post) -> Iterator[Services]:
    built = make_services(tmp_path / "data", database_url, worker=False, mail_url=post.url)
    try:
        yield built
    finally:
        built.close()


def csrf_of(client: TestClient) -> str:
    return hidden(client.get("/account/security").text, "csrf")


def options(client: TestClient, path: str, **fields: str) -> dict[str, Any]:
    answer = client.post(f"{path}/options", data=fields)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    found: dict[str, Any] = answer.json()
    return found


def add_passkey(client: TestClient, device: Authenticator, name: str = "My phone") -> Any:
    csrf = csrf_of(client)
    asked = options(client, "/account/security/passkeys", csrf=csrf)
    return client.post("/account/security/passkeys", data={"csrf": csrf, "name": name, "credential": device.make(asked)})


def enter(services: Services, device: Authenticator, **also: str) -> Any:
    client = at_localhost(services)
    answer = client.post("/sign-in/passkey", data={"credential": device.get(options(client, "/sign-in/passkey")), **also})
    return client, answer


def owner(services: Services) -> tuple[TestClient, Authenticator]:
    client, device = member(services, ADA, name="Ada Marker"), Authenticator(ORIGIN)
    assert "recovery codes" in add_passkey(client, device).text
    return client, device


def person_of(services: Services, client: TestClient) -> Person:
    found = sessions.who(services.store, client.cookies["session"], now=services.clock())
    assert found is not None
    return found


def subjects(services: Services, post: Post) -> list[str]:
    deliver_due(services.store, services.channels, now=services.clock())
    return [text_of(letter) for letter in post.to(ADA)]


def test_S8_a_passkey_alone_signs_in_and_counts_as_both_factors(services: Services, post: Post) -> None:
    _, device = owner(services)
    client, answer = enter(services, device, next="/account/security")
    assert answer.url.path == "/account/security"
    assert "My phone" in answer.text
    me = person_of(services, client)
    assert me.has_second_factor
    me.require_recent_factor(now=services.clock())
    assert any("“My phone” was added" in text for text in subjects(services, post))


def test_S8_options_ask_for_the_person_to_be_verified_and_name_nobody(services: Services) -> None:
    client, device = owner(services)
    asked = options(at_localhost(services), "/sign-in/passkey")
    assert asked["userVerification"] == "required"
    assert asked["rpId"] == "localhost"
    assert asked.get("allowCredentials", []) == []
    assert len(asked["challenge"]) == 43, "32 bytes"
    made = options(client, "/account/security/passkeys", csrf=csrf_of(client))
    assert made["authenticatorSelection"]["userVerification"] == "required"
    assert [one["id"] for one in made["excludeCredentials"]] == [json.loads(device.get(asked))["id"]]
    assert ADA not in made["user"]["id"]


@pytest.mark.parametrize("defect", [
    {"origin": "http://localhost:8001"}, {"origin": "https://localhost:8000"}, {"origin": "http://evil.example"}, {"party": "evil.example"},
    {"challenge": "A" * 43}, {"verifies": False}, {"is_present": False}, {"signs": False}, {"user": b"somebody else"}, {"credential": b"unknown"},
], ids=lambda defect: "-".join(f"{name}-{value}" for name, value in defect.items()))
def test_S8_a_defect_of_the_answer_is_refused(services: Services, defect: dict[str, Any]) -> None:
    _, device = owner(services)
    client, answer = enter(services, device.but(**defect))
    assert answer.status_code == 422
    assert "not accepted" in answer.text
    assert client.get("/account").url.path == "/sign-in"
    _, again = enter(services, device)
    assert again.url.path == "/account", "and the good one still works"


@pytest.mark.parametrize("defect", [
    {"origin": "http://evil.example"}, {"party": "evil.example"}, {"challenge": "A" * 43}, {"verifies": False}, {"is_present": False},
], ids=lambda defect: next(iter(defect)))
def test_S8_a_passkey_is_not_set_up_from_a_defective_answer(services: Services, defect: dict[str, Any]) -> None:
    client = member(services, ADA, name="Ada Marker")
    answer = add_passkey(client, Authenticator(ORIGIN).but(**defect))
    assert answer.status_code == 422
    assert not person_of(services, client).has_second_factor


@pytest.mark.parametrize("sent", ["", "null", "[]", "{}", '{"id":1,"response":[]}', '{"response":{"clientDataJSON":"%%%"}}', "[" * 5000])
def test_S8_nonsense_is_refused_with_words(services: Services, sent: str) -> None:
    answer = at_localhost(services).post("/sign-in/passkey", data={"credential": sent})
    assert answer.status_code == 422
    assert "not accepted" in answer.text


def test_S8_an_answer_works_once_and_for_five_minutes(services: Services) -> None:
    client, device = owner(services)
    browser = at_localhost(services)
    sent = device.get(options(browser, "/sign-in/passkey"))
    assert browser.post("/sign-in/passkey", data={"credential": sent}).url.path == "/account"
    assert at_localhost(services).post("/sign-in/passkey", data={"credential": sent}).status_code == 422, "replayed"
    now = services.clock()
    for later, works in ((timedelta(minutes=5, seconds=-1), True), (timedelta(minutes=5), False)):
        asked = json.loads(passkeys.offer_sign_in(services.store, PARTY, now=now))
        answer = device.get(asked)
        if works:
            assert passkeys.sign_in(services.store, services.sealer, PARTY, answer=answer, browser=None, now=now + later)
        else:
            with pytest.raises(Unprocessable):
                passkeys.sign_in(services.store, services.sealer, PARTY, answer=answer, browser=None, now=now + later)
    foreign = device.get(options(client, "/account/again/passkey", csrf=csrf_of(client)))
    assert at_localhost(services).post("/sign-in/passkey", data={"credential": foreign}).status_code == 422, "given out for something else"


def test_S8_a_counter_that_goes_back_blocks_the_passkey_and_warns(services: Services, post: Post) -> None:
    client, device = owner(services)
    device.counter = 7
    assert enter(services, device)[1].url.path == "/account"
    forged = enter(services, device.but(counter=3, signs=False))[1]
    assert "not accepted" in forged.text, "without the key nobody can have a passkey blocked"
    copy = enter(services, device.but(counter=7))[1]
    assert copy.status_code == 422
    assert "may have been copied" in copy.text
    assert enter(services, device.but(counter=50))[1].status_code == 422, "blocked for good"
    assert "Blocked" in client.get("/account/security").text
    assert sum("counter that went back" in text for text in subjects(services, post)) == 1


def test_S8_a_blocked_passkey_does_not_open_the_door_to_the_password_alone(services: Services) -> None:
    client, device = owner(services)
    set_password(services, ADA)
    enter(services, device.but(counter=5))
    enter(services, device.but(counter=5))
    assert "Blocked" in client.get("/account/security").text
    assert sign_in(services, ADA).get("/account").url.path == "/sign-in"


def test_S8_authenticators_that_do_not_count_are_accepted(services: Services) -> None:
    client, device = member(services, ADA, name="Ada Marker"), Authenticator(ORIGIN, counter=0)
    add_passkey(client, device)
    for _ in range(2):
        assert enter(services, device.but(counter=0))[1].url.path == "/account"


def test_a_passkey_is_the_second_step_after_the_password_and_a_recovery_code_works_instead(services: Services) -> None:
    client, device = member(services, ADA, name="Ada Marker"), Authenticator(ORIGIN)
    codes = re.findall(r"<li><code>([A-Z2-7-]+)</code>", add_passkey(client, device).text)
    set_password(services, ADA)
    half = sign_in(services, ADA)
    assert half.get("/account").url.path == "/sign-in"
    assert half.post("/sign-in/code", data={"code": codes[0]}).url.path == "/account"
    other = sign_in(services, ADA)
    sent = device.get(options(other, "/sign-in/passkey"))
    assert other.post("/sign-in/passkey", data={"credential": sent}).url.path == "/account"


def test_S8_a_step_up_by_passkey_takes_the_persons_own_alone(services: Services) -> None:
    client, device = owner(services)
    eve, other = member(services, "eve@university.example", name="Eve"), Authenticator(ORIGIN)
    add_passkey(eve, other)
    stale = services.clock() - timedelta(minutes=31)
    factor_shown(services, client, stale)
    assert client.get("/account/close").url.path == "/account/again"
    csrf = csrf_of(client)
    asked = options(client, "/account/again/passkey", csrf=csrf)
    assert [one["id"] for one in asked["allowCredentials"]] == [json.loads(device.but().get(asked))["id"]]
    before = client.cookies["session"]
    refused = client.post("/account/again/passkey", data={"csrf": csrf, "credential": other.get(asked), "next": "/account/close"})
    assert refused.status_code == 422
    asked = options(client, "/account/again/passkey", csrf=csrf)
    done = client.post("/account/again/passkey", data={"csrf": csrf, "credential": device.get(asked), "next": "/account/close"})
    assert done.url.path == "/account/close"
    assert client.cookies["session"] != before, "a new id"
    assert sessions.who(services.store, before, now=services.clock()) is None


def factor_shown(services: Services, client: TestClient, at: Any) -> None:
    with services.store.transaction() as tx:
        found = accounts.session_of(tx.session, person_of(services, client).session_digest)
        assert found is not None
        found[0].second_factor_at = at


def test_several_passkeys_have_names_and_can_be_removed_save_the_last_that_a_role_needs(services: Services, post: Post) -> None:
    client, phone = owner(services)
    key = Authenticator(ORIGIN)
    stolen = enter(services, phone)[0]
    assert add_passkey(client, key, "Blue key").url.path == "/account/security"
    assert stolen.get("/account").url.path == "/sign-in", "a new factor ends other sessions"
    assert add_passkey(client, key, "Again").status_code == 409
    assert 'href="#name"' in add_passkey(client, Authenticator(ORIGIN), " ").text
    with services.store.transaction() as tx:
        custodians.add(tx.session, name="Alpha", slug="alpha", now=services.clock())
    grant(services.store, address=ADA, role="decider", custodian="alpha", granted_by="operator", now=services.clock())
    first, second = re.findall(r"/account/security/passkeys/(\d+)/remove", client.get("/account/security").text)
    csrf = csrf_of(client)
    assert client.post(f"/account/security/passkeys/{first}/remove", data={"csrf": csrf}).url.path == "/account/security"
    assert enter(services, phone)[1].status_code == 422
    assert client.post(f"/account/security/passkeys/{second}/remove", data={"csrf": csrf}).status_code == 409
    assert client.post(f"/account/security/passkeys/{first}/remove", data={"csrf": csrf}).status_code == 404
    assert enter(services, key)[1].url.path == "/account"
    assert any("“My phone” was removed" in text for text in subjects(services, post))


def test_an_app_may_go_while_a_passkey_stays(services: Services) -> None:
    client, device = owner(services)
    secret, _ = add_app(client, services.clock())
    csrf = csrf_of(client)
    client.post("/account/security/app/remove", data={"csrf": csrf})
    me = person_of(services, client)
    assert me.has_second_factor
    assert not me.has_app
    set_password(services, ADA)
    half = sign_in(services, ADA)
    assert half.post("/sign-in/code", data={"code": code_of(secret, services.clock() + timedelta(seconds=30))}).status_code == 422
    assert enter(services, device)[1].url.path == "/account"


def test_suspended_people_do_not_get_in_by_passkey(services: Services) -> None:
    _, device = owner(services)
    with services.store.transaction() as tx:
        row = accounts.by_address(tx.session, ADA)
        assert row is not None
        row.state = "suspended"
    assert enter(services, device)[1].status_code == 422


def test_passkeys_belong_to_one_address_and_other_pages_say_which(services: Services) -> None:
    client = member(services, ADA, name="Ada Marker")
    assert ORIGIN in client.get("/account/security").text
    assert "data-passkey" not in client.get("/account/security").text
    assert "data-passkey" in at_localhost(services).get("/sign-in").text
    assert party_of("https://data.example/", name="x").origin == "https://data.example"

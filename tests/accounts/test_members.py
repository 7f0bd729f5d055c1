"""The people of a custodian: invitations, roles as sentences, the second person, and who may not do what; on both databases."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from gateway.accounts import sessions
from gateway.accounts.people import Person
from gateway.accounts.setup import grant, withdraw
from gateway.errors import Conflict, NotFound
from gateway.store import accounts, custodians
from gateway.wiring import Services
from tests.accounts.people import hidden, link_in, member, newest_letter
from tests.gateway.asking import Post
from tests.journeys.gateways import make_services

ADA, BOB, EVE = "ada@alpha.example", "bob@alpha.example", "eve@beta.example"


def started(folder: Path, database_url: str | None, post: Post, **settings: str) -> Services:
    built = make_services(folder / "data", database_url, worker=False, mail_url=post.url, **settings)
    with built.store.transaction() as tx:
        for slug in ("alpha", "beta"):
            custodians.add(tx.session, name=f"Custodian {slug.title()}", slug=slug, now=built.clock())
    return built


@pytest.fixture
def services(tmp_path: Path, database_url: str | None, post: Post) -> Iterator[Services]:
    """A public gateway, where roles that decide need a second person."""
    built = started(tmp_path, database_url, post, public_url="http://127.0.0.1:8000")
    try:
        yield built
    finally:
        built.close()


def holding(services: Services, address: str, *roles: str, custodian: str | None = "alpha") -> TestClient:
    client = member(services, address, name=address.split("@", maxsplit=1)[0].title(), has_app=True)
    for role in roles:
        grant(services.store, address=address, role=role, custodian=custodian, granted_by="operator", now=services.clock())
    return client


def press(client: TestClient, path: str, **fields: str) -> int:
    csrf = hidden(client.get("/account").text, "csrf")
    return client.post(path, data={"csrf": csrf, **fields}).status_code


def person(services: Services, client: TestClient) -> Person:
    found = sessions.who(services.store, client.cookies["session"], now=services.clock())
    assert found is not None
    return found


def roles_of(services: Services, address: str) -> set[str]:
    with services.store.reading() as session:
        row = accounts.by_address(session, address)
        assert row is not None
        return {one.role for one in accounts.held(session, row.id)}


def invited(services: Services, post: Post, client: TestClient, address: str, role: str) -> str:
    assert press(client, "/w/alpha/members/invitations", email=address, role=role) == 200
    letter = newest_letter(services, post)
    assert post.received[-1]["To"] == address
    assert address not in post.received[-1]["Subject"]
    return link_in(letter)


def test_an_invitation_gives_the_role_to_the_address_it_was_sent_to_and_to_nobody_else(services: Services, post: Post) -> None:
    ada, bob, eve = holding(services, ADA, "team_admin"), holding(services, BOB), holding(services, EVE)
    link = invited(services, post, ada, "BOB@alpha.example", "handler")
    assert "bob@alpha.example" in ada.get("/w/alpha/members").text
    assert eve.get(link).status_code == press(eve, link) == 404, "bound to the address"
    assert "can handle requests" in bob.get(link).text
    assert roles_of(services, BOB) == set(), "opening the link changes nothing"
    assert press(bob, link) == 200
    assert roles_of(services, BOB) == {"handler"}
    assert bob.get(link).status_code == press(bob, link) == 404, "single use"
    page = ada.get("/w/alpha/members").text
    assert re.search(r"Bob.*?can handle requests", page, re.DOTALL)
    with services.store.engine.connect() as connection:
        kept = str(list(connection.execute(text("SELECT * FROM account_invitations"))))
    assert link.rsplit("/", 1)[1] not in kept


def test_an_invitation_ends_after_seven_days_when_taken_back_and_when_sent_again(services: Services, post: Post) -> None:
    ada, bob = holding(services, ADA, "team_admin"), holding(services, BOB)
    first = invited(services, post, ada, BOB, "observer").rsplit("/", 1)[1]
    second = invited(services, post, ada, BOB, "observer").rsplit("/", 1)[1]
    me, now = person(services, bob), services.clock()
    with pytest.raises(NotFound):
        services.members.offered(me, first, now=now)
    assert services.members.offered(me, second, now=now + timedelta(days=7) - timedelta(minutes=1)).role == "observer"
    with pytest.raises(NotFound):
        services.members.accept(me, second, now=now + timedelta(days=7, minutes=1))
    number = re.search(r"/invitations/(\d+)/take-back", ada.get("/w/alpha/members").text)
    assert number is not None
    assert press(ada, f"/w/alpha/members/invitations/{number[1]}/take-back") == 200
    with pytest.raises(NotFound):
        services.members.offered(me, second, now=now)


def test_an_invitation_that_cannot_be_delivered_is_shown(services: Services, post: Post) -> None:
    ada = holding(services, ADA, "team_admin")
    post.refuse["nobody@alpha.example"] = "550 no such mailbox"
    press(ada, "/w/alpha/members/invitations", email="nobody@alpha.example", role="observer")
    holding(services, BOB)
    press(ada, "/w/alpha/members/invitations", email=BOB, role="observer")
    newest_letter(services, post)
    page = ada.get("/w/alpha/members").text
    assert page.count("Not delivered") == 1
    assert page.index("nobody@alpha.example") < page.index("Not delivered") < page.index(BOB)


def test_a_role_that_decides_waits_for_a_second_person_who_is_neither_proposer_nor_receiver(services: Services, post: Post) -> None:
    ada, bob, eve = holding(services, ADA, "team_admin"), holding(services, BOB, "observer"), holding(services, EVE, "team_admin")
    subject = person(services, bob).subject
    assert press(ada, f"/w/alpha/members/{subject}/give", role="decider") == 200
    assert roles_of(services, BOB) == {"observer"}
    page = ada.get("/w/alpha/members").text
    number = re.search(r"Waits for a second person", page) and _proposal(eve)
    assert "proposals" not in page, "who proposed it is offered no button"
    confirm = f"/w/alpha/members/proposals/{number}/confirm"
    assert press(ada, confirm) == 409
    assert roles_of(services, BOB) == {"observer"}
    assert press(bob, confirm) == 404, "who would get it manages nothing here"
    assert press(eve, confirm) == 200
    assert roles_of(services, BOB) == {"observer", "decider"}
    assert press(eve, confirm) == 404
    assert press(ada, f"/w/alpha/members/{subject}/give", role="team_admin") == 200
    assert press(eve, f"/w/alpha/members/proposals/{_proposal(eve)}/refuse") == 200
    assert "Waits for a second person" not in ada.get("/w/alpha/members").text
    assert roles_of(services, BOB) == {"observer", "decider"}


def _proposal(client: TestClient) -> str:
    found = re.search(r"/proposals/(\d+)/confirm", client.get("/w/alpha/members").text)
    assert found is not None
    return found[1]


def test_the_gateways_administrator_confirms_and_sees_to_the_first_team_administrator_alone(services: Services, post: Post) -> None:
    root, other = holding(services, "root@gateway.example", "admin", custodian=None), holding(services, "two@gateway.example", "admin", custodian=None)
    ada = holding(services, ADA)
    assert "Custodian Alpha" in root.get("/admin/people").text
    assert press(root, "/w/alpha/members/invitations", email=ADA, role="handler") == 422
    link = invited(services, post, root, ADA, "team_admin")
    assert "once another administrator confirms" in ada.get(link).text
    assert press(ada, link) == 200
    assert roles_of(services, ADA) == set()
    assert press(root, f"/w/alpha/members/proposals/{_proposal(other)}/confirm") == 409
    assert press(other, f"/w/alpha/members/proposals/{_proposal(other)}/confirm") == 200
    assert roles_of(services, ADA) == {"team_admin"}
    assert press(root, "/w/alpha/members/invitations", email=BOB, role="team_admin") == 422, "the team sees to itself now"
    assert press(root, f"/w/alpha/members/{person(services, ada).subject}/end", role="team_admin") == 403
    assert "/end" not in root.get("/w/alpha/members").text
    assert 'href="/w/alpha/members"' not in root.get("/admin/people").text


def test_a_gateway_that_is_not_public_waives_the_second_person_and_says_so(tmp_path: Path, post: Post) -> None:
    services = started(tmp_path, None, post)
    ada, bob = holding(services, ADA, "team_admin"), holding(services, BOB, "observer")
    assert "need no second person here" in ada.get("/w/alpha/members").text
    press(ada, f"/w/alpha/members/{person(services, bob).subject}/give", role="decider")
    assert roles_of(services, BOB) == {"observer", "decider"}
    services.close()


def test_nobody_gives_themselves_a_role_and_administrator_and_decider_exclude_each_other(services: Services, post: Post) -> None:
    ada, root = holding(services, ADA, "team_admin"), holding(services, "root@gateway.example", "admin", custodian=None)
    assert press(ada, f"/w/alpha/members/{person(services, ada).subject}/give", role="handler") == 409
    assert press(ada, "/w/alpha/members/invitations", email="ADA@alpha.example", role="handler") == 422
    assert roles_of(services, ADA) == {"team_admin"}
    link = invited(services, post, ada, "root@gateway.example", "decider")
    assert press(root, link) == 409
    assert roles_of(services, "root@gateway.example") == {"admin"}


def test_the_last_team_administrator_cannot_leave_and_a_suspended_one_does_not_count(services: Services) -> None:
    ada, bob = holding(services, ADA, "team_admin"), holding(services, BOB, "team_admin")
    root = holding(services, "root@gateway.example", "admin", custodian=None)
    subject = person(services, bob).subject
    assert press(root, f"/admin/people/{subject}/suspend") == 200
    assert press(ada, f"/w/alpha/members/{person(services, ada).subject}/end", role="team_admin") == 409
    assert press(root, f"/admin/people/{subject}/resume") == 200
    assert press(ada, f"/w/alpha/members/{person(services, ada).subject}/end", role="team_admin") == 200
    assert roles_of(services, ADA) == set()
    with pytest.raises(Conflict):
        withdraw(services.store, address=BOB, role="team_admin", custodian="alpha", now=services.clock())


def test_to_others_the_pages_of_a_team_do_not_exist(services: Services) -> None:
    ada, eve = holding(services, ADA, "team_admin"), holding(services, EVE, "team_admin", custodian="beta")
    bob = holding(services, BOB, "handler")
    missing = eve.get("/w/nobody/members")
    for client in (eve, bob):
        answer = client.get("/w/alpha/members")
        assert answer.status_code == missing.status_code == 404
        assert press(client, "/w/alpha/members/invitations", email=EVE, role="observer") == 404
        assert press(client, f"/w/alpha/members/{person(services, ada).subject}/end", role="team_admin") == 404
    for client in (ada, bob, eve):
        assert client.get("/admin/people").status_code == 404
        assert press(client, f"/admin/people/{person(services, ada).subject}/suspend") == 404


def test_S4_a_change_of_roles_gives_the_session_a_new_id_and_the_old_one_is_dead(services: Services) -> None:
    ada, bob = holding(services, ADA, "team_admin"), holding(services, BOB)
    ada.get("/account")
    before, subject = bob.cookies["session"], person(services, bob).subject
    form = hidden(bob.get("/account").text, "csrf")
    grant(services.store, address=BOB, role="observer", custodian="alpha", granted_by="operator", now=services.clock() + timedelta(seconds=1))
    kept = bob.post("/account", data={"csrf": form, "name": "Bobby", "organisation": "Alpha"}, follow_redirects=False)
    assert kept.status_code == 303, "a form that was open is not lost"
    assert "session" not in kept.cookies
    bob.get("/account")
    after = bob.cookies["session"]
    assert after != before
    assert sessions.who(services.store, before, now=services.clock()) is None
    assert "Bobby" in bob.get("/account").text
    assert person(services, bob).subject == subject


def test_S4_suspension_and_an_administrators_word_end_sessions_at_once(services: Services) -> None:
    root, bob = holding(services, "root@gateway.example", "admin", custodian=None), holding(services, BOB)
    subject, stolen = person(services, bob).subject, bob.cookies["session"]
    assert press(root, f"/admin/people/{subject}/end-sessions") == 200
    assert sessions.who(services.store, stolen, now=services.clock()) is None
    assert press(root, f"/admin/people/{person(services, root).subject}/suspend") == 409
    assert "bob@alpha.example" in root.get("/admin/people?q=BOB").text
    assert "bob@alpha.example" not in root.get("/admin/people?q=%25").text

"""S18: every event that must be in the audit is seen there, without a name, an address or a network address in any row."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from gateway.access.routes import set_route
from gateway.access.transitions import ROWS
from gateway.accounts import operator, sessions
from gateway.accounts.passwords import hash_password
from gateway.accounts.setup import grant, withdraw
from gateway.accounts.tables import Invitation, Proposal, Recovery
from gateway.app import create_app
from gateway.audit.actions import REQUIRED, words
from gateway.audit.heads import Signer
from gateway.audit.pruning import KEPT_FOR, prune
from gateway.audit.reads import shown_at
from gateway.audit.verify import verify
from gateway.audit.watching import UNWATCHED, WATCHED
from gateway.enquiries.answering import close
from gateway.enquiries.asking import ask
from gateway.enquiries.form import Question
from gateway.models import AuditRow, Base, EnquiryThread, FormTemplate, RequestEvent
from gateway.sources.upkeep import drop_contact, reschedule, set_contact
from gateway.store import accounts, audit, clocks, custodians
from gateway.web.auth import OPERATOR_SCOPES, create_key, revoke_exposed, rotate_key
from gateway.webhooks.endpoints import add_endpoint, remove_endpoint, rotate_secret
from gateway.wiring import Services
from tests.accounts.people import HERE, PASSWORD, add_app, browser, code_of, hidden, member, register
from tests.accounts.test_applicant import signed_in
from tests.accounts.test_profile import TRAINING, entered
from tests.gateway.asking import FORM, Post
from tests.journeys.gateways import two_custodians
from tests.journeys.test_workspace import part_path, press, sent

HANDLER, DECIDER, EVE = "handler@alpha.example", "decider@alpha.example", "eve@university.example"


@pytest.fixture
def services(tmp_path: Path, database_url: str | None, post: Post) -> Iterator[Services]:
    with two_custodians(tmp_path, database_url, mail_url=post.url, allow_networks=["127.0.0.0/8"]) as built:
        yield built


def rows(services: Services) -> list[AuditRow]:
    with services.store.reading() as session:
        return list(session.scalars(select(AuditRow).order_by(AuditRow.stream, AuditRow.sequence)))


def seen(services: Services, stream: str | None = None) -> set[str]:
    return {row.action for row in rows(services) if stream in (None, row.stream)}


def work_on_requests(services: Services) -> None:
    """A custodian's people read and answer; somebody of another custodian tries to."""
    people = {}
    for address, role, custodian in ((HANDLER, "handler", "alpha"), (DECIDER, "decider", "alpha"), ("other@beta.example", "handler", "beta")):
        people[address] = member(services, address, name=address.split("@")[0].title(), has_app=True)
        grant(services.store, address=address, role=role, custodian=custodian, granted_by="operator", now=services.clock())
    for slug in ("alpha", "beta"):
        set_route(services.store, services.sealer, custodian=slug, channel="committee", target="workspace")
    sent(services)
    path = part_path(people[HANDLER])
    press(people[HANDLER], path, "acknowledge")
    press(people[HANDLER], path, "approve", expect=403)
    assert people["other@beta.example"].get(path).status_code == 404
    own_system(services, path.rsplit("/", 1)[1])
    set_route(services.store, services.sealer, custodian="alpha", channel="mailbox", target="access@alpha.example")
    set_route(services.store, services.sealer, custodian="alpha", channel="mailbox", target="requests@alpha.example")


def own_system(services: Services, part: str) -> None:
    client = browser(services)
    reader = create_key(services.store, name="own", custodian="alpha", scopes=["parts:read"], now=services.clock())
    assert client.get(f"/api/v1/parts/{part}", headers={"Authorization": f"Bearer {reader.key}"}).status_code == 200
    staff = create_key(services.store, name="staff", scopes=OPERATOR_SCOPES, now=services.clock())
    assert client.get("/api/v1/triage", headers={"Authorization": f"Bearer {staff.key}"}).status_code == 200
    assert client.get("/api/v1/triage", headers={"Authorization": "Bearer gwk_00000000_nothing"}).status_code == 401
    rotate_key(services.store, staff.row.prefix, overlap=timedelta(days=1), now=services.clock())
    assert revoke_exposed(services.store, staff.key, now=services.clock())


def live_with_an_account(services: Services, post: Post) -> None:
    """One person from registration to closing, with every mistake on the way."""
    eve = register(services, post, EVE, name="Eve Marker")
    secret, _codes = add_app(eve, services.clock())
    assert eve.get("/account/export.json").status_code == 200
    eve.post("/account", data={"csrf": hidden(eve.get("/account").text, "csrf"), "name": "Eve M", "organisation": "Elsewhere"})
    page = eve.get("/account/notifications").text
    eve.post("/account/notifications", data={"csrf": hidden(page, "csrf"), "progress": "daily", "arrivals": "never", "handling": "daily", "searches": "daily"})
    form = {"csrf": hidden(eve.get("/account").text, "csrf"), "name": "Sleep", "often": "daily"}
    kept = eve.post("/account/searches", data={"of": "/search?q=sleep", **form}).url.path
    eve.post(kept, data={**form, "often": "off"})
    eve.post(f"{kept}/remove", data=form)
    fresh = browser(services)
    for _ in range(11):
        answer = fresh.post("/sign-in", data={"email": "nobody@university.example", "password": "wrong and wrong again"})
    assert answer.status_code == 429
    fresh.post("/sign-in", data={"email": EVE, "password": PASSWORD})
    fresh.post("/sign-in/code", data={"code": code_of(secret, services.clock() + timedelta(seconds=30))})
    assert fresh.get("/account").url.path == "/account"
    change = {"csrf": hidden(fresh.get("/account/security").text, "csrf"), "old": PASSWORD, "password": "another copper lantern ferry"}
    fresh.post("/account/security/password", data=change)
    operator.suspend(services.store, EVE, now=services.clock())
    operator.resume(services.store, EVE)
    again = member_again(services, EVE)
    again.post("/account/close", data={"csrf": hidden(again.get("/account/close").text, "csrf"), "sure": "yes"})


def member_again(services: Services, address: str) -> TestClient:
    client = browser(services)
    with services.store.transaction() as tx:
        row = accounts.by_address(tx.session, address)
        assert row is not None
        row.password_hash = hash_password(PASSWORD)
        token = sessions.begin(tx.session, row, now=services.clock(), is_complete=True, second_factor_at=services.clock())
    client.cookies.set("session", token)
    return client


def change_settings(services: Services) -> None:
    made = add_endpoint(services.store, services.sealer, custodian="alpha", url="http://127.0.0.1:9/hook", now=services.clock()).endpoint
    rotate_secret(services.store, services.sealer, made.public_id, now=services.clock())
    remove_endpoint(services.store, made.public_id)
    reschedule(services.store, "feed-alpha", "@daily", timezone=None, now=services.clock())
    set_contact(services.store, "feed-alpha", "steward@alpha.example", digest="always")
    drop_contact(services.store, "feed-alpha", "steward@alpha.example")
    withdraw(services.store, address=DECIDER, role="decider", custodian="alpha", now=services.clock())
    with services.store.transaction() as tx:
        custodians.by_slug(tx.session, "alpha").contact = "front@alpha.example"


def offer_roles(services: Services) -> None:
    now = services.clock()
    with services.store.transaction() as tx:
        alpha, handler = custodians.by_slug(tx.session, "alpha").id, accounts.by_address(tx.session, HANDLER)
        assert handler is not None
        facts = {"custodian_id": alpha, "role": "observer", "ends_at": now}
        tx.session.add(Invitation(digest="d", address="new@alpha.example", invited_by=handler.subject, message_key="k", created_at=now, **facts))
        lost = {"digest": "l", "stop_digest": "s", "address": "new@alpha.example", "asked_at": now, "ends_at": now}
        tx.session.add(Recovery(account_id=handler.id, **lost))
        tx.session.add(Proposal(account_id=handler.id, proposed_by=handler.subject, proposed_at=now, **facts))
        tx.session.add(FormTemplate(custodian_id=alpha, version=1, document={}, published_by=handler.subject, published_at=now))


def confirm_a_recovery(services: Services) -> None:
    with services.store.transaction() as tx:
        tx.session.scalars(select(Recovery)).one().ended_at = services.clock()


def vouch_for_an_applicant(services: Services) -> None:
    """The custodian's people verify what somebody says of themselves, and enter a sanction."""
    entered(signed_in(services), "training", **TRAINING)
    voucher = member(services, "voucher@alpha.example", name="Voucher", has_app=True)
    for role in ("handler", "decider"):
        grant(services.store, address="voucher@alpha.example", role=role, custodian="alpha", granted_by="operator", now=services.clock())
    base = f"{part_path(voucher)}/applicant"
    item = re.search(rf"{base}/items/\d+", voucher.get(base).text)
    assert item is not None
    voucher.post(item[0], data={"csrf": hidden(voucher.get(item[0]).text, "csrf"), "until": "2031-01-01"})
    form = hidden(voucher.get(f"{base}/sanction").text, "csrf")
    voucher.post(f"{base}/sanction", data={"csrf": form, "reason": "security", "begins_on": "2026-11-01", "ends_on": "2027-11-01"})


def ask_a_question(services: Services) -> None:
    question = Question(kind="general", name="Eve Marker", address=EVE, answers={"question": "Marker question"})
    asked = ask(
        services.store, services.sealer, services.limits, question, dataset_refs=(), custodian_slugs=["beta"], network="127.0.0.1", is_confirmed=True,
        now=services.clock(),
    )
    with services.store.reading() as session:
        thread = session.scalars(select(EnquiryThread.public_id)).one()
    close(services.store, services.sealer, thread, reason="out_of_scope", now=services.clock())
    assert asked.reference
    with services.store.transaction() as tx:
        beta = custodians.by_slug(tx.session, "beta").id
        clocks.add_policy(tx.session, beta, {}, by="operator", now=services.clock())


def be_refused_at_the_door(services: Services) -> None:
    foreign = TestClient(create_app(services=services), base_url="http://127.0.0.1", headers={"Origin": "https://evil.example"})
    assert foreign.post("/sign-out").status_code == 403
    broken = TestClient(create_app(services=services), base_url="http://127.0.0.1", headers=HERE, raise_server_exceptions=False)
    services.catalogue.engine.close()
    broken.app.state.services = None  # type: ignore[attr-defined]
    assert broken.get("/account").status_code == 500


def read_the_audit(services: Services, tmp_path: Path) -> None:
    with services.store.transaction() as tx:
        audit.note(tx.session, audit.Entry(stream="organisation/old", action="part.read", object="part/1"))
    prune(services.store, Signer(tmp_path / "k", tmp_path / "c"), "organisation/old", now=services.clock() + KEPT_FOR + timedelta(days=2))


LATER = {"audit.read", "agreement.published", "pathway.published", "pathway.removed", "audit.verified", "part.exported", "route.removed", "file.received", "file.judged", "file.refused", "file.removed"}
"""Seen by tests of their own."""


def test_S18_every_required_event_is_seen_and_names_nobody(services: Services, post: Post, tmp_path: Path) -> None:
    work_on_requests(services)
    live_with_an_account(services, post)
    change_settings(services)
    offer_roles(services)
    confirm_a_recovery(services)
    vouch_for_an_applicant(services)
    ask_a_question(services)
    read_the_audit(services, tmp_path)
    be_refused_at_the_door(services)
    assert set(REQUIRED) - LATER - seen(services) == set()
    commands = {action.removeprefix("request.") for action in seen(services) if action.startswith("request.")}
    with services.store.reading() as session:
        assert commands == set(session.scalars(select(RequestEvent.command))) >= {"submit", "acknowledge", "record_sent"}
    assert verify(services.store, services.audit_signer, stream="security").wrong == ()
    told = repr([asdict_of(row) for row in rows(services)])
    for word in (EVE, "Eve", HANDLER, "Marker", FORM.email, FORM.title, "127.0.0.1", "testclient", "alpha.example", PASSWORD):
        assert word not in told, word


def asdict_of(row: AuditRow) -> dict[str, str]:
    return {column.name: str(getattr(row, column.name)) for column in AuditRow.__table__.columns}


def test_S18_a_custodians_stream_tells_who_read_and_who_acted(services: Services, post: Post) -> None:
    work_on_requests(services)
    own = [row for row in rows(services) if row.stream == "organisation/alpha"]
    with services.store.reading() as session:
        handler = accounts.by_address(session, HANDLER)
    assert handler is not None
    did = [(row.action, row.role) for row in own if row.actor == handler.subject]
    assert ("workspace.read", "handler") in did
    assert ("part.read", "handler") in did
    assert ("request.acknowledge", "handler") in did
    assert any(row.action == "part.read" and row.actor.startswith("key:") for row in own), "its own system is named by its key"
    assert not [row for row in own if row.actor == "public"]
    assert all(row.request_id for row in own if row.actor == handler.subject)


def test_S18_an_answer_that_cannot_be_noted_is_not_shown(services: Services, post: Post) -> None:
    work_on_requests(services)
    client = member(services, "second@alpha.example", name="Second", has_app=True)
    grant(services.store, address="second@alpha.example", role="handler", custodian="alpha", granted_by="operator", now=services.clock())
    path = part_path(client)
    lower = TestClient(client.app, base_url="http://127.0.0.1", headers=HERE, cookies=client.cookies, raise_server_exceptions=False)
    with services.store.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE audit RENAME TO audit_away")
    answer = lower.get(path)
    assert answer.status_code >= 500
    assert FORM.lay_summary not in answer.text
    with services.store.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE audit_away RENAME TO audit")
    assert lower.get(path).status_code == 200


def test_every_table_is_watched_or_says_why_not() -> None:
    tables = set(Base.metadata.tables)
    assert tables - set(WATCHED) - set(UNWATCHED) == set(), "declare new tables in gateway/audit/watching.py"
    assert set(WATCHED) | set(UNWATCHED) <= tables
    assert not set(WATCHED) & set(UNWATCHED)
    for name, watch in WATCHED.items():
        columns = set(Base.metadata.tables[name].columns.keys())
        assert {watch.object, *watch.changed, *watch.secret} <= columns, name
        actions = {watch.created, watch.removed, *watch.changed.values()} - {None, "account.state"}
        assert actions <= set(REQUIRED), name


def test_every_action_has_words() -> None:
    for action in [*REQUIRED, *(f"request.{command}" for command in ROWS)]:
        assert words(action)[0].isupper()
        assert "_" not in words(action)


@pytest.mark.parametrize(
    ("path", "action"), [
        ("/w/alpha/requests", "workspace.read"), ("/w/alpha/requests/0123456789abcdef01234567", "part.read"),
        ("/w/alpha/requests/0123456789abcdef01234567/files/1", "part.read"), ("/w/alpha/requests/0123456789abcdef01234567/export.pdf", "part.exported"),
        ("/w/alpha/whatever/comes", "workspace.read"), ("/w/alpha/requests.csv", "part.exported"), ("/api/v1/parts", "workspace.read"),
        ("/audit", "audit.read"), ("/admin/requests/parts/0123456789abcdef01234567", "part.read"), ("/admin/requests", None), ("/audit/heads", None), ("/audit/heads.json", None), ("/w/alpha/audit", "audit.read"), ("/search", None),
    ],
)
def test_reads_are_known_by_their_address(path: str, action: str | None) -> None:
    shown = shown_at(path)
    assert (shown.action if shown else None) == action

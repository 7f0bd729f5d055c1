"""S20: what is kept of people is listed, encrypted where it must be, and goes on time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, select, text, update
from starlette.testclient import TestClient

from gateway.access.commands import Command, perform
from gateway.access.machine import fold
from gateway.access.routes import set_route
from gateway.accounts import operator, sessions
from gateway.accounts.tables import Account, AccountLink, AccountSession, Invitation
from gateway.audit.verify import verify
from gateway.models import (
    ApiKey,
    Base,
    ChosenColumns,
    KeptText,
    Message,
    Purge,
    Request,
    RequestEvent,
    RequestPart,
    Snapshot,
    Upload,
    WebhookEndpoint,
    WebhookMessage,
)
from gateway.privacy.anonymising import APPROVED_KEPT, DECLINED_KEPT
from gateway.privacy.inventory import inventory
from gateway.privacy.retention import CLOSED_AFTER, JOBS, QUARANTINE_KEPT, WARNED_AFTER, WARNED_BEFORE, Means, purge
from gateway.store import accounts, custodians, mail, privacy, requests
from gateway.web.auth import create_key
from gateway.webhooks.endpoints import add_endpoint, rotate_secret
from gateway.wiring import Services
from tests.accounts.people import add_app, browser, hidden, member, register
from tests.gateway.asking import FORM, Post, seeded, submit, written
from tests.journeys.gateways import add_federation, make_services

ENDS = {"job", "housekeeping", "command", "closure", "by_hand", "never"}
SECOND = timedelta(seconds=1)


@pytest.fixture
def services(tmp_path: Path, database_url: str | None, post: Post) -> Iterator[Services]:
    built = make_services(tmp_path / "data", database_url, worker=False, mail_url=post.url)
    try:
        yield built
    finally:
        built.close()


def test_S20_inventory_equals_models() -> None:
    held = inventory()
    assert set(held.tables) == set(Base.metadata.tables), "list new tables and columns in gateway/privacy/inventory.toml"
    for name, table in Base.metadata.tables.items():
        listed = held.tables[name]
        assert sorted((*listed.personal, *listed.other)) == sorted(table.columns.keys()), name
        assert set(listed.encrypted) | set(listed.hashed) <= set(listed.personal), name
        assert bool(listed.personal) <= bool(listed.kind), f"{name} holds personal data of no kind"
        assert not listed.kind or listed.kind in held.kinds, name


def test_S20_every_kind_has_a_purpose_a_basis_and_an_end() -> None:
    held = inventory()
    for name, kind in held.kinds.items():
        assert all((kind.data, kind.purpose, kind.basis, kind.recipients, kind.level, kind.kept_until, kind.then)), name
        assert kind.ends in ENDS, name
        assert (kind.ends == "job") == (name in JOBS or name == "questions"), f"{name}: the job is gateway/privacy/retention.py, or of questions their own"
    assert set(JOBS) <= set(held.kinds)
    assert {table.kind for table in held.tables.values()} | set(held.places.values()) >= set(held.kinds) - {"mail_bodies", "drafts"}


def test_S20_the_notice_is_made_from_the_inventory(services: Services) -> None:
    client = browser(services)
    for path in ("/privacy", "/privacy/retention"):
        page = client.get(path).text
        for kind in inventory().kinds.values():
            assert kind.kept_until.replace("'", "&#39;") in page, kind.name
    told = client.get("/privacy/inventory.json").json()
    assert set(told["tables"]) == set(Base.metadata.tables)


# retention, with a frozen clock

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def put(services: Services, *rows: Any) -> None:
    with services.store.transaction() as tx:
        for row in rows:
            tx.session.add(row)
            tx.session.flush()


def an_account(services: Services, **facts: Any) -> Account:
    given = {"subject": "s1", "address": "a@example.org", "address_key": "a@example.org", "name": "Ada", "state": "active", "totp_last_step": 0, "created_at": NOW}
    row = Account(**{**given, **facts})
    put(services, row)
    return row


def a_link(services: Services) -> timedelta:
    put(services, AccountLink(digest="d", purpose="register", address="a@example.org", created_at=NOW - timedelta(days=1), ends_at=NOW))
    return JOBS["account_links"].kept


def a_session(services: Services) -> timedelta:
    row = an_account(services)
    put(services, AccountSession(digest="d", account_id=row.id, is_complete=True, created_at=NOW, seen_at=NOW, renewed_at=NOW, ended_at=NOW))
    return timedelta(hours=24)


def an_invitation(services: Services) -> timedelta:
    seeded(services.store)
    with services.store.transaction() as tx:
        alpha = custodians.by_slug(tx.session, "alpha").id
    facts = {"digest": "d", "custodian_id": alpha, "address": "a@example.org", "role": "handler", "invited_by": "s1", "message_key": "k"}
    put(services, Invitation(**facts, created_at=NOW - timedelta(days=1), ends_at=NOW))
    return timedelta(days=7)


def a_key(services: Services) -> timedelta:
    put(services, ApiKey(prefix="p", secret_sha256="0" * 64, name="Ada's laptop", scopes=[], networks=[], created_at=NOW - timedelta(days=1), revoked_at=NOW))
    return timedelta(days=365)


def a_body(services: Services) -> timedelta:
    put(services, Message(idempotency_key="k", to_address="a@example.org", subject="s", sealed_body="b", state="failed", created_at=NOW, attempts=1))
    return timedelta(days=7)


def an_address(services: Services) -> timedelta:
    put(services, Message(idempotency_key="k", to_address="a@example.org", subject="s", sealed_body="", state="accepted", created_at=NOW, attempts=1))
    return timedelta(days=90)


def a_webhook_message(services: Services) -> timedelta:
    seeded(services.store)
    with services.store.transaction() as tx:
        alpha = custodians.by_slug(tx.session, "alpha").id
    hook = WebhookEndpoint(public_id="w", custodian_id=alpha, url="https://x.example", secret="s", events=[], state="active", sequence=1, created_at=NOW)
    put(services, hook)
    put(services, WebhookMessage(endpoint_id=hook.id, message_id="m", event="e", sequence=1, data={}, state="sent", attempts=1, created_at=NOW))
    return timedelta(days=90)


def a_proof(services: Services) -> timedelta:
    put(services, Purge(kind="keys", cut_off=NOW, count=1, at=NOW))
    return JOBS["proofs"].kept


def a_draft(services: Services) -> timedelta:
    refs = seeded(services.store)
    written(services.store, services.sealer, dataset_refs=refs["alpha"], now=NOW)
    return timedelta(days=90)


def a_kept_text(services: Services) -> timedelta:
    put(services, KeptText(digest="d", subject="s1", sealed_text="x", created_at=NOW))
    return timedelta(days=1)


def ticked_columns(services: Services) -> timedelta:
    put(services, ChosenColumns(digest="d", datasets={"abcd": [["visits", []]]}, changed_at=NOW))
    return timedelta(days=30)


def a_harmful_file(services: Services) -> timedelta:
    refs = seeded(services.store)
    written(services.store, services.sealer, dataset_refs=refs["alpha"], now=NOW + QUARANTINE_KEPT)
    name, key = services.uploads.vault.put(b"x")
    facts = {"name": "x.txt", "media_type": "text/plain", "size_bytes": 1, "sha256": "0" * 64, "storage_name": name, "sealed_key": key, "warnings": [], "uploaded_by": "s1"}
    with services.store.reading() as session:
        request = session.scalars(select(Request.id)).one()
    put(services, Upload(public_id="f", request_id=request, question="project.protocol", state="refused", scanned_at=NOW, created_at=NOW, **facts))
    return QUARANTINE_KEPT


DUE: dict[str, Callable[[Services], timedelta]] = {
    "account_links": a_link, "sessions": a_session, "invitations": an_invitation, "keys": a_key, "mail_bodies": a_body, "mail": an_address,
    "webhook_log": a_webhook_message, "drafts": a_draft, "kept_texts": a_kept_text, "chosen_columns": ticked_columns, "uploads": a_harmful_file, "proofs": a_proof,
}


def work(services: Services, now: datetime, *, is_dry: bool = False) -> dict[str, int]:
    return purge(services.store, Means(services.sealer, services.channels.addresses), now=now, is_dry=is_dry)


@pytest.mark.parametrize("kind", DUE)
def test_S20_each_kind_goes_a_second_after_its_time_and_not_before(services: Services, kind: str) -> None:
    kept = DUE[kind](services)
    for early in (kept - SECOND, kept):
        assert work(services, NOW + early)[kind] == 0
    assert work(services, NOW + kept + SECOND, is_dry=True)[kind] == 1, "a dry run tells"
    assert work(services, NOW + kept + SECOND)[kind] == 1, "and takes nothing away"
    assert work(services, NOW + kept + SECOND)[kind] == 0, "it may be repeated"
    with services.store.reading() as session:
        proofs = [(one.kind, one.count, one.cut_off) for one in privacy.purges(session, limit=9) if one.kind == kind and one.at > NOW]
    assert proofs == [(kind, 1, NOW + SECOND)]


def test_S20_every_job_is_tested_with_a_frozen_clock() -> None:
    assert set(JOBS) == set(DUE) | {"account", "requests"}, "those two have tests of their own"


def test_R14_an_account_nobody_uses_is_told_at_twelve_months_and_closed_at_thirteen(services: Services, post: Post) -> None:
    an_account(services, last_signed_in_at=NOW)
    an_account(services, subject="s2", address="b@example.org", address_key="b@example.org", name="Bea", last_signed_in_at=NOW)
    assert work(services, NOW + WARNED_AFTER)["account"] == 0
    with services.store.reading() as session:
        assert session.scalars(select(Message)).all() == []
    told = NOW + WARNED_AFTER + SECOND
    work(services, told)
    work(services, told + timedelta(days=1))
    with services.store.transaction() as tx:
        assert sorted(one.to_address for one in tx.session.scalars(select(Message))) == ["a@example.org", "b@example.org"]
        tx.session.execute(update(Account).where(Account.subject == "s2").values(last_signed_in_at=told))
    closing = max(NOW + CLOSED_AFTER, told + WARNED_BEFORE)
    assert work(services, closing - SECOND)["account"] == 0
    assert work(services, closing)["account"] == 1
    with services.store.reading() as session:
        assert {one.subject: one.name for one in session.scalars(select(Account))} == {"s1": None, "s2": "Bea"}


# requests


def ask(services: Services) -> str:
    """The public id of a part that was sent to alpha."""
    refs = seeded(services.store)
    set_route(services.store, services.sealer, custodian="alpha", channel="mailbox", target="access@alpha.example")
    submit(services.store, services.sealer, dataset_refs=refs["alpha"], now=NOW)
    with services.store.reading() as session:
        return session.scalars(select(RequestPart.public_id)).one()


def end(services: Services, part: str, *, is_approved: bool = False) -> datetime:
    steps: list[tuple[str, str, dict[str, Any]]] = [("acknowledge", "handler", {"delivery": "d"}), ("accept_for_review", "handler", {})]
    if is_approved:
        steps += [("approve", "decider", {"access_until": "2027-12-31", "access_mode": "TRE", "note": "Marker-note"}), ("withdraw", "lead", {})]
    else:
        steps += [("reject", "decider", {"code": "capacity", "reason": "Marker-reason for Ada"})]
    for command, role, payload in steps:
        given = Command(name=command, role=role, actor="lead" if role == "lead" else "0123456789abcdef01234567", payload=payload)  # type: ignore[arg-type]
        perform(services.store, services.sealer, part, given, now=NOW)
    return NOW


@pytest.mark.parametrize(("is_approved", "kept"), [(False, DECLINED_KEPT), (True, APPROVED_KEPT)])
def test_S20_a_request_is_anonymised_when_its_time_is_over(services: Services, is_approved: bool, kept: timedelta) -> None:
    part = ask(services)
    end(services, part, is_approved=is_approved)
    with services.store.reading() as session:
        row = session.scalars(select(RequestPart)).one()
        before = fold(requests.history(session, row.id))
    assert work(services, NOW + kept)["requests"] == 0
    assert work(services, NOW + kept + SECOND)["requests"] == 1
    assert work(services, NOW + kept + 2 * SECOND)["requests"] == 0
    with services.store.reading() as session:
        after = fold(requests.history(session, row.id))
        assert (after.state, after.decided_at, after.conditions) == (before.state, before.decided_at, before.conditions)
        events = session.scalars(select(RequestEvent)).all()
        assert "0123456789abcdef01234567" not in repr([(one.actor, one.payload) for one in events])
        documents = repr([*session.scalars(select(Snapshot.document)), *session.scalars(select(Request.answers)), *session.scalars(select(Request.lead))])
    for word in (FORM.name, FORM.email, "Marker-", "marker-summary"):
        assert word not in documents
        assert word not in repr([one.payload for one in events])
    assert verify(services.store, services.audit_signer).wrong == (), "the chain stays valid without its payloads"


# closing, and a search of everything


def everything(services: Services, folder: Path) -> dict[str, str]:
    """Every value of every table, and every file, as text."""
    found: dict[str, str] = {}
    with services.store.engine.connect() as connection:
        for table in inspect(connection).get_table_names():
            rows = connection.execute(text(f'SELECT * FROM "{table}"')).fetchall()
            found[f"table {table}"] = "\n".join(repr(tuple(row)) for row in rows)
    for path in folder.rglob("*"):
        if path.is_file() and not path.name.startswith("gateway.sqlite"):
            found[f"file {path.relative_to(folder)}"] = path.read_bytes().decode("utf-8", "replace")
    return found


def places_of(services: Services, folder: Path, *words: str) -> set[str]:
    return {place for place, held in everything(services, folder).items() if any(word.lower() in held.lower() for word in words)}


def test_S20_closing_leaves_no_name_and_no_address_in_any_table_or_file(services: Services, post: Post, tmp_path: Path) -> None:
    name, address = "Zebedee Quillfeather", "zebedee.quillfeather@university.example"
    person = register(services, post, address, name=name)
    add_app(person, services.clock())
    person.post("/account", data={"csrf": hidden(person.get("/account").text, "csrf"), "name": name, "organisation": "Quillfeather Institute"})
    page = person.get("/account/notifications").text
    person.post("/account/notifications", data={"csrf": hidden(page, "csrf"), "progress": "daily", "arrivals": "never", "handling": "daily", "searches": "daily"})
    operator_note = places_of(services, tmp_path / "data", name, address)
    assert {"table accounts", "table messages"} <= operator_note, "the search finds what is there"
    person.post("/account/close", data={"csrf": hidden(person.get("/account/close").text, "csrf"), "sure": "yes"})
    assert places_of(services, tmp_path / "data", name, address, "quillfeather") == set()


def signed_in(services: Services, address: str) -> TestClient:
    """As the person who has an account already."""
    client = browser(services)
    with services.store.transaction() as tx:
        row = accounts.by_address(tx.session, address)
        assert row is not None
        token = sessions.begin(tx.session, row, now=services.clock(), is_complete=True, second_factor_at=services.clock())
    client.cookies.set("session", token)
    return client


def test_S20_closing_takes_what_was_still_being_written(services: Services, post: Post, tmp_path: Path) -> None:
    refs = seeded(services.store)
    written(services.store, services.sealer, dataset_refs=refs["alpha"], now=services.clock())
    lead = signed_in(services, FORM.email)
    assert "table requests" in places_of(services, tmp_path / "data", FORM.name, FORM.email)
    lead.post("/account/close", data={"csrf": hidden(lead.get("/account/close").text, "csrf"), "sure": "yes"})
    assert places_of(services, tmp_path / "data", FORM.name, FORM.email, "Marker-") == set()


def test_S20_a_lead_who_closes_stands_only_in_the_request_until_its_time(services: Services, post: Post, tmp_path: Path) -> None:
    part = ask(services)
    end(services, part)
    lead = signed_in(services, FORM.email)
    lead.post("/account/close", data={"csrf": hidden(lead.get("/account/close").text, "csrf"), "sure": "yes"})
    assert places_of(services, tmp_path / "data", FORM.name, FORM.email) == {"table requests", "table snapshots"}
    work(services, NOW + DECLINED_KEPT + SECOND)
    assert places_of(services, tmp_path / "data", FORM.name, FORM.email) == set()


def test_S20_what_must_be_encrypted_or_hashed_is(services: Services, post: Post, tmp_path: Path) -> None:
    """Of every column that the inventory calls so: a dump holds no plain secret."""
    person = register(services, post, "ada@university.example")
    secret, codes = add_app(person, services.clock())
    ask(services)
    route = set_route(services.store, services.sealer, custodian="beta", channel="webhook", target="https://hook.example/in")
    hook = add_endpoint(services.store, services.sealer, custodian="alpha", url="https://hook.example/a", now=services.clock())
    renewed = rotate_secret(services.store, services.sealer, hook.endpoint.public_id, now=services.clock())
    key = create_key(services.store, name="n", now=services.clock())
    add_federation(services, "http://127.0.0.1:9")
    sealed = 0
    with services.store.engine.connect() as connection:
        for table in inventory().tables.values():
            for column in table.encrypted:
                values = [one for (one,) in connection.execute(text(f'SELECT "{column}" FROM "{table.name}"')) if one]
                assert all(str(one).startswith("gAAAA") for one in values), f"{table.name}.{column}"
                sealed += bool(values)
            for column in table.hashed:
                values = [str(one) for (one,) in connection.execute(text(f'SELECT "{column}" FROM "{table.name}"')) if one]
                assert all(re.fullmatch(r"[0-9a-f]{64}|\$argon2id\$.*", one) for one in values), f"{table.name}.{column}"
    assert sealed >= 5
    dump = "\n".join(everything(services, tmp_path / "data").values())
    session = person.cookies["session"]
    for word in (secret, *codes, route.secret or "", hook.secret, renewed.secret, key.key, key.key.rsplit("_", 1)[1], session, "copper lantern beside ferry"):
        assert word
        assert word not in dump


def test_S20_a_suspended_account_is_kept_and_a_refusal_outlives_the_account(services: Services, post: Post) -> None:
    ada = member(services, "ada@university.example", name="Ada")
    operator.suspend(services.store, "ada@university.example", now=services.clock())
    with services.store.transaction() as tx:
        mail.note_answer(tx.session, services.channels.addresses.of("ada@university.example"), "complained", now=NOW)
    operator.resume(services.store, "ada@university.example")
    ada = member(services, "bea@university.example", name="Bea")
    ada.post("/account/close", data={"csrf": hidden(ada.get("/account/close").text, "csrf"), "sure": "yes"})
    with services.store.reading() as session:
        assert mail.is_refused(session, services.channels.addresses.of("ADA@university.example "), "progress")
        assert accounts.by_address(session, "ada@university.example") is not None

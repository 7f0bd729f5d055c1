"""R24: an administrator reads a part in an emergency with a reason, for an hour, while a second person is told; nobody else does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from gateway.access import break_glass
from gateway.access.deliver import deliver_due
from gateway.access.routes import set_route
from gateway.accounts.people import Person
from gateway.accounts.setup import grant, withdraw
from gateway.errors import NotFound
from gateway.models import AuditRow
from gateway.store import accounts, custodians, requests
from gateway.wiring import Services
from tests.accounts.people import hidden, member
from tests.audit.walking import database_digest
from tests.gateway.asking import FORM, Post, applicant, orphan, submit, text_of
from tests.journeys.gateways import add_files, document, harvest, make_services, write_documents
from tests.journeys.test_workspace import HANDLER, sent

ADMIN, OFFICER = "admin@gateway.example", "officer@gateway.example"


@pytest.fixture
def services(tmp_path: Path, database_url: str | None, post: Post) -> Iterator[Services]:
    built = make_services(tmp_path / "data", database_url, worker=False, mail_url=post.url)
    try:
        with built.store.transaction() as tx:
            custodians.add(tx.session, name="Custodian Alpha", slug="alpha", now=built.clock())
        write_documents(tmp_path / "alpha", [document(0)])
        harvest(built, add_files(built, tmp_path / "alpha", name="Feed alpha", custodian="alpha"))
        holder(built, HANDLER, "handler", "alpha")
        set_route(built.store, built.sealer, custodian="alpha", channel="committee", target="workspace")
        yield built
    finally:
        built.close()


def holder(services: Services, address: str, role: str, custodian: str | None = None) -> TestClient:
    client = member(services, address, name=role.title(), has_app=True)
    grant(services.store, address=address, role=role, custodian=custodian, granted_by="operator", now=services.clock())
    client.get("/account")
    return client


def person(services: Services, address: str) -> Person:
    with services.store.reading() as session:
        row = accounts.by_address(session, address)
        assert row is not None
        return replace(applicant(services.store, now=services.clock()), subject=row.subject, account_id=row.id)


def look_up(services: Services, client: TestClient, path: str) -> tuple[str, str, str]:
    """Reference, part and form's token of the one request there is."""
    with services.store.reading() as session:
        row = requests.parts_of_custodian(session, "alpha")[0]
    page = client.get(f"/admin/requests?reference={row.request.reference}").text
    assert row.part.public_id in page, path
    return row.request.reference, row.part.public_id, hidden(page, "csrf")


def test_R24_S2_nobody_opens_a_part_but_administrators_and_they_only_with_a_reason(services: Services, post: Post) -> None:
    follow = sent(services)
    admin = holder(services, ADMIN, "admin")
    reference, part, token = look_up(services, admin, follow)
    page = admin.get(f"/admin/requests?reference={reference}").text
    assert FORM.title not in page
    assert FORM.name not in page
    address = f"/admin/requests/parts/{part}"
    assert admin.get(address).status_code == 404, "not opened"
    before = database_digest(services.store)
    assert admin.post(address, data={"csrf": token, "reference": reference, "reason": "  "}).status_code == 422
    for role in ("triage", "auditor", "privacy_officer"):
        other = holder(services, f"{role}@gateway.example", role)
        before = database_digest(services.store)
        assert other.get("/admin/requests").status_code == other.get(address).status_code == 404
        assert other.post(address, data={"csrf": hidden(other.get("/account").text, "csrf"), "reason": "x"}).status_code == 404
    assert database_digest(services.store) == before


def test_R24_a_second_person_is_told_or_it_stays_closed(services: Services, post: Post) -> None:
    follow = sent(services)
    admin = holder(services, ADMIN, "admin")
    reference, part, token = look_up(services, admin, follow)
    set_route(services.store, services.sealer, custodian="alpha", channel="portal", target="https://alpha.example/apply")
    withdraw(services.store, address=HANDLER, role="handler", custodian="alpha", now=services.clock())
    data = {"csrf": token, "reference": reference, "reason": "A court order."}
    assert "Nobody else would be told" in admin.post(f"/admin/requests/parts/{part}", data=data).text
    assert admin.get(f"/admin/requests/parts/{part}").status_code == 404
    holder(services, OFFICER, "privacy_officer")
    assert admin.post(f"/admin/requests/parts/{part}", data=data).status_code == 200
    deliver_due(services.store, services.channels, now=services.clock())
    assert any(reference in text_of(letter) for letter in post.to(OFFICER))


def test_R24_S18_what_is_opened_is_read_only_marked_audited_and_seen_by_the_custodian_alone(services: Services, post: Post) -> None:
    follow = sent(services)
    admin, second = holder(services, ADMIN, "admin"), holder(services, "second@gateway.example", "admin")
    holder(services, OFFICER, "privacy_officer")
    reference, part, token = look_up(services, admin, follow)
    address = f"/admin/requests/parts/{part}"
    page = admin.post(address, data={"csrf": token, "reference": reference, "reason": "marker-reason: a court order."})
    assert page.url.path == address
    assert FORM.lay_summary in page.text
    assert "You read this in an emergency" in page.text
    assert set(re.findall(r'<form[^>]*action="([^"]+)"', page.text)) <= {"/sign-out", "/search"}, "nothing can be done here"
    assert second.get(address).status_code == 404, "it is open to who opened it"
    before = database_digest(services.store)
    assert admin.get(f"/w/alpha/requests/{part}").status_code == 404
    assert admin.post(f"/w/alpha/requests/{part}", data={"csrf": token, "command": "acknowledge"}).status_code == 404
    assert database_digest(services.store) == before
    deliver_due(services.store, services.channels, now=services.clock())
    for told in (HANDLER, OFFICER):
        letters = [text_of(letter) for letter in post.to(told) if "emergency" in text_of(letter)]
        assert len(letters) == 1, told
        assert FORM.title not in letters[0]
    handler = holder(services, HANDLER, "handler", "alpha")
    assert "marker-reason" in handler.get(f"/w/alpha/requests/{part}").text
    assert "marker-reason" not in handler.get(follow).text
    assert "emergency" not in handler.get(follow).text
    with services.store.reading() as session:
        row = accounts.by_address(session, ADMIN)
        assert row is not None
        noted = {one.action for one in session.scalars(select(AuditRow).where(AuditRow.stream == "organisation/alpha", AuditRow.actor == row.subject))}
    assert {"request.break_glass_view", "part.read"} <= noted


def test_R24_it_closes_after_one_hour(services: Services, post: Post) -> None:
    sent(services)
    holder(services, ADMIN, "admin")
    admin = person(services, ADMIN)
    with services.store.reading() as session:
        part = requests.parts_of_custodian(session, "alpha")[0].part.public_id
    at = services.clock()
    break_glass.break_glass(services.store, services.sealer, admin, part, reason="A court order.", now=at)
    hour = timedelta(hours=1)
    assert break_glass.opened(services.store, admin, part, now=at + hour - timedelta(seconds=1)).until == at + hour
    for late in (hour, hour + timedelta(seconds=1)):
        with pytest.raises(NotFound):
            break_glass.opened(services.store, admin, part, now=at + late)


def test_R24_a_part_whose_custodian_is_not_known_can_be_read_in_an_emergency(services: Services, post: Post) -> None:
    admin = holder(services, ADMIN, "admin")
    done = submit(services.store, services.sealer, dataset_refs=[orphan(services.store)], now=services.clock())
    page = admin.get(f"/admin/requests?reference={done.reference}").text
    found = re.search(r'action="(/admin/requests/parts/[0-9a-f]+)"', page)
    assert found is not None
    data = {"csrf": hidden(page, "csrf"), "reference": done.reference, "reason": "A court order."}
    assert "Nobody else would be told" in admin.post(found[1], data=data).text
    holder(services, OFFICER, "privacy_officer")
    read = admin.post(found[1], data=data)
    assert read.status_code == 200
    assert FORM.lay_summary in read.text
    assert "Custodian not known" in read.text
    deliver_due(services.store, services.channels, now=services.clock())
    assert any(done.reference in text_of(letter) for letter in post.to(OFFICER))
    part = found[1].rsplit("/", 1)[1]
    with services.store.reading() as session:
        streams = set(session.scalars(select(AuditRow.stream).where(AuditRow.object == f"part/{part}", AuditRow.action == "part.read")))
    assert streams == {"gateway"}

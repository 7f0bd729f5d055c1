"""People of a request: invited, joined, writing together, handed the lead, removed. Each sees and does what section 12 of the design says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from gateway.access import drafts
from gateway.access.deliver import deliver_due
from gateway.access.routes import set_route
from gateway.accounts.setup import grant
from gateway.accounts.tables import ProfileItem
from gateway.models import DataUse, RequestMember, Upload
from gateway.privacy.retention import Means, purge
from gateway.store import accounts, profiles, request_members, requests
from gateway.wiring import Services
from tests.accounts.people import browser, hidden, link_in, member
from tests.gateway.asking import FORM, Post, applicant, send, text_of, written
from tests.journeys.gateways import two_custodians
from tests.journeys.test_workspace import HANDLER, hidden_person, part_path, press

GRACE, EVE = "grace@university.example", "eve@elsewhere.example"


@pytest.fixture
def services(tmp_path: Path, database_url: str | None, post: Post) -> Iterator[Services]:
    with two_custodians(tmp_path, database_url, mail_url=post.url) as built:
        for slug in ("alpha", "beta"):
            set_route(built.store, built.sealer, custodian=slug, channel="portal", target=f"https://{slug}.example/apply")
        member(built, HANDLER, name="Handler")
        grant(built.store, address=HANDLER, role="handler", custodian="alpha", granted_by="operator", now=built.clock())
        set_route(built.store, built.sealer, custodian="alpha", channel="committee", target="workspace")
        yield built


@pytest.fixture
def lead(services: Services) -> TestClient:
    return member(services, FORM.email, name=FORM.name, has_app=True)


@pytest.fixture
def draft(services: Services, lead: TestClient) -> str:
    """The reference of a complete draft to both custodians."""
    return written(services.store, services.sealer, dataset_refs=[one.row.record.ref for one in services.catalogue.listing()], now=services.clock())


def do(client: TestClient, reference: str, what: str, *, expect: int = 200, **fields: str) -> str:
    path = f"/account/requests/{reference}/people"
    answer = client.post(path, data={"csrf": hidden(client.get("/account").text, "csrf"), "do": what, **fields})
    assert answer.status_code == expect, re.sub(r"<[^>]+>|\s+", " ", answer.text)[-1500:]
    return answer.text


def invited(services: Services, post: Post, lead: TestClient, reference: str, address: str = GRACE) -> str:
    """The path that the letter holds."""
    do(lead, reference, "invite", email=address, role="analyst", needs_access="yes")
    deliver_due(services.store, services.channels, now=services.clock())
    return link_in(text_of(post.to(address)[-1]))


def accept(client: TestClient, path: str, *, expect: int = 200, **more: str) -> str:
    page = client.get(path).text
    answer = client.post(path, data={"csrf": hidden(page, "csrf"), "accepted": hidden_value(page), **more})
    assert answer.status_code == expect, answer.text
    return answer.text


def hidden_value(page: str) -> str:
    found = re.search(r'name="accepted" value="(\w+)"', page)
    assert found is not None
    return found[1]


def joined(services: Services, post: Post, lead: TestClient, reference: str) -> TestClient:
    grace = member(services, GRACE, name="Grace Marker", has_app=True)
    accept(grace, invited(services, post, lead, reference))
    return grace


def number(page: str) -> str:
    found = re.findall(r'name="member" value="(\d+)"', page)
    assert found
    return str(found[-1])


def send_it(services: Services, reference: str) -> str:
    return f"/requests/{send(services.store, services.sealer, applicant(services.store, now=services.clock()), reference, now=services.clock()).follow_token}"


def test_an_invitation_works_once_for_its_address_with_a_second_factor_and_the_terms(services: Services, post: Post, lead: TestClient, draft: str) -> None:
    path = invited(services, post, lead, draft)
    plain = member(services, GRACE, name="Grace Marker")
    assert plain.get(f"/requests/{draft}").status_code == 404
    assert "second step" in plain.get(path).text
    assert plain.post(path, data={"csrf": hidden(plain.get("/account").text, "csrf"), "accepted": "x"}).status_code == 422
    grace = member(services, GRACE, name="Grace Marker", has_app=True)
    page = grace.get(path).text
    assert FORM.title not in page, "the project is not told before they join"
    assert "Read the terms" in grace.post(path, data={"csrf": hidden(page, "csrf")}).text
    accept(grace, path)
    assert FORM.title in grace.get(f"/requests/{draft}").text
    assert grace.get(path).status_code == 404, "a link works once"
    assert draft in grace.get("/account").text


def test_another_address_joins_only_once_the_lead_confirms(services: Services, post: Post, lead: TestClient, draft: str) -> None:
    path = invited(services, post, lead, draft)
    eve = member(services, EVE, name="Eve", has_app=True)
    assert "another address" in eve.get(path).text
    accept(eve, path)
    assert eve.get(f"/requests/{draft}").status_code == 404
    page = lead.get(f"/account/requests/{draft}/people").text
    assert EVE in page
    do(eve, draft, "confirm", expect=404, member=number(page))
    do(lead, draft, "confirm", member=number(page))
    assert eve.get(f"/requests/{draft}").status_code == 200


def test_an_invitation_ends_after_seven_days_and_is_forgotten(services: Services, post: Post, lead: TestClient, draft: str) -> None:
    invited(services, post, lead, draft)
    with services.store.transaction() as tx:
        (row,) = tx.session.query(RequestMember).all()
        assert row.ends_at - row.invited_at == timedelta(days=7)
        assert request_members.by_digest(tx.session, row.digest or "", now=row.ends_at) is None
        assert request_members.by_digest(tx.session, row.digest or "", now=row.ends_at - timedelta(seconds=1)) is not None
        ends = row.ends_at
    purge(services.store, Means(services.sealer, services.channels.addresses), now=ends + timedelta(days=7, seconds=1))
    with services.store.reading() as session:
        assert session.query(RequestMember).all() == []


def test_nothing_is_sent_while_somebody_who_needs_access_is_missing(services: Services, post: Post, lead: TestClient, draft: str) -> None:
    invited(services, post, lead, draft)
    page = lead.get(f"/requests/{draft}/check").text
    parts = re.findall(r'name="parts" value="(\w+)"', page)
    advice = re.findall(r'name="advice" value="(\w+)"', page)
    answer = lead.post(f"/requests/{draft}/check", data={"csrf": hidden(page, "csrf"), "parts": parts, "advice": advice})
    assert answer.status_code == 422
    assert GRACE in answer.text
    do(lead, draft, "take-back", member=number(lead.get(f"/account/requests/{draft}/people").text))
    answer = lead.post(f"/requests/{draft}/check", data={"csrf": hidden(page, "csrf"), "parts": parts, "advice": advice})
    assert answer.url.path == f"/requests/{draft}/sent", answer.text


def test_section_12_a_collaborator_reads_it_all_writes_answers_and_decides_nothing(services: Services, post: Post, lead: TestClient, draft: str) -> None:
    grace = joined(services, post, lead, draft)
    page = grace.get(f"/requests/{draft}/project").text
    data = {"csrf": hidden(page, "csrf"), "version": hidden(page, "version"), "shown": "project.lay_summary", "project.lay_summary": "marker-by-grace", "then": "later"}
    assert grace.post(f"/requests/{draft}/project", data=data).status_code == 200
    assert "marker-by-grace" in lead.get(f"/requests/{draft}/project").text
    token = hidden(grace.get("/account").text, "csrf")
    assert grace.get(f"/requests/{draft}/check").status_code == 403
    for path in ("check", "datasets", "delete"):
        assert grace.post(f"/requests/{draft}/{path}", data={"csrf": token, "sure": "yes"}).status_code in (403, 404), path
    do(grace, draft, "invite", expect=404, email=EVE, role="analyst")
    do(grace, draft, "remove", expect=404, member="1")
    send_it(services, draft)
    base = f"/account/requests/{draft}"
    page = grace.get(base).text
    assert "Withdraw" not in page
    post_to = re.search(rf'action="({base}/parts/\w+)"', page)
    assert post_to is not None
    assert grace.post(post_to[1], data={"csrf": token, "command": "withdraw"}).status_code == 403
    assert grace.post(post_to[1], data={"csrf": token, "command": "message", "text": "marker-message"}).status_code == 200
    handler = member(services, HANDLER, name="Handler")
    shown = handler.get(part_path(handler)).text
    assert "marker-message" in shown
    assert "Grace Marker" in shown
    assert GRACE in shown
    reviewer = member(services, "reviewer@alpha.example", name="Reviewer")
    grant(services.store, address="reviewer@alpha.example", role="reviewer", custodian="alpha", granted_by="operator", now=services.clock())
    path = part_path(handler)
    assert reviewer.get(path).status_code == 404, "nobody asked for a review"
    press(handler, path, "acknowledge")
    press(handler, path, "request_review", person=hidden_person(handler, path, "Reviewer"))
    shown = reviewer.get(part_path(reviewer)).text
    assert "Grace Marker" in shown
    assert GRACE not in shown, "reviewers see names, not addresses"


def test_A18_a_collaborator_cannot_act_for_the_custodian(services: Services, post: Post, lead: TestClient, draft: str) -> None:
    grace = joined(services, post, lead, draft)
    grant(services.store, address=GRACE, role="handler", custodian="alpha", granted_by="operator", now=services.clock())
    send_it(services, draft)
    shown = grace.get(part_path(grace))
    assert (shown.status_code, "You are on this request yourself" in shown.text) == (403, True)
    token = hidden(grace.get("/account").text, "csrf")
    assert grace.post(part_path(grace), data={"csrf": token, "version": "9", "command": "acknowledge"}).status_code == 403


def test_the_lead_is_handed_over_when_the_other_accepts(services: Services, post: Post, lead: TestClient, draft: str) -> None:
    grace = joined(services, post, lead, draft)
    follow = send_it(services, draft)
    people = f"/account/requests/{draft}/people"
    do(grace, draft, "lead", expect=404)
    do(lead, draft, "offer", member=number(lead.get(people).text))
    assert browser(services).get(follow).status_code == 200, "nothing has changed yet"
    do(grace, draft, "decline")
    do(grace, draft, "lead", expect=404)
    do(lead, draft, "offer", member=number(lead.get(people).text))
    do(grace, draft, "lead")
    with services.store.reading() as session:
        request = requests.by_reference(session, draft)
        assert request is not None
        assert request.answers["outputs.register_names"] == "no", "the former lead did not answer for the new one"
    assert browser(services).get(follow).status_code == 404, "the private link was the former lead's"
    deliver_due(services.store, services.channels, now=services.clock())
    letters = [text_of(letter) for letter in post.to(HANDLER)]
    assert any("Somebody else leads" in letter for letter in letters)
    assert not any("Grace" in letter for letter in letters)
    assert "Grace Marker" in member(services, HANDLER, name="Handler").get(part_path(member(services, HANDLER, name="Handler"))).text
    assert "Withdraw" in grace.get(f"/account/requests/{draft}").text
    assert "Withdraw" not in lead.get(f"/account/requests/{draft}").text, "the former lead is a collaborator"
    do(grace, draft, "remove", member=number(grace.get(people).text))
    assert lead.get(f"/account/requests/{draft}").status_code == 404, "who leaves sees nothing more, at once"
    assert lead.get(people).status_code == 404
    assert draft not in lead.get("/account").text


def test_a_collaborator_names_evidence_with_its_paper_and_opens_it_until_they_leave(services: Services, post: Post, lead: TestClient, draft: str) -> None:
    grace = joined(services, post, lead, draft)
    send_it(services, draft)
    own = f"/account/requests/{draft}"
    page = grace.get(own).text
    part = re.search(rf'action="({own}/parts/[0-9a-f]+)"', page)
    assert part is not None
    named = {"csrf": hidden(page, "csrf"), "command": "add_evidence", "type": "REC", "reference": "20/EM/0148"}
    assert grace.post(part[1], data=named, files={"file": ("letter.txt", b"A favourable opinion.", "text/plain")}).status_code == 200
    with services.store.reading() as session:
        file = session.scalars(select(Upload)).one()
    address = f"/requests/{draft}/files/{file.public_id}"
    for client in (grace, lead):
        assert client.get(address).content == b"A favourable opinion."
    do(lead, draft, "remove", member=number(lead.get(f"{own}/people").text))
    assert grace.get(address).status_code == 404


def test_A29_the_register_names_those_who_agreed_themselves(services: Services, post: Post, lead: TestClient, draft: str) -> None:
    for address, name, more in ((GRACE, "Grace Marker", {"may_be_named": "yes"}), (EVE, "Eve Marker", {})):
        accept(member(services, address, name=name, has_app=True), invited(services, post, lead, draft, address), **more)
    keep(services, GRACE, "person", {"country": "United Kingdom", "orcid": "0000-0002-9079-593X"})
    keep(services, EVE, "person", {"country": "United Kingdom", "orcid": "0000-0001-5109-3700"})
    person = applicant(services.store, now=services.clock())
    drafts.save(services.store, services.sealer, person, draft, {"outputs.register_names": "yes"}, seen_version=99, now=services.clock())
    send_it(services, draft)
    handler = member(services, HANDLER, name="Handler")
    path = part_path(handler)
    decider = member(services, "decider@alpha.example", name="Decider", has_app=True)
    grant(services.store, address="decider@alpha.example", role="decider", custodian="alpha", granted_by="operator", now=services.clock())
    press(handler, path, "acknowledge")
    press(handler, path, "accept_for_review")
    press(decider, path, "approve", access_until="2027-12-31", access_mode="TRE")

    def named(field: str = "Applicant names") -> str:
        with services.store.reading() as session:
            return str(session.scalars(select(DataUse)).one().values[field])

    assert named() == f"{FORM.name}, Grace Marker"
    assert named("Applicant ID") == ", 0000-0002-9079-593X", "in the order of the names; the lead gave none"
    page = lead.get(f"/account/requests/{draft}/people").text
    do(lead, draft, "remove", member=re.findall(r'name="member" value="(\d+)"', page)[0])
    assert named() == FORM.name, "who left is named no more"


def keep(services: Services, address: str, group: str, facts: dict[str, str], *, verified_by: str | None = None) -> None:
    with services.store.transaction() as tx:
        account = accounts.by_address(tx.session, address)
        assert account is not None
        now = services.clock()
        profiles.add(tx.session, ProfileItem(
            account_id=account.id, group=group, facts=facts, created_at=now, updated_at=now, verified_by=verified_by, verified_at=now if verified_by else None,
        ))


def test_A29_the_register_tells_what_was_verified_of_the_lead_and_by_whom_else_it_was_approved(services: Services, lead: TestClient, draft: str) -> None:
    send_it(services, draft)
    handler = member(services, HANDLER, name="Handler")
    path = part_path(handler)
    decider = member(services, "decider@alpha.example", name="Decider", has_app=True)
    grant(services.store, address="decider@alpha.example", role="decider", custodian="alpha", granted_by="operator", now=services.clock())

    def told(field: str) -> str:
        with services.store.reading() as session:
            return str(session.scalars(select(DataUse)).one().values[field])

    press(handler, path, "acknowledge")
    press(handler, path, "add_evidence", type="REC", reference="20/EM/0148", issuer="London Central")
    press(handler, path, "accept_for_review")
    press(handler, path, "verify_evidence", evidence="REC 20/EM/0148")
    press(decider, path, "approve", access_until="2027-12-31", access_mode="TRE")
    assert (told("DEA accredited researcher?"), told("Other approval committees")) == ("Unknown", "London Central 20/EM/0148")
    keep(services, FORM.email, "accreditation", {"body": "UK Statistics Authority", "kind": "Accredited researcher"}, verified_by="The authority")
    press(handler, path, "issue_agreement", agreement="A 1")
    assert told("DEA accredited researcher?") == "Yes"


def test_S20_who_closes_an_account_leaves_and_is_not_named(services: Services, post: Post, lead: TestClient, draft: str) -> None:
    grace = joined(services, post, lead, draft)
    with services.store.reading() as session:
        account = accounts.by_address(session, GRACE)
        assert account is not None
        subject = account.subject
    answer = grace.post("/account/close", data={"csrf": hidden(grace.get("/account/close").text, "csrf"), "sure": "yes"})
    assert answer.status_code == 200
    with services.store.reading() as session:
        (row,) = [one for one in session.query(RequestMember).all() if one.subject == subject]
        assert row.left_at is not None
        assert (row.address, row.organisation) == (None, None)
    page = lead.get(f"/account/requests/{draft}/people").text
    assert "Grace" not in page
    send_it(services, draft)


def test_a_custodian_without_a_workspace_decides_by_letter_and_two_officers_record_it(services: Services, post: Post, lead: TestClient, draft: str) -> None:
    follow, applicant = send_it(services, draft), browser(services)
    officers = []
    for name in ("first", "second"):
        officers.append(member(services, f"{name}@gateway.example", name=name.title(), has_app=True))
        grant(services.store, address=f"{name}@gateway.example", role="triage", custodian=None, granted_by="operator", now=services.clock())
    first, second = officers
    paths = re.findall(r'href="(/triage/parts/\w+/outcome)"', first.get("/triage").text)
    assert len(paths) == 1, "alpha has a workspace, beta has none"
    assert FORM.title not in first.get(paths[0]).text, "triage reads no answers"
    token = hidden(first.get(paths[0]).text, "csrf")
    assert first.post(paths[0], data={"csrf": token, "do": "enter", "outcome": "approved"}).status_code == 422, "without the letter"
    conditional = {"csrf": token, "do": "enter", "outcome": "approved_conditionally", "letter": "3 March 2027, B/7, the chair"}
    assert first.post(paths[0], data=conditional).status_code == 422, "without the conditions"
    grant(services.store, address=FORM.email, role="triage", custodian=None, granted_by="operator", now=services.clock())
    own = {**conditional, "csrf": hidden(lead.get(paths[0]).text, "csrf"), "conditions": "Sign the licence"}
    assert "You are on this request yourself" in lead.post(paths[0], data=own).text
    assert first.post(paths[0], data={**conditional, "conditions": "Sign the licence"}).status_code == 200
    assert "on the request does not record" in lead.post(paths[0], data={"csrf": hidden(lead.get(paths[0]).text, "csrf"), "do": "confirm"}).text
    assert "Sign the licence" not in applicant.get(follow).text, "entered is not recorded"
    assert "Another officer" in first.post(paths[0], data={"csrf": token, "do": "confirm"}).text
    assert "Waits for a second officer" in second.get("/triage").text
    page = second.get(paths[0]).text
    assert "3 March 2027, B/7, the chair" in page
    assert second.post(paths[0], data={"csrf": hidden(page, "csrf"), "do": "confirm"}).url.path == "/triage"
    assert "Condition: Sign the licence" in applicant.get(follow).text
    assert second.get(paths[0]).status_code == 404
    handler = member(services, HANDLER, name="Handler")
    assert handler.get(paths[0]).status_code == 404

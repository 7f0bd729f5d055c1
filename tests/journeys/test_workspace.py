"""A request from the basket to the end of access: the applicant with a private link, the custodian's people in their workspace."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import docx
import pytest
from lxml import etree
from sqlalchemy import select
from starlette.testclient import TestClient

from frontend.words import PATIENT_DATA_ACKNOWLEDGEMENT
from gateway.access import drafts
from gateway.access.deliver import deliver_due
from gateway.access.register import HEADINGS, MINIMUM
from gateway.access.rerouting import reroute
from gateway.access.routes import set_route
from gateway.access.status import own_requests
from gateway.access.triage import triage
from gateway.accounts.setup import grant, withdraw
from gateway.audit.verify import verify
from gateway.errors import Conflict, NotFound, Unprocessable
from gateway.models import AuditRow
from gateway.store import audit, custodians, requests, routes
from gateway.web.auth import PART_SCOPES, create_key
from gateway.wiring import Services
from tests.accounts.people import browser, hidden, member
from tests.gateway.asking import FORM, Post, submit, text_of
from tests.gateway.asking import applicant as applicant_of
from tests.journeys.gateways import two_custodians

SOON, LATER = "2027-01-01", "2027-12-31"
HANDLER, DECIDER, REVIEWER = "handler@alpha.example", "decider@alpha.example", "reviewer@alpha.example"


@pytest.fixture
def services(tmp_path: Path, database_url: str | None, post: Post) -> Iterator[Services]:
    with two_custodians(tmp_path, database_url, mail_url=post.url) as built:
        yield built


@pytest.fixture
def team(services: Services) -> dict[str, TestClient]:
    """Handler, decider and reviewer of alpha, signed in; a handler of beta."""
    people = {}
    for address, role, custodian in (
        (HANDLER, "handler", "alpha"), (DECIDER, "decider", "alpha"), (REVIEWER, "reviewer", "alpha"), ("other@beta.example", "handler", "beta"),
    ):
        people[address] = member(services, address, name=address.split("@")[0].title(), has_app=role == "decider")
        grant(services.store, address=address, role=role, custodian=custodian, granted_by="operator", now=services.clock())
    for slug in ("alpha", "beta"):
        set_route(services.store, services.sealer, custodian=slug, channel="committee", target="workspace")
    return people


def sent(services: Services) -> str:
    """The applicant's path, after one request to both custodians."""
    refs = [published.row.record.ref for published in services.catalogue.listing()]
    done = submit(services.store, services.sealer, dataset_refs=refs, now=services.clock())
    deliver_due(services.store, services.channels, now=services.clock())
    return f"/requests/{done.follow_token}"


def rewrite(services: Services, summary: str) -> None:
    """The applicant changes the summary of the newest request, which came back."""
    person = applicant_of(services.store, now=services.clock())
    (found,) = own_requests(services.store, person)
    drafts.save(services.store, services.sealer, person, found.reference, {"project.lay_summary": summary}, seen_version=99, now=services.clock())


def part_path(client: TestClient, custodian: str = "alpha") -> str:
    found = re.search(rf'href="(/w/{custodian}/requests/[0-9a-f]+)"', client.get(f"/w/{custodian}/requests").text)
    assert found is not None
    return found[1]


def press(client: TestClient, path: str, command: str, *, expect: int = 200, **fields: str) -> str:
    page = client.get(path).text
    answer = client.post(path, data={"csrf": hidden(page, "csrf"), "version": hidden(page, "version"), "command": command, **fields})
    assert answer.status_code == expect, re.sub(r"<[^>]+>", " ", answer.text)[-1500:]
    return answer.text


def test_a_committee_takes_a_request_from_arrival_to_the_end_of_access(services: Services, post: Post, team: dict[str, TestClient]) -> None:
    follow, applicant = sent(services), browser(services)
    assert any("A researcher has asked" in text_of(letter) for letter in post.to(HANDLER))
    handler, decider, reviewer = team[HANDLER], team[DECIDER], team[REVIEWER]
    path = part_path(handler)
    press(handler, path, "acknowledge")
    assert "Your turn, " in handler.get(path).text
    press(handler, path, "return", comment="Which years do you need?", is_general="yes")
    for own_page in (path, path.rsplit("/", 1)[0]):
        assert "The applicant’s turn" in handler.get(own_page).text
    page = applicant.get(follow).text
    assert "Your turn, " in page
    assert "Which years do you need?" in page
    own = re.search(rf'action="({follow}/parts/[0-9a-f]+)"[^>]*>\s*<input[^>]*>\s*<input[^>]*>\s*<input type="hidden" name="command" value="resubmit"', page)
    assert own is not None
    press(applicant, follow, "message", expect=405)  # the page itself takes no posts: only its parts do
    rewrite(services, "We will study marker-new-summary.")
    answered = {"reply": "2004 to 2019.", "command": "resubmit"}
    assert applicant.post(own[1], data=answered).status_code == 200
    page = handler.get(path).text
    for words in ("2004 to 2019.", "marker-new-summary", "marker-summary"):
        assert words in page, "the answer, and what it said before"
    press(handler, path, "accept_for_review")
    press(handler, path, "request_review", person=hidden_person(handler, path, "Reviewer"))
    press(reviewer, path, "give_review", review="Sound methods.")
    press(handler, path, "remark", text="marker-internal", audience="internal")
    for client in (handler, reviewer):
        assert "Approve" not in re.findall(r'summary-text">([^<]+)<', client.get(path).text)
    assert "Fill in" in press(decider, path, "approve", expect=422)
    press(decider, path, "approve_conditionally", conditions="Send the ethics opinion\nName a contact", access_until=LATER, access_mode="TRE")
    press(handler, path, "confirm_conditions", **{"conditions.0": "met"}, expect=422)
    press(handler, path, "confirm_conditions", **{"conditions.0": "met", "conditions.1": "met"})
    press(handler, path, "issue_agreement", agreement="Data sharing agreement 1")
    press(handler, path, "sign_agreement")
    assert 'value="activate"' not in handler.get(path).text
    press(applicant, follow, "sign_agreement", expect=405)
    assert applicant.post(own[1], data={"command": "sign_agreement"}).status_code == 200
    assert applicant.get("/uses.json").json()["total"] == 0, "an approval alone publishes nothing"
    press(handler, path, "activate", access_mode="TRE", access_starts=SOON, access_ends=LATER, privacy_measures="Dates of birth were cut to years.")
    check_register(applicant)
    page = applicant.get(follow).text
    assert "Data available" in page
    for hidden_words in ("marker-internal", "Sound methods", "Reviewer"):
        assert hidden_words not in page
    press(decider, path, "suspend_access", reason="A question of security.")
    assert applicant.get("/uses.json").json()["uses"][0]["status"] == "suspended"
    press(decider, path, "resume_access")
    press(handler, path, "end", reason="finished")
    (ended,) = applicant.get("/uses.json?status=ended").json()["uses"]
    assert "The report at the end is due on" in applicant.get(f"/uses/{ended['id']}").text
    press(handler, path, "record_report", report="It stands at https://example.org/report.")
    page = applicant.get(f"/uses/{ended['id']}").text
    assert "report at the end" not in page
    assert 'href="https://example.org/report"' in page
    assert "Access ended" in applicant.get(follow).text
    assert "Fewer than five decisions" in applicant.get("/custodians/alpha").text
    deliver_due(services.store, services.channels, now=services.clock())
    subjects = [str(letter["Subject"]) for letter in post.to(FORM.email)]
    assert len(subjects) > 6
    assert not any("Alpha" in subject or "Marker" in subject for subject in subjects)


def check_register(client: TestClient) -> None:
    """A29: the entry holds the seven fields of the minimum set, in every form, and no person's name."""
    (use,) = client.get("/uses.json").json()["uses"]
    assert [HEADINGS[place] for place in MINIMUM if not use["fields"][HEADINGS[place]]] == []
    assert use["fields"]["Lay summary"] == "We will study marker-new-summary."
    rows = list(csv.reader(io.StringIO(client.get("/uses.csv").text)))
    assert rows[0][:32] == list(HEADINGS)
    assert rows[1][9] == FORM.title
    assert rows[1][30] == use["fields"]["How has data been processed to enhance privacy?"] == "Dates of birth were cut to years."
    assert use["project"]["title"] == FORM.title
    assert use["project"]["unique_id"] == use["fields"]["Project ID"]
    feed = etree.fromstring(client.get("/uses.atom").content)
    assert feed.findtext("{http://www.w3.org/2005/Atom}entry/{http://www.w3.org/2005/Atom}title") == FORM.title
    page = client.get(f"/uses/{use['id']}").text
    assert "marker-new-summary" in page
    assert PATIENT_DATA_ACKNOWLEDGEMENT in page
    for found in (page, client.get("/uses").text, client.get("/uses.csv").text, client.get(f"/uses/{use['id']}.json").text):
        assert FORM.name not in found
        assert FORM.email not in found
    ref = use["datasets"][0]["ref"]
    for query, total in (("q=marker", 1), ("q=nothing", 0), ("custodian=alpha", 1), ("custodian=beta", 0), (f"dataset={ref}", 1), ("dataset=zzz", 0),
                         (f"year={use['fields']['Latest approval date'][:4]}", 1), ("year=1999", 0), ("q=%25", 0), ("year=soon", 1)):
        assert client.get(f"/uses.json?{query}").json()["total"] == total, query
    assert client.get("/uses/0000000000").status_code == 404


def hidden_person(client: TestClient, path: str, name: str) -> str:
    found = re.search(rf'<option value="([0-9a-f]+)">{name}</option>', client.get(path).text)
    assert found is not None
    return found[1]


def test_s2_a_workspace_exists_for_its_own_people_alone(services: Services, team: dict[str, TestClient]) -> None:
    sent(services)
    path, other = part_path(team[HANDLER]), team["other@beta.example"]
    assert other.get("/w/alpha/requests").status_code == other.get("/w/nowhere/requests").status_code == 404
    assert other.get(path).status_code == 404
    assert other.get(path.replace("/w/alpha/", "/w/beta/")).status_code == 404, "another custodian's part under one's own address"
    theirs = other.get(part_path(other, "beta")).text
    assert other.post(path, data={"csrf": hidden(theirs, "csrf"), "command": "acknowledge"}).status_code == 404
    assert browser(services).get(path).url.path == "/sign-in"
    assert "Custodian Alpha" not in theirs, "nothing tells of the other custodians"


def test_s3_a_decision_needs_the_role_a_fresh_second_factor_and_an_up_to_date_page(services: Services, team: dict[str, TestClient]) -> None:
    sent(services)
    handler, decider = team[HANDLER], team[DECIDER]
    path = part_path(handler)
    page = handler.get(path).text
    press(handler, path, "acknowledge")
    stale = handler.post(path, data={"csrf": hidden(page, "csrf"), "version": hidden(page, "version"), "command": "return", "comment": "Why?", "is_general": "yes"})
    assert stale.status_code == 422
    assert "moment ago" in stale.text
    assert "Authenticator app" in press(handler, path, "approve", access_until=LATER, access_mode="TRE"), "led to where a second factor is set up"
    press(decider, path, "approve", expect=403, access_until=LATER, access_mode="TRE")
    press(handler, path, "accept_for_review")
    press(decider, path, "reject", code="feasible", reason="No", expect=422)
    press(decider, path, "reject", code="capacity", reason="We cannot do it this year.")
    press(decider, path, "reopen", reason="We can after all.")
    page = decider.get(path).text
    assert decider.post(path, data={"csrf": "forged", "version": hidden(page, "version"), "command": "return", "comment": "x"}).status_code == 403


def test_the_applicant_withdraws_one_part_and_the_other_goes_on(services: Services, team: dict[str, TestClient]) -> None:
    follow, applicant = sent(services), browser(services)
    with services.store.reading() as session:
        alpha, beta = (requests.parts_of_custodian(session, slug)[0].part for slug in ("alpha", "beta"))
    assert applicant.post(f"{follow}/parts/{alpha.public_id}", data={"command": "withdraw"}).status_code == 200
    again = applicant.post(f"{follow}/parts/{alpha.public_id}", data={"command": "withdraw"})
    assert again.status_code == 422
    assert applicant.post(f"{follow}/parts/{alpha.public_id}", data={"command": "approve"}).status_code == 422
    assert applicant.post(f"{follow}/parts/{'0' * 24}", data={"command": "withdraw"}).status_code == 404
    page = applicant.get(follow).text
    assert "Withdrawn" in page
    assert beta.public_id in page
    press(team["other@beta.example"], part_path(team["other@beta.example"], "beta"), "acknowledge")


def test_changed_answers_reach_the_custodians_that_have_not_decided(services: Services, team: dict[str, TestClient]) -> None:
    follow, applicant, other = sent(services), browser(services), team["other@beta.example"]
    handler, path, theirs = team[HANDLER], part_path(team[HANDLER]), part_path(other, "beta")
    press(handler, path, "acknowledge")
    press(handler, path, "return", comment="Say more.", is_general="yes")
    with services.store.reading() as session:
        alpha = requests.parts_of_custodian(session, "alpha")[0].part.public_id
    rewrite(services, "A much longer summary.")
    applicant.post(f"{follow}/parts/{alpha}", data={"command": "resubmit", "reply": "Yes."})
    page = other.get(theirs).text
    assert "A much longer summary." in page
    assert "Yes." not in page, "the reply was for the other custodian"


def test_an_account_holder_finds_own_requests_and_only_those(services: Services, team: dict[str, TestClient]) -> None:
    sent(services)
    me, somebody = member(services, FORM.email, name="Ada Marker-Name"), member(services, "eve@university.example", name="Eve")
    reference = re.search(r"/account/requests/(AR-\w+)", me.get("/account").text)
    assert reference is not None
    assert me.get(f"/account/requests/{reference[1]}").status_code == 200
    assert somebody.get(f"/account/requests/{reference[1]}").status_code == 404
    assert reference[1] not in somebody.get("/account").text
    page = me.get(f"/account/requests/{reference[1]}").text
    part = re.search(r'action="(/account/requests/[^"]+)"', page)
    assert part is not None
    assert me.post(part[1], data={"command": "withdraw"}).status_code == 403, "without the form's token"
    assert me.post(part[1], data={"command": "withdraw", "csrf": hidden(page, "csrf")}).status_code == 200


def test_a18_nobody_acts_on_a_request_of_their_own_or_after_declaring_a_conflict(services: Services, team: dict[str, TestClient]) -> None:
    applicant = member(services, FORM.email, name="Ada Marker-Name")
    grant(services.store, address=FORM.email, role="handler", custodian="alpha", granted_by="operator", now=services.clock())
    sent(services)
    path = part_path(team[HANDLER])
    press(team[HANDLER], path, "acknowledge")
    press(team[HANDLER], path, "request_review", person=hidden_person(team[HANDLER], path, "Reviewer"))
    assert "Ada Marker-Name</option>" not in team[HANDLER].get(path).text, "whoever is on the request is given nothing to do"
    press(team[HANDLER], path, "remark", text="marker-internal", audience="internal")
    press(team[REVIEWER], path, "declare_conflict", expect=403)
    for client, why in ((applicant, "You are on this request yourself"), (team[REVIEWER], "You declared a conflict of interest")):
        shown = client.get(path)
        assert shown.status_code == 403
        assert why in shown.text
        assert FORM.title in shown.text, "that it is there may be known"
        listed = client.get("/w/alpha/requests").text
        assert why in listed
        assert "Handled by" not in shown.text
        for words in ("marker-internal", "marker-summary", FORM.email):
            assert words not in shown.text
        assert client.get(f"{path}/applicant").status_code == 403
        token = hidden(client.get("/account").text, "csrf")
        assert client.post(path, data={"csrf": token, "version": "9", "command": "remark", "text": "x", "audience": "internal"}).status_code == 403
    assert "Your turn" in team[HANDLER].get(path).text


def test_a_custodian_whose_requests_come_to_its_workspace_keeps_a_handler(services: Services, team: dict[str, TestClient]) -> None:
    with pytest.raises(Conflict, match="last handler"):
        withdraw(services.store, address=HANDLER, role="handler", custodian="alpha", now=services.clock())
    with services.store.transaction() as tx:
        custodians.add(tx.session, name="Gamma", slug="gamma", now=services.clock())
    with pytest.raises(Unprocessable, match="Nobody there"):
        set_route(services.store, services.sealer, custodian="gamma", channel="committee", target="workspace")


def test_a_portal_gets_a_prefilled_export_and_the_decision_comes_back(services: Services, post: Post, team: dict[str, TestClient]) -> None:
    set_route(services.store, services.sealer, custodian="alpha", channel="portal", target="https://apply.alpha.example/new?x=1")
    follow, applicant, handler = sent(services), browser(services), team[HANDLER]
    page = applicant.get(follow).text
    assert "Go to apply.alpha.example" in page
    path = re.search(rf'href="({follow}/parts/[0-9a-f]+)/export.pdf"', page)
    assert path is not None
    files = {kind: applicant.get(f"{path[1]}/export.{kind}") for kind in ("pdf", "docx", "csv", "json")}
    assert all(file.status_code == 200 and file.headers["cache-control"] == "no-store" for file in files.values())
    assert files["pdf"].content.startswith(b"%PDF")
    words = " ".join(paragraph.text for paragraph in docx.Document(io.BytesIO(files["docx"].content)).paragraphs)
    assert FORM.title in words
    assert FORM.lay_summary in words
    assert files["json"].json()["answers"]["project.title"] == FORM.title
    assert next(csv.reader(io.StringIO(files["csv"].content.decode("utf-8-sig")))) == ["key", "question", "answer"]
    assert applicant.get(f"{path[1]}/export.exe").status_code == 404
    assert "Custodian Beta" not in files["json"].text
    assert applicant.post(path[1], data={"command": "record_reference", "reference": "ALPHA-77"}).status_code == 200
    assert applicant.post(path[1], data={"command": "report_outcome", "outcome": "approved"}).status_code == 200
    page = applicant.get(follow).text
    assert "ALPHA-77" in page
    assert "has not confirmed" in page
    assert applicant.get("/uses.json").json()["total"] == 0, "a reported outcome counts for nothing"
    press(handler, part_path(handler), "record_outcome", outcome="approved_conditionally", conditions="Sign the licence")
    assert "Condition: Sign the licence" in applicant.get(follow).text


def test_a12_a_part_without_a_route_waits_in_triage_and_is_passed_on(services: Services, post: Post, team: dict[str, TestClient]) -> None:
    with services.store.transaction() as tx:
        alpha = custodians.by_slug(tx.session, "alpha").id
        for route in routes.of_custodian(tx.session, alpha):
            route.health = "suspended"
    follow = sent(services)
    (waiting,) = triage(services.store)
    assert waiting.custodian_slug == "alpha"
    assert "finding the right desk" in browser(services).get(follow).text
    with pytest.raises(Conflict, match="no confirmed route"):
        reroute(services.store, services.sealer, waiting.part, reason="Asked by telephone", actor="operator", now=services.clock())
    set_route(services.store, services.sealer, custodian="alpha", channel="mailbox", target="access@alpha.example")
    assert reroute(services.store, services.sealer, waiting.part, reason="Asked by telephone", actor="operator", now=services.clock()).channel == "mailbox"
    deliver_due(services.store, services.channels, now=services.clock())
    assert len(post.to("access@alpha.example")) == 1
    assert triage(services.store) == []
    assert "Asked by telephone" in browser(services).get(follow).text
    with pytest.raises(NotFound):
        reroute(services.store, services.sealer, "0" * 24, reason="x", actor="operator", now=services.clock())


def test_a_custodians_own_system_works_on_its_requests_and_on_no_others(services: Services, team: dict[str, TestClient]) -> None:
    sent(services)
    client = browser(services)
    keys = {
        slug: {"Authorization": f"Bearer {create_key(services.store, name=slug, custodian=slug, scopes=PART_SCOPES, now=services.clock()).key}"}
        for slug in ("alpha", "beta")
    }
    (line,) = client.get("/api/v1/parts?stage=new", headers=keys["alpha"]).json()["items"]
    path = f"/api/v1/parts/{line['part']}"
    found = client.get(path, headers=keys["alpha"])
    assert found.json()["answers"]["project.title"] == FORM.title
    assert "acknowledge" in found.json()["allowed"]
    assert found.headers["cache-control"] == "no-store"
    assert "Beta" not in found.text
    assert client.get(path, headers=keys["beta"]).status_code == client.post(f"{path}/commands", json={"command": "acknowledge"}, headers=keys["beta"]).status_code == 404
    assert client.get(path).status_code == 401
    plain = create_key(services.store, name="push", custodian="alpha", now=services.clock())
    assert client.get(path, headers={"Authorization": f"Bearer {plain.key}"}).status_code == 403, "no key opens requests by default"
    given = {"command": "acknowledge", "version": found.json()["version"], "payload": {"delivery": "own-system-1"}}
    once = {**keys["alpha"], "Idempotency-Key": "first"}
    for _ in range(2):
        answer = client.post(f"{path}/commands", json=given, headers=once)
        assert (answer.status_code, answer.json()["state"]) == (200, "screening")
    stale = client.post(f"{path}/commands", json={"command": "accept_for_review", "version": 1}, headers=keys["alpha"])
    assert stale.status_code == 409
    unnamed = client.post(f"{path}/commands", json={"command": "reject", "payload": {"code": "capacity", "reason": "Full."}}, headers=keys["alpha"])
    assert unnamed.status_code == 409
    assert "name who decided" in unnamed.json()["detail"]
    named = {"code": "capacity", "reason": "Full.", "decided_by": "Committee", "decided_at": "2026-11-20"}
    assert client.post(f"{path}/commands", json={"command": "reject", "payload": named}, headers=keys["alpha"]).json()["state"] == "rejected"
    assert client.post(f"{path}/commands", json={"command": "vote", "payload": {"vote": "for"}}, headers=keys["alpha"]).status_code == 409


def removing(page: str, words: str) -> str:
    found = re.search(rf'<option value="([\w.]+)">[^<]*{words}[^<]*</option>', page)
    assert found is not None, f"{words} cannot be removed"
    return found[1]


def test_redact_takes_words_out_everywhere_and_leaves_the_event_and_its_digest(services: Services, team: dict[str, TestClient]) -> None:
    follow, applicant, handler = sent(services), browser(services), team[HANDLER]
    path = part_path(handler)
    own = re.search(rf'action="({follow}/parts/[0-9a-f]+)"', applicant.get(follow).text)
    assert own is not None
    assert applicant.post(own[1], data={"command": "message", "text": "My patient marker-patient fell ill."}).status_code == 200
    press(handler, path, "remark", text="marker-desk", audience="party")
    page = applicant.get(follow).text
    assert "marker-desk" in page
    with pytest.raises(AssertionError, match="cannot be removed"):
        removing(page, "marker-desk")
    theirs = removing(handler.get(path).text, "marker-desk")
    assert applicant.post(own[1], data={"command": "redact", "what": theirs, "reason": "Not ours"}).status_code == 422, "the custodian's words are not the applicant's"
    press(handler, path, "redact", what="event.999", reason="x", expect=422)
    press(handler, path, "redact", what=removing(handler.get(path).text, "marker-patient"), reason="It names a patient.")
    with services.store.reading() as session:
        part = requests.parts_of_custodian(session, "alpha")[0].part
        history = requests.history(session, part.id)
        kept = {event.event: event for event in history}
        assert kept["message.sent"].payload == {"is_redacted": True}
        noted = session.scalars(select(AuditRow).where(AuditRow.object == f"part/{part.public_id}/{kept['message.sent'].version}")).one()
        assert len(noted.digest) == 64
        assert audit.is_payload(session, noted.stream, noted.sequence, {}) is None, "the salt is gone: nobody can try texts"
    for text in (applicant.get(follow).text, handler.get(path).text):
        assert "marker-patient" not in text
        assert "What stood here was removed." in text
        assert "It names a patient." in text
    assert applicant.post(own[1], data={"command": "redact", "what": "answer.project.lay_summary", "reason": "Too much"}).status_code == 200
    assert "marker-summary" not in handler.get(path).text
    other = team["other@beta.example"]
    assert "marker-summary" in other.get(part_path(other, "beta")).text, "each custodian's copy is its own"
    assert verify(services.store, services.audit_signer, stream="organisation/alpha").wrong == ()


def test_a_handler_lets_a_request_go_on_in_the_custodians_own_form(services: Services, team: dict[str, TestClient]) -> None:
    follow, applicant, handler = sent(services), browser(services), team[HANDLER]
    path = part_path(handler)
    assert "Let it go on in our own form" not in handler.get(path).text, "no form of its own is confirmed"
    press(handler, path, "redirect", expect=403)
    set_route(services.store, services.sealer, custodian="alpha", channel="portal", target="https://apply.alpha.example/new", scope="collection", scope_ref="Biobank")
    press(handler, path, "redirect")
    page = applicant.get(follow).text
    assert "With the custodian’s own system" in page
    assert "Go to apply.alpha.example" in page
    assert "/export.pdf" in page

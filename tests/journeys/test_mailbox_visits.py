"""A custodian with nothing but a mailbox: it reads with a code, acknowledges and writes, on the page or by mail. Never a decision."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import select, update
from starlette.testclient import TestClient

from gateway.access import drafts
from gateway.access.commands import Command, answer, perform
from gateway.access.deliver import deliver_due
from gateway.access.policy import DEFAULT, kept
from gateway.access.rerouting import reroute
from gateway.access.routes import set_route
from gateway.access.visits import CODE_WORKS, TRIES, VISIT_LASTS
from gateway.accounts.tables import Account
from gateway.enquiries.receiving import receive
from gateway.models import AuditRow, MailboxVisit, Route
from gateway.store import clocks, custodians, requests
from gateway.wiring import Services
from tests.accounts.people import browser
from tests.gateway.asking import MAILBOX, Post, applicant, text_of
from tests.journeys.gateways import add_files, document, harvest, make_services, write_documents
from tests.journeys.sending import Sent, send

SECRET_WORDS = ("marker-summary", "Marker-Title", "Ada Marker-Name")


@pytest.fixture
def services(tmp_path: Path, database_url: str | None, post: Post) -> Iterator[Services]:
    built = make_services(tmp_path / "data", database_url, worker=False, mail_url=post.url)
    try:
        with built.store.transaction() as tx:
            custodians.add(tx.session, name="Custodian Alpha", slug="alpha", now=built.clock())
        write_documents(tmp_path / "alpha", [document(0)])
        harvest(built, add_files(built, tmp_path / "alpha", name="Feed alpha", custodian="alpha"))
        set_route(built.store, built.sealer, custodian="alpha", channel="mailbox", target=MAILBOX)
        yield built
    finally:
        built.close()


def deliver(services: Services) -> None:
    deliver_due(services.store, services.channels, now=services.clock())


def asked(services: Services) -> Sent:
    sent = send(services, [published.row.record.ref for published in services.catalogue.listing()])
    deliver(services)
    return sent


def link(post: Post) -> str:
    return links(post)[0]


def links(post: Post) -> list[str]:
    """Of all letters, the oldest first."""
    return [found[0] for letter in post.to(MAILBOX) if (found := re.search(r"/acknowledge/[\w-]+", text_of(letter)))]


def code(services: Services, post: Post) -> str:
    deliver(services)
    found = re.search(r"is (\d{8})\.", text_of(post.to(MAILBOX)[-1]))
    assert found is not None
    return found[1]


def opened(services: Services, post: Post, client: TestClient) -> str:
    page = link(post)
    assert "marker-summary" in visited(services, post, client, page)
    return page


def visited(services: Services, post: Post, client: TestClient, page: str) -> str:
    """What the page shows with the code."""
    client.post(f"{page}/code")
    return client.post(f"{page}/open", data={"code": code(services, post)}).text


def part(services: Services) -> requests.PartRow:
    with services.store.reading() as session:
        return requests.parts_of_custodian(session, "alpha")[0]


def answered(services: Services, sent: Sent, text: str) -> None:
    """The custodian asked back, and the applicant answers: a second letter goes out."""
    public_id, now = part(services).part.public_id, services.clock()
    perform(services.store, services.sealer, public_id, Command(name="acknowledge", role="handler", actor="x", payload={"delivery": "d"}), now=now)
    asking = {"comment": "Say more.", "is_general": True}
    perform(services.store, services.sealer, public_id, Command(name="return", role="handler", actor="x", payload=asking), now=now)
    person = applicant(services.store, now=now)
    drafts.save(services.store, services.sealer, person, sent.reference, {"project.lay_summary": text}, seen_version=99, now=now)
    answer(services.store, services.sealer, public_id, reply="Here it is.", expected_version=None, now=services.clock())
    deliver(services)


def test_a_custodian_with_nothing_but_a_mailbox_completes_a_request_from_first_message_to_acknowledgement(services: Services, post: Post) -> None:
    sent = asked(services)
    (letter,) = post.to(MAILBOX)
    assert not any(words in letter.as_string() for words in SECRET_WORDS)
    desk, page = browser(services), link(post)
    first = desk.get(page).text
    assert sent.reference in first
    assert not any(words in first for words in SECRET_WORDS), "the link alone shows nothing"
    opened(services, post, desk)
    desk.post(f"{page}/message", data={"text": "Which years, marker-asked?"})
    assert "Receipt is confirmed" in desk.post(page).text
    follow = sent.applicant.get(sent.path).text
    assert "Which years, marker-asked?" in follow
    assert "The custodian confirmed that it has the request" in follow
    with services.store.reading() as session:
        assert session.query(Account).filter(Account.address == MAILBOX).count() == 0
        (state,) = [part.part.state for part in requests.parts_of_custodian(session, "alpha")]
    assert state == "screening"


def test_the_visit_reads_acknowledges_and_writes_and_nothing_else(services: Services, post: Post) -> None:
    asked(services)
    desk = browser(services)
    page = opened(services, post, desk)
    for path in (f"{page}/approve", f"{page}/reject"):
        assert desk.post(path, data={"text": "x"}).status_code in (404, 405)
    assert desk.post(f"{page}/message", data={"text": " "}).status_code == 422
    other = browser(services)
    assert not any(words in other.get(page).text for words in SECRET_WORDS), "another browser sees nothing"
    assert other.post(page).status_code == 403
    assert other.post(f"{page}/message", data={"text": "x"}).status_code == 403


def test_a_code_works_for_ten_minutes_with_five_tries_in_its_own_browser(services: Services, post: Post) -> None:
    asked(services)
    page, desk, other = link(post), browser(services), browser(services)
    desk.post(f"{page}/code")
    right = code(services, post)
    assert "This code is not right" in other.post(f"{page}/open", data={"code": right}).text
    for _ in range(TRIES):
        assert "This code is not right" in desk.post(f"{page}/open", data={"code": "0" * 8 if right != "0" * 8 else "1" * 8}).text
    assert "This code is not right" in desk.post(f"{page}/open", data={"code": right}).text, "five tries"
    desk.post(f"{page}/code")
    right = code(services, post)
    age(services, created=CODE_WORKS)
    assert "This code is not right" in desk.post(f"{page}/open", data={"code": right}).text, "ten minutes"
    opened(services, post, desk)
    age(services, opened=VISIT_LASTS)
    assert not any(words in desk.get(page).text for words in SECRET_WORDS), "one hour"
    assert [desk.post(f"{page}/code").status_code for _ in range(3)][-1] == 429


def test_a_custodian_may_forbid_visits(services: Services, post: Post) -> None:
    with services.store.transaction() as tx:
        one = custodians.by_slug(tx.session, "alpha")
        clocks.add_policy(tx.session, one.id, {**kept(DEFAULT), "mailbox_visits": False}, by="operator", now=services.clock() - timedelta(minutes=1))
    asked(services)
    assert browser(services).post(f"{link(post)}/code").status_code == 403
    assert len(post.to(MAILBOX)) == 1


def test_an_answer_by_mail_is_a_message_and_never_a_decision(services: Services, post: Post) -> None:
    sent = asked(services)
    (letter,) = post.to(MAILBOX)
    answer = EmailMessage()
    answer["From"], answer["To"], answer["Subject"] = MAILBOX, str(letter["Reply-To"]), "Re: approved"
    answer.set_content("Approved! marker-by-mail")
    assert receive(services.store, services.sealer, answer.as_bytes(), now=services.clock()).is_taken
    assert not receive(services.store, services.sealer, answer.as_bytes(), now=services.clock()).is_taken, "once"
    page = sent.applicant.get(sent.path).text
    assert "marker-by-mail" in page
    with services.store.reading() as session:
        assert [part.part.state for part in requests.parts_of_custodian(session, "alpha")] == ["submitted"]


def test_the_link_of_an_earlier_letter_leads_to_the_request_as_it_is_now(services: Services, post: Post) -> None:
    sent = asked(services)
    answered(services, sent, "We will study marker-second.")
    former, newest = links(post)
    assert former != newest
    for page in (former, newest):
        desk = browser(services)
        shown = visited(services, post, desk, page)
        assert "marker-second" in shown
        assert "Your message was sent" in desk.post(f"{page}/message", data={"text": f"Written at {page[-4:]}"}).text
    told = sent.applicant.get(sent.path).text
    assert all(f"Written at {page[-4:]}" in told for page in (former, newest))


def test_a_former_link_ends_with_the_request_and_says_so(services: Services, post: Post) -> None:
    sent = asked(services)
    answered(services, sent, "We will study marker-second.")
    former, newest = links(post)
    perform(services.store, services.sealer, part(services).part.public_id, Command(name="withdraw", role="lead", actor="x", payload={}), now=services.clock())
    ended, unknown = (browser(services).get(page) for page in (former, "/acknowledge/never-was"))
    assert (ended.status_code, unknown.status_code) == (404, 404)
    assert "is over, or went another way" in ended.text
    assert "is over, or went another way" not in unknown.text
    assert browser(services).get(newest).status_code == 200


def test_a_former_link_does_not_follow_the_request_to_another_desk(services: Services, post: Post) -> None:
    asked(services)
    public_id = part(services).part.public_id
    reroute(services.store, services.sealer, public_id, reason="They lost the letter.", actor="x", now=services.clock())
    deliver(services)
    former, newest = links(post)
    assert [browser(services).get(page).status_code for page in (former, newest)] == [200, 200]
    with services.store.transaction() as tx:
        tx.session.scalars(select(Route)).one().health = "suspended"
    set_route(services.store, services.sealer, custodian="alpha", channel="portal", target="https://portal.example/")
    reroute(services.store, services.sealer, public_id, reason="They have a form of their own.", actor="x", now=services.clock())
    assert [browser(services).get(page).status_code for page in (former, newest)] == [404, 404]


def test_S18_what_a_mailbox_reads_is_audited_as_what_other_staff_read(services: Services, post: Post) -> None:
    asked(services)
    desk, page, public_id = browser(services), link(post), part(services).part.public_id
    desk.get(page)
    assert reads(services) == [], "the page before the code shows nothing"
    opened(services, post, desk)
    assert reads(services) == [("organisation/alpha", f"part/{public_id}", "mailbox", "handler")]
    desk.get(page)
    assert len(reads(services)) == 2
    assert desk.post(f"{page}/message", data={"text": " "}).status_code == 422
    assert len(reads(services)) == 3, "the answers stand beside the mistake"
    desk.get(f"{page}/files/{'0' * 24}")
    assert len(reads(services)) == 3


def reads(services: Services) -> list[tuple[str, str, str, str]]:
    with services.store.reading() as session:
        rows = session.scalars(select(AuditRow).where(AuditRow.action == "part.read").order_by(AuditRow.sequence))
        return [(row.stream, row.object, row.actor, row.role) for row in rows]


def age(services: Services, *, created: timedelta = timedelta(), opened: timedelta = timedelta()) -> None:
    """Make every visit older."""
    with services.store.transaction() as tx:
        for visit in tx.session.query(MailboxVisit):
            values = {"created_at": visit.created_at - created}
            if visit.opened_at is not None:
                values["opened_at"] = visit.opened_at - opened
            tx.session.execute(update(MailboxVisit).where(MailboxVisit.digest == visit.digest).values(**values))

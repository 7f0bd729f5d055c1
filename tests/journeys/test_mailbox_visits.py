"""A custodian with nothing but a mailbox: it reads with a code, acknowledges and writes, on the page or by mail. Never a decision."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from gateway.access.deliver import deliver_due
from gateway.access.policy import DEFAULT, kept
from gateway.access.routes import set_route
from gateway.access.visits import CODE_WORKS, TRIES, VISIT_LASTS
from gateway.accounts.tables import Account
from gateway.enquiries.receiving import receive
from gateway.models import MailboxVisit
from gateway.store import clocks, custodians, requests
from gateway.wiring import Services
from tests.accounts.people import browser
from tests.gateway.asking import MAILBOX, Post, text_of
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
    found = re.search(r"/acknowledge/[\w-]+", text_of(post.to(MAILBOX)[0]))
    assert found is not None
    return found[0]


def code(services: Services, post: Post) -> str:
    deliver(services)
    found = re.search(r"is (\d{8})\.", text_of(post.to(MAILBOX)[-1]))
    assert found is not None
    return found[1]


def opened(services: Services, post: Post, client: TestClient) -> str:
    page = link(post)
    client.post(f"{page}/code")
    assert "marker-summary" in client.post(f"{page}/open", data={"code": code(services, post)}).text
    return page


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


def age(services: Services, *, created: timedelta = timedelta(), opened: timedelta = timedelta()) -> None:
    """Make every visit older."""
    with services.store.transaction() as tx:
        for visit in tx.session.query(MailboxVisit):
            values = {"created_at": visit.created_at - created}
            if visit.opened_at is not None:
                values["opened_at"] = visit.opened_at - opened
            tx.session.execute(update(MailboxVisit).where(MailboxVisit.digest == visit.digest).values(**values))

"""S19: mail arrives once and reveals nothing, whatever the mail server does."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from starlette.testclient import TestClient

from gateway.access import notices
from gateway.access.notices import Body, message, step
from gateway.app import create_app
from gateway.channels import mail as channel
from gateway.channels.mail import Letter, composed
from gateway.errors import Unprocessable
from gateway.jobs.housekeeping import Housekeeping
from gateway.mailing.returned import take_report
from gateway.mailing.sending import pause, send_next
from gateway.mailing.topics import TOPICS, due_at
from gateway.models import MailStanding, Message
from gateway.store import mail
from gateway.wiring import Services
from tests.accounts.people import hidden, member
from tests.journeys.gateways import make_services
from tests.mailing.smtp_process import MailServer, mail_process

ADA = "ada@university.example"
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
"""A Tuesday, in winter time."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MailServer]:
    with mail_process(tmp_path / "mail") as started:
        yield started


@pytest.fixture
def services(tmp_path: Path, database_url: str | None, server: MailServer) -> Iterator[Services]:
    built = make_services(tmp_path / "data", database_url, worker=False, mail_url=server.url)
    try:
        yield built
    finally:
        built.close()


def write(services: Services, key: str, *, topic: str = "service", to: str = ADA, now: datetime = NOW, text: str = "It happened.") -> None:
    with services.store.transaction() as tx:
        body = Body(text=text, path="/account")
        tx.session.add(message(services.sealer, key=key, to_address=to, subject=f"Access request {key}", body=body, now=now, topic=topic))


def send(services: Services, now: datetime = NOW) -> int:
    count = 0
    while send_next(services.store, services.channels, now) is not None:
        count += 1
    return count


def row(services: Services, key: str) -> Message:
    with services.store.reading() as session:
        return session.scalars(select(Message).where(Message.idempotency_key == key)).one()


@pytest.mark.parametrize("fault", ["rcpt 450 Later", "data 451 Later", "data 554 No", "hang", "drop", "drop-after"])
def test_S19_a_fault_of_the_server_delays_a_message_and_never_loses_it(
    services: Services, server: MailServer, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channel, "TIMEOUT_SECONDS", 1.0)
    write(services, "a")
    server.fail(fault)
    send(services)
    waiting = row(services, "a")
    assert (waiting.state, waiting.due_at) == ("pending", NOW + timedelta(seconds=10))
    server.fail()
    assert send(services, NOW + timedelta(seconds=9)) == 0
    assert send(services, NOW + timedelta(seconds=10)) == 1
    assert row(services, "a").state == "accepted"
    assert len(server.ids()) == (2 if fault == "drop-after" else 1), "the one possible duplicate"
    assert set(server.ids()) == {f"<{waiting.message_id}@example.org>"}


def test_S19_tries_come_ever_slower_and_end_after_three_days(services: Services, server: MailServer) -> None:
    for key, fault, state in (("soft", "rcpt 452 Full", "soft_bounced"), ("down", "data 451 Later", "failed")):
        write(services, key)
        server.fail(fault)
        tries, now = [], NOW
        while True:
            assert send(services, now) == 1
            tries.append(now)
            found = row(services, key)
            if found.due_at is None:
                break
            now = found.due_at
        pauses = [after - before for before, after in itertools.pairwise(tries)]
        assert pauses[:4] == [timedelta(seconds=seconds) for seconds in (10, 20, 40, 80)]
        assert max(pauses) == timedelta(hours=12) == pause(40)
        assert tries[-1] <= NOW + timedelta(days=3)
        assert (found.state, found.sent_at) == (state, None)
    assert server.received() == []


def test_S19_a_mailbox_that_refuses_for_good_gets_only_what_keeps_the_account_safe(services: Services, server: MailServer) -> None:
    write(services, "a")
    server.fail("rcpt 550 No such user")
    send(services)
    assert row(services, "a").state == "bounced"
    server.fail()
    for topic in TOPICS:
        write(services, topic, topic=topic)
    send(services)
    assert {topic: row(services, topic).state for topic in TOPICS} == {topic: "accepted" if topic == "security" else "suppressed" for topic in TOPICS}
    with services.store.reading() as session:
        (standing,) = session.scalars(select(MailStanding))
    assert ADA not in repr(vars(standing)), "remembered without being kept"


def report(message_id: str, *, status: str = "", kind: str = "delivery-status") -> bytes:
    """As RFC 3464 and RFC 5965 have them."""
    said = f"Reporting-MTA: dns; mail.example\r\n\r\nFinal-Recipient: rfc822; {ADA}\r\nAction: failed\r\nStatus: {status}\r\n"
    if kind == "feedback-report":
        said = "Feedback-Type: abuse\r\nUser-Agent: Example/1\r\nVersion: 1\r\n"
    return (
        f'From: <>\r\nTo: gateway@example.org\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type={kind}; boundary="x"\r\n\r\n'
        f"--x\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n--x\r\nContent-Type: message/{kind}\r\n\r\n{said}\r\n"
        f"--x\r\nContent-Type: text/rfc822-headers\r\n\r\nSubject: Access request\r\nMessage-ID: {message_id}\r\n\r\n--x--\r\n"
    ).encode()


def test_S19_reports_set_the_state_and_optional_mail_stops(services: Services, server: MailServer) -> None:

    def take(content: bytes) -> str | None:
        return take_report(services.store, services.channels.addresses, content, now=NOW)

    write(services, "first")
    send(services)
    sent = server.ids()[0]
    assert take(report("<0123456789@example.org>", status="5.1.1")) is None, "not one of ours"
    assert take(b"Subject: hello\r\n\r\nhello") is None
    assert take(report(sent, status="2.0.0")) is None
    assert take(report(sent, status="4.2.2")) == "soft_bounced"
    for _ in range(4):
        assert take(report(sent, status="4.2.2")) == "soft_bounced"
    states = {}
    for topic in ("progress", "turn"):
        write(services, topic, topic=topic)
        send(services)
        states[topic] = row(services, topic).state
    assert states == {"progress": "suppressed", "turn": "accepted"}
    write(services, "again", topic="progress")
    send(services)
    assert row(services, "again").state == "accepted", "what was taken since ends a row of soft bounces"
    assert take(report(sent, kind="feedback-report")) == "complained"
    write(services, "after", topic="progress")
    write(services, "turn2", topic="turn")
    send(services)
    assert (row(services, "after").state, row(services, "turn2").state, row(services, "first").state) == ("suppressed", "accepted", "complained")
    assert take(report(sent, status="5.1.1")) == "bounced"
    write(services, "turn3", topic="turn")
    send(services)
    assert row(services, "turn3").state == "suppressed"


def test_a_digest_is_one_message_at_seven_and_your_turn_does_not_wait(services: Services, server: MailServer) -> None:
    ada = member(services, ADA, name="Ada Marker")
    page = ada.get("/account/notifications").text
    answer = ada.post("/account/notifications", data={"csrf": hidden(page, "csrf"), "progress": "daily", "arrivals": "weekly", "handling": "daily", "searches": "daily"})
    assert "saved" in answer.text
    for number in range(3):
        letter = step(services.sealer, reference="AR-1", key=f"p{number}", event="part.validated", sentence=f"Step {number}", custodian="Alpha", to_address=ADA, now=NOW)
        with services.store.transaction() as tx:
            tx.session.add(letter)
    letter = step(services.sealer, reference="AR-1", key="turn", event="part.returned", sentence="Questions", custodian="Alpha", to_address=ADA, now=NOW)
    with services.store.transaction() as tx:
        tx.session.add(letter)
    write(services, "handler", topic="arrivals", text="Something came")
    assert send(services) == 1
    assert "Questions" in server.received()[0].get_content()
    page = ada.get("/account/notifications").text
    assert all(words in page for words in ("Step 0", "Step 2", "Questions", "Something came", "next daily message", "next weekly message"))
    server.forget()
    seven = datetime(2026, 11, 25, 7, 0, tzinfo=UTC)
    assert send(services, seven - timedelta(seconds=1)) == 0
    server.fail("data 451 Later")
    assert send(services, seven) == 1
    late = step(services.sealer, reference="AR-1", key="late", event="part.validated", sentence="Too late", custodian="Alpha", to_address=ADA, now=NOW)
    with services.store.transaction() as tx:
        tx.session.add(late)
    server.fail("drop-after")
    assert send(services, seven + timedelta(minutes=1)) == 2, "the one begun stays as it was; what came later is another"
    server.fail()
    send(services, seven + timedelta(minutes=5))
    texts = {str(one["Message-ID"]): one.get_content() for one in server.received()}
    assert len(texts) == 2
    assert sorted(sum(f"Step {number}" in text for number in range(3)) for text in texts.values()) == [0, 3]
    assert {str(one["Subject"]) for one in server.received()} == {"3 notices", "Access request AR-1: news"}
    server.forget()
    send(services, datetime(2026, 11, 30, 7, 0, tzinfo=UTC))
    assert "Something came" in server.received()[0].get_content(), "on Monday"


@pytest.mark.parametrize(
    ("how", "now", "due"), [
        ("daily", datetime(2026, 7, 1, 5, 59, tzinfo=UTC), datetime(2026, 7, 1, 6, 0, tzinfo=UTC)),
        ("daily", datetime(2026, 7, 1, 6, 0, tzinfo=UTC), datetime(2026, 7, 2, 6, 0, tzinfo=UTC)),
        ("daily", datetime(2026, 10, 24, 12, 0, tzinfo=UTC), datetime(2026, 10, 25, 7, 0, tzinfo=UTC)),
        ("daily", datetime(2027, 3, 27, 12, 0, tzinfo=UTC), datetime(2027, 3, 28, 6, 0, tzinfo=UTC)),
        ("weekly", datetime(2026, 11, 30, 6, 59, tzinfo=UTC), datetime(2026, 11, 30, 7, 0, tzinfo=UTC)),
        ("weekly", datetime(2026, 11, 30, 7, 0, tzinfo=UTC), datetime(2026, 12, 7, 7, 0, tzinfo=UTC)),
        ("at_once", NOW, NOW),
    ],
)
def test_digests_are_due_at_seven_in_london(how: str, now: datetime, due: datetime) -> None:
    assert due_at(how, now) == due  # type: ignore[arg-type]


def test_optional_mail_is_ended_with_one_post_and_stays_in_the_list(services: Services, server: MailServer) -> None:
    ada = member(services, ADA, name="Ada Marker")
    for key, topic in (("a", "progress"), ("b", "turn"), ("c", "security")):
        write(services, key, topic=topic, text=f"Text {key}")
    send(services)
    letters = {str(one["Subject"])[-1]: one for one in server.received()}
    assert letters["b"]["List-Unsubscribe"] is None is letters["c"]["List-Unsubscribe"]
    assert letters["a"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = str(letters["a"]["List-Unsubscribe"]).replace("\r\n ", "").strip("<>").replace("http://127.0.0.1:8000", "")
    program = TestClient(create_app(services=services), base_url="http://127.0.0.1")
    assert program.get(path).status_code == 200
    write(services, "d", topic="progress", text="Text d")
    send(services)
    assert row(services, "d").state == "accepted", "looking changes nothing"
    assert program.post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    write(services, "e", topic="progress", text="Text e")
    assert send(services) == 0
    assert row(services, "e").state == "suppressed"
    assert "Text e" in ada.get("/account/notifications").text
    assert program.post(path[:-4] + "AAAA").status_code == 404


def test_a_mailbox_that_came_back_is_used_again_after_a_link_to_it_was_opened(services: Services, server: MailServer) -> None:
    ada = member(services, ADA, name="Ada Marker")
    write(services, "a")
    server.fail("rcpt 550 No")
    send(services)
    server.fail()
    page = ada.get("/account/notifications").text
    assert "refused our mail" in page
    ada.post("/account/notifications/confirm", data={"csrf": hidden(page, "csrf")})
    send(services, datetime.now(UTC) + timedelta(minutes=1))
    text = server.received()[-1].get_content()
    path = text[text.index("/account/notifications/confirm/") :].split()[0]
    page = ada.get(path).text
    assert "Mail comes to you again" in ada.post(path, data={"csrf": hidden(page, "csrf")}).text
    write(services, "b")
    send(services)
    assert row(services, "b").state == "accepted"
    other = member(services, "eve@university.example", name="Eve")
    assert other.get(path).status_code == 404


TEXT = st.text(alphabet=st.characters(exclude_categories=()), max_size=60)


@given(to=TEXT, subject=TEXT)
def test_S19_no_header_value_begins_a_header_of_its_own(to: str, subject: str) -> None:
    letter = Letter(message_id="m1", to="a@example.org", subject=subject, text=f"To: {to}\nBcc: all@example.org", written_at=NOW)
    is_bad = any(ord(sign) < 32 or 127 <= ord(sign) < 160 or sign in "\u2028\u2029" or "\ud800" <= sign <= "\udfff" for sign in subject)
    try:
        written = composed(letter, sender="gateway@example.org").as_bytes()
    except Unprocessable:
        assert is_bad
        return
    assert not is_bad
    parsed = BytesParser(policy=policy.default).parsebytes(written)
    assert isinstance(parsed, EmailMessage)
    assert sorted(parsed.keys()) == [
        "Auto-Submitted", "Content-Transfer-Encoding", "Content-Type", "Date", "From", "MIME-Version", "Message-ID", "Subject", "To",
    ]
    assert parsed["Auto-Submitted"] == "auto-generated"
    assert parsed.get_content_type() == "text/plain"


@pytest.mark.parametrize("sign", ["\r", "\n", "\r\nBcc: all@example.org", "\x00", "\x85", "\u2028"])
def test_S19_what_mail_cannot_carry_is_refused_where_it_is_written(services: Services, sign: str) -> None:
    for to, subject in ((f"a{sign}@example.org", "s"), ("a@example.org", f"s{sign}")):
        with pytest.raises(Unprocessable, match="line break"):
            message(services.sealer, key="k", to_address=to, subject=subject, body=Body(text="t", path=None), now=NOW)


def test_S19_bodies_go_after_a_week_and_addresses_after_ninety_days(services: Services, server: MailServer) -> None:
    write(services, "sent")
    send(services)
    server.fail("rcpt 550 No")
    write(services, "bounced")
    send(services)
    assert row(services, "sent").sealed_body == ""
    assert row(services, "bounced").sealed_body != ""
    house: Housekeeping = services.housekeeping
    house.keep_house(now=NOW + timedelta(days=7))
    assert row(services, "bounced").sealed_body != ""
    house.keep_house(now=NOW + timedelta(days=7, seconds=1))
    assert row(services, "bounced").sealed_body == ""
    house.keep_house(now=NOW + timedelta(days=90))
    assert row(services, "sent").to_address == ADA
    house.keep_house(now=NOW + timedelta(days=90, seconds=1))
    assert row(services, "sent").to_address == mail.HASHED + services.channels.addresses.of(ADA)
    assert row(services, "sent").subject == ""


def test_S19_subjects_hold_a_reference_and_no_name(services: Services) -> None:
    letters = [
        step(services.sealer, reference="AR-1", key="1", event=event, sentence="Marker-Sentence", custodian="Marker-Custodian", to_address=ADA, now=NOW)
        for event in ("part.returned", "part.validated")
    ]
    letters.append(notices.arrived(services.sealer, reference="AR-1", key="2", path="/w/marker/requests/1", to_address=ADA, now=NOW))
    letters.append(notices.receipt(services.sealer, key="receipt.1", reference="AR-1", to_address=ADA, parts=2, path="/requests/token", now=NOW))
    for letter in letters:
        assert letter.subject.startswith("Access request AR-1: ")
        assert "Marker" not in letter.subject
        assert letter.link is None or "token" not in letter.link

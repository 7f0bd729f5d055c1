"""Questions to custodians: asked without an account, one thread for each custodian, answered at the desk or by mail."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient
from typer.testing import CliRunner

from gateway.access.deliver import deliver_due
from gateway.access.routes import set_route
from gateway.accounts.setup import grant
from gateway.cli.main import app
from gateway.enquiries.asking import ask
from gateway.enquiries.converting import convert
from gateway.enquiries.form import Question
from gateway.enquiries.keeping import CLOSE_AFTER, KEPT, due_at, keep
from gateway.enquiries.receiving import receive
from gateway.models import Custodian, Enquiry, EnquiryMessage, EnquiryThread, ReplyToken, Request
from gateway.store import custodians, enquiries
from gateway.wiring import Services
from tests.accounts.people import browser, hidden, link_in, member
from tests.gateway.asking import MAILBOX, Post, applicant, text_of
from tests.journeys.gateways import add_files, document, harvest, make_services, write_documents

ASKER, HANDLER = "ada@university.example", "handler@beta.example"
QUESTION = {"kind": "general", "question": "Do you hold marker-question data?", "name": "Ada Marker", "email": ASKER}


@pytest.fixture
def services(tmp_path: Path, database_url: str | None, post: Post) -> Iterator[Services]:
    """Alpha has a mailbox, beta people in the workspace, gamma nothing."""
    built = make_services(tmp_path / "data", database_url, worker=False, mail_url=post.url)
    try:
        for number, slug in enumerate(("alpha", "beta", "gamma")):
            with built.store.transaction() as tx:
                custodians.add(tx.session, name=f"Custodian {slug.title()}", slug=slug, now=built.clock())
            write_documents(tmp_path / slug, [document(number)])
            harvest(built, add_files(built, tmp_path / slug, name=f"Feed {slug}", custodian=slug))
        set_route(built.store, built.sealer, custodian="alpha", channel="mailbox", target=MAILBOX)
        yield built
    finally:
        built.close()


@pytest.fixture
def handler(services: Services) -> TestClient:
    client = member(services, HANDLER, name="Harriet Handler")
    grant(services.store, address=HANDLER, role="handler", custodian="beta", granted_by="operator", now=services.clock())
    return client


def refs(services: Services) -> list[str]:
    return [published.row.record.ref for published in services.catalogue.listing()]


def deliver(services: Services, **later: int) -> None:
    deliver_due(services.store, services.channels, now=services.clock() + timedelta(**later))


def asked(services: Services, post: Post, client: TestClient, **changes: Any) -> str:
    """The path of the enquirer's page, after the address was confirmed."""
    answer = client.post("/questions", data={**QUESTION, "d": refs(services), **changes})
    assert "Nothing has been sent yet" in answer.text
    deliver(services)
    path = link_in(text_of(post.to(ASKER)[-1]))
    page = client.get(path).text
    assert "marker-question" in page
    sent = client.post(path)
    assert "Your question was sent" in sent.text, sent.text
    deliver(services)
    return str(sent.url.path)


def threads(services: Services) -> dict[str, EnquiryThread]:
    with services.store.reading() as session:
        return {row.custodian.slug: row.thread for row in enquiries.threads_of(session, 1) if row.custodian}


def count(services: Services, table: Any) -> int:
    with services.store.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def reply_to(letter: EmailMessage, text: str, *, sender: str, html: bool = False, **headers: str) -> bytes:
    answer = EmailMessage()
    answer["From"], answer["To"], answer["Subject"] = f"Somebody <{sender}>", str(letter["Reply-To"]), f"Re: {letter['Subject']}"
    for name, value in headers.items():
        answer[name.replace("_", "-")] = value
    answer.set_content(text, subtype="html" if html else "plain")
    return answer.as_bytes()


def test_nothing_is_sent_before_the_address_is_confirmed(services: Services, post: Post) -> None:
    client = browser(services)
    client.post("/questions", data={**QUESTION, "d": refs(services)})
    deliver(services)
    assert [str(letter["To"]) for letter in post.received] == [ASKER]
    assert "marker-question" not in text_of(post.received[0])
    path = link_in(text_of(post.received[0]))
    assert client.get(path).status_code == 200
    assert count(services, EnquiryThread) == 0, "opening the link changes nothing"
    first, second = client.post(path), client.post(path)
    assert first.url.path == second.url.path
    assert count(services, EnquiryThread) == 3, "a second press sends nothing again"


def test_every_custodian_has_its_own_thread_and_one_that_fails_stops_no_other(services: Services, post: Post, handler: TestClient) -> None:
    post.refuse[MAILBOX] = "550 no such mailbox"
    client = browser(services)
    page = client.get(asked(services, post, client)).text
    assert {slug: (one.channel, one.state) for slug, one in threads(services).items()} == {
        "alpha": ("mailbox", "with_custodian"), "beta": ("workspace", "with_custodian"), "gamma": ("triage", "new"),
    }
    assert "refused the message. The gateway’s staff have it now" in page
    assert "No confirmed desk of this custodian is known" in page
    assert "To be confirmed by" in page
    with services.store.reading() as session:
        assert {row.custodian.slug for row in enquiries.threads_in_triage(session) if row.custodian} == {"alpha", "gamma"}
    assert any("A researcher asks about your data" in text_of(letter) for letter in post.to(HANDLER))


def test_a_handler_answers_in_the_workspace_and_the_enquirer_writes_back(services: Services, post: Post, handler: TestClient) -> None:
    client = browser(services)
    path = asked(services, post, client)
    inbox = handler.get("/w/beta/questions").text
    assert "marker-question" in inbox
    one = re.search(r'href="(/w/beta/questions/[0-9a-f]+)"', inbox)
    assert one is not None
    page = handler.get(one[1]).text
    assert ASKER not in page, "the address is not the custodian's to see"
    handler.post(one[1], data={"csrf": hidden(page, "csrf"), "do": "acknowledge"})
    assert threads(services)["beta"].acknowledged_at is not None
    handler.post(one[1], data={"csrf": hidden(page, "csrf"), "do": "reply", "text": "Which years, marker-back?", "then": "ask"})
    assert "marker-back" in client.get(path).text
    assert threads(services)["beta"].state == "with_enquirer"
    own = re.search(rf'action="({path}/threads/{threads(services)["beta"].public_id})"', client.get(path).text)
    assert own is not None
    client.post(own[1], data={"text": "2004 to 2019."})
    assert threads(services)["beta"].state == "with_custodian"
    page = handler.post(one[1], data={"csrf": hidden(page, "csrf"), "do": "reply", "text": "Yes, marker-answer.", "then": "answer"}).text
    assert "2004 to 2019." in page
    assert "marker-answer" in client.get(path).text
    deliver(services)
    letters = post.to(ASKER)
    assert "Custodian Beta wrote to you" in text_of(letters[-1])
    assert not any("marker-answer" in text_of(letter) or "Beta" in str(letter["Subject"]) for letter in letters)
    assert handler.get("/w/alpha/questions").status_code == 404
    assert handler.get(one[1].replace("beta", "alpha")).status_code == 404
    browser(services).post(one[1], data={"do": "close", "reason": "spam"})
    assert threads(services)["beta"].state == "answered", "a stranger is led to the sign-in form, and nothing is closed"


def test_a_reply_by_mail_needs_the_token_and_the_matching_sender_and_works_once(services: Services, post: Post) -> None:
    client = browser(services)
    path = asked(services, post, client)
    (letter,) = post.to(MAILBOX)
    assert "marker-question" in text_of(letter)
    assert ASKER not in letter.as_string()
    state = threads(services)["alpha"].state

    def received(content: bytes) -> str:
        return receive(services.store, services.sealer, content, now=services.clock()).reason

    assert "does not come from" in received(reply_to(letter, "Yes.", sender="other@alpha.example"))
    assert "automatic" in received(reply_to(letter, "I am away.", sender=MAILBOX, Auto_Submitted="auto-replied"))
    assert "automatic" in received(reply_to(letter, "I am away.", sender=MAILBOX, Precedence="bulk"))
    forged = reply_to(letter, "Yes.", sender=MAILBOX).replace(b"+", b"+0", 1)
    assert "token" in received(forged)
    assert count(services, EnquiryMessage) == 0
    good = "<p>Yes, <b>marker-mailed</b> &amp; more.</p><script>bad()</script><p>&gt; quoted marker-question</p>"
    assert received(reply_to(letter, good, sender=MAILBOX.upper(), html=True)) == ""
    assert "used already" in received(reply_to(letter, "And again.", sender=MAILBOX))
    page = client.get(path).text
    assert "Yes, marker-mailed &amp; more." in page
    assert "bad()" not in page
    assert threads(services)["alpha"].state == state, "a reply by mail changes no state"
    deliver(services)
    answer = post.to(ASKER)[-1]
    assert received(reply_to(answer, "Thank you, marker-thanks.\n\nOn Monday, X wrote:\n> old", sender=ASKER)) == ""
    with services.store.reading() as session:
        assert [(one.author, one.via, one.text) for one in session.scalars(select(EnquiryMessage).order_by(EnquiryMessage.id))][-1] == (
            "enquirer", "mail", "Thank you, marker-thanks.",
        )


def test_attachments_and_oversized_messages_are_left_out(services: Services, post: Post) -> None:
    asked(services, post, browser(services))
    (letter,) = post.to(MAILBOX)
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = MAILBOX, str(letter["Reply-To"]), "Re"
    mail.set_content("See the file.")
    mail.add_attachment(b"marker-attached", maintype="application", subtype="octet-stream", filename="a.bin")
    assert receive(services.store, services.sealer, b"x" * (6 * 2**20), now=services.clock()).reason == "The message is too large."
    assert receive(services.store, services.sealer, mail.as_bytes(), now=services.clock()).is_taken
    with services.store.reading() as session:
        assert list(session.scalars(select(EnquiryMessage.text))) == ["See the file."]


def test_a_mailbox_answers_on_its_page_without_an_account(services: Services, post: Post) -> None:
    client = browser(services)
    path = asked(services, post, client)
    desk = link_in(text_of(post.to(MAILBOX)[0]))
    other = browser(services)
    assert "marker-question" in other.get(desk).text
    assert threads(services)["alpha"].acknowledged_at is None, "opening the page changes nothing"
    assert "Write something." in other.post(desk, data={"do": "reply", "text": " "}).text
    other.post(desk, data={"do": "close", "reason": "spam"})
    assert threads(services)["alpha"].state != "closed", "closing needs an account"
    other.post(desk, data={"do": "reply", "text": "Yes, marker-page.", "then": "answer"})
    assert "marker-page" in client.get(path).text


def test_five_a_day_for_an_address_and_twenty_an_hour_for_a_place(services: Services, post: Post) -> None:
    client = browser(services)
    for _ in range(5):
        assert client.post("/questions", data={**QUESTION, "d": refs(services)}).status_code == 200
    assert client.post("/questions", data={**QUESTION, "d": refs(services)}).status_code == 429
    for number in range(15):
        assert client.post("/questions", data={**QUESTION, "email": f"a{number}@x.example", "d": refs(services)}).status_code == 200
    assert client.post("/questions", data={**QUESTION, "email": "b@x.example", "d": refs(services)}).status_code == 429


def test_feasibility_needs_an_account_whose_address_is_known_already(services: Services, post: Post) -> None:
    asking = f"/questions/new?kind=feasibility&d={refs(services)[0]}"
    assert browser(services).get(asking).url.path == "/sign-in"
    person = member(services, ASKER, name="Ada Marker")
    page = person.get(asking).text
    fields = {"kind": "feasibility", "csrf": hidden(page, "csrf"), "d": refs(services), "email": "forged@x.example"}
    assert "Sketch the population." in person.post("/questions", data={**fields, "title": "T", "aim": "A"}).text
    sent = person.post("/questions", data={**fields, "title": "T", "aim": "marker-aim", "population": "P"})
    assert "Your question was sent" in sent.text
    deliver(services)
    assert not post.to("forged@x.example")
    assert post.to(ASKER)
    assert "marker-aim" in text_of(post.to(MAILBOX)[0])


def test_a_question_becomes_a_draft_with_its_answers_under_the_keys_of_the_bank(services: Services, post: Post) -> None:
    person = member(services, ASKER, name="Ada Marker")
    page = person.get(f"/questions/new?kind=feasibility&d={refs(services)[0]}").text
    fields = {"kind": "feasibility", "csrf": hidden(page, "csrf"), "d": refs(services)[:1], "title": "marker-title", "aim": "marker-aim", "population": "P", "funding": "F", "other_data": "Our records\n\nDeaths "}
    sent = person.post("/questions", data=fields)
    other = member(services, "other@university.example", name="Other")
    path = str(sent.url.path)
    assert "Start a request from this question" not in other.get(path).text
    csrf = hidden(other.get("/account").text, "csrf")
    assert other.post(f"{path}/convert", data={"csrf": csrf}).status_code == 404
    assert "Start a request from this question" in person.get(path).text
    answer = person.post(f"{path}/convert", data={"csrf": hidden(person.get(path).text, "csrf")})
    assert answer.status_code == 200, answer.text
    with services.store.reading() as session:
        (request,) = session.scalars(select(Request))
        assert request.answers | {"project.title": "marker-title", "project.aims": "marker-aim", "data.population": "P", "project.background": "Funding: F"} == request.answers
        assert (request.answers["data.linkage"], request.answers["data.linkage_sources"]) == ("yes", ["Our records", "Deaths"])
        assert {row.thread.state for row in enquiries.threads_of(session, 1)} == {"converted"}
    assert "Start a request from this question" not in person.get(path).text
    again = person.post(f"{path}/convert", data={"csrf": hidden(person.get("/account").text, "csrf")})
    assert again.url == answer.url, "a second press leads to the same draft"
    with services.store.reading() as session:
        assert session.scalar(select(func.count(Request.id))) == 1
    begun = str(answer.url.path)
    assert person.post(f"{begun}/delete", data={"csrf": hidden(person.get(begun).text, "csrf"), "sure": "yes"}).status_code == 200
    assert person.post(f"{path}/convert", data={"csrf": hidden(person.get("/account").text, "csrf")}).status_code == 409, "its draft was deleted"


def test_a_question_that_becomes_a_request_twice_at_once_becomes_one(services: Services) -> None:
    """Two windows, each with a connection of its own."""
    now, one = services.clock(), applicant(services.store, now=services.clock())
    for _ in range(3):
        question = Question(kind="general", name="Ada Marker", address=one.address, answers={"question": "Do you hold it?"})
        sent = ask(services.store, services.sealer, services.limits, question, dataset_refs=refs(services), network="127.0.0.1", is_confirmed=True, now=now)
        token = str(sent.follow_path).rsplit("/", 1)[1]
        gate = Barrier(2)

        def converting(_: int, token: str = token, gate: Barrier = gate) -> str:
            gate.wait(timeout=30)
            return convert(services.store, services.sealer, one, token, services.prefill, now=now)

        with ThreadPoolExecutor(2) as pool:
            first, second = pool.map(converting, range(2))
        assert first == second
    with services.store.reading() as session:
        assert session.scalar(select(func.count(Request.id))) == 3


def test_late_questions_are_told_of_and_old_ones_closed_and_forgotten(services: Services, post: Post) -> None:
    client = browser(services)
    path, now = asked(services, post, client), services.clock()
    with services.store.reading() as session:
        due = max(at for row in enquiries.open_threads(session) if (at := due_at(row)))
    assert now + timedelta(days=5) <= due <= now + timedelta(days=12)
    assert keep(services.store, services.sealer, now=due - timedelta(seconds=1)) == 0
    assert keep(services.store, services.sealer, now=due) == 1
    assert keep(services.store, services.sealer, now=due) == 0, "once"
    assert "Nobody there confirmed it in time" in client.get(path).text
    assert keep(services.store, services.sealer, now=now + CLOSE_AFTER + timedelta(days=1)) == 3
    assert {one.state for one in threads(services).values()} == {"closed"}
    assert "No answer came within 60 days" in client.get(path).text
    keep(services.store, services.sealer, now=now + CLOSE_AFTER + KEPT + timedelta(days=2))
    assert [count(services, table) for table in (Enquiry, EnquiryThread, EnquiryMessage, ReplyToken)] == [0, 0, 0, 0]


def test_the_question_form_stands_on_dataset_and_custodian_pages(services: Services) -> None:
    client = browser(services)
    for page in (f"/datasets/{refs(services)[0]}", "/custodians/alpha"):
        found = re.search(r'href="(/questions/new\?[^"]+)"', client.get(page).text)
        assert found is not None
        assert "Your question" in client.get(found[1]).text
    asking = client.post("/questions", data={**QUESTION, "custodian": "alpha"})
    assert "Nothing has been sent yet" in asking.text
    assert client.post("/questions", data=QUESTION).status_code == 422


def test_questions_for_a_column_list_are_counted_for_their_custodian(services: Services, post: Post, handler: TestClient) -> None:
    client = browser(services)
    own = next(one.row.record.ref for one in services.catalogue.listing() if one.row.custodian and one.row.custodian.slug == "beta")
    assert "Asked for a column list" not in handler.get("/w/beta/questions").text
    asked(services, post, client, kind="columns", d=own)
    asked(services, post, client, kind="columns", d=own)
    asked(services, post, client)
    inbox = handler.get("/w/beta/questions").text
    assert re.search(rf'href="/datasets/{own}/columns">[^<]+</a>: 2 times<', inbox)


def test_mail_is_received_by_the_command_line(services: Services, post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    asked(services, post, browser(services))
    content = reply_to(post.to(MAILBOX)[0], "Yes.", sender=MAILBOX)
    monkeypatch.setenv("GATEWAY_DATA_DIR", str(services.settings.data_dir))
    monkeypatch.setenv("GATEWAY_DATABASE_URL", services.settings.resolved_database_url)
    done = CliRunner().invoke(app, ["mail", "receive"], input=content)
    assert done.output.strip().endswith("Taken."), done.output
    assert "used already" in CliRunner().invoke(app, ["mail", "receive"], input=content).output


def test_A28_the_published_statistics_count_questions_and_hide_few(services: Services, post: Post) -> None:
    asked(services, post, browser(services))
    visitor = browser(services)
    page = visitor.get("/statistics").text
    assert "too few to show" in page.split("A question to several custodians counts once for each")[1]
    with services.store.transaction() as tx:
        one = tx.session.scalars(select(EnquiryThread)).first()
        assert one is not None
        held = {column.name: getattr(one, column.name) for column in EnquiryThread.__table__.columns}
        for number in range(5):
            own = {"id": None, "public_id": f"{number:032}", "desk_token_sha256": None, "answered_at": services.clock(), "acknowledged_at": services.clock()}
            tx.session.add(EnquiryThread(**{**held, **own}))
        slug = tx.session.get_one(Custodian, one.custodian_id).slug
        count = len(list(tx.session.scalars(select(EnquiryThread.id).where(EnquiryThread.custodian_id == one.custodian_id))))
    page = visitor.get("/statistics").text
    assert re.search(r"<dt>Answered</dt><dd>5<", page)
    rows = {row["custodian"]: row for row in csv.DictReader(io.StringIO(visitor.get("/statistics.csv").content.decode("utf-8-sig")))}
    with services.store.reading() as session:
        name = session.scalars(select(Custodian.name).where(Custodian.slug == slug)).one()
    assert rows["All"]["questions_answered"] == "5"
    assert rows[name]["questions_asked"] in ("", str(count))
    assert (rows["All"]["questions_converted"], rows["All"]["submitted"]) == ("", "")

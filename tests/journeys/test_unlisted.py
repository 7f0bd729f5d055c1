"""Data that no dataset here holds: asked for without an account, worked on by the gateway's staff, passed on to custodians, and counted."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

from gateway.access.deliver import deliver_due
from gateway.access.routes import set_route
from gateway.accounts.setup import grant
from gateway.enquiries.keeping import CLOSE_AFTER, KEPT, due_at, keep
from gateway.models import AuditRow, Enquiry, EnquiryMessage, EnquiryThread, Record, ReplyToken
from gateway.store import custodians, enquiries
from gateway.wiring import Services
from tests.accounts.people import browser, hidden, link_in, member
from tests.gateway.asking import MAILBOX, Post, text_of
from tests.journeys.gateways import add_files, document, harvest, make_services, write_documents

ASKER, HANDLER, OFFICER, ADMIN = "ada@university.example", "handler@beta.example", "otto@gateway.example", "admin@gateway.example"
SEARCH = "/search?q=marker+sleep&nation=Wales"
WANTED = {
    "kind": "unlisted", "data": "Sleep diaries, marker-data", "whom": "Adults, 2010 to 2020", "purpose": "To study shift work, marker-purpose.", "search": SEARCH,
    "elsewhere": "UK Data Service", "name": "Ada Marker", "email": ASKER,
}


@pytest.fixture
def services(tmp_path: Path, database_url: str | None, post: Post) -> Iterator[Services]:
    """Alpha has a mailbox, beta people in the workspace, gamma and twenty-five others nothing. Otto answers for the gateway."""
    built = make_services(tmp_path / "data", database_url, worker=False, mail_url=post.url)
    try:
        with built.store.transaction() as tx:
            for slug in ("alpha", "beta", "gamma", *(f"other-{number:02}" for number in range(25))):
                custodians.add(tx.session, name=f"Custodian {slug.title()}", slug=slug, now=built.clock())
        set_route(built.store, built.sealer, custodian="alpha", channel="mailbox", target=MAILBOX)
        yield built
    finally:
        built.close()


def with_role(services: Services, address: str, role: str, *, custodian: str | None = None, has_app: bool = False) -> TestClient:
    client = member(services, address, name=address.split("@", 1)[0].title(), has_app=has_app)
    grant(services.store, address=address, role=role, custodian=custodian, granted_by="operator", now=services.clock())
    return client


@pytest.fixture
def officer(services: Services) -> TestClient:
    return with_role(services, OFFICER, "triage")


@pytest.fixture
def handler(services: Services) -> TestClient:
    return with_role(services, HANDLER, "handler", custodian="beta")


def deliver(services: Services) -> None:
    deliver_due(services.store, services.channels, now=services.clock())


def asked(services: Services, post: Post, client: TestClient, **changes: Any) -> str:
    """The path of the enquirer's page, after the address was confirmed."""
    answer = client.post("/questions", data={**WANTED, **changes})
    assert "Nothing has been sent yet" in answer.text, answer.text
    deliver(services)
    sent = client.post(link_in(text_of(post.to(ASKER)[-1])))
    assert "Your question was sent" in sent.text, sent.text
    deliver(services)
    return str(sent.url.path)


def threads(services: Services) -> dict[str, EnquiryThread]:
    """By custodian; the staff's own under "staff"."""
    with services.store.reading() as session:
        return {row.custodian.slug if row.custodian else "staff": row.thread for row in enquiries.threads_of(session, 1)}


def staff_page(officer: TestClient) -> str:
    found = re.search(r'href="(/triage/questions/[0-9a-f]+)"', officer.get("/triage").text)
    assert found is not None
    return found[1]


def act(client: TestClient, path: str, **fields: Any) -> str:
    """The page that the press led to."""
    return client.post(path, data={"csrf": hidden(client.get(path).text, "csrf"), **fields}).text


def test_the_form_is_filled_in_from_the_search_and_says_what_happens_by_when(services: Services, tmp_path: Path) -> None:
    write_documents(tmp_path / "feed", [document(1)])
    harvest(services, add_files(services, tmp_path / "feed", name="Feed", custodian="alpha"))
    client = browser(services)
    page = client.get("/search?q=marker-sleep&nation=Wales").text
    found = re.search(r'href="(/questions/new\?kind=unlisted[^"]+)">Ask for data that is not listed', page)
    assert found is not None
    form = client.get(found[1].replace("&amp;", "&")).text
    assert re.search(r'<textarea[^>]+name="data"[^>]*>\s*marker-sleep</textarea>', form)
    assert 'name="search" type="text" value="http://127.0.0.1:8000/search?q=marker-sleep&amp;nation=Wales"' in form
    assert re.search(r"They confirm your question by \d+ \w+ 20\d\d", form)
    assert 'value="http://127.0.0.1:8000/search?q=sleep"' in client.get("/questions/new?kind=unlisted&q=sleep").text
    assert 'name="search" type="text" value=""' in client.get("/questions/new?kind=unlisted&from=https://evil.example/search").text
    assert "/questions/new?kind=unlisted" in client.get("/columns?q=marker-sleep").text
    assert "/questions/new?kind=unlisted" in client.get("/help/searching").text


@pytest.mark.parametrize("search", ["javascript:alert(1)", "https://evil.example/search?q=a", "/searching", "/search?q=a\nb", "//evil.example/search"])
def test_only_the_address_of_a_search_here_is_kept_as_one(services: Services, search: str) -> None:
    answer = browser(services).post("/questions", data={**WANTED, "search": search})
    assert answer.status_code == 422
    assert "Paste the address of a search of this service, or leave it empty." in answer.text
    assert threads_and_questions(services) == (0, 0)


def threads_and_questions(services: Services) -> tuple[int, int]:
    with services.store.reading() as session:
        return session.scalar(select(func.count()).select_from(EnquiryThread)) or 0, session.scalar(select(func.count()).select_from(Enquiry)) or 0


def test_it_goes_to_the_staff_once_the_address_is_confirmed_whatever_else_is_named(services: Services, post: Post, officer: TestClient) -> None:
    client = browser(services)
    for missing in ("data", "whom", "purpose", "name", "email"):
        assert "There is something to mend" in client.post("/questions", data={**WANTED, missing: ""}).text
    path = asked(services, post, client, custodian="beta", d="7kq2m", search=f"http://127.0.0.1:8000{SEARCH}")
    assert {slug: (one.channel, one.state, one.dataset_refs) for slug, one in threads(services).items()} == {"staff": ("triage", "new", [])}
    assert "went to the gateway’s staff" in text_of(post.to(ASKER)[-1])
    (told,) = post.to(OFFICER)
    assert "looks for data that is not listed" in text_of(told)
    assert "marker" not in text_of(told).replace("Marker", "")
    page = client.get(path).text
    assert re.search(r"The gateway’s staff look where such data may be held\..* To be confirmed by \d+ \w+ 20\d\d", page)
    assert "With the gateway’s staff" in page
    assert client.get(link_in(text_of(told))).url.path == "/sign-in"
    assert f'<a href="{SEARCH.replace("&", "&amp;")}">' in officer.get(link_in(text_of(told))).text


def test_the_staff_ask_back_and_answer_with_links_and_close(services: Services, post: Post, officer: TestClient) -> None:
    client = browser(services)
    path = asked(services, post, client)
    one = staff_page(officer)
    shown = officer.get(one).text
    assert ASKER not in shown
    assert "Send it to the custodian’s confirmed desk" not in shown
    act(officer, one, do="acknowledge")
    assert "To be confirmed by" not in client.get(path).text
    assert (threads(services)["staff"].state, threads(services)["staff"].acknowledged_at is None) == ("new", False)
    act(officer, one, do="reply", text="Which ages, marker-back?", then="ask")
    assert "marker-back" in client.get(path).text
    assert "0 questions for data that is not listed" in officer.get("/triage").text
    client.post(f"{path}/threads/{threads(services)['staff'].public_id}", data={"text": "From 16. /datasets/7kq2m https://evil.example/x"})
    deliver(services)
    assert "The enquirer wrote again" in text_of(post.to(OFFICER)[-1])
    assert "1 question for data that is not listed" in officer.get("/triage").text
    assert 'href="https://evil.example/x"' not in officer.get(one).text
    act(officer, one, do="reply", text="See http://127.0.0.1:8000/datasets/7kq2m and https://data.example/a.", then="answer")
    page = client.get(path).text
    assert '<a href="/datasets/7kq2m">http://127.0.0.1:8000/datasets/7kq2m</a>' in page
    assert '<a href="https://data.example/a" rel="nofollow noopener noreferrer">https://data.example/a</a>.' in page
    assert threads(services)["staff"].state == "answered"
    act(officer, one, do="close", reason="out_of_scope")
    assert "Out of scope." in client.get(path).text
    assert "Nothing: the question is closed." in officer.get(one).text
    assert "This question is closed." in act(officer, one, do="pass", custodian="beta")
    assert set(threads(services)) == {"staff"}


def test_it_is_passed_on_to_several_desks_which_the_enquirer_sees_and_they_do_not(
    services: Services, post: Post, officer: TestClient, handler: TestClient
) -> None:
    client = browser(services)
    path = asked(services, post, client)
    one = staff_page(officer)
    first = officer.get(one).text
    assert first.count('name="custodian"') == 20
    assert "8 more." in first
    found = act(officer, one, do="find", find="alpha", custodian="beta", note="Hello")
    assert re.findall(r'name="custodian" value="([^"]+)"( checked)?', found) == [("beta", " checked"), ("alpha", "")]
    assert "Hello</textarea>" in found
    assert "Choose at least one custodian." in act(officer, one, do="pass")
    assert set(threads(services)) == {"staff"}
    assert "The question was passed on" in act(officer, one, do="pass", custodian=["alpha", "beta", "gamma"], note="They know sleep best.")
    deliver(services)
    assert {slug: (held.channel, held.state) for slug, held in threads(services).items()} == {
        "staff": ("triage", "passed_on"), "alpha": ("mailbox", "with_custodian"), "beta": ("workspace", "with_custodian"), "gamma": ("triage", "new"),
    }
    page = client.get(path).text
    assert "Passed on to Custodian Alpha, Custodian Beta and Custodian Gamma." in page
    assert "They know sleep best." in page
    assert [heading for heading in ("Alpha", "Beta", "Gamma") if f'">Custodian {heading}</h2>' in page] == ["Alpha", "Beta", "Gamma"]
    (letter,) = post.to(MAILBOX)
    assert "We think that you may hold such data" in text_of(letter)
    assert "marker-data" in text_of(letter)
    assert not any(secret in letter.as_string() for secret in (ASKER, "Custodian Beta", "sleep best"))
    assert "looks for data that you may hold" in text_of(post.to(HANDLER)[-1])
    own = f"/w/beta/questions/{threads(services)['beta'].public_id}"
    shown = handler.get(own).text
    assert "marker-data" in shown
    assert f'<a href="{SEARCH.replace("&", "&amp;")}">' in shown
    assert not any(secret in shown for secret in (ASKER, "Custodian Alpha", "sleep best", "Pass it on"))
    act(handler, own, do="reply", text="We do, marker-yes.", then="answer")
    assert "marker-yes" in client.get(path).text
    assert "They have this question already." in act(officer, one, do="pass", custodian="alpha")
    client.post(f"{path}/threads/{threads(services)['staff'].public_id}", data={"text": "None of them does."})
    assert "1 question for data that is not listed" in officer.get("/triage").text
    act(officer, one, do="pass", custodian=["alpha", "other-01"])
    assert sorted(threads(services)) == ["alpha", "beta", "gamma", "other-01", "staff"]


def test_a_question_about_a_dataset_whose_custodian_is_not_known_is_passed_on_with_its_dataset(
    services: Services, post: Post, officer: TestClient, handler: TestClient, tmp_path: Path
) -> None:
    write_documents(tmp_path / "feed", [document(1)])
    harvest(services, add_files(services, tmp_path / "feed", name="Feed", custodian="alpha"))
    with services.store.transaction() as tx:
        record = tx.session.scalars(select(Record)).one()
        record.custodian_id = None
        ref = record.ref
    asked(services, post, browser(services), kind="general", question="Which years?", d=ref)
    assert "0 questions for data that is not listed" in officer.get("/triage").text
    assert "The question was passed on" in act(officer, staff_page(officer), do="pass", custodian="beta")
    assert threads(services)["beta"].dataset_refs == [ref]
    assert "Which years?" in handler.get(f"/w/beta/questions/{threads(services)['beta'].public_id}").text


def test_without_an_officer_the_administrator_is_told_how_somebody_can_read_it(services: Services, post: Post) -> None:
    administrator = with_role(services, "admin@gateway.example", "admin")
    asked(services, post, browser(services))
    letter = text_of(post.to("admin@gateway.example")[-1])
    assert "gateway account grant ADDRESS triage" in letter
    assert WANTED["data"] not in letter
    assert administrator.get("/triage").status_code == 404
    officer = with_role(services, OFFICER, "triage")
    assert WANTED["data"] in officer.get(staff_page(officer)).text


def test_nobody_else_passes_on_or_sees_it(services: Services, post: Post, officer: TestClient, handler: TestClient) -> None:
    asked(services, post, browser(services))
    one = staff_page(officer)
    csrf = hidden(handler.get("/account").text, "csrf")
    assert handler.get(one).status_code == 404
    assert handler.post(one, data={"csrf": csrf, "do": "pass", "custodian": "beta"}).status_code == 404
    assert officer.post(one, data={"do": "pass", "custodian": "beta"}).status_code in (400, 403, 404, 422), "without the form's token"
    assert officer.post(one, data={"csrf": hidden(officer.get(one).text, "csrf"), "do": "pass", "custodian": "nobody"}).status_code == 404
    assert set(threads(services)) == {"staff"}


def test_what_is_late_is_told_of_and_what_is_old_closes_and_is_forgotten(services: Services, post: Post, officer: TestClient) -> None:
    client = browser(services)
    path, now = asked(services, post, client), services.clock()
    with services.store.reading() as session:
        (due,) = [due_at(row) for row in enquiries.open_threads(session)]
    assert due is not None
    assert now + timedelta(days=5) <= due <= now + timedelta(days=12)
    assert keep(services.store, services.sealer, now=due - timedelta(seconds=1)) == 0
    assert [keep(services.store, services.sealer, now=due) for _ in range(2)] == [1, 0], "once"
    deliver_due(services.store, services.channels, now=due)
    assert "Not confirmed within five working days" in text_of(post.to(OFFICER)[-1])
    assert "they were reminded" in text_of(post.to(ASKER)[-1])
    assert "Nobody confirmed it in time." in client.get(path).text
    keep(services.store, services.sealer, now=now + CLOSE_AFTER + timedelta(days=1))
    assert threads(services)["staff"].state == "closed"
    assert "No answer came within 60 days" in client.get(path).text
    keep(services.store, services.sealer, now=now + CLOSE_AFTER + KEPT + timedelta(days=2))
    with services.store.reading() as session:
        assert [session.scalar(select(func.count()).select_from(table)) for table in (Enquiry, EnquiryThread, EnquiryMessage, ReplyToken)] == [0, 0, 0, 0]


def test_unconfirmed_ones_are_forgotten_after_a_day_and_an_address_has_five_a_day(services: Services, post: Post) -> None:
    client = browser(services)
    assert [client.post("/questions", data=WANTED).status_code for _ in range(6)] == [200] * 5 + [429]
    keep(services.store, services.sealer, now=services.clock() + timedelta(hours=25))
    assert threads_and_questions(services) == (0, 0)


def test_they_are_counted_for_the_public_and_the_staff_and_no_word_is_published(
    services: Services, post: Post, officer: TestClient, handler: TestClient
) -> None:
    admin = with_role(services, ADMIN, "admin", has_app=True)
    asked(services, post, browser(services))
    act(officer, staff_page(officer), do="pass", custodian="beta")
    with services.store.transaction() as tx:
        for thread in list(tx.session.scalars(select(EnquiryThread))):
            held = {column.name: getattr(thread, column.name) for column in EnquiryThread.__table__.columns}
            is_staffs = thread.custodian_id is None
            for number in range(6 if is_staffs else 5):
                tx.session.add(EnquiryThread(**{**held, "id": None, "public_id": f"{is_staffs}{number}", "desk_token_sha256": None}))
            if is_staffs:
                tx.session.add(EnquiryThread(**{**held, "id": None, "public_id": "spam", "state": "closed", "close_reason": "spam"}))
    rows = {row["custodian"]: row for row in csv.DictReader(io.StringIO(officer.get("/statistics.csv").content.decode("utf-8-sig")))}
    counted = {name: (row["questions_unlisted"], row["questions_passed_on"]) for name, row in rows.items()}
    assert counted["All"][0] in ("7", "")
    assert {counted["Not known"][0], counted["All"][0]} == {"7", ""} or counted["Not known"][0] == counted["All"][0] == "7"
    for client, path in ((officer, "/triage"), (admin, "/admin/requests")):
        assert "7 questions asked for data that is not listed: 7 passed on" in client.get(path).text
    public = browser(services)
    for path in ("/statistics", "/statistics.csv", "/custodians/beta", "/search?q=marker-data", "/"):
        assert "marker-purpose" not in public.get(path).text
        assert "Sleep diaries" not in public.get(path).text
    with services.store.reading() as session:
        noted = [str(row.__dict__) for row in session.scalars(select(AuditRow))]
    assert any("question.asked" in row for row in noted)
    assert not any("marker-" in row or ASKER in row for row in noted)


def test_two_officers_who_pass_it_on_at_once_open_no_thread_twice(services: Services, post: Post, officer: TestClient) -> None:
    asked(services, post, browser(services))
    one = staff_page(officer)
    csrf = hidden(officer.get(one).text, "csrf")
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: officer.post(one, data={"csrf": csrf, "do": "pass", "custodian": "gamma"}), range(2)))
    with services.store.reading() as session:
        assert len(enquiries.threads_of(session, 1)) == 2

"""S15: files on their whole way: attached, scanned, sent with their part, opened by who may and by nobody else, gone in time."""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from zipfile import ZipFile

import pytest
from sqlalchemy import event, select, update
from starlette.testclient import TestClient

from gateway.access.attaching import Attaching
from gateway.access.commands import Command, perform
from gateway.access.deliver import deliver_due
from gateway.access.drafts import begin_amendment, delete, draft
from gateway.access.part_forms import publish
from gateway.access.routes import set_route
from gateway.access.scanned_files import scan_waiting
from gateway.accounts.setup import grant
from gateway.app import create_app
from gateway.audit.verify import verify
from gateway.models import AuditRow, Delivery, FormTemplate, Message, RequestEvent, RequestPart, Snapshot, Upload
from gateway.privacy.anonymising import DECLINED_KEPT
from gateway.privacy.retention import QUARANTINE_KEPT, Means, purge
from gateway.store import accounts, requests
from gateway.web.auth import create_key
from gateway.wiring import Services, due_jobs
from tests.accounts.people import browser, hidden, member
from tests.gateway.asking import Asking, Post, applicant, seeded, send, text_of, written
from tests.journeys.gateways import make_services
from tests.journeys.mailboxes import opened_with_its_code
from tests.uploads.clamd_server import ClamdServer, clamd
from tests.uploads.made import EICAR, docx, pdf, picture

FORM = Asking(email="ada@university.example")
ASKS = {"optional": {"project.protocol": {"need": "require"}, "data.code_lists": {"need": "offer"}}}
PROTOCOL, CODES = "project.protocol", "data.code_lists"


@dataclass
class Office:
    """A gateway with a scanner, two custodians and a draft that lacks its protocol."""

    services: Services
    scanner: ClamdServer
    reference: str
    lead: TestClient

    @property
    def base(self) -> str:
        return f"/requests/{self.reference}"

    def attach(self, question: str, name: str, body: bytes, *, expect: int = 200) -> str:
        path = f"{self.base}/attach/{question}"
        answer = self.lead.post(path, data={"csrf": hidden(self.lead.get(path).text, "csrf")}, files={"file": (name, body, "application/octet-stream")})
        assert answer.status_code == expect, answer.text
        return answer.text

    def remove(self, question: str, file: str) -> str:
        path = f"{self.base}/attach/{question}"
        return self.lead.post(f"{path}/remove", data={"csrf": hidden(self.lead.get(path).text, "csrf"), "file": file}).text

    def send(self) -> Any:
        page = self.lead.get(f"{self.base}/check").text
        found = {name: re.findall(rf'name="{name}" value="([^"]+)"', page) for name in ("parts", "advice", "promise")}
        return self.lead.post(f"{self.base}/check", data={"csrf": hidden(page, "csrf"), **found})

    def rows(self) -> list[Upload]:
        with self.services.store.reading() as session:
            return list(session.scalars(select(Upload).order_by(Upload.id)))

    def kept_files(self) -> list[Path]:
        return [path for path in (self.services.settings.data_dir / "uploads").rglob("*") if path.is_file()]

    def deliver(self, **later: int) -> None:
        deliver_due(self.services.store, self.services.channels, now=self.services.clock() + timedelta(**later))

    def handler(self, custodian: str = "alpha") -> TestClient:
        return member(self.services, f"handler@{custodian}.example", name="Grace", has_app=True)

    def part(self, custodian: str = "alpha") -> str:
        with self.services.store.reading() as session:
            return requests.parts_of_custodian(session, custodian)[0].part.public_id

    def audited(self) -> list[str]:
        with self.services.store.reading() as session:
            return list(session.scalars(select(AuditRow.action)))


def office(services: Services, scanner: ClamdServer) -> Office:
    refs = seeded(services.store, "alpha", "beta")
    for slug in refs:
        publish(services.store, slug, ASKS if slug == "alpha" else {}, actor="operator", now=services.clock())
        member(services, f"handler@{slug}.example", name="Grace")
        grant(services.store, address=f"handler@{slug}.example", role="handler", custodian=slug, granted_by="operator", now=services.clock())
        set_route(services.store, services.sealer, custodian=slug, channel="committee", target="workspace")
    lead = member(services, FORM.email, name=FORM.name, has_app=True)
    reference = written(services.store, services.sealer, form=FORM, dataset_refs=[*refs["alpha"], *refs["beta"]], now=services.clock())
    return Office(services, scanner, reference, lead)


@pytest.fixture
def place(tmp_path: Path, database_url: str | None, post: Post) -> Iterator[Office]:
    with clamd() as scanner:
        services = make_services(tmp_path / "data", database_url, worker=False, mail_url=post.url, scanner_url=scanner.url)
        try:
            yield office(services, scanner)
        finally:
            services.close()


@pytest.fixture
def unscanned(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Office]:
    """Without a scanner; the parameter says whether the operator sends files all the same."""
    services = make_services(tmp_path / "data", worker=False, send_unscanned_files=request.param)
    try:
        yield office(services, ClamdServer())
    finally:
        services.close()


def downloads(page: str) -> list[str]:
    return re.findall(r'href="(/[^"]*/files/[0-9a-f]{24})"', page)


def test_S15_a_file_goes_with_its_part_to_who_asked_for_it_and_to_nobody_else(place: Office) -> None:
    body, name = pdf("Marker-protocol"), "C:\\Users\\Ada\\Protocol ☃ 1.pdf"
    topic = place.lead.get(f"{place.base}/funding").text
    assert f'value="files:{PROTOCOL}"' in topic
    page = place.attach(PROTOCOL, name, body)
    assert "Protocol ☃ 1.pdf" in page
    assert "nothing harmful" in page
    assert place.scanner.scanned == [body]
    assert "Protocol ☃ 1.pdf" in place.lead.get(f"{place.base}/funding").text
    place.attach(CODES, "codes.txt", b"E11 Diabetes\n")
    assert "Protocol ☃ 1.pdf" in place.lead.get(f"{place.base}/check").text
    assert place.send().url.path.endswith("/sent")
    handler, other = place.handler(), place.handler("beta")
    path = f"/w/alpha/requests/{place.part()}"
    links = downloads(handler.get(path).text)
    assert len(links) == 2
    got = handler.get(links[0])
    assert got.content == body
    assert got.headers["content-type"] == "application/pdf"
    assert got.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in got.headers["content-security-policy"]
    assert got.headers["cache-control"] == "no-store"
    shown = got.headers["content-disposition"]
    assert re.fullmatch(r"attachment; filename=\"AR-\w{9}-[0-9a-f]{8}\.pdf\"; filename\*=UTF-8''\S+", shown), shown
    assert unquote(shown.rpartition("''")[2]) == "Protocol ☃ 1.pdf"
    with place.services.store.reading() as session:
        documents = {one.document["custodian"]: one.document for one in session.scalars(select(Snapshot))}
    assert [one["sha256"] for one in documents["alpha"]["files"]] == [hashlib.sha256(one).hexdigest() for one in (body, b"E11 Diabetes\n")]
    assert documents["beta"]["files"] == []
    assert "☃" not in other.get(f"/w/beta/requests/{place.part('beta')}").text, "the other custodian is not even told its name"


def test_S15_downloads_as_others_give_the_same_404_as_files_that_do_not_exist(place: Office) -> None:
    place.attach(PROTOCOL, "protocol.pdf", pdf())
    place.send()
    alpha, beta, part, beta_part = place.handler(), place.handler("beta"), place.part(), place.part("beta")
    file, nobodys = place.rows()[0].public_id, "0" * 24
    eve = member(place.services, "eve@university.example", name="Eve", has_app=True)
    reader = create_key(place.services.store, name="beta", custodian="beta", scopes=["parts:read"], now=place.services.clock()).key
    outside, bearer = browser(place.services), {"Authorization": f"Bearer {reader}"}
    assert alpha.get(f"/w/alpha/requests/{part}/files/{file}").status_code == 200
    for client, path, headers in (
        (beta, f"/w/alpha/requests/{part}/files/", {}), (beta, f"/w/beta/requests/{part}/files/", {}), (beta, f"/w/beta/requests/{beta_part}/files/", {}),
        (alpha, f"/w/beta/requests/{beta_part}/files/", {}), (eve, f"{place.base}/files/", {}), (eve, f"/w/alpha/requests/{part}/files/", {}),
        (outside, f"/api/v1/parts/{part}/files/", bearer), (outside, f"/api/v1/parts/{beta_part}/files/", bearer), (outside, "/acknowledge/x/files/", {}),
    ):
        theirs, none = client.get(path + file, headers=headers), client.get(path + nobodys, headers=headers)
        assert (theirs.status_code, none.status_code) == (404, 404), path
        assert _plain(theirs.text, file) == _plain(none.text, nobodys), path
    assert "/sign-in" in str(outside.get(f"{place.base}/files/{file}").url)


def _plain(page: str, file: str) -> str:
    """Without what was asked for, and the code of this very answer."""
    return re.sub(r"<code>[0-9a-f]{8}</code>|\"reference\":\"\w+\"", "", page.replace(file, ""))


def test_S15_the_lead_opens_own_files_and_an_own_system_pulls_them(place: Office) -> None:
    body = docx("The protocol.")
    page = place.attach(PROTOCOL, "protocol.docx", body)
    assert place.lead.get(downloads(page)[0]).content == body
    place.send()
    assert place.lead.get(downloads(place.lead.get(f"/account/requests/{place.reference}").text)[0]).content == body
    key = create_key(place.services.store, name="own", custodian="alpha", scopes=["parts:read"], now=place.services.clock()).key
    client, bearer = browser(place.services), {"Authorization": f"Bearer {key}"}
    (told,) = client.get(f"/api/v1/parts/{place.part()}", headers=bearer).json()["files"]
    assert (told["question"], told["name"], told["state"], told["size_bytes"]) == (PROTOCOL, "protocol.docx", "clean", len(body))
    got = client.get(f"/api/v1/parts/{place.part()}/files/{told['id']}", headers=bearer)
    assert hashlib.sha256(got.content).hexdigest() == told["sha256"]
    assert place.audited().count("part.read") == 2


@contextmanager
def reading_statements(services: Services) -> Iterator[list[str]]:
    """The tables that are read meanwhile, one entry for each statement."""
    read: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        read.extend(re.findall(r"^\s*SELECT.*?\bFROM \"?(\w+)", statement, re.DOTALL))

    event.listen(services.store.engine, "before_cursor_execute", note)
    try:
        yield read
    finally:
        event.remove(services.store.engine, "before_cursor_execute", note)


def test_a_file_is_opened_without_working_out_its_page(place: Office) -> None:
    place.attach(PROTOCOL, "protocol.pdf", pdf())
    place.send()
    alpha, part, file = place.handler(), place.part(), place.rows()[0].public_id
    with reading_statements(place.services) as of_page:
        assert alpha.get(f"/w/alpha/requests/{part}").status_code == 200
    with reading_statements(place.services) as of_file:
        assert alpha.get(f"/w/alpha/requests/{part}/files/{file}").status_code == 200
    of_person = {"accounts", "account_sessions", "account_memberships", "account_passkeys", "settings"}
    of_request = {"parts", "deliveries", "events", "form_templates", "requests", "request_members", "routes", "snapshots", "uploads"}
    needed = {*of_person, *of_request, "access_policies", "custodians", "audit"}
    assert set(of_file) <= needed, "none of what only the page shows: advice, profiles, figures, names of the team"
    assert len(of_file) * 2 < len(of_page), (len(of_file), len(of_page))
    key = create_key(place.services.store, name="own", custodian="alpha", scopes=["parts:read"], now=place.services.clock()).key
    with reading_statements(place.services) as of_system:
        got = browser(place.services).get(f"/api/v1/parts/{part}/files/{file}", headers={"Authorization": f"Bearer {key}"})
    assert got.status_code == 200
    assert set(of_system) <= needed | {"api_keys"}


def test_S15_a_reviewer_opens_the_files_of_the_answers_they_see_and_no_others(place: Office) -> None:
    place.attach(PROTOCOL, "protocol.pdf", pdf())
    place.send()
    part, file = place.part(), place.rows()[0].public_id
    ben = member(place.services, "ben@alpha.example", name="Ben", has_app=True)
    grant(place.services.store, address="ben@alpha.example", role="reviewer", custodian="alpha", granted_by="operator", now=place.services.clock())
    address = f"/w/alpha/requests/{part}/files/{file}"
    assert ben.get(address).status_code == 404, "not asked to review it"
    with place.services.store.reading() as session:
        subject = accounts.by_address(session, "ben@alpha.example").subject  # type: ignore[union-attr]  # made above
    for command, payload in (("acknowledge", {"delivery": "d"}), ("request_review", {"person": subject})):
        perform(place.services.store, place.services.sealer, part, Command(name=command, role="handler", actor="x", payload=payload), now=place.services.clock())
    assert ben.get(address).status_code == 200
    with place.services.store.transaction() as tx:
        form = tx.session.scalars(select(FormTemplate).where(FormTemplate.id == requests.locked_by_public_id(tx.session, part).form_id)).one()
        optional = form.document["optional"]
        form.document = {**form.document, "optional": {**optional, PROTOCOL: {**optional[PROTOCOL], "private": True}}}
    assert ben.get(address).status_code == 404, "the custodian marked the answer as private"
    assert place.handler().get(address).status_code == 200


def test_S15_a_mailbox_opens_files_behind_its_code_alone(place: Office, post: Post) -> None:
    set_route(place.services.store, place.services.sealer, custodian="alpha", channel="mailbox", target="access@alpha.example")
    place.attach(PROTOCOL, "protocol.pdf", pdf())
    place.send()
    place.deliver()
    assert not any("protocol.pdf" in text_of(one) for one in post.to("access@alpha.example"))
    file = place.rows()[0].public_id
    client, link, page = opened_with_its_code(place.services, post, place.deliver, file=file)
    assert client.get(downloads(page)[0]).content == pdf_of_row(place)
    assert browser(place.services).get(f"{link}/files/{file}").status_code == 403, "another browser has no code"


def pdf_of_row(place: Office) -> bytes:
    row = place.rows()[0]
    return place.services.uploads.vault.get(row.storage_name, row.sealed_key)


def test_S15_one_file_is_replaced_several_are_kept_and_removed(place: Office) -> None:
    place.attach(PROTOCOL, "first.pdf", pdf("1"))
    page = place.attach(PROTOCOL, "second.pdf", pdf("2"))
    assert "first.pdf" not in page
    assert "second.pdf" in page
    place.attach(CODES, "a.txt", b"E10\n")
    page = place.attach(CODES, "b.txt", b"E11\n")
    assert "a.txt" in page
    assert "b.txt" in page
    assert [row.name for row in place.rows()] == ["second.pdf", "a.txt", "b.txt"], "what nobody received is gone when it is replaced"
    page = place.remove(CODES, place.rows()[1].public_id)
    assert "a.txt" not in page
    assert place.remove(CODES, "0" * 24).count("not attached here") == 1
    assert place.services.uploads.sweep(place.services.store, older_than=place.services.clock() + timedelta(days=1)) == 2
    assert len(place.kept_files()) == 2
    with place.services.store.reading() as session:
        events = [row.event for row in session.scalars(select(RequestEvent).where(RequestEvent.event.like("file.%")).order_by(RequestEvent.id))]
    assert events == ["file.attached"] * 4 + ["file.removed"]
    assert {"file.received", "file.removed"} <= set(place.audited())


@pytest.mark.parametrize(("name", "body", "told"), [
    ("cohort.csv", b"id,dob\n", "rows of data"), ("virus.txt", EICAR, "harmful"), ("big.txt", b"a" * (10 * 2**20 + 1), "larger than 10 MB"),
    ("", b"x", "Choose a file first"), ("macro.docm", docx(), "not taken"),
])
def test_S15_what_is_refused_leaves_nothing_behind(place: Office, name: str, body: bytes, told: str) -> None:
    page = place.attach(PROTOCOL, name, body, expect=422)
    assert told in page
    assert place.rows() == []
    assert place.kept_files() == []
    assert ("file.refused" in place.audited()) is (body == EICAR)
    assert verify(place.services.store, place.services.audit_signer).wrong == ()


def test_A24_a_text_that_may_identify_a_patient_is_warned_of_beside_the_file(place: Office) -> None:
    page = place.attach(CODES, "notes.txt", b"Patient 943 476 5919\n")
    assert "NHS number" in page
    assert "identify a patient" in page


@pytest.mark.parametrize("mood", ["slow", "crashing", "confused"])
def test_S15_while_the_scanner_is_unwell_nothing_is_sent_and_a_job_heals_it(place: Office, mood: str) -> None:
    place.scanner.mood, services = mood, place.services
    person = applicant(services.store, FORM, now=services.clock())
    attaching = Attaching(
        store=services.store, sealer=services.sealer, uploads=services.uploads, person=person, reference=place.reference, now=services.clock(), scan_seconds=0.5,
    )
    attaching.attach(PROTOCOL, name="protocol.pdf", body=pdf())
    assert "does not answer" in place.lead.get(f"{place.base}/attach/{PROTOCOL}").text
    refused = place.send()
    assert refused.status_code == 422
    assert "protocol.pdf" in refused.text
    assert place.rows()[0].state == "unavailable"
    place.scanner.mood = "well"
    assert "scan" in due_jobs(place.services)
    assert scan_waiting(place.services.store, place.services.sealer, place.services.uploads, now=place.services.clock()) == 1
    assert "scan" not in due_jobs(place.services)
    assert place.send().url.path.endswith("/sent")


def test_S15_a_scanner_that_stays_silent_is_asked_less_and_less(place: Office) -> None:
    place.scanner.mood = "confused"
    place.attach(PROTOCOL, "protocol.pdf", pdf())
    now = place.services.clock()
    pauses = []
    for _ in range(5):
        assert scan_waiting(place.services.store, place.services.sealer, place.services.uploads, now=now) == 0
        due_at = place.rows()[0].due_at
        assert due_at is not None
        pauses.append((due_at - now) // timedelta(minutes=1))
        assert scan_waiting(place.services.store, place.services.sealer, place.services.uploads, now=due_at - timedelta(seconds=1)) == 0
        now = due_at
    assert pauses == [1, 5, 20, 60, 60]
    place.scanner.known.append(b"%PDF")
    place.scanner.mood = "well"
    assert scan_waiting(place.services.store, place.services.sealer, place.services.uploads, now=now) == 1
    assert "harmful" in place.lead.get(f"{place.base}/attach/{PROTOCOL}").text
    with place.services.store.reading() as session:
        (letter,) = session.scalars(select(Message).where(Message.idempotency_key.startswith("file.harmful.")))
        assert (letter.to_address, letter.topic, letter.link) == (FORM.email, "turn", f"/account/requests/{place.reference}")
    assert "protocol.pdf" not in (letter.line or "")
    assert place.send().status_code == 422
    assert place.lead.get(f"{place.base}/files/{place.rows()[0].public_id}").status_code == 409


def test_the_export_of_an_account_holds_its_requests_and_their_files(place: Office) -> None:
    body = pdf()
    place.attach(PROTOCOL, "protocol.pdf", body)
    kept = f"{place.reference}/files/"

    def exported() -> dict[str, bytes]:
        answer = place.lead.get("/account/export.zip")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
        with ZipFile(io.BytesIO(answer.content)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    before = exported()
    assert json.loads(before["account.json"])["address"] == FORM.email
    assert json.loads(before[f"{place.reference}/draft.json"])["answers"]["project.title"] == FORM.title
    assert [content for name, content in before.items() if name.startswith(kept)] == [body]
    place.send()
    after = exported()
    assert f"{place.reference}/draft.json" not in after
    told = json.loads(after[f"{place.reference}/request.json"])
    assert {part["custodian"] for part in told["parts"]} == {"Custodian Alpha", "Custodian Beta"}
    assert json.loads(after[f"{place.reference}/{place.part()}.json"])["answers"]["project.title"] == FORM.title
    with place.services.store.transaction() as tx:
        tx.session.execute(update(Upload).values(state="refused"))
    harmful = exported()
    assert not [name for name in harmful if name.startswith(kept)]
    assert harmful[f"{place.reference}/left-out.txt"].startswith(b"protocol.pdf: This file cannot be opened.")


@pytest.mark.parametrize(("unscanned", "status"), [(False, 422), (True, 200)], indirect=["unscanned"])
def test_S15_without_a_scanner_files_are_sent_only_where_the_operator_said_so(unscanned: Office, status: int) -> None:
    page = unscanned.attach(PROTOCOL, "protocol.pdf", pdf())
    assert ("no virus scanner" in page) is (status == 422)
    assert ("sends it all the same" in page) is (status == 200)
    answer = unscanned.send()
    assert answer.status_code == status
    assert "scan" not in due_jobs(unscanned.services)
    if status == 200:
        handler = unscanned.handler()
        assert handler.get(downloads(handler.get(f"/w/alpha/requests/{unscanned.part()}").text)[0]).status_code == 200


def test_S15_files_are_scanned_again_before_they_leave(place: Office) -> None:
    place.attach(PROTOCOL, "protocol.pdf", pdf())
    place.send()
    place.scanner.mood = "confused"
    place.deliver()
    with place.services.store.reading() as session:
        alpha, beta = session.scalars(select(Delivery).order_by(Delivery.id))
    assert (alpha.state, beta.state) == ("queued", "sent"), "the part without files is not held up"
    assert alpha.last_error is not None
    assert "virus scanner" in alpha.last_error
    place.scanner.mood = "well"
    place.scanner.known.append(b"%PDF")
    place.deliver(minutes=1)
    with place.services.store.reading() as session:
        kept_back = session.get_one(Delivery, alpha.id)
    assert kept_back.state == "manual"
    handler = place.handler()
    page = handler.get(f"/w/alpha/requests/{place.part()}").text
    assert downloads(page) == []
    assert "something harmful" in page
    assert handler.get(f"/w/alpha/requests/{place.part()}/files/{place.rows()[0].public_id}").status_code == 409
    with place.services.store.reading() as session:
        row = requests.parts_of_custodian(session, "alpha")[0]
    assert row.route is not None
    assert (row.route.health, row.route.failing_since) == ("healthy", None), "the route is not to blame"
    assert place.audited().count("file.judged") == 1


def test_S15_a_file_changed_in_its_folder_is_not_given_out(place: Office) -> None:
    place.attach(PROTOCOL, "protocol.pdf", pdf())
    (path,) = place.kept_files()
    assert b"PDF" not in path.read_bytes()
    path.write_bytes(bytes(len(path.read_bytes())))
    assert place.lead.get(f"{place.base}/files/{place.rows()[0].public_id}").status_code == 409


def test_S15_a_returned_part_keeps_the_file_that_was_sent_before(place: Office) -> None:
    place.attach(PROTOCOL, "first.pdf", pdf("1"))
    place.send()
    part, now = place.part(), place.services.clock()
    for name, payload in (("acknowledge", {"delivery": "d"}), ("return", {"questions": [PROTOCOL], "comment": "Which version?"})):
        perform(place.services.store, place.services.sealer, part, Command(name=name, role="handler", actor="h", payload=payload), now=now)
    place.attach(PROTOCOL, "second.pdf", pdf("2"))
    page = place.lead.get(f"/account/requests/{place.reference}").text
    version = re.search(rf'action="(/account/requests/{place.reference}/parts/{part})"', page)
    assert version is not None
    number = hidden(page[page.index(version[0]) :], "version")
    place.scanner.mood = "well"
    answer = place.lead.post(version[1], data={"csrf": hidden(page, "csrf"), "command": "resubmit", "version": number, "reply": "The second."})
    assert answer.status_code == 200, answer.text
    handler = place.handler()
    page = handler.get(f"/w/alpha/requests/{part}").text
    assert "second.pdf" in page
    assert [row.name for row in place.rows()] == ["first.pdf", "second.pdf"]
    for row in place.rows():
        assert handler.get(f"/w/alpha/requests/{part}/files/{row.public_id}").status_code == 200


def test_S15_a_copy_of_a_request_has_files_of_its_own(place: Office) -> None:
    place.attach(PROTOCOL, "protocol.pdf", pdf())
    place.send()
    part, now = place.part(), place.services.clock()
    steps: list[tuple[str, str, dict[str, Any]]] = [
        ("acknowledge", "handler", {"delivery": "d"}), ("accept_for_review", "handler", {}),
        ("approve", "decider", {"access_until": "2099-12-31", "access_mode": "TRE"}),
    ]
    for name, role, payload in steps:
        perform(place.services.store, place.services.sealer, part, Command(name=name, role=role, actor=role, payload=payload), now=now)  # type: ignore[arg-type]
    person = applicant(place.services.store, FORM, now=now)
    copy = begin_amendment(place.services.store, place.services.sealer, person, part, "amendment", now=now)
    first, second = place.rows()
    assert draft(place.services.store, person, copy).answers[PROTOCOL] == [second.public_id]
    assert first.public_id != second.public_id
    assert len(place.kept_files()) == 1, "the bytes are kept once"
    delete(place.services.store, place.services.sealer, person, copy, now=now)
    place.services.uploads.sweep(place.services.store, older_than=now + timedelta(days=1))
    assert place.lead.get(f"{place.base}/files/{first.public_id}").content == pdf_of_row(place)


def test_S15_no_more_files_than_a_request_takes(place: Office) -> None:
    for number in range(20):
        place.attach(CODES, f"{number}.txt", b"E10\n")
    assert "at most 20 files" in place.attach(CODES, "one more.txt", b"E10\n", expect=422)
    place.remove(CODES, place.rows()[0].public_id)
    with place.services.store.transaction() as tx:
        tx.session.execute(update(Upload).where(Upload.name == "1.txt").values(size_bytes=100 * 2**20 - 22 * 4))
    assert "100 MB at most" in place.attach(CODES, "one more.txt", b"E10 and more than there is room for, which is little indeed after so many others.\n", expect=422)


def test_S20_files_go_with_their_draft_their_request_and_out_of_quarantine(place: Office) -> None:
    services = place.services
    place.attach(PROTOCOL, "Marker-name.pdf", pdf())
    with services.store.transaction() as tx:
        tx.session.execute(update(Upload).values(state="refused", scanned_at=services.clock()))
    means = Means(services.sealer, services.channels.addresses)
    assert purge(services.store, means, now=services.clock() + QUARANTINE_KEPT - timedelta(minutes=1))["uploads"] == 0
    assert purge(services.store, means, now=services.clock() + QUARANTINE_KEPT + timedelta(minutes=1))["uploads"] == 1
    place.lead = member(services, FORM.email, name=FORM.name, has_app=True)  # old sign-ins went too
    assert "no longer kept" in place.send().text
    place.attach(PROTOCOL, "Marker-name.pdf", pdf())
    person = applicant(services.store, FORM, now=services.clock())
    send(services.store, services.sealer, person, place.reference, now=services.clock())
    for custodian in ("alpha", "beta"):
        part = place.part(custodian)
        for name, role, payload in (("acknowledge", "handler", {"delivery": "d"}), ("reject", "decider", {"code": "capacity", "reason": "No."})):
            perform(services.store, services.sealer, part, Command(name=name, role=role, actor=role, payload=payload), now=services.clock())  # type: ignore[arg-type]
    assert purge(services.store, means, now=services.clock() + DECLINED_KEPT + timedelta(minutes=1))["requests"] == 1
    assert place.rows() == []
    with services.store.reading() as session:
        assert "Marker-name" not in repr(list(session.scalars(select(Snapshot.document))))
        assert {row.state for row in session.scalars(select(RequestPart))} == {"rejected"}
    assert services.uploads.sweep(services.store, older_than=services.clock() + timedelta(days=1)) == 2
    assert place.kept_files() == []


def test_S15_a_picture_arrives_without_what_the_camera_noted(place: Office) -> None:
    place.attach(PROTOCOL, "letter.jpg", picture("JPEG", secret="Marker-Secret"))
    got = place.lead.get(f"{place.base}/files/{place.rows()[0].public_id}")
    assert got.headers["content-type"] == "image/jpeg"
    assert b"Marker" not in got.content
    assert place.rows()[0].sha256 == hashlib.sha256(got.content).hexdigest()


def test_S15_the_uploads_folder_is_served_by_nobody(place: Office) -> None:
    place.attach(PROTOCOL, "protocol.pdf", pdf())
    name, client = place.rows()[0].storage_name, TestClient(create_app(services=place.services), base_url="http://127.0.0.1")
    for path in (f"/uploads/{name[:2]}/{name}", f"/static/../uploads/{name[:2]}/{name}", f"/files/{name}", f"/static/{name}"):
        assert client.get(path).status_code == 404

"""Evidence with the paper that shows it: named by either side, opened by those who see the evidence, refused as other files are, gone with the request."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from gateway.access.commands import Command, perform
from gateway.access.deliver import deliver_due
from gateway.access.routes import set_route
from gateway.access.scanned_files import scan_waiting
from gateway.accounts.setup import grant
from gateway.audit.verify import verify
from gateway.limits.table import LIMITS
from gateway.models import AuditRow, Message, RequestEvent, Upload
from gateway.privacy.anonymising import DECLINED_KEPT
from gateway.privacy.retention import Means, purge
from gateway.store import accounts, requests
from gateway.uploads.checking import LARGEST_BYTES
from gateway.web.auth import create_key
from gateway.wiring import Services
from tests.accounts.people import browser, hidden, member
from tests.gateway.asking import FORM, Post, applicant, send, written
from tests.journeys.gateways import two_custodians
from tests.journeys.mailboxes import opened_with_its_code
from tests.uploads.clamd_server import ClamdServer, clamd
from tests.uploads.made import EICAR, pdf, picture

REC = {"type": "REC", "reference": "20/EM/0148", "issuer": "London Central", "issued": "2026-05-01"}
NAMED = "REC 20/EM/0148"


class Place:
    """One request to alpha and beta, with a lead who is signed in and a handler at each."""

    def __init__(self, services: Services, scanner: ClamdServer, *, channel: str = "committee") -> None:
        self.services, self.scanner = services, scanner
        self.lead = member(services, FORM.email, name=FORM.name, has_app=True)
        self.granted: set[str] = set()
        for slug in ("alpha", "beta"):
            self.staff(custodian=slug)
            set_route(services.store, services.sealer, custodian=slug, channel="committee", target="workspace")
        if channel == "mailbox":
            set_route(services.store, services.sealer, custodian="alpha", channel="mailbox", target="access@alpha.example")
        refs = [one.row.record.ref for one in services.catalogue.listing()]
        self.reference = written(services.store, services.sealer, form=FORM, dataset_refs=refs, now=services.clock())
        person = applicant(services.store, FORM, now=services.clock())
        self.token = send(services.store, services.sealer, person, self.reference, now=services.clock()).follow_token
        self.deliver()

    def deliver(self) -> None:
        deliver_due(self.services.store, self.services.channels, now=self.services.clock())

    def staff(self, role: str = "handler", custodian: str = "alpha") -> TestClient:
        address = f"{role}@{custodian}.example"
        client = member(self.services, address, name=role.title(), has_app=True)
        if address not in self.granted:
            grant(self.services.store, address=address, role=role, custodian=custodian, granted_by="operator", now=self.services.clock())
            self.granted.add(address)
        return client

    def part(self, custodian: str = "alpha") -> str:
        with self.services.store.reading() as session:
            return requests.parts_of_custodian(session, custodian)[0].part.public_id

    def own_page(self) -> str:
        return f"/account/requests/{self.reference}"

    def desk(self, custodian: str = "alpha") -> str:
        return f"/w/{custodian}/requests/{self.part(custodian)}"

    def name(self, client: TestClient, page: str, file: tuple[str, bytes] | None = None, *, expect: int = 200, **fields: str) -> str:
        """Names evidence with the form of ``page``, the applicant's or the custodian's."""
        shown = client.get(page).text
        action = page if page.startswith("/w/") else f"{page}/parts/{self.part()}"
        version = self.version("beta" if page.startswith("/w/beta/") else "alpha")
        posted = {"csrf": hidden(shown, "csrf"), "command": "add_evidence", "version": str(version), **REC, **fields}
        files = {"file": (*file, "application/octet-stream")} if file else {"file": ("", b"", "application/octet-stream")}
        answer = client.post(action, data=posted, files=files)
        assert answer.status_code == expect, re.sub(r"<[^>]+>", " ", answer.text)[-1500:]
        return answer.text

    def press(self, command: str, role: str = "handler", **payload: Any) -> None:
        given = Command(name=command, role=role, actor=role, payload=payload)  # type: ignore[arg-type]  # one of the roles
        perform(self.services.store, self.services.sealer, self.part(), given, now=self.services.clock())

    def version(self, custodian: str = "alpha") -> int:
        with self.services.store.reading() as session:
            return requests.state_of(session, requests.parts_of_custodian(session, custodian)[0].part.id).version

    def rows(self) -> list[Upload]:
        with self.services.store.reading() as session:
            return list(session.scalars(select(Upload).order_by(Upload.id)))

    def kept_files(self) -> list[Path]:
        return [path for path in (self.services.settings.data_dir / "uploads").rglob("*") if path.is_file()]

    def audited(self, action: str) -> list[str]:
        with self.services.store.reading() as session:
            return list(session.scalars(select(AuditRow.object).where(AuditRow.action == action)))


@pytest.fixture
def place(tmp_path: Path, database_url: str | None, post: Post, request: pytest.FixtureRequest) -> Iterator[Place]:
    with clamd() as scanner, two_custodians(tmp_path, database_url, mail_url=post.url, scanner_url=scanner.url) as services:
        yield Place(services, scanner, channel=getattr(request, "param", "committee"))


def downloads(page: str) -> list[str]:
    return re.findall(r'href="(/[^"]*/files/[0-9a-f]{24})"', page)


def test_the_paper_is_opened_by_both_sides_and_by_nobody_else(place: Place) -> None:
    body, handler = pdf("Marker-letter"), place.staff()
    place.name(place.lead, place.own_page(), ("Letter of the committee.pdf", body))
    assert place.scanner.scanned == [body]
    page = place.lead.get(place.own_page()).text
    assert "A file came with it." in page
    (own,) = downloads(page)
    assert place.lead.get(own).content == body
    page = handler.get(place.desk()).text
    assert "Letter of the committee.pdf" in page
    (link,) = downloads(page)
    read = place.audited("part.read").count(f"part/{place.part()}")
    got = handler.get(link)
    assert got.content == body
    assert got.headers["content-disposition"].startswith("attachment; ")
    assert got.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in got.headers["content-security-policy"]
    assert place.audited("part.read").count(f"part/{place.part()}") == read + 1
    file, beta = place.rows()[0].public_id, place.staff(custodian="beta")
    assert "Letter of the committee.pdf" not in beta.get(place.desk("beta")).text
    eve = member(place.services, "eve@university.example", name="Eve", has_app=True)
    for client, address in (
        (beta, f"{place.desk('beta')}/files/{file}"), (beta, f"{place.desk()}/files/{file}"), (eve, own), (eve, f"{place.desk()}/files/{file}"),
        (handler, f"{place.desk('beta')}/files/{file}"),
    ):
        assert client.get(address).status_code == 404, address
    assert "/sign-in" in str(browser(place.services).get(own).url)
    assert verify(place.services.store, place.services.audit_signer).wrong == ()


def test_a_reviewer_opens_it_once_asked(place: Place) -> None:
    place.name(place.lead, place.own_page(), ("letter.pdf", pdf()))
    reviewer, address = place.staff("reviewer"), f"{place.desk()}/files/{place.rows()[0].public_id}"
    assert reviewer.get(address).status_code == 404
    with place.services.store.reading() as session:
        subject = accounts.by_address(session, "reviewer@alpha.example").subject  # type: ignore[union-attr]  # made above
    place.press("acknowledge", delivery="d")
    place.press("request_review", person=subject)
    assert downloads(reviewer.get(place.desk()).text) == [address]
    assert reviewer.get(address).status_code == 200


def test_a_handler_names_evidence_with_a_file_and_the_applicant_opens_it(place: Place) -> None:
    handler, body = place.staff(), picture("PNG")
    place.name(handler, place.desk(), ("decision.png", body))
    (own,) = downloads(place.lead.get(place.own_page()).text)
    got = place.lead.get(own)
    assert (got.status_code, got.headers["content-type"]) == (200, "image/png")
    assert len(downloads(handler.get(place.desk()).text)) == 1
    followed = browser(place.services).get(f"/requests/{place.token}").text
    assert "decision.png" in followed
    assert downloads(followed) == [], "opened by who is signed in alone"


def test_what_a_custodian_sent_waits_for_the_scanner_on_both_sides(place: Place) -> None:
    handler = place.staff()
    place.scanner.mood = "confused"
    place.name(handler, place.desk(), ("decision.pdf", pdf()))
    own = f"/requests/{place.reference}/files/{place.rows()[0].public_id}"
    assert place.lead.get(own).status_code == 409
    assert handler.get(f"{place.desk()}/files/{place.rows()[0].public_id}").status_code == 409
    place.scanner.mood = "well"
    later = place.services.clock() + timedelta(minutes=2)
    assert scan_waiting(place.services.store, place.services.sealer, place.services.uploads, now=later) == 1
    assert place.lead.get(own).status_code == 200


def test_evidence_without_a_file_stays_as_it_was_and_its_paper_comes_later(place: Place) -> None:
    handler = place.staff()
    place.name(place.lead, place.own_page())
    assert place.rows() == []
    assert downloads(handler.get(place.desk()).text) == []
    refused = place.name(place.lead, place.own_page(), expect=422)
    assert "name it again only with a file" in refused
    place.press("refuse_evidence", evidence=NAMED, reason="Send the letter.")
    place.name(place.lead, place.own_page(), ("letter.pdf", pdf()), issuer="", issued="")
    page = handler.get(place.desk()).text
    assert len(downloads(page)) == 1
    assert "London Central" in page, "what was said before stays"
    place.press("verify_evidence", evidence=NAMED)
    again = place.name(place.lead, place.own_page(), ("other.pdf", pdf("2")), expect=422)
    assert "named before" in again
    assert "Choose the file again" in again
    assert len(place.kept_files()) == 1, "the file of what was refused is not kept"


@pytest.mark.parametrize(
    ("name", "body", "words"),
    [
        ("letter.pdf", b"MZ not a PDF", "PDF"), ("letter.csv", b"a,b\n1,2\n", "rows of data"), ("letter.pdf", b"", "empty"),
        ("letter.txt", b"x" * (LARGEST_BYTES + 1), "larger than 10 MB"), ("letter.txt", EICAR, "something harmful"),
    ],
    ids=["content", "table", "empty", "large", "virus"],
)  # fmt: skip
@pytest.mark.parametrize("side", ["applicant", "custodian"])
def test_a_file_that_is_not_taken_is_refused_beside_its_field_and_what_was_typed_stays(place: Place, side: str, name: str, body: bytes, words: str) -> None:
    client, where = (place.lead, place.own_page()) if side == "applicant" else (place.staff(), place.desk())
    before = place.version()
    page = place.name(client, where, (name, body), expect=422, issuer="Marker-issuer")
    (field,) = re.findall(r'<input class="govuk-file-upload"[^>]*id="((?:[0-9a-f]+-)?add_evidence-file)" name="file" aria-describedby="[^"]*-error"', page)
    told = re.search(rf'id="{field}-error"[^>]*>(.*?)</p>', page)
    assert told is not None
    assert words in told[1]
    assert f'href="#{field}"' in page, "the summary of errors leads to it"
    assert 'value="Marker-issuer"' in page
    assert 'value="20/EM/0148"' in page
    assert '<option value="REC" selected>' in page
    assert re.search(r'<form [^>]*enctype="multipart/form-data"[^>]*>(?:(?!</form>).)*value="add_evidence"', page, re.DOTALL)
    assert (place.rows(), place.kept_files(), place.version()) == ([], [], before)
    assert len(place.audited("file.refused")) == (1 if body is EICAR else 0)


def test_a_virus_found_later_closes_the_file_and_whoever_sent_it_is_told(place: Place) -> None:
    place.scanner.mood = "confused"
    place.name(place.lead, place.own_page(), ("Marker-letter.pdf", pdf()))
    place.name(place.staff(), place.desk(), ("Marker-letter.pdf", pdf("2")), type="DPIA", reference="D-1")
    place.scanner.mood = "well"
    place.scanner.known.append(b"%PDF")
    later = place.services.clock() + timedelta(minutes=2)
    assert scan_waiting(place.services.store, place.services.sealer, place.services.uploads, now=later) == 2
    page = place.lead.get(place.own_page()).text
    assert "Name the evidence again, with a sound file." in page
    assert downloads(page) == []
    for row in place.rows():
        assert place.lead.get(f"/requests/{place.reference}/files/{row.public_id}").status_code == 409
    with place.services.store.reading() as session:
        letters = list(session.scalars(select(Message).where(Message.idempotency_key.startswith("file.harmful.")).order_by(Message.id)))
    assert [one.to_address for one in letters] == [FORM.email, "handler@alpha.example"]
    assert all("Marker" not in (one.line or "") for one in letters)
    place.scanner.known.remove(b"%PDF")
    place.name(place.lead, place.own_page(), ("sound.pdf", pdf("3")))
    assert "sound.pdf" in place.lead.get(place.own_page()).text


@pytest.mark.parametrize("place", ["mailbox"], indirect=True)
def test_a_mailbox_opens_the_paper_behind_its_code_alone(place: Place, post: Post) -> None:
    body = pdf("Marker-letter")
    place.name(place.lead, place.own_page(), ("letter.pdf", body))
    file = place.rows()[0].public_id
    client, link, page = opened_with_its_code(place.services, post, place.deliver, file=file)
    assert "20/EM/0148" in page
    assert downloads(page) == [f"{link}/files/{file}"]
    read = len(place.audited("part.read"))
    assert client.get(f"{link}/files/{file}").content == body
    assert len(place.audited("part.read")) == read + 1


def test_an_own_system_and_the_export_of_the_account_have_it(place: Place) -> None:
    body = pdf("Marker-letter")
    place.name(place.lead, place.own_page(), ("letter.pdf", body))
    keys = {slug: create_key(place.services.store, name="own", custodian=slug, scopes=["parts:read"], now=place.services.clock()).key for slug in ("alpha", "beta")}
    client, bearer = browser(place.services), {"Authorization": f"Bearer {keys['alpha']}"}
    (told,) = client.get(f"/api/v1/parts/{place.part()}", headers=bearer).json()["evidence"]
    assert {name: told[name] for name in ("evidence", "issuer", "state")} == {"evidence": NAMED, "issuer": "London Central", "state": "awaited"}
    file = told["file"]
    assert (file["name"], file["state"], file["size_bytes"]) == ("letter.pdf", "clean", len(body))
    assert client.get(f"/api/v1/parts/{place.part()}/files/{file['id']}", headers=bearer).content == body
    other = {"Authorization": f"Bearer {keys['beta']}"}
    assert client.get(f"/api/v1/parts/{place.part('beta')}/files/{file['id']}", headers=other).status_code == 404
    assert client.get(f"/api/v1/parts/{place.part('beta')}", headers=other).json()["evidence"] == []
    with ZipFile(io.BytesIO(place.lead.get("/account/export.zip").content)) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    assert [content for name, content in held.items() if name.startswith(f"{place.reference}/files/")] == [body]
    parts = {part["part"]: part for part in json.loads(held[f"{place.reference}/request.json"])["parts"]}
    assert parts[place.part()]["evidence"] == [told]


def test_taking_it_out_leaves_that_something_stood_there(place: Place) -> None:
    place.name(place.lead, place.own_page(), ("Marker-letter.pdf", pdf()))
    handler = place.staff()
    page = handler.get(place.desk()).text
    (event,) = re.findall(r'<option value="(event\.\d+)">Evidence was named: the file Marker-letter\.pdf</option>', page)
    posted = {"csrf": hidden(page, "csrf"), "version": hidden(page, "version"), "command": "redact", "what": event, "reason": "It names a patient."}
    page = handler.post(place.desk(), data=posted).text
    assert "Marker-letter" not in page
    assert "What stood here was removed." in page
    assert "20/EM/0148" in page
    assert place.rows() == []
    assert place.services.uploads.sweep(place.services.store, older_than=place.services.clock() + timedelta(days=1)) == 1
    assert place.kept_files() == []


def test_it_goes_with_its_request(place: Place) -> None:
    services, means = place.services, Means(place.services.sealer, place.services.channels.addresses)
    place.name(place.lead, place.own_page(), ("Marker-letter.pdf", pdf()))
    place.name(place.staff(), place.desk(), ("Marker-decision.pdf", pdf("2")), type="DPIA", reference="D-1")
    for custodian in ("alpha", "beta"):
        for name, role, payload in (("acknowledge", "handler", {"delivery": "d"}), ("reject", "decider", {"code": "capacity", "reason": "No."})):
            given = Command(name=name, role=role, actor=role, payload=payload)  # type: ignore[arg-type]  # one of the roles
            perform(services.store, services.sealer, place.part(custodian), given, now=services.clock())
    assert purge(services.store, means, now=services.clock() + DECLINED_KEPT - timedelta(minutes=1))["requests"] == 0
    assert len(place.rows()) == 2
    assert purge(services.store, means, now=services.clock() + DECLINED_KEPT + timedelta(minutes=1))["requests"] == 1
    assert place.rows() == []
    with services.store.reading() as session:
        assert "Marker" not in repr(list(session.scalars(select(RequestEvent.payload))))
    assert services.uploads.sweep(services.store, older_than=services.clock() + timedelta(days=1)) == 2
    assert place.kept_files() == []
    assert "no longer kept" in place.staff().get(place.desk()).text


def test_files_are_counted_and_a_request_takes_only_so_many(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.access.evidence_files.MOST_FILES", 1)
    place.name(place.lead, place.own_page(), ("letter.pdf", pdf()))
    assert "at most 1 files" in place.name(place.lead, place.own_page(), ("more.pdf", pdf("2")), expect=422, type="DPIA", reference="D-1")
    monkeypatch.setattr("gateway.access.evidence_files.MOST_BYTES", 100)
    beta = place.staff(custodian="beta")
    assert "MB at most" in place.name(beta, place.desk("beta"), ("more.pdf", pdf("3")), expect=422)
    with place.services.store.reading() as session:
        subject = accounts.by_address(session, FORM.email).subject  # type: ignore[union-attr]  # made by the fixture
    for _ in range(LIMITS["attach"][0].times):
        place.services.limits.has_taken("attach", account=subject, now=place.services.clock())
    place.name(place.lead, place.own_page(), ("letter.pdf", pdf()), expect=429)
    place.name(place.lead, place.own_page(), type="other", reference="R-1")

"""The certificate of a training or an accreditation: kept for the owner of the profile alone."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from gateway.access.scanned_files import scan_waiting
from gateway.models import Message, Upload
from gateway.uploads.checking import LARGEST_BYTES
from gateway.wiring import Services
from tests.accounts.people import browser, hidden, member
from tests.journeys.gateways import make_services
from tests.uploads.clamd_server import ClamdServer, clamd
from tests.uploads.made import EICAR, pdf

ADA = "ada@university.example"
TRAINING = {"title": "Safe Researcher Training", "provider": "Example Institute", "awarded": "2026-01-31"}


@dataclass
class Profile:
    services: Services
    scanner: ClamdServer
    owner: TestClient

    def add(self, group: str, **fields: str) -> str:
        """The address of the item."""
        page = self.owner.post(f"/account/profile/{group}/new", data={"csrf": self.csrf(), **fields}).text
        found: list[str] = re.findall(r'href="(/account/profile/items/\d+)"', page)
        return found[-1]

    def attach(self, item: str, name: str, body: bytes, *, expect: int = 200) -> str:
        answer = self.owner.post(f"{item}/certificate", data={"csrf": self.csrf()}, files={"file": (name, body, "application/octet-stream")})
        assert answer.status_code == expect, answer.text
        return answer.text

    def csrf(self) -> str:
        return hidden(self.owner.get("/account/profile/training/new").text, "csrf")

    def rows(self) -> list[Upload]:
        with self.services.store.reading() as session:
            return list(session.scalars(select(Upload).order_by(Upload.id)))

    def kept_files(self) -> list[Path]:
        return [path for path in (self.services.settings.data_dir / "uploads").rglob("*") if path.is_file()]


@pytest.fixture
def profile(tmp_path: Path, database_url: str | None) -> Iterator[Profile]:
    with clamd() as scanner:
        services = make_services(tmp_path / "data", database_url, worker=False, scanner_url=scanner.url)
        try:
            yield Profile(services, scanner, member(services, ADA, name="Ada Marker"))
        finally:
            services.close()


def test_the_owner_keeps_opens_replaces_and_removes_it_and_nobody_else_sees_it(profile: Profile) -> None:
    item, body = profile.add("training", **TRAINING), pdf("Marker-certificate")
    assert "The certificate" in profile.owner.get(item).text
    page = profile.attach(item, "Certificate of Ada.pdf", body)
    assert "Certificate of Ada.pdf" in page
    got = profile.owner.get(f"{item}/certificate")
    assert (got.content, got.headers["content-type"]) == (body, "application/pdf")
    assert got.headers["content-disposition"].startswith("attachment; ")
    assert "sandbox" in got.headers["content-security-policy"]
    assert "Certificate of Ada.pdf" not in profile.owner.get("/account/profile/preview").text, "custodians are not even told its name"
    eve = member(profile.services, "eve@university.example", name="Eve")
    csrf = hidden(eve.get("/account/profile/training/new").text, "csrf")
    assert eve.get(f"{item}/certificate").status_code == 404
    assert eve.post(f"{item}/certificate", data={"csrf": csrf}, files={"file": ("a.pdf", pdf(), "application/pdf")}).status_code == 404
    assert eve.post(f"{item}/certificate/remove", data={"csrf": csrf}).status_code == 404
    assert "/sign-in" in str(browser(profile.services).get(f"{item}/certificate").url)
    profile.attach(item, "second.pdf", pdf("2"))
    assert [row.name for row in profile.rows()] == ["second.pdf"]
    assert "second.pdf" in profile.owner.post(item, data={"csrf": profile.csrf(), **TRAINING, "provider": "Another"}).text, "changing the words keeps it"
    assert profile.owner.post(f"{item}/certificate/remove", data={"csrf": profile.csrf()}).status_code == 200
    assert profile.owner.get(f"{item}/certificate").status_code == 404
    assert profile.rows() == []
    profile.attach(item, "third.pdf", pdf("3"))
    profile.owner.post(f"{item}/remove", data={"csrf": profile.csrf()})
    assert profile.rows() == []
    profile.services.uploads.sweep(profile.services.store, older_than=profile.services.clock() + timedelta(days=1))
    assert profile.kept_files() == []


@pytest.mark.parametrize(
    ("name", "body", "words"),
    [
        ("a.pdf", b"MZ not a PDF", "PDF"), ("a.csv", b"a,b\n1,2\n", "rows of data"), ("a.txt", b"x" * (LARGEST_BYTES + 1), "larger than 10 MB"),
        ("a.txt", EICAR, "something harmful"), ("", b"", "Choose a file first"),
    ],
    ids=["content", "table", "large", "virus", "none"],
)  # fmt: skip
def test_what_is_not_taken_is_refused_beside_the_field(profile: Profile, name: str, body: bytes, words: str) -> None:
    item = profile.add("accreditation", body="UK Statistics Authority", kind="Accredited researcher")
    page = profile.attach(item, name, body, expect=422)
    told = re.search(r'id="file-error"[^>]*>(.*?)</p>', page)
    assert told is not None
    assert words in told[1]
    assert 'href="#file"' in page
    assert 'value="UK Statistics Authority"' in page
    assert (profile.rows(), profile.kept_files()) == ([], [])


def test_other_items_take_none(profile: Profile) -> None:
    item = profile.add("affiliation", organisation="Example University", role="Analyst")
    assert "The certificate" not in profile.owner.get(item).text
    assert "no such item" in profile.attach(item, "a.pdf", pdf(), expect=404)


def test_a_virus_found_later_closes_it_and_its_owner_is_told(profile: Profile) -> None:
    item = profile.add("training", **TRAINING)
    profile.scanner.mood = "confused"
    assert "Not scanned for viruses yet." in profile.attach(item, "Marker-a.pdf", pdf())
    assert profile.owner.get(f"{item}/certificate").status_code == 200
    profile.scanner.mood = "well"
    profile.scanner.known.append(b"%PDF")
    later = profile.services.clock() + timedelta(minutes=2)
    assert scan_waiting(profile.services.store, profile.services.sealer, profile.services.uploads, now=later) == 1
    assert profile.owner.get(f"{item}/certificate").status_code == 409
    assert "something harmful" in profile.owner.get("/account/profile").text
    with profile.services.store.reading() as session:
        (letter,) = session.scalars(select(Message).where(Message.idempotency_key.startswith("file.harmful.")))
    assert letter.to_address == ADA
    assert "Marker" not in (letter.line or "")


def test_it_is_exported_and_goes_with_the_account(profile: Profile) -> None:
    body = pdf("Marker-certificate")
    profile.attach(profile.add("training", **TRAINING), "certificate.pdf", body)
    with ZipFile(io.BytesIO(profile.owner.get("/account/export.zip").content)) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    assert [content for name, content in held.items() if name.startswith("certificates/")] == [body]
    assert [one["certificate"] for one in json.loads(held["account.json"])["profile"]["items"]] == ["certificate.pdf"]
    closed = profile.owner.post("/account/close", data={"csrf": profile.csrf(), "sure": "yes"})
    assert closed.status_code == 200
    assert profile.rows() == []
    profile.services.uploads.sweep(profile.services.store, older_than=profile.services.clock() + timedelta(days=1))
    assert profile.kept_files() == []

"""The variant of documents: a custodian's own form is offered, filled in, attached, and part of what the custodian decides on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from gateway.access.part_forms import newest_form, publish
from gateway.accounts.setup import grant
from gateway.wiring import Services
from tests.accounts.people import browser, hidden, member
from tests.gateway.asking import Asking, seeded, written
from tests.journeys.gateways import make_services
from tests.uploads.clamd_server import clamd
from tests.uploads.made import EICAR, docx, pdf, pdf_of

FORM = Asking(email="ada@university.example")
KEY = "annex.alpha.completed_form"


@pytest.fixture
def services(tmp_path: Path, database_url: str | None) -> Iterator[Services]:
    with clamd() as scanner:
        built = make_services(tmp_path / "data", database_url, worker=False, scanner_url=scanner.url)
        try:
            yield built
        finally:
            built.close()


def offer(client: TestClient, name: str, body: bytes, *, expect: int = 200) -> str:
    page = client.get("/w/alpha/form").text
    answer = client.post("/w/alpha/form/template", data={"csrf": hidden(page, "csrf")}, files={"file": (name, body, "application/octet-stream")})
    assert answer.status_code == expect, answer.text
    return answer.text


def test_A21_S15_a_custodians_own_form_is_offered_filled_in_and_received(services: Services) -> None:
    refs = seeded(services.store, "alpha")
    chooser = member(services, "admin@alpha.example", name="Grace", has_app=True)
    grant(services.store, address="admin@alpha.example", role="team_admin", custodian="alpha", granted_by="operator", now=services.clock())
    publish(services.store, "alpha", {"guidance": {"project.title": "Keep it short."}}, actor="operator", now=services.clock())
    for name, body, told in (("form.txt", b"x", "PDF, DOCX or ODT"), ("form.docm", docx(), "not taken"), ("form.pdf", pdf_of(b"<< /Type /Catalog >>\n%" + EICAR), "harmful")):
        assert told in offer(chooser, name, body, expect=422)
    offer(chooser, "Our form.docx", docx("Please fill in."))
    form = newest_form(services.store, "alpha")
    assert form.document.variant == "documents"
    assert form.document.guidance == {"project.title": "Keep it short."}, "the rest of the form stays"
    lead = member(services, FORM.email, name=FORM.name, has_app=True)
    reference = written(services.store, services.sealer, form=FORM, dataset_refs=refs["alpha"], now=services.clock())
    assert "Attach a file: The custodian’s own form" in lead.get(f"/requests/{reference}/check").text
    page = lead.get(f"/requests/{reference}/attach/{KEY}").text
    link = re.search(r'href="(/custodians/alpha/forms/\d+/template)"', page)
    assert link is not None
    got = browser(services).get(link[1])
    assert got.content == docx("Please fill in.")
    assert "Our%20form.docx" in got.headers["content-disposition"]
    filled = {"file": ("filled in.pdf", pdf("Filled in."), "application/pdf")}
    assert "filled in.pdf" in lead.post(f"/requests/{reference}/attach/{KEY}", data={"csrf": hidden(page, "csrf")}, files=filled).text
    assert "Attach a file: The custodian’s own form" not in lead.get(f"/requests/{reference}/check").text
    services.housekeeping.sweep_files(now=services.clock() + timedelta(days=400))
    assert browser(services).get(link[1]).status_code == 200, "a published form stays as long as the version"
    assert browser(services).get("/custodians/alpha/forms/1/template").status_code == 404

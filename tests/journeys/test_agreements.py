"""Agreements as documents: issued from a template, a text or a file; exactly that is signed, kept and read, by its two sides alone."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from gateway.access.commands import Command, perform
from gateway.access.deliver import deliver_due
from gateway.access.routes import set_route
from gateway.accounts.setup import grant
from gateway.errors import Conflict
from gateway.privacy.anonymising import anonymise
from gateway.store import audit, requests, retention
from gateway.web.auth import create_key
from gateway.wiring import Services
from tests.accounts.people import browser, hidden, member
from tests.gateway.asking import FORM, Post, seeded, submit, text_of
from tests.journeys.gateways import make_services
from tests.journeys.test_workspace import LATER, SOON, part_path, press
from tests.uploads.clamd_server import clamd
from tests.uploads.made import EICAR, pdf, pdf_of

HANDLER, DECIDER, ADMIN = "handler@alpha.example", "decider@alpha.example", "admin@alpha.example"
TEXT = "Agreement on {reference} between {custodian} and {applicant}, signed by {signatory}, until {until}: {project}; {datasets}. marker-clause"


@pytest.fixture
def services(tmp_path: Path, database_url: str | None, post: Post) -> Iterator[Services]:
    with clamd() as scanner:
        built = make_services(tmp_path / "data", database_url, worker=False, scanner_url=scanner.url, mail_url=post.url)
        try:
            refs = seeded(built.store, "alpha", "beta")
            for address, role in ((HANDLER, "handler"), (DECIDER, "decider"), (ADMIN, "team_admin")):
                member(built, address, name=role.title(), has_app=True)
                grant(built.store, address=address, role=role, custodian="alpha", granted_by="operator", now=built.clock())
            member(built, "handler@beta.example", name="Other")
            grant(built.store, address="handler@beta.example", role="handler", custodian="beta", granted_by="operator", now=built.clock())
            for slug in ("alpha", "beta"):
                set_route(built.store, built.sealer, custodian=slug, channel="committee", target="workspace")
            submit(built.store, built.sealer, dataset_refs=[*refs["alpha"], *refs["beta"]], now=built.clock())
            yield built
        finally:
            built.close()


def signed_in(services: Services, address: str) -> TestClient:
    return member(services, address, name=address.split("@", maxsplit=1)[0].title(), has_app=True)


def approved(services: Services) -> str:
    """The part's page, at the stage where an agreement is issued."""
    handler = signed_in(services, HANDLER)
    path = part_path(handler)
    press(handler, path, "acknowledge")
    press(handler, path, "accept_for_review")
    press(signed_in(services, DECIDER), path, "approve", access_until=LATER, access_mode="TRE")
    return path


def post_paper(client: TestClient, path: str, *, file: tuple[str, bytes] | None = None, expect: int = 200, **fields: str) -> str:
    page = client.get(path).text
    version = {"version": hidden(page, "version")} if 'name="version"' in page else {}
    files = {"file": (*file, "application/octet-stream")} if file else {"file": ("", b"", "application/octet-stream")}
    answer = client.post(path, data={"csrf": hidden(page, "csrf"), **version, **fields}, files=files)
    assert answer.status_code == expect, re.sub(r"<[^>]+>|\s+", " ", answer.text)[-1500:]
    return answer.text


def papers(page: str) -> list[str]:
    return list(dict.fromkeys(re.findall(r'href="([^"]+/agreements/[0-9a-f]{24})"', page)))


def own_page(lead: TestClient) -> str:
    found = re.search(r'href="(/account/requests/[^"/]+)"', lead.get("/account").text)
    assert found is not None
    return found[1]


def own_part(lead: TestClient, of: str) -> str:
    found = re.search(rf'action="(/account/requests/[^"]+/parts/{of})"', lead.get(own_page(lead)).text)
    assert found is not None
    return found[1]


def test_an_agreement_is_issued_from_a_template_signed_as_it_is_and_stays_with_the_part(services: Services, post: Post) -> None:
    admin, handler, lead = signed_in(services, ADMIN), signed_in(services, HANDLER), signed_in(services, FORM.email)
    post_paper(admin, "/w/alpha/agreements", title="Data sharing agreement", text=TEXT)
    with services.store.reading() as session:
        (noted,) = [row for row in audit.rows(session, "organisation/alpha") if row.action == "agreement.published"]
    assert noted.role == "team_admin"
    assert "Publish another version" not in handler.get("/w/alpha/agreements").text
    assert handler.get("/w/alpha/agreements/1").content == TEXT.encode()
    path = approved(services)
    part = path.rsplit("/", 1)[1]
    page = post_paper(handler, f"{path}/agreement", template="1")
    (paper,) = papers(page)
    body = handler.get(paper).content
    for words in ("marker-clause", FORM.organisation, "Custodian Alpha", LATER, FORM.title, "Example Signatory"):
        assert words in body.decode()
    assert "{" not in body.decode(), "every place is filled"
    sha256 = hashlib.sha256(body).hexdigest()
    assert sha256 in page
    assert "Nobody has signed yet" in page
    deliver_due(services.store, services.channels, now=services.clock())
    assert any("The agreement is ready to be signed" in text_of(letter) for letter in post.to(FORM.email))
    theirs = lead.get(own_page(lead)).text
    assert sha256 in theirs
    (own,) = papers(theirs)
    assert lead.get(own).content == body, "both sides read the same bytes"
    assert "attachment" in lead.get(own).headers["Content-Disposition"]
    answer = lead.post(own_part(lead, part), data={"csrf": hidden(theirs, "csrf"), "command": "sign_agreement"})
    assert "Signed by the applicant" in answer.text
    assert "Signed by both sides" in press(handler, path, "sign_agreement")
    deliver_due(services.store, services.channels, now=services.clock())
    assert any("The agreement was signed" in text_of(letter) for letter in post.to(FORM.email))
    with services.store.reading() as session:
        number = requests.part_id_by_public_id(session, part)
        assert number is not None
        signed = [event.payload["sha256"] for event in requests.history(session, number) if event.event == "agreement.signed"]
    assert signed == [sha256, sha256], "each signature names what was signed"
    opened = press(handler, path, "activate", access_mode="TRE", access_starts=SOON, access_ends=LATER)
    assert re.search(r'href="/uses/[0-9a-f]+"', opened), "the entry of the register is one step away"
    assert re.search(r'href="/uses/[0-9a-f]+"', lead.get(own_page(lead)).text)
    press(handler, path, "end", reason="finished")
    assert "No longer in force" in handler.get(path).text
    assert handler.get(paper).content == lead.get(own).content == body


def test_a_later_agreement_replaces_the_one_before_and_is_signed_anew(services: Services) -> None:
    handler, lead = signed_in(services, HANDLER), signed_in(services, FORM.email)
    path = approved(services)
    part = path.rsplit("/", 1)[1]
    for fields, field in (({"title": "A"}, "exactly one"), ({"text": "Words."}, "Name the agreement"), ({"title": "A", "text": "x" * 200_001}, "at most 200,000")):
        assert field in post_paper(handler, f"{path}/agreement", expect=422, **fields)
    for name, body, told in (("a.txt", b"Words.", "PDF, DOCX or ODT"), ("a.pdf", pdf_of(b"<< /Type /Catalog >>\n%" + EICAR), "harmful")):
        assert told in post_paper(handler, f"{path}/agreement", file=(name, body), title="A", expect=422)
    assert "exactly one" in post_paper(handler, f"{path}/agreement", file=("a.pdf", pdf()), title="A", text="Words.", expect=422)
    assert papers(handler.get(path).text) == []
    first = post_paper(handler, f"{path}/agreement", title="First 1", text="First words.")
    old = re.search(r"SHA-256 <code>([0-9a-f]{64})", first)
    assert old is not None
    press(handler, path, "sign_agreement")
    body = pdf("Second words.")
    page = post_paper(handler, f"{path}/agreement", file=("second.pdf", body), title="Second 2")
    assert page.count("Replaced by a later one") == 1
    assert "Nobody has signed yet" in page, "what was signed before does not count for it"
    newest, before = papers(page)
    assert handler.get(newest).content == body
    assert handler.get(before).content == b"First words."
    stale = Command(name="sign_agreement", role="lead", actor="lead", payload={"side": "applicant", "signatory": "Example Signatory", "sha256": old[1]})
    with pytest.raises(Conflict, match="another agreement was issued"):
        perform(services.store, services.sealer, part, stale, now=services.clock())
    assert lead.get(own_part(lead, part) + newest[newest.index("/agreements/"):]).content == body


def test_S2_only_the_two_sides_read_an_agreement_and_nothing_issues_one_out_of_turn(services: Services) -> None:
    handler, other, lead = signed_in(services, HANDLER), signed_in(services, "handler@beta.example"), signed_in(services, FORM.email)
    early = part_path(handler)
    assert handler.get(f"{early}/agreement").status_code == 403
    path = approved(services)
    (paper,) = papers(post_paper(handler, f"{path}/agreement", title="A 1", text="Words."))
    document = paper.rsplit("/", 1)[1]
    stranger = member(services, "eve@elsewhere.example", name="Eve")
    theirs = part_path(other, "beta")
    for client, address in (
        (other, paper), (stranger, paper), (other, f"{theirs}/agreements/{document}"), (handler, f"{path}/agreements/{'0' * 24}"),
        (stranger, f"{own_part(lead, path.rsplit('/', 1)[1])}/agreements/{document}"), (lead, f"{own_part(lead, theirs.rsplit('/', 1)[1])}/agreements/{document}"),
        (other, f"{path}/agreement"), (stranger, "/w/alpha/agreements"), (other, "/w/alpha/agreements/1"),
    ):
        assert client.get(address).status_code == 404, address
    assert browser(services).get(paper).url.path == "/sign-in"
    page = handler.get(f"{path}/agreement").text
    assert handler.post(f"{path}/agreement", data={"csrf": "wrong", "title": "B", "text": "Words."}).status_code == 403
    assert signed_in(services, DECIDER).post(f"{path}/agreement", data={"csrf": hidden(page, "csrf"), "title": "B", "text": "Words."}).status_code == 403
    assert papers(handler.get(path).text) == [paper]


def test_a_custodians_system_issues_reads_and_signs_an_agreement(services: Services) -> None:
    part = approved(services).rsplit("/", 1)[1]
    key = create_key(services.store, name="own", custodian="alpha", scopes=["parts:read", "parts:act"], now=services.clock()).key
    client, bearer = browser(services), {"Authorization": f"Bearer {key}"}

    def give(command: str, *, expect: int = 200, **payload: str) -> dict[str, list[dict[str, str]]]:
        answer = client.post(f"/api/v1/parts/{part}/commands", headers=bearer, json={"command": command, "payload": payload})
        assert answer.status_code == expect, answer.text
        found: dict[str, list[dict[str, str]]] = answer.json()
        return found

    give("issue_agreement", text="No name.", expect=422)
    (told,) = give("issue_agreement", agreement="A 1", text="Words of ours.")["agreements"]
    assert (told["title"], told["standing"]) == ("A 1", "unsigned")
    body = client.get(f"/api/v1/parts/{part}/agreements/{told['id']}", headers=bearer).content
    assert body == b"Words of ours."
    assert hashlib.sha256(body).hexdigest() == told["sha256"]
    give("sign_agreement", side="custodian", sha256="0" * 64, expect=409)
    (told,) = give("sign_agreement", side="custodian", sha256=told["sha256"])["agreements"]
    assert told["standing"] == "by_custodian"
    assert client.get(f"/api/v1/parts/{part}/agreements/{'0' * 24}", headers=bearer).status_code == 404


def test_S20_the_sweeps_spare_what_is_kept_and_an_agreement_goes_with_its_request(services: Services) -> None:
    admin, handler = signed_in(services, ADMIN), signed_in(services, HANDLER)
    post_paper(admin, "/w/alpha/agreements", title="Ours", text=TEXT)
    path = approved(services)
    (paper,) = papers(post_paper(handler, f"{path}/agreement", title="A 1", text="Words."))
    later = services.clock() + timedelta(days=3)
    assert services.uploads.sweep(services.store, older_than=later) == 0
    with services.store.reading() as session:
        needed = retention.needed_files(session, now=later)
    services.files.sweep(needed, older_than=later)
    assert handler.get("/w/alpha/agreements/1").content == TEXT.encode()
    assert handler.get(paper).content == b"Words."
    press(signed_in(services, DECIDER), path, "revoke", reason="A question of security.")
    theirs = part_path(signed_in(services, "handler@beta.example"), "beta").rsplit("/", 1)[1]
    perform(services.store, services.sealer, theirs, Command(name="withdraw", role="lead", actor="lead", payload={}), now=services.clock())
    with services.store.transaction() as tx:
        row = requests.part_by_public_id(tx.session, path.rsplit("/", 1)[1])
        assert row is not None
        anonymise(tx.session, row.request, now=later)
    assert handler.get(paper).status_code == 404
    assert services.uploads.sweep(services.store, older_than=later) == 1

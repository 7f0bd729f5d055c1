"""What waits for a custodian's people (C1) and for the gateway's administrators (D1): each finds what their roles open, and nothing else."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from gateway.access.routes import set_route
from gateway.accounts.setup import grant
from gateway.accounts.tables import Proposal
from gateway.store import accounts, custodians, sources
from gateway.web.auth import create_key
from gateway.wiring import Services
from tests.accounts.people import browser, member
from tests.gateway.asking import Post
from tests.journeys.gateways import add_files, document, harvest, two_custodians, write_documents
from tests.journeys.test_questions import asked
from tests.journeys.test_workspace import part_path, press, sent

NOTHING = "Nothing needs you."
QUEUE = re.compile(r'id="queue-\d+">(.+?) <span class="app-quiet">\((\d+)\)</span>')


@pytest.fixture
def services(tmp_path: Path, database_url: str | None, post: Post) -> Iterator[Services]:
    with two_custodians(tmp_path, database_url, mail_url=post.url) as built:
        yield built


def somebody(services: Services, role: str, custodian: str | None = "alpha") -> TestClient:
    address = f"{role.replace('_', '-')}@{custodian or 'gateway'}.example"
    client = member(services, address, name=role.replace("_", " ").title(), has_app=True)
    grant(services.store, address=address, role=role, custodian=custodian, granted_by="operator", now=services.clock())
    return client


def propose(services: Services, address: str, *, by: str) -> None:
    """That they decide at alpha; what a gateway without a public address would not ask for."""
    now = services.clock()
    with services.store.transaction() as tx:
        account, place = accounts.by_address(tx.session, address), custodians.by_slug(tx.session, "alpha")
        assert account is not None
        tx.session.add(Proposal(account_id=account.id, custodian_id=place.id, role="decider", proposed_by=by, proposed_at=now, ends_at=now + timedelta(days=7)))


def queues(client: TestClient, path: str = "/w/alpha") -> dict[str, int]:
    """Headings with their counts."""
    answer = client.get(path)
    assert answer.status_code == 200
    found = {heading: int(count) for heading, count in QUEUE.findall(answer.text)}
    assert (NOTHING in answer.text) == (not found)
    return found


def trouble(services: Services, folder: Path) -> None:
    """Alpha gets a source that fails, one that would lose most of its records, and a record that is not fit to be shown."""
    gone = add_files(services, folder / "gone", name="Feed gone", custodian="alpha")
    write_documents(folder / "gone", [document(50)])
    harvest(services, gone)
    shutil.rmtree(folder / "gone")
    harvest(services, gone)
    short = add_files(services, folder / "short", name="Feed short", custodian="alpha")
    write_documents(folder / "short", [document(number) for number in range(60, 80)])
    harvest(services, short)
    for file in sorted((folder / "short").iterdir())[5:]:
        file.unlink()
    assert harvest(services, short).state == "held"
    bad = document(90)
    del bad["summary"]["title"], bad["summary"]["abstract"]
    write_documents(folder / "bad", [bad])
    assert harvest(services, add_files(services, folder / "bad", name="Feed bad", custodian="alpha")).counters == {"quarantined": 1}


def test_a_data_manager_finds_what_harvesting_left_to_do(services: Services, tmp_path: Path) -> None:
    editor = somebody(services, "metadata_editor")
    assert queues(editor) == {}
    assert "Last harvest" in editor.get("/w/alpha").text
    trouble(services, tmp_path)
    assert queues(editor) == {"Sources": 1, "Removals that wait for a person": 1, "Records held back": 1}
    page = editor.get("/w/alpha").text
    for words in ("Feed gone", "Failed 1 time in a row.", "Feed short"):
        assert words in page
    for path in re.findall(r'<li><a href="(/[^"]+)"', page):
        assert editor.get(path).status_code == 200, path
    assert "/w/alpha/requests" not in page, "requests are another role's work"
    with services.store.transaction() as tx:
        sources.by_slug(tx.session, "feed-gone").state = "paused"
    assert "Sources" not in queues(editor), "a source that somebody switched off is no trouble"


def test_a_handler_finds_requests_while_it_is_their_turn_and_questions(services: Services, post: Post) -> None:
    handler, observer = somebody(services, "handler"), somebody(services, "observer")
    set_route(services.store, services.sealer, custodian="alpha", channel="committee", target="workspace")
    assert queues(handler) == {}
    sent(services)
    asked(services, post, browser(services))
    assert queues(handler) == {"Requests that wait for you": 1, "Questions without an answer": 1}
    path = part_path(handler)
    page = handler.get("/w/alpha").text
    assert path in page
    assert "Your turn, less than a working day so far" in page
    assert "/w/alpha/sources" not in page
    press(handler, path, "acknowledge")
    press(handler, path, "return", comment="Which years?", is_general="yes")
    assert queues(handler) == {"Questions without an answer": 1}, "now it is the applicant's turn"
    assert queues(observer) == {}


def test_administrators_of_a_team_see_keys_that_end_and_roles_that_wait(services: Services) -> None:
    admin = somebody(services, "team_admin")
    create_key(services.store, name="Nightly push", custodian="alpha", valid_for_days=20, now=services.clock())
    create_key(services.store, name="Other", custodian="alpha", valid_for_days=90, now=services.clock())
    assert queues(admin) == {"Keys that end soon": 1}
    page = admin.get("/w/alpha").text
    assert "Nightly push" in page
    assert "Other" not in page
    member(services, "new@alpha.example", name="Grace Marker")
    propose(services, "new@alpha.example", by="somebody else")
    assert queues(admin) == {"Keys that end soon": 1, "Roles that wait for a second person": 1}
    page = admin.get("/w/alpha").text
    assert "Grace Marker" in page
    for path in re.findall(r'<li><a href="(/[^"]+)"', page):
        assert admin.get(path).status_code == 200, path


def test_what_waits_for_one_team_is_hidden_from_everybody_else(services: Services, tmp_path: Path) -> None:
    trouble(services, tmp_path)
    handler = somebody(services, "handler", "beta")
    assert queues(handler, "/w/beta") == {}
    for client in (handler, somebody(services, "triage", None)):
        assert client.get("/w/alpha").status_code == 404
        assert client.get("/admin").status_code == 404
    for path in ("/w/alpha", "/admin"):
        assert str(browser(services).get(path, follow_redirects=False).headers["location"]).startswith("/sign-in")


def test_administrators_of_the_gateway_find_one_queue_for_all(services: Services, tmp_path: Path) -> None:
    admin = somebody(services, "admin", None)
    assert queues(admin, "/admin") == {"Custodians without a team administrator": 2}
    trouble(services, tmp_path)
    sent(services)
    assert queues(admin, "/admin") == {"Triage": 1, "Sources": 1, "Removals that wait for a person": 1, "Custodians without a team administrator": 2}
    page = admin.get("/admin").text
    for path in re.findall(r'<li><a href="(/[^"]+)"', page):
        assert admin.get(path).status_code == 200, path
    assert "2 requests without a way to their custodian" in page
    assert "/triage" not in page, "reading them is another role's work"


def test_the_account_leads_to_each_workspace_and_to_the_administration(services: Services) -> None:
    assert 'href="/w/alpha"' in somebody(services, "observer").get("/account").text
    assert 'href="/admin"' in somebody(services, "admin", None).get("/account").text


def test_every_page_leads_back_to_where_somebody_works(services: Services) -> None:
    editor, admin = somebody(services, "metadata_editor"), somebody(services, "admin", None)
    desk = '<a href="/w/alpha">Workspace</a>'
    assert desk in editor.get("/search").text
    assert '<a href="/w/alpha" aria-current="true">Workspace</a>' in editor.get("/w/alpha/records").text
    grant(services.store, address="metadata-editor@alpha.example", role="metadata_editor", custodian="beta", granted_by="operator", now=services.clock())
    assert "Workspace</a>" not in editor.get("/search").text, "of several the account page tells"
    assert '<a href="/w/beta" aria-current="true">Workspace</a>' in editor.get("/w/beta/records").text
    assert '<a href="/admin" aria-current="page">Administration</a>' in admin.get("/admin").text
    assert "Administration</a>" not in browser(services).get("/search").text

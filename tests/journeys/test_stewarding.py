"""Sources from the pages: those who may, press; to others the buttons and the addresses do nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from gateway.accounts.setup import grant
from gateway.store import audit, contacts, custodians, runs, sources
from gateway.webhooks.endpoints import add_endpoint
from gateway.wiring import Services
from tests.accounts.people import browser, hidden, member
from tests.gateway.asking import Post
from tests.journeys.gateways import add_files, document, harvest, make_services, write_documents


@pytest.fixture
def services(tmp_path: Path, database_url: str | None, post: Post) -> Iterator[Services]:
    built = make_services(tmp_path / "data", database_url, worker=False, mail_url=post.url)
    try:
        for slug in ("alpha", "beta"):
            with built.store.transaction() as tx:
                custodians.add(tx.session, name=f"Custodian {slug.title()}", slug=slug, now=built.clock())
        write_documents(tmp_path / "alpha", [document(number) for number in range(8)])
        harvest(built, add_files(built, tmp_path / "alpha", name="Feed", custodian="alpha"))
        yield built
    finally:
        built.close()


@pytest.fixture
def editor(services: Services) -> TestClient:
    client = member(services, "editor@alpha.example", name="Edith Editor")
    grant(services.store, address="editor@alpha.example", role="metadata_editor", custodian="alpha", granted_by="operator", now=services.clock())
    return client


def press(client: TestClient, page: str, path: str) -> int:
    csrf = hidden(client.get(page).text, "csrf") if "csrf" in client.get(page).text else ""
    return client.post(path, data={"csrf": csrf}).status_code


def test_an_editor_runs_pauses_and_undoes_and_others_do_not(services: Services, editor: TestClient) -> None:
    stranger, other = browser(services), member(services, "other@beta.example", name="Other")
    grant(services.store, address="other@beta.example", role="metadata_editor", custodian="beta", granted_by="operator", now=services.clock())
    for client in (stranger, other):
        assert "Run now" not in client.get("/sources/feed").text
    assert press(other, "/sources/feed", "/sources/feed/run") == 403
    assert stranger.post("/sources/feed/run").url.path == "/sign-in"
    with services.store.reading() as session:
        before = runs.count(session, sources.by_slug(session, "feed").id)
    assert "Run now" in editor.get("/sources/feed").text
    assert editor.post("/sources/feed/run").status_code == 403, "without the form's token"
    assert press(editor, "/sources/feed", "/sources/feed/run") == 200
    with services.store.reading() as session:
        feed = sources.by_slug(session, "feed")
        assert runs.count(session, feed.id) == before + 1
        newest = runs.listing(session, source_id=feed.id, limit=1)[0].id
    assert press(editor, f"/sources/feed/runs/{newest}", f"/sources/feed/runs/{newest}/cancel") == 200
    assert press(editor, "/sources/feed", "/sources/feed/pause") == 200
    assert "Go on with the schedule" in editor.get("/sources/feed").text
    assert press(editor, "/sources/feed", "/sources/feed/resume") == 200
    assert press(editor, "/sources/feed", f"/sources/feed/runs/{newest + 1000}/undo") == 404


def test_j13_an_editor_names_who_is_told_and_others_do_not_see_them(services: Services, editor: TestClient) -> None:
    page = "/sources/feed/contacts"
    other = member(services, "other@beta.example", name="Other")
    grant(services.store, address="other@beta.example", role="metadata_editor", custodian="beta", granted_by="operator", now=services.clock())
    hook = add_endpoint(services.store, services.sealer, custodian="alpha", url="http://127.0.0.1:9/hook", now=services.clock()).endpoint

    def save(**fields: str) -> str:
        return editor.post(page, data={"csrf": hidden(editor.get(page).text, "csrf"), **fields}).text

    assert f'href="{page}"' in editor.get("/sources/feed").text
    assert f'href="{page}"' not in browser(services).get("/sources/feed").text
    assert other.get(page).status_code == 403
    assert browser(services).get(page).url.path == "/sign-in"
    assert "Enter a mail address" in save(address="nobody", digest="always")
    assert "Choose one of the list" in save(address="steward@alpha.example", digest="sometimes")
    assert "steward@alpha.example" in save(address="steward@alpha.example", digest="changes")
    shown = save(webhook=hook.public_id, digest="always")
    assert ("http://127.0.0.1:9/hook" in shown, "Those with changes or problems" in shown) == (True, True)
    with services.store.reading() as session:
        named = [(one.address, one.digest, one.endpoint_id) for one in contacts.named(session, sources.by_slug(session, "feed"))]
        assert sorted(named, key=str) == sorted([("steward@alpha.example", "changes", None), (hook.public_id, "always", hook.id)], key=str)
        assert [row.action for row in audit.rows(session, "gateway") if row.object.startswith("contact/")] == ["contact.created"] * 2
    editor.post(f"{page}/remove", data={"csrf": hidden(editor.get(page).text, "csrf"), "address": "steward@alpha.example"})
    assert "steward@alpha.example" not in editor.get(page).text


def test_s3_a_held_removal_is_decided_on_its_page(services: Services, tmp_path: Path, editor: TestClient) -> None:
    for file in sorted((tmp_path / "alpha").iterdir())[:7]:
        file.unlink()
    for _ in range(4):
        harvest(services, "feed", wanted="full")
    page = editor.get("/sources/feed").text
    link = next((part.split('"')[0] for part in page.split('href="') if "/holds/" in part), None)
    assert link is not None, "the removal of seven of eight waits"
    assert "Approve: remove them" in editor.get(link).text
    assert "Approve: remove them" not in browser(services).get(link).text
    assert press(editor, link, f"{link}/reject") == 200
    shown = editor.get(link).text
    assert "Edith Editor" in shown
    assert "Approve: remove them" not in shown or "rejected" in shown.lower()
    assert services.catalogue.listing()

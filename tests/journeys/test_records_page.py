"""A19, S7, S14: the page of records that wait, for the custodian's people and administrators, and notes beside records."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from frontend.words import day
from gateway.accounts.setup import grant
from gateway.app import create_app
from gateway.store import custodians
from gateway.web.auth import create_key
from gateway.wiring import Services
from tests.accounts.people import browser, hidden, member
from tests.journeys.gateways import add_files, document, harvest, make_services, write_documents

BASE = "/w/alpha/records"


@pytest.fixture
def services(tmp_path: Path, database_url: str | None) -> Iterator[Services]:
    built = make_services(tmp_path / "data", database_url, worker=False)
    try:
        for slug in ("alpha", "beta"):
            with built.store.transaction() as tx:
                custodians.add(tx.session, name=f"Custodian {slug.title()}", slug=slug, now=built.clock())
        write_documents(tmp_path / "alpha", [*(document(number) for number in range(3)), document(9, title=None)])
        feed = add_files(built, tmp_path / "alpha", name="Feed", custodian="alpha")
        harvest(built, feed)
        write_documents(tmp_path / "alpha", [document(0, title=None, populationSize=77) | {"version": "2.0.0", "modified": "2026-01-01T00:00:00Z"}])
        harvest(built, feed)
        (tmp_path / "alpha" / f"{document(1)['identifier']}.json").unlink()
        harvest(built, feed)
        yield built
    finally:
        built.close()


@pytest.fixture
def editor(services: Services) -> TestClient:
    return with_role(services, "editor@alpha.example", "metadata_editor", "alpha")


def with_role(services: Services, address: str, role: str, custodian: str | None) -> TestClient:
    client = member(services, address, name=f"Person of {custodian}", has_app=role == "admin")
    grant(services.store, address=address, role=role, custodian=custodian, granted_by="operator", now=services.clock())
    return client


def test_a19_refused_records_are_listed_with_last_good_version_date_reason_hint_and_difference(services: Services, editor: TestClient) -> None:
    page = editor.get(BASE).text
    for told in ("Held back or refused (2)", "No longer listed (1)", "Stale since", day(services.clock().date().isoformat()), "Never shown", "What to do:", "/summary/title"):
        assert told in page
    assert document(0)["identifier"] in page
    assert document(2)["identifier"] not in page, "nothing waits there"
    report = next(part.split('"')[0] for part in page.split(document(0)["identifier"])[-1].split('href="') if part.startswith("/sources/") and "/records/" in part.split('"')[0])
    assert "What is shown, and what was refused" in editor.get(report).text
    missing = editor.get(BASE, params={"state": "missing"}).text
    assert document(1)["identifier"] in missing
    assert "Not listed since" in missing
    later = services.clock() + timedelta(days=91)
    services.harvesting.clock = lambda: later
    assert "Unconfirmed since" in editor.get(BASE).text, "S7: after ninety days"


def test_a19_the_table_says_the_same_for_spreadsheets(services: Services, editor: TestClient) -> None:
    assert f'href="{BASE}.csv?state=quarantined"' in editor.get(BASE).text
    answer = editor.get(f"{BASE}.csv", params={"state": "quarantined"})
    assert answer.headers["content-type"].startswith("text/csv")
    rows = {row["identifier"]: row for row in csv.DictReader(io.StringIO(answer.text))}
    stale, never = rows[document(0)["identifier"]], rows[document(9)["identifier"]]
    assert (stale["state"], stale["last_good_version"], stale["reason"]) == ("live", "1.0.0", "blocking-findings")
    assert stale["report"].startswith("http://127.0.0.1:8000/sources/feed/runs/")
    assert (never["state"], never["last_good_version"]) == ("unpublished", "")
    assert "findings" in never["what_to_do"]


def test_only_the_custodians_people_and_administrators_see_them(services: Services, editor: TestClient) -> None:
    other, admin = with_role(services, "other@beta.example", "metadata_editor", "beta"), with_role(services, "admin@gateway.example", "admin", None)
    for path in (BASE, f"{BASE}.csv", f"{BASE}/x/notes"):
        stranger = browser(services).get(path)
        assert stranger.url.path == "/sign-in" or stranger.status_code == 401
        assert other.get(path).status_code == 404
    assert admin.get(BASE).status_code == 200
    assert editor.get(f"{BASE}?state=nonsense").status_code == 422
    assert BASE in editor.get("/w/alpha").text


def test_s14_notes_beside_a_record_on_its_page_survive_a_harvest(services: Services, editor: TestClient, tmp_path: Path) -> None:
    ref = services.catalogue.resolve(document(2)["identifier"])
    path = f"{BASE}/{ref}/notes"
    csrf = hidden(editor.get(path).text, "csrf")
    assert "Ask again in May." in editor.post(path, data={"csrf": csrf, "text": " Ask again in May. "}).text
    empty = editor.post(path, data={"csrf": csrf, "text": "  "})
    assert (empty.status_code, "Write what the next reader should know." in empty.text) == (422, True)
    assert editor.post(path, data={"text": "x"}).status_code == 403, "without the form's token"
    changed = document(2, title="Renamed") | {"version": "2.0.0", "modified": "2026-02-01T00:00:00Z"}
    (tmp_path / "alpha" / f"{document(2)['identifier']}.json").write_text(json.dumps(changed))
    assert harvest(services, "feed").counters["updated"] == 1
    page = editor.get(path).text
    assert "Ask again in May." in page
    number = next(part.split("/")[0] for part in page.split(f"{path}/") if part.split("/")[0].isdigit())
    assert "No notes yet." in editor.post(f"{path}/{number}/withdraw", data={"csrf": csrf}).text
    other = with_role(services, "other@beta.example", "metadata_editor", "beta")
    assert other.post(path, data={"csrf": hidden(other.get("/account").text, "csrf"), "text": "x"}).status_code == 404
    assert editor.get(f"{BASE}/nobody/notes").status_code == 404


def test_s14_notes_by_the_api_need_a_curators_key(services: Services) -> None:
    ref = services.catalogue.resolve(document(2)["identifier"])
    path = f"/api/v1/datasets/{ref}/notes"
    client = TestClient(create_app(services=services), base_url="http://127.0.0.1")
    assert client.get(path).status_code == 401
    weak = create_key(services.store, name="weak", scopes=("harvest",), now=datetime.now(UTC)).key
    assert client.get(path, headers={"Authorization": f"Bearer {weak}"}).status_code == 403
    key = {"Authorization": f"Bearer {create_key(services.store, name='a curator', scopes=('curate',), now=datetime.now(UTC)).key}"}
    made = client.post(path, json={"text": "The contact moved."}, headers=key)
    assert (made.status_code, made.json()["by"]) == (201, "a curator")
    assert client.post(path, json={"text": "  "}, headers=key).status_code == 422
    assert [one["text"] for one in client.get(path, headers=key).json()["items"]] == ["The contact moved."]
    assert client.delete(f"{path}/{made.json()['id']}", headers=key).status_code == 204
    assert client.get(path, headers=key).json()["items"] == []
    assert client.delete(f"{path}/999", headers=key).status_code == 404
    assert client.get("/api/v1/datasets/nobody/notes", headers=key).status_code == 404

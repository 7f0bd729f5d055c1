"""The register of a custodian: a file tried, entered as drafts, published; held back; written out and read again without a change."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from gateway.access.register import HEADINGS
from gateway.accounts.setup import grant
from gateway.register.reading import read_register
from gateway.store import custodians
from gateway.wiring import Services
from tests.accounts.people import browser, hidden, member
from tests.gateway.test_register_reading import GOOD, written
from tests.journeys.gateways import make_services, two_custodians


@pytest.fixture
def services(tmp_path: Path, database_url: str | None) -> Iterator[Services]:
    with two_custodians(tmp_path, database_url) as built:
        yield built


@pytest.fixture
def handler(services: Services) -> TestClient:
    return handler_of(services, "alpha")


def handler_of(services: Services, slug: str) -> TestClient:
    client = member(services, f"handler@{slug}.example", name="Harriet Handler")
    grant(services.store, address=f"handler@{slug}.example", role="handler", custodian=slug, granted_by="operator", now=services.clock())
    return client


def tried(client: TestClient, body: bytes, slug: str = "alpha") -> str:
    csrf = hidden(client.get(f"/w/{slug}/register").text, "csrf")
    return client.post(f"/w/{slug}/register/file", data={"csrf": csrf}, files={"file": ("uses.csv", body, "text/csv")}).text


def entered(client: TestClient, body: bytes, slug: str = "alpha", **fields: str) -> str:
    page = tried(client, body, slug)
    return client.post(f"/w/{slug}/register/import", data={"csrf": hidden(page, "csrf"), "sha256": hidden(page, "sha256"), **fields}).text


def entries(client: TestClient, slug: str = "alpha") -> list[str]:
    return re.findall(rf'href="(/w/{slug}/register/[0-9a-f]+)"', client.get(f"/w/{slug}/register").text)


def do(client: TestClient, path: str, what: str, *, expect: int = 200, **fields: object) -> str:
    answer = client.post(path, data={"csrf": hidden(client.get(path).text, "csrf"), "do": what, **fields})
    assert answer.status_code == expect, answer.text
    return answer.text


def publish_all(client: TestClient, slug: str = "alpha") -> None:
    for path in entries(client, slug):
        chosen = re.findall(r'name="d" value="([^"]+)" checked', client.get(path).text)
        do(client, path, "publish", d=chosen)


def odd_uses() -> bytes:
    """Two uses with everything that files get wrong: formulas, quotes, line ends, lists."""
    rows = [
        {**GOOD, "Project ID": "P-1", "Project title": "'=1+1", "Lay summary": 'So "said",\nshe.', "Dataset(s) name": 'Study of sleep number 0, "Births, deaths"',
         "Organisation sector": "University", "Applicant names": "Ada Marker", "Link to research outputs": "https://example.org/a, https://example.org/b"},
        {**GOOD, "Project ID": "P-2", "Project title": "Café", "Latest approval date": "45000", "Technical summary": "-5 °C"},
    ]
    return written(*rows)


def test_A30_export_import_export_is_byte_equal(services: Services, handler: TestClient, tmp_path: Path) -> None:
    entered(handler, odd_uses(), agreed="yes")
    publish_all(handler)
    first = browser(services).get("/uses.csv").content
    assert first.startswith(b"Lead applicant organisation name,Organisation ID,")
    assert len(read_register(first).lines) == 2
    page = tried(handler, first)
    assert "There is nothing to enter" in page, "the same file changes nothing here"
    other = make_services(tmp_path / "other", None, worker=False)
    try:
        with other.store.transaction() as tx:
            custodians.add(tx.session, name="Custodian Alpha", slug="alpha", now=other.clock())
        there = handler_of(other, "alpha")
        entered(there, first, agreed="yes")
        publish_all(there)
        assert browser(other).get("/uses.csv").content == first
    finally:
        other.close()


def test_a_dry_run_changes_nothing_and_tells_faults_by_row_and_column(services: Services, handler: TestClient) -> None:
    page = tried(handler, written(GOOD, {**GOOD, "Project title": "", "Organisation sector": "Charity"}))
    assert entries(handler) == []
    row = re.search(r"<td[^>]*>(\d)</td><td[^>]*>(Project title)</td>", page)
    assert row is not None
    assert row[1] == "3"
    assert "Charity counts as Independent Sector Organisation" in page
    assert "Choose a file" in tried(handler, b"")
    for other in (browser(services), handler_of(services, "beta")):
        assert "Enter uses from a file" not in other.get("/w/alpha/register").text


def test_good_rows_become_drafts_and_nothing_is_public_or_matched_without_a_person(services: Services, handler: TestClient) -> None:
    assert "Entered: 2 new" in entered(handler, odd_uses())
    public = browser(services)
    assert public.get("/uses.json").json()["total"] == 0
    paths = entries(handler)
    first = next(path for path in paths if "1+1" in handler.get(path).text)
    page = handler.get(first).text
    assert "Ada Marker" not in page, "names are kept only where the people agreed"
    assert "Found by its identifier or title" in page
    assert "Births, deaths" in page
    assert public.get(first.replace("/w/alpha/register", "/uses")).status_code == 404
    chosen = re.findall(r'name="d" value="([^"]+)" checked', page)
    do(handler, first, "publish", d=chosen)
    (use,) = public.get("/uses.json").json()["uses"]
    assert [one["ref"] for one in use["datasets"]] == chosen
    assert use["fields"]["Organisation sector"] == "Academic Institute"
    dataset = public.get(f"/datasets/{chosen[0]}").text
    assert "What it is used for" in dataset
    assert f'href="/uses/{use["id"]}"' in dataset
    second = next(path for path in paths if path != first)
    do(handler, second, "discard")
    assert entries(handler) == [first]
    do(handler, first, "discard", expect=422)


def test_importing_again_updates_by_project_and_keeps_the_history(services: Services, handler: TestClient) -> None:
    entered(handler, odd_uses())
    publish_all(handler)
    changed = odd_uses().replace("Café".encode(), b"Tea")
    assert "Entered: 0 new, 1 brought up to date" in entered(handler, changed)
    uses = browser(services).get("/uses.json").json()["uses"]
    assert len(uses) == 2
    (use,) = [one for one in uses if one["fields"]["Project ID"] == "P-2"]
    assert use["fields"]["Project title"] == "Tea"
    assert [line["what"] for line in use["history"]][-1] == "Changed by the custodian"
    beta = handler_of(services, "beta")
    assert "Entered: 2 new" in entered(beta, changed, "beta"), "another custodian's projects are its own"


def test_an_embargo_has_a_reason_an_end_and_twelve_months_at_most(services: Services, handler: TestClient) -> None:
    entered(handler, written({**GOOD, "Project title": "marker-secret"}))
    (path,) = entries(handler)
    soon, late = ((services.clock() + timedelta(days=days)).date().isoformat() for days in (30, 400))
    assert "within the next twelve months" in do(handler, path, "embargo", expect=422, embargo_until=late, embargo_reason="A patent.")
    assert "Give the reason" in do(handler, path, "embargo", expect=422, embargo_until=soon, embargo_reason="")
    do(handler, path, "embargo", embargo_until=soon, embargo_reason="marker-patent")
    do(handler, path, "publish")
    public = browser(services)
    shown = public.get("/uses").text
    assert "marker-patent" in shown
    for address in ("/uses", "/uses.json", "/uses.csv", "/uses.atom", path.replace("/w/alpha/register", "/uses")):
        assert "marker-secret" not in public.get(address).text
    do(handler, path, "embargo", embargo_until="", embargo_reason="")
    assert "marker-secret" in public.get("/uses").text
    do(handler, path, "embargo", expect=422, embargo_until=soon, embargo_reason="Too late.")


def test_outputs_are_web_addresses_and_the_list_narrows_by_every_filter(services: Services, handler: TestClient) -> None:
    entered(handler, written({**GOOD, "Data sensitivity level": "anonymous", "Organisation sector": "Industry"}))
    publish_all(handler)
    (path,) = entries(handler)
    assert "no web address" in do(handler, path, "outputs", expect=422, outputs="javascript:alert(1)")
    do(handler, path, "outputs", outputs="https://example.org/paper\nhttps://example.org/tool")
    public = browser(services)
    page = public.get(path.replace("/w/alpha/register", "/uses")).text
    assert 'href="https://example.org/paper"' in page
    asking = re.search(r'href="(/questions/new\?custodian=alpha[^"]+)"', page)
    assert asking is not None
    assert "About the entry" in public.get(asking[1].replace("&amp;", "&")).text
    fits = {"custodian": "alpha", "year": "2024", "status": "active", "sector": "Commercial", "access": "TRE", "sensitivity": "Anonymous", "q": "sleep"}
    for name, value in fits.items():
        assert public.get("/uses.json", params={name: value}).json()["total"] == 1, name
    misses = {"custodian": "beta", "year": "2023", "status": "ended", "sector": "Other", "access": "Release", "sensitivity": "De-Personalised", "commercial": "Yes", "q": "zzz"}
    for name, value in misses.items():
        assert public.get("/uses.json", params={name: value}).json()["total"] == 0, name
    assert set(HEADINGS) <= set(public.get("/uses.json").json()["uses"][0]["fields"])

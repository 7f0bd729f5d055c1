"""Every page of the running demonstration: its mark-up, its bytes, its headers, its accessibility."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import brotli
import html5lib
import httpx2
import pytest
from playwright.sync_api import Page

from frontend.render import SECURITY_HEADERS
from gateway.pages import router
from search.engine import Query
from tests.browser.conftest import Site
from tests.browser.rules import MIDDLE, OVERFLOW, SMALL, assert_accessible, assert_fits
from tests.browser.test_signed_in_pages import PAGES
from tests.routes import routes_of

pytestmark = pytest.mark.browser
PATHS: dict[str, tuple[str, int, int]] = {
    "/": ("/", 200, SMALL),
    "/search": ("/search?q=asthma", 200, SMALL),
    "/search (all)": ("/search", 200, SMALL),
    "/search (table)": ("/search?view=table", 200, SMALL),
    "/search (compact)": ("/search?view=compact", 200, SMALL),
    "/search (empty)": ("/search?q=zebrafish&nation=Wales", 200, SMALL),
    "/search (problem)": ("/search?from=soon", 200, SMALL),
    "/search/values/{name}": ("/search/values/custodian?q=health", 200, SMALL),
    "/columns": ("/columns?q=status", 200, SMALL),
    "/columns (all)": ("/columns", 200, SMALL),
    "/columns (matrix)": ("/columns?q=status%2C+date&view=matrix", 200, SMALL),
    "/columns (empty)": ("/columns?q=zebrafish", 200, SMALL),
    "/columns/values/{name}": ("/columns/values/type", 200, SMALL),
    "/compare": ("{compare}", 200, SMALL),
    "/compare (none)": ("/compare", 200, SMALL),
    "/datasets/{name}": ("{dataset}", 200, SMALL),
    "/datasets/{name}/columns (narrowed)": ("{dataset}/columns?q=date", 200, SMALL),
    "/datasets/{name}/columns": ("{dataset}/columns", 200, SMALL),
    "/datasets/{name}/quality": ("{dataset}/quality", 200, SMALL),
    "/datasets/{name}/versions": ("{dataset}/versions", 200, SMALL),
    "/datasets/{name}/versions/{asked}": ("{dataset}/versions/1...1", 200, SMALL),
    "/datasets/{name}/versions/{asked} (one)": ("{dataset}/versions/1", 200, SMALL),
    "/custodians": ("/custodians", 200, SMALL),
    "/custodians (empty)": ("/custodians?q=nobody", 200, SMALL),
    "/custodians/{slug}": ("/custodians/hfea", 200, SMALL),
    "/sources": ("/sources", 200, MIDDLE),
    "/sources/{slug}": ("/sources/bristol-weston", 200, MIDDLE),
    "/sources/{slug}/runs/{number}": ("{run}", 200, MIDDLE),
    "/sources/{slug}/runs/{number}/compare": ("{run}/compare", 200, SMALL),
    "/sources/{slug}/runs/{number} (filtered)": ("{run}?outcome=quarantined", 200, MIDDLE),
    "/sources/{slug}/runs/{number}/records/{outcome_id}": ("{report}", 200, MIDDLE),
    "/basket": ("/basket", 200, MIDDLE),
    "/feeds": ("/feeds", 200, SMALL),
    "/help": ("/help", 200, SMALL),
    "/help/{topic}": ("/help/searching", 200, SMALL),
    "/help/specification": ("/help/specification", 200, SMALL),
    "/help/specification/{asked}": ("/help/specification/hdruk-4.0.0", 200, MIDDLE),
    "/help/specification/{asked} (changes)": ("/help/specification/hdruk-3.0.0...hdruk-4.0.0", 200, SMALL),
    "/check": ("/check", 200, SMALL),
    "/vocabulary": ("/vocabulary", 200, SMALL),
    "/accessibility": ("/accessibility", 200, SMALL),
    "/privacy": ("/privacy", 200, SMALL),
    "/cookies": ("/cookies", 200, SMALL),
    "/terms": ("/terms", 200, SMALL),
    "an address without a page": ("/nothing-here", 404, SMALL),
    "/audit/heads": ("/audit/heads", 200, SMALL),
    "/datasets/{name}/access": ("{dataset}/access", 200, SMALL),
    "/explain": ("/explain", 200, SMALL),
    "/explain (a dataset)": ("/explain?dataset={ref}", 200, SMALL),
    "/nations": ("/nations", 200, SMALL),
    "/nations (people)": ("/nations?measure=people&open=1", 200, SMALL),
    "/nations (problem)": ("/nations?measure=cats", 200, SMALL),
    "/nations/{nation}": ("/nations/scotland", 200, SMALL),
    "/nations/{nation} (the whole)": ("/nations/united-kingdom", 200, SMALL),
    "/pathways": ("/pathways", 200, SMALL),
    "/pathways/compare": ("/pathways/compare", 200, SMALL),
    "/pathways/{name}": ("/pathways/scotland.edris", 200, SMALL),
    "/privacy/retention": ("/privacy/retention", 200, SMALL),
    "/statistics": ("/statistics", 200, SMALL),
    "/uses": ("/uses", 200, SMALL),
    "a dataset that is not there": ("/datasets/nope-fertility-register", 404, SMALL),
    "a number that is none": ("/sources/hfea/runs/none", 422, SMALL),
}
FORMS: dict[str, tuple[str, int, int]] = {
    "/forgotten": ("/forgotten", 200, SMALL),
    "/lost": ("/lost", 200, SMALL),
    "/questions/new": ("/questions/new?d={ref}", 200, SMALL),
    "/questions/new (what is not listed)": ("/questions/new?kind=unlisted&q=sleep&from=%2Fsearch%3Fq%3Dsleep", 200, SMALL),
    "/register": ("/register", 200, SMALL),
    "/sign-in": ("/sign-in", 200, SMALL),
}
"""Nothing may keep these."""
LOOKED_AT = PATHS | FORMS
ELSEWHERE = {
    "/account/identities/new": "asks before it links an identity with which somebody came back: tests/accounts/test_identity_providers reads it, and its sample is looked at",
    "/account/notifications/confirm/{token}": "after a mailbox failed: tests/mailing/test_outbox reads it, and its sample is looked at",
    "/admin/requests/parts/{part}": "for an hour, after a reason was given: tests/security/test_break_glass reads a real one, and its sample is looked at",
    "/setup/{token}": "of a gateway without any account: tests/accounts/test_signing_in reads it, and its sample is looked at",
    "/sign-in/code": "between a password and a second factor: test_request_journeys types the code",
    "/sign-in/new": "of somebody whom a provider vouched for: tests/accounts/test_identity_providers reads it, and its sample is looked at",
    "/sources/{slug}/dry-runs/{number}": "tests/journeys/test_dry_run reads a real one, and its sample is looked at",
    "/sources/{slug}/holds/{number}": "tests/journeys/test_holds reads a real one, and its sample is looked at",
    "/triage/parts/{part}/outcome": "for a custodian that decides in its own system: tests/journeys/test_collaborators reads a real one, and its sample is looked at",
    "/w/{custodian}/agreements": "tests/journeys/test_agreements reads a real one, and its sample is looked at",
    "/w/{custodian}/requests/{part}/agreement": "tests/journeys/test_agreements reads a real one, and its sample is looked at",
    "/uses/{public_id}": "test_request_journeys opens access and reads the entry, and its sample is looked at",
}
"""Why nobody looks at the page here. A sample is looked at by tests/frontend/test_in_browser."""
NOT_PAGES = {
    "/datasets", "/datasets/{name}.json", "/search.json", "/search.csv", "/search.atom", "/columns.json", "/columns.csv", "/columns.atom", "/compare.csv",
    "/datasets/{name}/columns.json", "/datasets/{name}/columns.csv", "/opensearch.xml", "/suggest", "/robots.txt", "/static/{name}", "/catalogue",
    "/id/datasets/{ref}", *(f"{path}.{form}" for path in ("/datasets/{name}", "/catalogue", "/custodians/{slug}/catalogue", "/vocabulary")
                            for form in ("ttl", "rdf", "jsonld", "nt")),
    "/.well-known/visa-keys.json", "/account/export.json", "/account/export.zip", "/account/visas.json", "/audit/heads.json", "/datasets/{name}/terms.json",
    "/feeds/searches/{token}.atom",
    "/privacy/inventory.json", "/nations.csv", "/statistics.csv", "/uses.atom", "/uses.csv", "/uses.json", "/uses/{public_id}.json", "/w/{custodian}/records.csv",
    "/account/requests/{reference}/parts/{part}/export.{kind}", "/requests/{token}/parts/{part}/export.{kind}",
    "/account/profile/items/{item_id}/certificate", "/acknowledge/{token}/files/{file}", "/requests/{reference}/files/{file}", "/w/{custodian}/requests/{part}/files/{file}",
    "/custodians/{slug}/forms/{version}/template", "/w/{custodian}/agreements/{version}", "/w/{custodian}/requests/{part}/agreements/{document}",
    "/account/requests/{reference}/parts/{part}/agreements/{document}", "/requests/{token}/parts/{part}/agreements/{document}",
    *(f"{path}/with/{{slug}}" for path in ("/account/again", "/account/identities", "/sign-in")), "/sign-in/from/{slug}",
}
"""Files, and addresses that only lead elsewhere."""


@pytest.fixture(scope="session")
def addresses(site: Site) -> dict[str, str]:
    return addresses_of(site)


def addresses_of(site: Site) -> dict[str, str]:
    """What the braces of PATHS stand for in this demonstration."""
    hit = site.services.catalogue.search(Query(text="Register of fertility treatments and outcomes", limit=1)).hits[0]
    with httpx2.Client(base_url=site.address, follow_redirects=True) as client:
        dataset = client.get(f"/datasets/{hit.id}").url.path
        others = "&".join(f"d={one.id}" for one in site.services.catalogue.search(Query(text="register", limit=3)).hits)
        run = client.get("/api/v1/runs?source=bristol-weston").json()["items"][0]["id"]
        outcome = client.get(f"/api/v1/runs/{run}/outcomes?outcome=quarantined").json()["items"][0]["id"]
    run_path = f"/sources/bristol-weston/runs/{run}"
    return {"{dataset}": dataset, "{compare}": f"/compare?{others}", "{ref}": hit.id, "{run}": run_path, "{report}": f"{run_path}/records/{outcome}"}


def resolved(path: str, addresses: dict[str, str]) -> str:
    for name, value in addresses.items():
        path = path.replace(name, value)
    return path


def test_every_page_of_the_application_is_visited() -> None:
    routes = {route.path for route in routes_of(router) if route.method == "GET"}
    visited = {name.split(" (")[0] for name in (*LOOKED_AT, *PAGES) if name.startswith("/")}
    assert routes - visited - set(ELSEWHERE) - NOT_PAGES == set(), "Say here how each page is looked at."
    assert (visited | set(ELSEWHERE) | NOT_PAGES) - routes == set(), "These are gone."
    assert visited & set(ELSEWHERE) == set()


@pytest.mark.parametrize("name", LOOKED_AT)
def test_page_is_accessible_and_fits_narrow_and_enlarged(visit: Callable[..., Page], addresses: dict[str, str], name: str) -> None:
    path, status, _ = LOOKED_AT[name]
    page = visit(resolved(path, addresses), status=status)
    assert_accessible(page)
    assert_fits(page)
    assert page.context.cookies() == []


@pytest.mark.parametrize("name", LOOKED_AT)
def test_page_is_valid_html_within_its_budget_and_with_every_header(site: Site, addresses: dict[str, str], name: str) -> None:
    path, status, budget = LOOKED_AT[name]
    answer = httpx2.get(site.address + resolved(path, addresses))
    assert answer.status_code == status
    html5lib.HTMLParser(strict=True).parse(answer.text)
    assert len(brotli.compress(answer.content)) <= budget
    for header, value in SECURITY_HEADERS.items():
        assert answer.headers[header] == value
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("name", [name for name, (_, status, _) in PATHS.items() if status == 200])
def test_page_is_answered_304_to_the_tag_it_gave(site: Site, addresses: dict[str, str], name: str) -> None:
    address = site.address + resolved(PATHS[name][0], addresses)
    first = httpx2.get(address)
    assert first.headers["cache-control"] == "public, no-cache"
    again = httpx2.get(address, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", ["/", "/search?q=asthma", "/custodians", "/api/v1/datasets", "/nothing-here"])
def test_head_is_get_without_its_body(site: Site, path: str) -> None:
    got, asked = httpx2.get(site.address + path), httpx2.head(site.address + path)
    assert (asked.status_code, asked.content) == (got.status_code, b"")
    assert asked.headers.get("etag") == got.headers.get("etag")


@pytest.mark.parametrize("query", ["q=%00%ff", "q=" + "a" * 9000, "q=%F0%9F%98%80&page=99999", "custodian=%22%3E%3Cscript%3E", "q=((((&sort=x", "q=%ED%A0%80"])
def test_no_query_of_the_search_page_is_an_error(site: Site, query: str) -> None:
    answer = httpx2.get(f"{site.address}/search?{query}", follow_redirects=True)
    assert answer.status_code == 200
    assert "<script>" not in answer.text


@pytest.mark.parametrize("name", FORMS)
def test_a_form_is_never_kept(site: Site, addresses: dict[str, str], name: str) -> None:
    assert httpx2.get(site.address + resolved(FORMS[name][0], addresses)).headers["cache-control"] == "no-store"


def test_whoever_is_signed_out_is_led_to_the_sign_in_and_back(site: Site) -> None:
    answer = httpx2.get(site.address + "/requests/new")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=%2Frequests%2Fnew")


def test_static_files_are_compressed_and_kept_for_a_year(site: Site) -> None:
    html = httpx2.get(site.address + "/").text
    style = html.split('rel="stylesheet" href="')[1].split('"')[0]
    answer = httpx2.get(site.address + style, headers={"Accept-Encoding": "br"})
    assert answer.headers["content-encoding"] == "br"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    plain = httpx2.get(site.address + style, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == answer.content
    for wrong in ("/static/manifest.json/..", "/static/..%2f..%2fapp.scss", "/static/none.css"):
        assert httpx2.get(site.address + wrong).status_code == 404


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("/search?sort=relevance&q=asthma&page=1", "/search?q=asthma"),
        ("/search?unknown=1", "/search"),
        ("/search?page=2&q=care", "/search?q=care&page=2"),
        ("/datasets", "/search"),
    ],
)
def test_one_search_has_one_address(site: Site, asked: str, answered: str) -> None:
    answer = httpx2.get(site.address + asked)
    assert (answer.status_code, answer.headers["location"]) == (301, answered)
    assert httpx2.get(site.address + answered).status_code == 200


def test_a_wrong_name_and_a_custodians_own_identifier_lead_to_the_dataset(site: Site, addresses: dict[str, str]) -> None:
    dataset = addresses["{dataset}"]
    ref = dataset.split("/")[-1].split("-")[0]
    wrong = httpx2.get(f"{site.address}/datasets/{ref}-something-else")
    assert (wrong.status_code, wrong.headers["location"]) == (301, dataset)
    pid = httpx2.get(f"{site.address}/api/v1/datasets/{ref}").json()["pid"]
    known = httpx2.get(f"{site.address}/datasets", params={"pid": pid})
    assert (known.status_code, known.headers["location"]) == (301, dataset)


def test_twins_hold_what_the_page_shows(site: Site, addresses: dict[str, str]) -> None:
    answer = httpx2.get(site.address + "/search.json?q=asthma").json()
    rows = httpx2.get(site.address + "/search.csv?q=asthma").text.splitlines()
    page = httpx2.get(site.address + "/search?q=asthma").text
    assert len(rows) - 1 == answer["total"] == page.count('class="app-card"')
    everything = httpx2.get(site.address + "/search.csv").text
    assert everything.count("http://127.0.0.1") >= 42
    assert httpx2.get(f"{site.address}{addresses['{dataset}']}.json").json()["title"] == "Register of fertility treatments and outcomes"


def test_the_search_page_shows_totals_highlights_and_facets_that_tell_the_truth(visit: Callable[..., Page], site: Site) -> None:
    page = visit("/search?q=fertility")
    assert page.locator("[data-count]").inner_text() == "3 datasets"
    assert page.locator("mark", has_text="fertility").count() >= 3
    for path, chosen, name, value in (
        ("/search?q=fertility", "q=fertility", "dtype", "Registry"),
        ("/search?q=fertility&dtype=Treatments%2FInterventions", "q=fertility&dtype=Treatments%2FInterventions", "subtype", "Therapeutic"),
    ):
        counted = visit(path).locator("label", has_text=value).locator("span").last.inner_text()
        total = httpx2.get(f"{site.address}/api/v1/search?{chosen}&{name}={value}").json()["total"]
        assert int(counted) == total, value


@pytest.mark.parametrize("query", ["", "q=register", "nation=England", "q=health&nation=Scotland&view=compact"])
def test_each_tile_of_the_map_leads_to_as_many_datasets_as_it_says(visit: Callable[..., Page], query: str) -> None:
    page = visit(f"/search?{query}".rstrip("?"))
    page.locator("#on-a-map > summary").click()
    tiles = page.locator("#on-a-map svg a, #map-table a")
    told = [(one.get_attribute("href"), one.get_attribute("aria-label") or one.locator("xpath=../following-sibling::td").inner_text()) for one in tiles.all()]
    assert told
    for href, words in told:
        number = words.rpartition(": ")[2].partition(" ")[0]
        assert visit(href).locator("[data-count]").inner_text().partition(" ")[0] == number, href


def test_screens_for_people_to_look_at(visit: Callable[..., Page], addresses: dict[str, str], tmp_path: Path) -> None:
    """Pictures of the main pages can be taken at both widths; nothing is cut at the side."""
    for name in ("/", "/search", "/datasets/{name}", "/sources/{slug}/runs/{number}"):
        page = visit(resolved(PATHS[name][0], addresses))
        for width in (1280, 360):
            page.set_viewport_size({"width": width, "height": 900})
            picture: Any = tmp_path / f"{width}.png"
            page.screenshot(path=picture, full_page=True)
            assert picture.stat().st_size > 10_000
            assert page.evaluate(OVERFLOW) <= 1

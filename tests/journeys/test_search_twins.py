"""Feeds, downloads, suggestions for browsers, similar datasets: what stands beside the search page."""

from __future__ import annotations

import csv
import io
import json
import re
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from lxml import html
from starlette.testclient import TestClient

from gateway.api.shapes.datasets import SimilarList
from gateway.app import create_app
from gateway.catalogue.searching import every_hit
from gateway.wiring import Services
from search.engine import Hit, Page, Query
from tests.journeys.gateways import add_files, document, harvest, make_services, write_documents

ATOM = {"a": "http://www.w3.org/2005/Atom"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("twins")


@pytest.fixture(scope="module")
def services(folder: Path) -> Iterator[Services]:
    built = make_services(folder / "data", worker=False)
    write_documents(folder / "feed", [document(number) for number in range(60)])
    write_documents(folder / "feed", [document(90, title="=Sleep & dreams < 5", keywords=["dreams"]), document(91, title="Dreams of nurses", keywords=["dreams"])])
    slug = add_files(built, folder / "feed", name="Feed")
    harvest(built, slug)
    write_documents(folder / "feed", [document(7, abstract="Asked once more.", keywords=["sleep", "night"])])
    harvest(built, slug)
    yield built
    built.close()


@pytest.fixture(scope="module")
def client(services: Services) -> Iterator[TestClient]:
    with TestClient(create_app(services=services), base_url="http://127.0.0.1") as started:
        yield started


def test_the_feed_holds_the_newest_changes_of_the_search_and_says_what_changed(client: TestClient) -> None:
    answer = client.get("/search.atom?q=sleep")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    assert answer.headers["last-modified"].endswith("GMT")
    feed = ET.fromstring(answer.content)
    entries = feed.findall("a:entry", ATOM)
    assert len(entries) == 50
    summaries = [entry.findtext("a:summary", "", ATOM) for entry in entries]
    assert summaries[0] == "Changed: Abstract, Keywords. Asked once more."
    assert summaries[1].startswith("Added to the catalogue. People in one town")
    moments = [entry.findtext("a:updated", "", ATOM) for entry in entries]
    assert moments == sorted(moments, reverse=True)
    assert feed.findtext("a:updated", "", ATOM) == moments[0]
    assert len({entry.findtext("a:id", "", ATOM) for entry in entries}) == 50


def test_the_feed_keeps_its_tag_and_an_empty_one_is_a_feed(client: TestClient) -> None:
    first = client.get("/search.atom?q=dreams")
    assert "=Sleep & dreams < 5" in [title.text for title in ET.fromstring(first.content).findall("a:entry/a:title", ATOM)]
    again = client.get("/search.atom?q=dreams", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    empty = ET.fromstring(client.get("/search.atom?q=zzzz%00%0b").content)
    assert empty.findall("a:entry", ATOM) == []
    assert empty.findtext("a:updated", "", ATOM)


def test_page_and_twins_hold_the_same_items_in_the_same_order(client: TestClient) -> None:
    page = client.get("/search?q=sleep&sort=title").text
    refs = re.findall(r'<h3><a href="/datasets/([a-z2-7]+)-', page)
    rows = list(csv.DictReader(io.StringIO(client.get("/search.csv?q=sleep&sort=title").text)))
    assert len(refs) == 25
    assert [row["ref"] for row in rows][:25] == refs
    assert len(rows) == 61
    assert "'=Sleep & dreams < 5" in {row["title"] for row in rows}
    items = client.get("/search.json?q=sleep&sort=title").json()
    assert [item["ref"] for item in items["items"]] == refs
    assert items["total"] == 61
    assert "/search.atom?q=sleep&amp;sort=title" in page


@pytest.mark.parametrize("path", ["/search", "/search?q=sleep&nation=England", "/columns?q=age", "/compare?d=nobody"])
def test_a_page_names_its_own_address_and_its_twins_for_programs(client: TestClient, path: str) -> None:
    answer = client.get(path)
    head = html.fromstring(answer.text).find("head")
    assert head is not None
    assert head.xpath("link[@rel='canonical']/@href") == [f"http://127.0.0.1:8000{path}"]
    assert bool(head.xpath("meta[@name='robots' and @content='noindex']")) == ("?" in path)
    alternates = head.xpath("link[@rel='alternate']/@href")
    assert alternates
    assert [link["url"] for link in answer.links.values()][-1] == f"http://127.0.0.1:8000{alternates[-1]}"
    assert answer.headers["link"].count('rel="alternate"') == len(alternates)


def test_a_download_takes_the_memory_of_one_page_however_long_it_is() -> None:
    """The search is a stand-in of any length: a catalogue of a million is not made for a test."""

    def search(query: Query) -> Page:
        end = min(query.offset + query.limit, 200_000)
        return Page(tuple(Hit(f"{number}", 0.0, {"abstract": "x" * 1_000}) for number in range(query.offset, end)), 200_000)

    asked = Query(limit=500)
    tracemalloc.start()
    count = sum(1 for _ in every_hit(search, asked, search(asked)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 200_000
    assert peak < 8_000_000


def test_browsers_can_add_the_search_and_ask_it_for_suggestions(client: TestClient) -> None:
    assert 'rel="search" type="application/opensearchdescription+xml" href="/opensearch.xml"' in client.get("/search").text
    root = ET.fromstring(client.get("/opensearch.xml").content)
    urls = {url.get("type"): url.get("template") or "" for url in root if url.tag.endswith("Url")}
    assert set(urls) == {"text/html", "application/atom+xml", "application/x-suggestions+json"}
    for template in urls.values():
        path = template.replace("{searchTerms}", "dreams").partition("8000")[2] or template.replace("{searchTerms}", "dreams")
        assert client.get(path).status_code == 200
    typed, texts, kinds, addresses = json.loads(client.get("/suggest?q=drea").content)
    assert (typed, texts, kinds) == ("drea", ["Dreams of nurses", "=Sleep & dreams < 5"], ["Dataset", "Dataset"]) or set(texts) == {"Dreams of nurses", "=Sleep & dreams < 5"}
    assert all("/datasets/" in address for address in addresses)
    assert json.loads(client.get("/suggest").content)[1] == []


def test_similar_datasets_are_shown_with_what_they_share(client: TestClient) -> None:
    (ref,) = [item["ref"] for item in client.get("/api/v1/search?q=nurses").json()["items"]]
    answer = client.get(f"/api/v1/datasets/{ref}/similar")
    SimilarList.model_validate(answer.json())
    first = answer.json()["items"][0]
    assert first["title"] == "=Sleep & dreams < 5"
    assert {"kind": "keywords", "values": ["dreams"]} in first["reasons"]
    page = client.get(f"/datasets/{ref}").text
    assert "Similar datasets" in page
    assert "Same keywords: dreams" in page
    assert client.get("/api/v1/datasets/nobody/similar").status_code == 404


def test_ages_years_and_people_are_counted_on_the_page_and_lead_to_their_band(client: TestClient) -> None:
    page = client.get("/search?q=sleep").text
    band = re.search(r'<a href="(/search\?q=sleep&amp;pop_min=1000&amp;pop_max=9999)" aria-label="1,000 to 9,999: (\d+) datasets">', page)
    assert band
    assert f"{band[2]} datasets</h2>" in client.get(band[1].replace("&amp;", "&")).text
    assert "ages by 61" in page
    assert "61 datasets</h2>" in client.get("/search?q=sleep&agemin=20&nr=1").text
    assert "Aged 20 or older" in client.get("/search?q=sleep&agemin=20").text

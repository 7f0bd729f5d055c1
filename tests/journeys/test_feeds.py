"""``/feeds`` lists the feeds that there are: each answers as one, holds what is said of it, and is found by programs too."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from lxml import html as parser
from starlette.testclient import TestClient

from gateway.app import create_app
from gateway.store import custodians
from gateway.wiring import Services
from tests.journeys.gateways import make_services, two_custodians

ATOM = {"a": "http://www.w3.org/2005/Atom"}
WHOLE = {"New and changed datasets": "/search.atom", "Datasets with described columns": "/columns.atom", "Uses of data": "/uses.atom"}


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    with two_custodians(tmp_path_factory.mktemp("feeds"), None) as built:
        with built.store.transaction() as tx:
            custodians.add(tx.session, name="Custodian without data", slug="none", now=built.clock())
        yield built


@pytest.fixture(scope="module")
def client(services: Services) -> Iterator[TestClient]:
    with TestClient(create_app(services=services), base_url="http://127.0.0.1") as started:
        yield started


@pytest.fixture(scope="module")
def main(client: TestClient) -> Any:
    (found,) = parser.fromstring(client.get("/feeds").text).xpath("//main")
    return found


def feeds(element: Any, section: str) -> dict[str, str]:
    """Name -> path, in the order of the page."""
    links = element.xpath(f'.//section[@aria-labelledby="{section}"]//a[@type="application/atom+xml"]')
    return {link.text_content(): link.get("href") for link in links}


def entries(client: TestClient, path: str) -> list[str]:
    answer = client.get(path, follow_redirects=False)
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, "application/atom+xml")
    feed = ET.fromstring(answer.content)
    (own,) = (link.get("href") for link in feed.findall("a:link", ATOM) if link.get("rel") == "self")
    assert own == f"http://127.0.0.1:8000{path}", "the feed calls itself by the address that the page gives"
    return [str(title.text) for title in feed.findall("a:entry/a:title", ATOM)]


def test_e8_each_feed_of_the_catalogue_is_one_with_its_whole_address_to_copy(client: TestClient, main: Any) -> None:
    assert feeds(main, "all") == WHOLE
    assert len(entries(client, "/search.atom")) == 2
    for path in WHOLE.values():
        entries(client, path)
        assert main.xpath(f'.//code[text()="http://127.0.0.1:8000{path}"]')
    copied = {button.get("data-copy") for button in main.xpath(".//section[@aria-labelledby='all']//button")}
    assert copied == {f"#{code.get('id')}" for code in main.xpath(".//code")}


def test_e8_each_custodian_with_datasets_has_a_feed_of_its_own_by_name(client: TestClient, main: Any) -> None:
    found = feeds(main, "custodians")
    assert list(found) == ["Custodian Alpha", "Custodian Beta"]
    assert [entries(client, path) for path in found.values()] == [["Study of sleep number 0"], ["Study of sleep number 1"]]


def test_e8_what_else_the_page_leads_to_is_there(client: TestClient, main: Any) -> None:
    for path in main.xpath('.//section[@aria-labelledby="search" or @aria-labelledby="programs"]//a/@href'):
        answer = client.get(path, follow_redirects=False)
        assert answer.status_code == (303 if path.startswith("/account") else 200), path


def test_e8_programs_find_the_feeds_and_every_page_leads_to_them(client: TestClient) -> None:
    answer = client.get("/feeds")
    named = re.findall(r'<link rel="alternate" type="application/atom\+xml" href="([^"]+)" title="([^"]+)">', answer.text)
    assert {html.unescape(title): path for path, title in named} == WHOLE
    assert all(f'<http://127.0.0.1:8000{path}>; rel="alternate"' in answer.headers["link"] for path in WHOLE.values())
    assert 'rel="canonical" href="http://127.0.0.1:8000/feeds"' in answer.text
    assert '<li><a href="/feeds">Feeds</a></li>' in client.get("/help").text


def test_e8_an_empty_gateway_says_what_the_feeds_wait_for(tmp_path: Path) -> None:
    built = make_services(tmp_path / "data", worker=False)
    try:
        with TestClient(create_app(services=built), base_url="http://127.0.0.1") as client:
            page = client.get("/feeds").text
            assert "No custodian has datasets here yet" in page
            (found,) = parser.fromstring(page).xpath("//main")
            assert feeds(found, "custodians") == {}
            assert entries(client, "/search.atom") == []
    finally:
        built.close()

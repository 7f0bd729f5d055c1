"""The filters of the search page through the front door: dates, quality, links between datasets, sub-kinds, and those folded away."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from gateway.app import create_app
from gateway.wiring import Services
from tests.journeys.gateways import add_files, document, harvest, make_services, write_documents


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    folder = tmp_path_factory.mktemp("filters")
    built = make_services(folder / "data", worker=False)
    write_documents(folder / "feed", [document(number, title=f"Register {number}") for number in range(1, 4)])
    harvest(built, add_files(built, folder / "feed", name="Feed"))
    yield built
    built.close()


@pytest.fixture(scope="module")
def client(services: Services) -> Iterator[TestClient]:
    with TestClient(create_app(services=services), base_url="http://127.0.0.1") as started:
        yield started


def page(client: TestClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_dates_and_quality_are_filters_with_chips(client: TestClient) -> None:
    assert "3 datasets" in page(client, "/search?updated=P30D")
    text = page(client, "/search?updated=P90D&quality_min=100&covers=1&nr=1")
    assert "Updated in the last 90 days" in text
    assert "Description at least 100 of 100" in text
    assert "Covers all of the years" in text
    assert "With those that do not state it" in text
    assert re.search(r'value="P90D" checked', text)
    assert 'href="/search?updated=P90D&amp;covers=1&amp;nr=1"' in text
    assert "(4 on)" in text
    assert "We could not read" in page(client, "/search?updated=soon")


def test_filters_that_are_folded_away_lead_to_their_values_and_show_once_chosen(client: TestClient) -> None:
    text = page(client, "/search?q=register")
    assert 'href="/search/values/purpose?q=register"' in text
    every = page(client, "/search/values/keyword?q=register")
    chosen = re.search(r'href="(/search\?q=register&amp;keyword=[^"]+)"', every)
    assert chosen
    found = page(client, chosen[1].replace("&amp;", "&"))
    assert 'id="facet-keyword"' in found
    assert 'href="/search/values/keyword?q=register">Keyword' not in found


def test_other_things_than_datasets_are_searched_elsewhere(client: TestClient) -> None:
    for kind, path in (("datause", "/uses?q=a"), ("custodian", "/custodians?q=a"), ("dataset", "/search?q=a")):
        answer = client.get(f"/search?type={kind}&q=a", follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (301, path)


def test_an_unknown_dataset_is_linked_with_nothing(client: TestClient) -> None:
    text = page(client, "/search?linkable=nobody")
    assert "Can be linked with: nobody" in text
    assert "0 datasets" in text

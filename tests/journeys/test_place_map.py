"""The map of nations and regions on the search page: each number is the total of the search that its tile leads to."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from gateway.app import create_app
from gateway.wiring import Services
from search.engine import Page, Query, SearchEngine
from tests.journeys.gateways import add_files, document, harvest, make_services, write_documents

COVERED: tuple[tuple[str, ...], ...] = (
    ("London",), ("London", "Leeds"), ("England",), ("England", "Wales"), ("Wales",), ("Scotland",), ("United Kingdom",), ("United Kingdom", "Scotland"),
    ("GB-NIR",), ("Devon",), ("France",), (), ("England", "Norfolk"), ("Great Britain",),
)
TILE = re.compile(r'<a href="(/search\?[^"]+)" aria-label="([^":]+): ([\d,]+) datasets?"(?: aria-current="true")? class="app-ramp-')
BESIDE = re.compile(r'<td class="govuk-table__cell"><a href="([^"]+)">([^<]+)</a></td><td class="govuk-table__cell">(\d+)</td>')
BESIDE_TILES = ("England, region not stated", "Nation not reported")
FOUND = re.compile(r"data-count>([\d,]+) dataset")


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    folder = tmp_path_factory.mktemp("places")
    built = make_services(folder / "data", worker=False)
    write_documents(folder / "feed", [record(number, places) for number, places in enumerate(COVERED, start=1)])
    harvest(built, add_files(built, folder / "feed", name="Feed"))
    yield built
    built.close()


@pytest.fixture(scope="module")
def client(services: Services) -> Iterator[TestClient]:
    with TestClient(create_app(services=services), base_url="http://127.0.0.1") as started:
        yield started


class CountingEngine:
    """The engine, with what it was asked for."""

    def __init__(self, engine: SearchEngine) -> None:
        self._engine = engine
        self.searches: list[Query] = []

    def search(self, query: Query) -> Page:
        self.searches.append(query)
        return self._engine.search(query)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)


@pytest.fixture
def counting(services: Services) -> Iterator[CountingEngine]:
    engine = services.catalogue.engine
    counting = CountingEngine(engine)
    services.catalogue.engine = counting  # type: ignore[assignment]  # the rest of it is the engine's own
    yield counting
    services.catalogue.engine = engine


def record(number: int, places: tuple[str, ...]) -> dict[str, Any]:
    title = f"{'Asthma' if number % 2 else 'Diabetes'} register {number}"
    return {**document(number, title=title), "coverage": {"spatial": list(places)} if places else {}}


def numbers(page: str) -> dict[str, tuple[str, int]]:
    """Place -> where it leads and its number: of the tiles, and of the rows of the table that no tile stands for."""
    tiles = [(place, href, number) for href, place, number in TILE.findall(page)]
    beside = [(place, href, number) for href, place, number in BESIDE.findall(page)]
    return {place: (html.unescape(href), int(number)) for place, href, number in (*tiles, *beside)}


def total(client: TestClient, path: str) -> int:
    answer = client.get(path, follow_redirects=False)
    assert answer.status_code == 200, "the tile leads to the search's own address"
    found = FOUND.search(answer.text)
    assert found
    return int(found[1])


def rows(client: TestClient, path: str) -> list[dict[str, str]]:
    answer = client.get(path)
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.text)))


def query_for(place: str) -> str:
    named = {"UK-wide": "nation=United+Kingdom", "England, region not stated": "nation=England&region=Not+reported", "Nation not reported": "nation=Not+reported"}
    return named.get(place) or f"{'nation' if place in ('Scotland', 'Wales', 'Northern Ireland') else 'region'}={place.replace(' ', '+')}"


def test_each_tile_has_the_number_that_the_records_tell(client: TestClient) -> None:
    told = {place: number for place, (_, number) in numbers(client.get("/search").text).items()}
    assert told == {
        "London": 2, "Yorkshire and The Humber": 1, "South West": 1, "East of England": 1, "Wales": 3, "Scotland": 3, "Northern Ireland": 1,
        "UK-wide": 2, "England, region not stated": 3, "Nation not reported": 2,
    }


@pytest.mark.parametrize(
    "query",
    [
        "", "q=asthma", "q=asthma&sort=title&view=table", "nation=Wales", "nation=Scotland&nation=Wales", "nation=England&region=London", "region=London&region=Not+reported",
        "nation=United+Kingdom", "q=register&region=London&pop_min=1000", "nation=Not+reported", "q=asthma&nation=Scotland&per=50", "each=1",
        "nation=England", "region=Not+reported", "nation=England&region=Not+reported", "nation=Scotland&region=Not+reported", "q=diabetes&nation=England&region=London",
    ],
)
def test_following_a_tile_finds_as_many_as_it_says_and_keeps_the_rest_of_the_address(client: TestClient, query: str) -> None:
    page = client.get(f"/search?{query}".rstrip("?")).text
    tiles = numbers(page)
    assert len(tiles) >= 2, page
    kept = {part for part in query.split("&") if part and not part.startswith(("nation=", "region="))}
    for place, (href, number) in tiles.items():
        assert kept <= set(href.partition("?")[2].split("&")), place
        assert total(client, href) == number, (place, href)


def test_a_tiles_number_is_that_of_the_tick_box(client: TestClient) -> None:
    page = client.get("/search?nation=England&nation=Wales").text
    boxes = dict(re.findall(r'name="(?:nation|region)" value="([^"]+)"[^>]*><span>[^<]+</span><span>(\d+)</span>', page))
    tiles = numbers(page)
    assert boxes
    for place in boxes.keys() & tiles.keys() - {"Not reported"}:
        assert int(boxes[place]) == tiles[place][1], place
    assert {"Scotland", "Wales", "London"} <= boxes.keys() & tiles.keys()


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/search", 1), ("/search?q=asthma", 1), ("/search?q=asthma&page=2&per=10", 1), ("/search?nation=England", 1),
        ("/search?nation=England&region=London", 1), ("/search?nation=England&region=Not+reported", 1), ("/search?region=Not+reported", 1), ("/", 1), ("/nations", 1),
        ("/search?nation=Wales", 2), ("/search?region=London", 2), ("/search?nation=England&nation=Wales", 2),
    ],
)
def test_the_map_costs_no_question_of_its_own_to_the_index_unless_another_place_is_chosen(counting: CountingEngine, client: TestClient, path: str, asked: int) -> None:
    counting.searches.clear()
    page = client.get(path)
    assert page.status_code == 200
    assert "app-tiles" in page.text
    assert len(counting.searches) == asked


def test_what_finds_nothing_asks_for_no_map(counting: CountingEngine, client: TestClient) -> None:
    counting.searches.clear()
    client.get("/search?q=zebrafish")
    assert [query for query in counting.searches if "nation" in query.filters or query.limit == 0] == []


def test_what_was_chosen_is_marked_and_does_not_shrink_the_others(client: TestClient) -> None:
    page = client.get("/search?region=London").text
    assert re.findall(r'aria-label="([^"]+)" aria-current="true"', page) == ["London: 2 datasets"]
    assert numbers(page)["South West"][1] == 1


def test_a_chosen_region_leaves_the_others_under_england_with_the_numbers_of_the_map(client: TestClient) -> None:
    page = client.get("/search?nation=England&region=London").text
    under = dict(re.findall(r'app-box--under"><input type="checkbox" name="region" value="([^"]+)"[^>]*><span>[^<]+</span><span>(\d+)</span>', page))
    assert {"London", "Yorkshire and The Humber", "South West", "East of England"} <= under.keys()
    assert all(int(count) == numbers(page)[region][1] for region, count in under.items())


def test_the_nations_page_has_the_numbers_of_the_search_and_its_ways_for_every_nation(client: TestClient) -> None:
    page = client.get("/nations").text
    assert numbers(page) == {place: told for place, told in numbers(client.get("/search").text).items() if place not in BESIDE_TILES}
    for path, name in (("england", "NHS England Data"), ("scotland", "eDRIS"), ("wales", "SAIL Databank"), ("northern-ireland", "Honest Broker"), ("united-kingdom", "CPRD")):
        one = client.get(f"/nations/{path}")
        assert one.status_code == 200
        assert name in one.text
        assert "Checked on" in one.text
        assert f'href="/nations/{path}"' in page
    assert client.get("/nations/atlantis").status_code == 404


def test_a_nations_numbers_are_those_of_the_searches_they_lead_to(client: TestClient) -> None:
    page = client.get("/nations/wales").text
    links = re.findall(r'<dt><a href="([^"]+)">[^<]+</a></dt><dd>(\d+)</dd>', page)
    assert links
    for href, number in links:
        assert total(client, html.unescape(href)) == int(number)


def test_custodians_and_people_are_those_of_what_a_tile_leads_to(client: TestClient) -> None:
    for row in rows(client, "/nations.csv?measure=custodians"):
        found = csv.DictReader(io.StringIO(client.get(f"/search.csv?{query_for(row['place'])}").text))
        assert int(row["custodians"]) == len({one["custodian_name"] for one in found}), row
    for row in rows(client, "/nations.csv?measure=people"):
        found = csv.DictReader(io.StringIO(client.get(f"/search.csv?{query_for(row['place'])}").text))
        assert row["people"] == str(max((int(one["population"]) for one in found), default="")), row


def test_the_table_to_download_is_that_of_the_page_and_an_address_is_one(client: TestClient) -> None:
    page = client.get("/nations?measure=people").text
    shown = re.findall(r'<th scope="row"[^>]*>(?:<a [^>]+>)?([^<]+)(?:</a>)?</th><td class="govuk-table__cell app-number">([^<]+)</td>', page)
    told = [(row["place"], f"{int(row['people']):,}" if row["people"] else "Not reported") for row in rows(client, "/nations.csv?measure=people")]
    assert shown == told
    assert len(told) == 15
    moved = client.get("/nations?open=1&measure=people&colour=red", follow_redirects=False)
    assert (moved.status_code, moved.headers["location"]) == (301, "/nations?measure=people&open=1")
    assert "We do not know what is to be counted" in client.get("/nations?measure=cats").text


def test_only_what_can_be_requested_is_counted_where_that_is_asked(client: TestClient) -> None:
    page = client.get("/nations?open=1").text
    assert "No dataset can be requested just now" in page
    assert "SAIL Databank" in page


def test_the_first_page_and_a_dataset_have_the_map(client: TestClient) -> None:
    assert numbers(client.get("/").text)["London"][1] == 2
    found = client.get("/search.csv?region=Yorkshire+and+The+Humber").text
    ref = next(csv.DictReader(io.StringIO(found)))["url"].partition("/datasets/")[2]
    page = client.get(f"/datasets/{ref}").text
    assert "Covers the Yorkshire" not in page
    assert "Covers Yorkshire and The Humber and London" in page


def test_without_any_place_there_is_no_map(client: TestClient) -> None:
    assert "app-tiles" not in client.get("/search?q=zebrafish").text

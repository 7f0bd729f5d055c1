"""More results than a search server gives at once: pages, downloads and programs reach all of them."""

from __future__ import annotations

import base64
import csv
import io
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from gateway.app import create_app
from gateway.catalogue.searching import every_hit
from gateway.pages.tables import AT_ONCE
from search.engine import Query, SearchEngine
from tests.journeys.gateways import make_services
from tests.search.factories import ENGINES, document, forget

COUNT = 10_250
COLUMNS = [{"name": f"sleep_{number}"} for number in range(200)]


@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SearchEngine]:
    """Many have equal scores, so that order within them matters."""
    made = ENGINES[request.param](tmp_path_factory.mktemp("depth") / "index")
    few = [document(f"t{number:02}", f"Tables of sleep {number}", abstract="sleep " * number, variables=COLUMNS) for number in range(52)]
    made.rebuild([*few, *(document(f"d{number:05}", f"Sleep survey {number % 7}") for number in range(COUNT - len(few)))])
    yield made
    forget(made)


@pytest.fixture(scope="module")
def client(engine: SearchEngine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    services = make_services(tmp_path_factory.mktemp("depth") / "data", worker=False)
    with TestClient(create_app(services=services), base_url="http://127.0.0.1") as started:
        services.catalogue.engine.close()
        services.catalogue.engine = engine  # After the start, which would take out what the database does not hold.
        yield started
    services.close()


@pytest.mark.parametrize("sort", ["relevance", "title"])
def test_every_result_comes_once_and_in_the_order_of_the_pages(engine: SearchEngine, sort: str) -> None:
    asked = Query(text="sleep survey", sort=sort, limit=AT_ONCE, highlight=False)  # type: ignore[arg-type]
    streamed = [hit.id for hit in every_hit(engine.search, asked, engine.search(asked))]
    assert len(streamed) == len(set(streamed)) == COUNT
    for offset in (9_990, 10_000, 10_225):
        page = engine.search(Query(text="sleep survey", sort=sort, offset=offset, limit=25, highlight=False))  # type: ignore[arg-type]
        assert (page.total, [hit.id for hit in page.hits]) == (COUNT, streamed[offset : offset + 25])


def test_json_goes_on_with_next_and_csv_holds_every_row(client: TestClient) -> None:
    rows = [row["ref"] for row in csv.DictReader(io.StringIO(client.get("/search.csv?q=sleep").text))]
    assert len(set(rows)) == len(rows) == COUNT
    found, address = [], f"/search.json?q=sleep&per=100&cursor={base64.urlsafe_b64encode(b'at:9950').decode()}"
    while address:
        answer = client.get(address).json()
        found += [item["ref"] for item in answer["items"]]
        address = answer["next"]
    assert (answer["total"], found) == (COUNT, rows[9_950:])


def test_columns_have_no_end_either(client: TestClient) -> None:
    rows = list(csv.DictReader(io.StringIO(client.get("/columns.csv?q=sleep").text)))
    assert len({(row["dataset"], row["name"]) for row in rows}) == len(rows) == 52 * 200
    last = client.get(f"/columns.json?q=sleep&cursor={base64.urlsafe_b64encode(b'at:10390').decode()}").json()
    assert ([item["name"] for item in last["items"]], last["next"]) == ([row["name"] for row in rows[10_390:]], None)

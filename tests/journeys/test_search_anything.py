"""Whatever is typed: the page and the API answer, and never with an error of the engine."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from gateway.app import create_app
from gateway.catalogue.published import Catalogue
from gateway.wiring import Services
from tests.journeys.gateways import add_files, document, harvest, make_services, write_documents
from tests.search.factories import SERVERS, elastic_engine, forget

pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")
"""What fails is told in full, however long it is."""
AT_ONCE = 20
EXAMPLES = int(os.environ.get("GATEWAY_TEST_QUERIES", "600")) // AT_ONCE
EXAMPLES_ON_SERVERS = int(os.environ.get("GATEWAY_TEST_QUERIES", "100")) // AT_ONCE
"""Queries are asked in groups; GATEWAY_TEST_QUERIES=10000 (``make fuzz``) asks more of them, of each engine."""
PIECES = (
    '"', "'", "(", ")", "[", "]", "{", "}", "-", "+", "*", "?", "~", "^", ":", "/", "\\", "&", "|", "!", "<", ">", "AND", "OR", "NOT", "sleep", "SLEEP*",
    "title:", "from:2010", "nation:", "id:", "column:", "type:x", '{"query":{"match_all":{}}}', '{"$where":"1"}', ".*(a+)+$", "/[a-z]+/", "[a TO b]",
    "covid-19", "A&E", "\u05e9\u05dc\u05d5\u05dd", "\u0645\u0631\u062d\u0628\u0627", "\u202e", "\u200f", "\U0001f642", "\U0001f469\u200d\u2695\ufe0f", "\x00", "\n", "\t",
    "\ufeff", "e\u0301", "\uff33\uff2c\uff25\uff25\uff30", "';DROP TABLE records;--", "{{7*7}}", "%s%n", "1e309", "9" * 60,
)  # fmt: skip
LONGEST = 10_000


def long_text(seed: int) -> str:
    """Ten thousand characters, no two alike: pieces, words and signs of every script."""
    chance, parts, length = random.Random(seed), [], 0
    while length < LONGEST:
        letters = "".join(chr(chance.choice((chance.randrange(32, 127), chance.randrange(160, 0xD800), chance.randrange(0xE000, 0x11000)))) for _ in range(chance.randrange(1, 30)))
        parts.append(chance.choice((letters, chance.choice(PIECES), " ", f"{chance.choice(PIECES)}{letters}")))
        length += len(parts[-1])
    return "".join(parts)[:LONGEST]


TYPED = (
    st.text(max_size=40)
    | st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join)
    | st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
    | st.builds(lambda piece, times: (piece * times)[:LONGEST], st.sampled_from(PIECES), st.sampled_from([50, 2_500]))
    | st.integers(0, 2**32).map(long_text)
)
PATHS = ("/search?q=", "/search?exact=1&q=", "/api/v1/search?q=", "/columns?q=", "/api/v1/columns?q=", "/search?sort=title&nation=", "/columns?name=", "/suggest?q=", "/search.csv?q=")


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    folder = tmp_path_factory.mktemp("anything")
    built = make_services(folder / "data", worker=False)
    tables = [{"name": "t", "columns": [{"name": "sleepStatus", "dataType": "int", "description": "Hours", "sensitive": False}]}]
    write_documents(folder / "feed", [document(1) | {"structuralMetadata": {"tables": tables}}, document(2, title="Heart attack (MI): 'first' & last")])
    harvest(built, add_files(built, folder / "feed", name="Feed"))
    yield built
    built.close()


@pytest.fixture(scope="module")
def client(services: Services) -> Iterator[TestClient]:
    with TestClient(create_app(services=services), base_url="http://127.0.0.1") as started:
        yield started


def ask(client: TestClient, texts: list[str], first: int) -> None:
    for place, text in enumerate(texts):
        path = PATHS[(first + place) % len(PATHS)] + quote(text.encode("utf-8", "replace")[:LONGEST])
        answer = client.get(path)
        assert answer.status_code == 200, (path[:200], answer.status_code)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(texts=st.lists(TYPED, min_size=AT_ONCE, max_size=AT_ONCE), first=st.integers(0, len(PATHS)))
def test_nothing_typed_is_an_error(client: TestClient, texts: list[str], first: int) -> None:
    ask(client, texts, first)


@pytest.fixture(scope="module", params=SERVERS)
def on_a_server(request: pytest.FixtureRequest, services: Services, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The same catalogue with its index on a server."""
    embedded: Any = services.catalogue.engine
    engine = elastic_engine(request.param, tmp_path_factory.mktemp("anything"))
    services.catalogue.engine = engine
    Catalogue(services.store, engine, services.files).rebuild(force=True)
    with TestClient(create_app(services=services), base_url="http://127.0.0.1") as started:
        yield started
    services.catalogue.engine = embedded
    forget(engine)


@settings(max_examples=EXAMPLES_ON_SERVERS, deadline=None, suppress_health_check=list(HealthCheck))
@given(texts=st.lists(TYPED, min_size=AT_ONCE, max_size=AT_ONCE), first=st.integers(0, len(PATHS)))
def test_nothing_typed_is_an_error_of_a_server(on_a_server: TestClient, texts: list[str], first: int) -> None:
    ask(on_a_server, texts, first)

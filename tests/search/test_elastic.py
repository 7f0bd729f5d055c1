"""The engine on a server: rebuilds beside writes and kills, pressure, refusals, a server that goes away."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from elastic_transport import ApiResponseMeta, HttpHeaders, NodeConfig
from elasticsearch import ApiError

from search.document import MAPPING_HASH
from search.elastic import ElasticEngine
from search.elastic.bulk import PIECE_BYTES
from search.elastic.connection import (
    BUSY_SECONDS,
    PAUSES,
    Address,
    address,
    connect,
    patiently,
)
from search.elastic.engine import LIVELY
from search.elastic.generations import Generations
from search.elastic.lease import Lease
from search.elastic.mapping import SETTINGS
from search.engine import IndexLocked, Query, SearchDocument, SearchError, SearchUnavailable
from tests.search.factories import SERVERS, document, elastic_engine, forget, found, ids, server_url
from tests.search_servers import PRESSURE, search_server
from tests.services import free_port

OLD = [document(f"d{number}", "An old study") for number in range(8)]


@pytest.fixture(params=SERVERS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def engine(kind: str, tmp_path: Path) -> Iterator[ElasticEngine]:
    made = elastic_engine(kind, tmp_path)
    made.rebuild(OLD)
    yield made
    forget(made)


def generations(engine: ElasticEngine) -> Generations:
    return Generations(connect(engine.address), engine.address.name)


# rebuilds


def test_a_rebuild_killed_before_any_change_it_makes_leaves_a_whole_index(kind: str, engine: ElasticEngine, tmp_path: Path) -> None:
    engine.close()
    ran = subprocess.run(
        [sys.executable, "-m", "tests.search.killed_rebuilds", kind, str(tmp_path)], check=False, capture_output=True, text=True, cwd=Path(__file__).parents[2]
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    lines = [json.loads(line) for line in ran.stdout.splitlines()]
    deaths = [line for line in lines if "request" in line]
    results = [line for line in lines if "held" in line]
    have_swapped = [*(death["swapped"] for death in deaths), True]
    for has_swapped, result in zip(have_swapped, results, strict=True):
        expected = (["A new study", "Written after the kill"], 13) if has_swapped else (["An old study", "Written after the kill"], 9)
        assert (result["titles"], result["held"], result["written"]) == (*expected, 1)
    assert [result["killed"] for result in results] == [True] * len(deaths) + [False]
    requests = [death["request"] for death in deaths]
    assert any("/_bulk" in request for request in requests)
    assert any("/_aliases" in request for request in requests)
    assert len(requests) >= 6


def test_what_is_written_and_removed_during_a_rebuild_is_so_after_it(kind: str, engine: ElasticEngine, tmp_path: Path) -> None:
    other = elastic_engine(kind, tmp_path)

    def documents() -> Iterator[SearchDocument]:
        yield from OLD[:4]
        yield from (document(f"filler{number}", "Filler") for number in range(2_000))
        assert other.index([document("d0", "A newer study", version=2), document("d7", "Another newer study", version=2), document("n", "A fresh study")]) == 3
        assert other.remove(["d1", "d6"]) == 2
        assert ids(other.search(Query(text="newer"))) == ["d0", "d7"]
        yield from OLD[4:]

    engine.rebuild(documents())
    assert found(engine, "newer") == ["d0", "d7"]
    assert found(engine, "fresh") == ["n"]
    versions = engine.versions()
    assert {"d1", "d6"}.isdisjoint(versions)
    assert len(versions) == 2_000 + 8 + 1 - 2
    other.close()


def test_what_is_removed_in_a_rebuild_stays_removed_however_long_it_takes(
    kind: str, engine: ElasticEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SETTINGS, "gc_deletes", "1s")
    other, client, alias = elastic_engine(kind, tmp_path), connect(engine.address), generations(engine).next

    def documents() -> Iterator[SearchDocument]:
        yield from (document(f"filler{number}", "Filler") for number in range(1_000))
        assert other.remove(["d6"]) == 1
        for number in range(3):
            time.sleep(1)
            other.index([document(f"other{number}", "Another one")])
            client.indices.refresh(index=alias)
        yield from OLD

    engine.rebuild(documents())
    assert "d6" not in engine.versions()
    (settings,) = client.indices.get_settings(index=generations(engine).serving).values()
    assert settings["settings"]["index"]["gc_deletes"] == LIVELY["gc_deletes"]
    client.close()
    other.close()


def test_the_index_before_the_last_rebuild_can_serve_again(engine: ElasticEngine) -> None:
    engine.rebuild([document("new", "A new study")], force=True)
    engine.roll_back()
    assert engine.search(Query()).total == 8
    engine.roll_back()
    assert engine.search(Query()).total == 1
    engine.rebuild([document("newer", "A newer study")], force=True)
    assert len(generations(engine).all()) == 2
    engine.roll_back()
    assert ids(engine.search(Query())) == ["new"]


def test_there_is_nothing_to_roll_back_to_before_a_second_rebuild(engine: ElasticEngine) -> None:
    with pytest.raises(SearchError, match="no former index"):
        engine.roll_back()
    assert engine.search(Query()).total == 8


def test_one_process_at_a_time_rebuilds_and_a_lease_that_ran_out_is_anyones(kind: str, engine: ElasticEngine, tmp_path: Path) -> None:
    client, lease = connect(engine.address), generations(engine).lease
    other = elastic_engine(kind, tmp_path)
    with Lease(client, lease, seconds=60).held():
        with pytest.raises(IndexLocked):
            other.rebuild(OLD)
        assert other.index([document("d0", "Written meanwhile", version=2)]) == 1
    with Lease(client, lease, seconds=0).held() as lost:
        assert other.rebuild([*OLD, document("n", "One more")]) == 9
        with pytest.raises(IndexLocked):
            lost.renew(now=True)
    assert other.rebuild(OLD, force=True) == 8
    client.close()
    other.close()


def test_a_rebuild_whose_lease_was_taken_does_not_swap(kind: str, tmp_path: Path) -> None:
    slow, quick = elastic_engine(kind, tmp_path, lease_seconds=0.0), elastic_engine(kind, tmp_path)
    slow.rebuild(OLD)

    def overtaken() -> Iterator[SearchDocument]:
        yield document("slow", "The slow one")
        quick.rebuild([document("quick", "The quick one")], force=True)

    with pytest.raises(SearchError):
        slow.rebuild(overtaken(), force=True)
    assert ids(quick.search(Query())) == ["quick"]
    slow.close()
    forget(quick)


def test_an_index_of_other_fields_is_told_serves_its_own_and_counts_for_the_gate(engine: ElasticEngine) -> None:
    older, client = "0" * 16, connect(engine.address)
    name = f"{engine.address.name}-{older}"
    client.indices.create(index=f"{name}-1700000000000000000", aliases={name: {}}, settings={"auto_expand_replicas": "0-1"})
    for number in range(40):
        client.index(index=name, id=str(number), document={}, refresh=number == 39)
    for generation in generations(engine).all():
        if generation.mapping == MAPPING_HASH:
            client.indices.delete(index=generation.index)
    state = engine.state()
    assert (state.mapping, state.is_usable) == (older, False)
    with pytest.raises(SearchUnavailable):
        engine.search(Query())
    with pytest.raises(SearchError, match="40"):
        engine.rebuild(OLD)
    assert engine.rebuild(OLD, force=True) == 8
    assert client.count(index=name)["count"] == 40
    client.close()


# writes


def test_a_removed_document_does_not_come_back_by_a_late_write(engine: ElasticEngine) -> None:
    assert engine.remove(["d0"]) == 1
    assert engine.index([OLD[0]]) == 0
    assert "d0" not in engine.versions()
    assert engine.index([document("d0", "Published again", version=3)]) == 1
    assert found(engine, "published again")[0] == "d0"


def test_a_document_that_the_server_refuses_does_not_stop_the_others(engine: ElasticEngine, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "search.elastic.bulk"):
        assert engine.index([document("bad", "A study without end", year_end="never"), document("good", "A good study")]) == 1
    assert found(engine, "good")[0] == "good"
    assert [getattr(record, "id", None) for record in caplog.records] == ["bad"]


def test_a_server_that_pushes_back_gets_smaller_pieces_and_everything(kind: str, engine: ElasticEngine) -> None:
    def rejections() -> int:
        nodes = search_server(kind).request("/_nodes/stats/indexing_pressure")["nodes"]
        return sum(node["indexing_pressure"]["memory"]["total"]["coordinating_rejections"] for node in nodes.values())

    assert PRESSURE == "1mb"
    text = "Many words of a long description. " * 3_000
    many = [document(f"long{number}", f"Long study {number}", description=text) for number in range(6)]
    assert PIECE_BYTES > 3 * len(text) * 6 > 1_000_000
    before = rejections()
    assert engine.index(many) == 6
    assert rejections() > before
    assert engine.search(Query(text="description")).total == 6


# pages and counts at any depth


@pytest.fixture(scope="module", params=SERVERS)
def large(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ElasticEngine]:
    """More documents than a server pages through by counting, and more values of a facet than are counted at once."""
    made = elastic_engine(request.param, tmp_path_factory.mktemp("large"))
    made.rebuild(document(f"id{number:05}", "Study", keyword=[f"word {number}"], nation=["Wales" if number % 2 else "England"]) for number in range(10_400))
    yield made
    forget(made)


@pytest.mark.parametrize("text", ["", "study"])
def test_pages_go_on_beyond_ten_thousand(large: ElasticEngine, text: str) -> None:
    page = large.search(Query(text=text, offset=10_100, limit=250, facets=("nation",)))
    assert page.total == 10_400
    assert ids(page) == [f"id{number:05}" for number in range(10_100, 10_350)]
    assert [(value.value, value.count) for value in page.facets[0].values] == [("England", 5_200), ("Wales", 5_200)]
    across = large.search(Query(text=text, offset=9_990, limit=20))
    assert ids(across) == [f"id{number:05}" for number in range(9_990, 10_010)]
    assert large.search(Query(text=text, offset=20_000)).hits == ()
    assert len(large.search(Query(text=text, limit=10_300, highlight=False)).hits) == 10_300


def test_all_values_of_a_facet_are_counted_however_many(large: ElasticEngine) -> None:
    page = large.search(Query(filters={"keyword": ("word 9999",)}, facets=("keyword",), facet_values=3))
    assert page.total == 1
    (facet,) = page.facets
    assert facet.total == 10_400
    assert [(value.value, value.count, value.selected) for value in facet.values] == [("word 9999", 1, True), ("word 0", 1, False), ("word 1", 1, False)]
    assert len(large.versions()) == 10_400


# a server that goes away


def test_a_server_killed_in_a_search_is_unavailable_and_found_again_when_it_is_back(tmp_path: Path) -> None:
    servers = {kind: search_server(kind) for kind in SERVERS}
    engines = {kind: ElasticEngine(f"{server.url}/killed") for kind, server in servers.items()}
    for engine in engines.values():
        engine.rebuild(OLD, force=True)
    for kind, engine in engines.items():
        outcomes: list[object] = []
        is_under_way = threading.Event()

        def ask(engine: ElasticEngine = engine, outcomes: list[object] = outcomes, is_under_way: threading.Event = is_under_way) -> None:
            while not any(isinstance(outcome, Exception) for outcome in outcomes):
                try:
                    outcomes.append(engine.search(Query(text="study")).total)
                except Exception as error:
                    outcomes.append(error)
                is_under_way.set()

        asking = threading.Thread(target=ask)
        asking.start()
        is_under_way.wait()
        servers[kind].kill()
        asking.join()
        *before, last = outcomes
        assert set(before) <= {8}
        assert isinstance(last, SearchUnavailable)
        assert last.retry_after_seconds > 0
        for call in (lambda engine=engine: engine.search(Query()), lambda engine=engine: engine.suggest("a"), engine.versions, lambda engine=engine: engine.index(OLD), lambda engine=engine: engine.remove(["d0"]), lambda engine=engine: engine.rebuild(OLD)):
            with pytest.raises(SearchUnavailable):
                call()
        assert not engine.state().is_usable
    for server in servers.values():
        server.start()
    for server in servers.values():
        server.wait()
    for engine in engines.values():
        assert engine.search(Query(text="study")).total == 8
        forget(engine)


def test_where_no_server_is_search_is_unavailable_and_says_so() -> None:
    engine = ElasticEngine(f"http://127.0.0.1:{free_port()}/nothing")
    with pytest.raises(SearchUnavailable, match="does not answer"):
        engine.search(Query())
    assert "does not answer" in engine.state().reason


@pytest.mark.parametrize("refusals", [1, 2, 3])
def test_a_busy_server_is_asked_again_after_a_moment_and_not_for_ever(refusals: int) -> None:
    busy = ApiError("busy", ApiResponseMeta(429, "1.1", HttpHeaders(), 0.0, NodeConfig("http", "127.0.0.1", 1)), {"error": {"type": "circuit_breaking_exception"}})
    answers: list[ApiError | str] = [busy] * refusals + ["found"]

    def ask() -> str:
        given = answers.pop(0)
        if isinstance(given, str):
            return given
        raise given

    if refusals <= len(PAUSES):
        assert patiently(ask) == "found"
        return
    with pytest.raises(SearchUnavailable, match="too busy") as told:
        patiently(ask)
    assert told.value.retry_after_seconds == BUSY_SECONDS
    assert answers == ["found"]


def test_the_wrong_kind_of_server_is_named() -> None:
    engine = ElasticEngine(server_url("opensearch").removeprefix("opensearch+") + "/wrong")
    with pytest.raises(SearchUnavailable, match=r"opensearch\+"):
        engine.search(Query())
    engine.close()


@pytest.mark.parametrize(("url", "expected"), [
    ("http://localhost", Address("http://localhost:9200", "gateway-datasets", is_opensearch=False)),
    ("https://search.example.org/Mine/", Address("https://search.example.org:443", "mine", is_opensearch=False)),
    ("opensearch+http://me:a%40b@[::1]:9201/x", Address("http://[::1]:9201", "x", is_opensearch=True, user=("me", "a@b"))),
])  # fmt: skip
def test_addresses_say_server_kind_and_name(url: str, expected: Address) -> None:
    assert address(url) == expected


@pytest.mark.parametrize("url", ["", "localhost:9200", "ftp://host/x", "http://", "http://host/x?y", "elasticsearch://host"])
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match="address of a search server"):
        address(url)

"""Ranking over real datasets: judged queries, and every dataset by its own title."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from benchmarks.relevance import evaluate, search_documents
from search.embedded import EmbeddedEngine
from search.engine import Query, SearchDocument
from tests.corpus import corpus


@pytest.fixture(scope="module")
def documents() -> list[SearchDocument]:
    corpus("relevance", "qrels.txt")
    return search_documents(corpus())


@pytest.fixture(scope="module")
def engine(documents: list[SearchDocument], tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedEngine]:
    made = EmbeddedEngine(tmp_path_factory.mktemp("relevance") / "index")
    made.rebuild(documents)
    yield made
    made.close()


def test_ranking_is_at_least_as_good_as_plain_bm25_and_no_query_fails(engine: EmbeddedEngine) -> None:
    scores = evaluate(engine, corpus())
    assert sum(scores.values()) / len(scores) >= 0.86
    assert min(scores.values()) >= 0.5


def test_every_dataset_is_found_first_by_its_exact_title(engine: EmbeddedEngine, documents: list[SearchDocument]) -> None:
    assert len(documents) == 473
    missed = [document["title"] for document in documents if _first(engine, document["title"]) != document["id"]]
    assert missed == []


def test_nearly_every_dataset_is_among_the_first_three_by_its_title_with_a_typing_error(engine: EmbeddedEngine, documents: list[SearchDocument]) -> None:
    """The longest word loses its middle letter."""
    missed = [title for document in documents if not _is_among_first(engine, title := _mistyped(document["title"]), document["id"])]
    assert len(missed) <= len(documents) * 0.02, missed


def test_every_dataset_is_found_by_its_persistent_id(engine: EmbeddedEngine, documents: list[SearchDocument]) -> None:
    for document in documents:
        page = engine.search(Query(text=document["id"], highlight=False))
        assert [hit.id for hit in page.hits] == [document["id"]]


def test_pieces_named_as_matching_hold_a_marked_word(engine: EmbeddedEngine) -> None:
    for text in ("smoking status", "diabetes medication", "postcode", "heart attack admissions"):
        for hit in engine.search(Query(text=text, limit=50)).hits:
            assert hit.matched_in, (text, hit.stored["title"])
            for fragments in hit.highlights.values():
                assert any(fragment.marked for fragment in fragments)


def _first(engine: EmbeddedEngine, text: str) -> str:
    return engine.search(Query(text=text, limit=1, highlight=False)).hits[0].id


def _is_among_first(engine: EmbeddedEngine, text: str, id_: str) -> bool:
    return id_ in [hit.id for hit in engine.search(Query(text=text, limit=3, highlight=False)).hits]


def _mistyped(title: str) -> str:
    word = max(title.split(), key=len)
    return title.replace(word, word[: len(word) // 2] + word[len(word) // 2 + 1 :])



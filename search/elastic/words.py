"""What ranking and spelling ask of the index: implements ``search.index_words.IndexWords`` in as few requests as may be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from elasticsearch import Elasticsearch

from search.clauses import Clause, Every, Term
from search.elastic.query import body_of

VALUES_AT_ONCE: Final = 5_000
NEAR_WORDS: Final = 200


class ElasticWords:
    """Made for one search; what it has learned does not change meanwhile."""

    def __init__(self, client: Elasticsearch, index: str) -> None:
        self._client = client
        self._index = index
        self._documents: dict[tuple[str, str], int] = {}
        self._size: int | None = None

    @property
    def size(self) -> int:
        if self._size is None:
            self.count([])
        return self._size or 0

    def expect(self, terms: Iterable[tuple[str, str]]) -> None:
        wanted = sorted({term for term in terms if term not in self._documents})
        if wanted:
            found = self.count([Term(field, text) for field, text in wanted])
            self._documents.update(zip(wanted, found, strict=True))

    def documents(self, field: str, term: str) -> int:
        self.expect([(field, term)])
        return self._documents[field, term]

    def count(self, clauses: Sequence[Clause]) -> list[int]:
        filters = list(map(body_of, clauses))
        asked: dict[str, Any] = {"counts": {"filters": {"filters": filters}}} if filters else {}
        answer = self._client.search(index=self._index, size=0, track_total_hits=True, aggs=asked, allow_partial_search_results=False)
        self._size = answer["hits"]["total"]["value"]
        return [bucket["doc_count"] for bucket in answer["aggregations"]["counts"]["buckets"]] if filters else []

    def near(self, word: str, steps: int) -> list[tuple[str, int]]:
        asked = {
            "field": "words", "suggest_mode": "always", "max_edits": steps, "prefix_length": 0, "min_word_length": 1,
            "size": NEAR_WORDS, "shard_size": NEAR_WORDS, "accuracy": 0.0, "sort": "score", "string_distance": "damerau_levenshtein",
        }  # fmt: skip
        answer = self._client.search(index=self._index, size=0, suggest={"near": {"text": word, "term": asked}}, allow_partial_search_results=False)
        return [(option["text"], option["freq"]) for entry in answer["suggest"]["near"] for option in entry["options"]]

    def facet_values(self, facet: str) -> list[str]:
        return [value for value, _ in all_values(self._client, self._index, facet, body_of(Every()))]


def all_values(client: Elasticsearch, index: str, facet: str, within: dict[str, Any]) -> Iterator[tuple[str, int]]:
    """Every value of a facet among the documents within a query, with its count, in the order of the values."""
    after: dict[str, Any] = {}
    while True:
        composite = {"size": VALUES_AT_ONCE, "sources": [{"value": {"terms": {"field": f"facet_{facet}"}}}], **after}
        answer = client.search(
            index=index, size=0, query=within, aggs={"values": {"composite": composite}}, track_total_hits=False, allow_partial_search_results=False
        )
        found = answer["aggregations"]["values"]
        yield from ((bucket["key"]["value"], bucket["doc_count"]) for bucket in found["buckets"])
        if len(found["buckets"]) < VALUES_AT_ONCE:
            return
        after = {"after": found["after_key"]}

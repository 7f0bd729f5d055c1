"""Which documents an index holds, and in which version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from elasticsearch import Elasticsearch

from search.batches import batches
from search.elastic.answer import WINDOW

BATCH: Final = 1_000
PAIRS_AT_ONCE: Final = 5_000


def held_versions(client: Elasticsearch, index: str) -> Iterator[tuple[str, int]]:
    """Every document that can be found."""
    after: dict[str, Any] = {}
    while True:
        page = client.search(
            index=index, query={"match_all": {}}, sort=[{"id": "asc"}], size=WINDOW, source=False, version=True, track_total_hits=False,
            allow_partial_search_results=False, **after,
        )["hits"]["hits"]  # fmt: skip
        yield from ((hit["_id"], hit["_version"]) for hit in page)
        if len(page) < WINDOW:
            return
        after = {"search_after": page[-1]["sort"]}


def now_held(client: Elasticsearch, index: str, ids: Sequence[str]) -> dict[str, int]:
    """The version of each document that is there, written a moment ago or long since."""
    found: dict[str, int] = {}
    for batch in batches(ids, BATCH):
        answer = client.mget(index=index, ids=batch, source=False)
        found.update((entry["_id"], entry["_version"]) for entry in answer["docs"] if entry.get("found"))
    return found


def variable_versions(client: Elasticsearch, index: str, refs: Sequence[str] | None = None) -> Iterator[tuple[str, int]]:
    """Each dataset that has variables in the index, with each version these are of."""
    within: dict[str, Any] = {"match_all": {}} if refs is None else {"terms": {"facet_dataset": list(refs)}}
    sources = [{"dataset": {"terms": {"field": "facet_dataset"}}}, {"version": {"terms": {"field": "version"}}}]
    after: dict[str, Any] = {}
    while True:
        pairs = {"composite": {"size": PAIRS_AT_ONCE, "sources": sources, **after}}
        answer = client.search(index=index, size=0, query=within, aggs={"pairs": pairs}, track_total_hits=False, allow_partial_search_results=False)
        found = answer["aggregations"]["pairs"]
        yield from ((bucket["key"]["dataset"], bucket["key"]["version"]) for bucket in found["buckets"])
        if len(found["buckets"]) < PAIRS_AT_ONCE:
            return
        after = {"after": found["after_key"]}


def astray(client: Elasticsearch, variables: str, held: Mapping[str, int], refs: Sequence[str] | None = None) -> list[str]:
    """Datasets with variables of another version than they are ``held`` in."""
    return list(dict.fromkeys(ref for ref, version in variable_versions(client, variables, refs) if held.get(ref) != version))

"""Writing the variables of datasets, and taking away those that are left of other versions.

A variable's id is its place in the dataset, and its version the dataset's, so a newer version of a dataset writes over the places
of the older one and an older one never over a newer. Places beyond the last are what is taken away here. Whoever writes does so
after writing, by the version the dataset then has: of two who write one dataset at once, the later one sees what the other left.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from elasticsearch import Elasticsearch

from search.elastic.answer import WINDOW
from search.elastic.bulk import Write, write
from search.elastic.mapping import source
from search.elastic.versions import astray, now_held
from search.engine import SearchDocument
from search.prepared_variables import VARIABLES, prepared_variables


def variables(target: str, documents: Iterable[SearchDocument]) -> Iterator[Write]:
    for document in documents:
        yield from (Write(target, held.id, held.version, source(held, VARIABLES)) for held in prepared_variables(document))


def settle(client: Elasticsearch, datasets: str, index: str, refs: Sequence[str]) -> None:
    """Take away the variables of these datasets that are not of the version the dataset has, or whose dataset is gone."""
    client.indices.refresh(index=index)
    held = now_held(client, datasets, refs)
    for ref in astray(client, index, held, refs):
        write(client, (Write(name, id_, version + 1) for name, id_, version in _others(client, index, ref, held.get(ref))))
        client.indices.refresh(index=index)


def _others(client: Elasticsearch, index: str, ref: str, version: int | None) -> Iterator[tuple[str, str, int]]:
    """The index, id and version of each variable of a dataset that is of a lower version, or of any."""
    others: dict[str, Any] = {"filter": [{"term": {"facet_dataset": ref}}]}
    if version is not None:
        others["must_not"] = [{"range": {"version": {"gte": version}}}]
    after: dict[str, Any] = {}
    while True:
        page = client.search(
            index=index, query={"bool": others}, sort=[{"id": "asc"}], size=WINDOW, source=False, version=True, track_total_hits=False,
            allow_partial_search_results=False, **after,
        )["hits"]["hits"]  # fmt: skip
        yield from ((hit["_index"], hit["_id"], hit["_version"]) for hit in page)
        if len(page) < WINDOW:
            return
        after = {"search_after": page[-1]["sort"]}

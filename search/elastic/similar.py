"""Datasets like another one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from elasticsearch import Elasticsearch

from search.elastic.query import body_of
from search.elastic.words import ElasticWords
from search.engine import Similar
from search.similar import Described, likeness, reasons

_ORDER: Final = [{"_score": "desc"}, {"id": "asc"}]


def similar(client: Elasticsearch, index: str, id_: str, limit: int) -> tuple[Similar, ...]:
    asked: dict[str, Any] = {"index": index, "source": ["card", "texts"], "track_total_hits": False, "allow_partial_search_results": False}
    found = client.search(query={"term": {"id": {"value": id_}}}, size=1, **asked)["hits"]["hits"]
    if not found or limit < 1:
        return ()
    one = _described(found[0])
    likest = body_of(likeness(ElasticWords(client, index), id_, one))
    others = [(hit["_id"], _described(hit)) for hit in client.search(query=likest, sort=_ORDER, size=limit, **asked)["hits"]["hits"]]
    return tuple(Similar(ref, other.card, reasons(one, other)) for ref, other in others)


def _described(hit: Mapping[str, Any]) -> Described:
    held = hit.get("_source") or {}
    return Described(held.get("card", {}), held.get("texts", {}))

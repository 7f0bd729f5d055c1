"""The matching columns of the datasets on a page, in one request: their number, and the first of each dataset."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from elasticsearch import Elasticsearch

from search.clauses import leaves
from search.elastic.query import body_of
from search.matched_columns import READ, Columns, Matched, place_of

MOST_CONDITIONS: Final = 900
_ORDER: Final = [{"_score": "desc"}, {"order_dataset": "asc"}]


def matched_columns(client: Elasticsearch, index: str, sought: Columns, refs: Sequence[str]) -> dict[str, Matched]:
    """By dataset. Queries of more words than a server takes name none."""
    asked = sought.of(refs)
    if leaves(asked) > MOST_CONDITIONS:
        return {}
    best = {"top_hits": {"size": READ, "sort": _ORDER, "_source": ["card.name", "card.table"]}}
    typed = {} if sought.typed is None else {"typed": {"filter": body_of(sought.typed)}}
    by_dataset = {"terms": {"field": "facet_dataset", "size": len(refs)}, "aggs": {"best": best, **typed}}
    answer = client.search(
        index=index, size=0, query=body_of(asked), aggs={"datasets": by_dataset}, track_total_hits=False, allow_partial_search_results=False
    )
    return {bucket["key"]: _matched(bucket) for bucket in answer["aggregations"]["datasets"]["buckets"]}


def _matched(bucket: Any) -> Matched:
    places = tuple(place_of(hit["_source"].get("card", {})) for hit in bucket["best"]["hits"]["hits"])
    return Matched(bucket["doc_count"], places, "typed" in bucket and not bucket["typed"]["doc_count"])

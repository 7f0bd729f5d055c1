"""The matching columns of the datasets on a page, in one request: their number, and the first of each dataset."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from elasticsearch import Elasticsearch

from search.clauses import leaves
from search.elastic.query import body_of
from search.matched_columns import READ, Columns, Matched

MOST_CONDITIONS: Final = 900
_ORDER: Final = [{"_score": "desc"}, {"order_dataset": "asc"}]


def matched_columns(client: Elasticsearch, index: str, sought: Columns, refs: Sequence[str]) -> dict[str, Matched]:
    """By dataset. Queries of more words than a server takes name none."""
    asked = sought.of(refs)
    if not refs or leaves(asked) > MOST_CONDITIONS:
        return {}
    best = {"top_hits": {"size": READ, "sort": _ORDER, "_source": ["card.name"]}}
    by_dataset = {"terms": {"field": "facet_dataset", "size": len(refs)}, "aggs": {"best": best}}
    answer = client.search(
        index=index, size=0, query=body_of(asked), aggs={"datasets": by_dataset}, track_total_hits=False, allow_partial_search_results=False
    )
    return {bucket["key"]: Matched(bucket["doc_count"], _names(bucket)) for bucket in answer["aggregations"]["datasets"]["buckets"]}


def _names(bucket: Any) -> tuple[str, ...]:
    return tuple(hit["_source"].get("card", {}).get("name", "") for hit in bucket["best"]["hits"]["hits"])

"""Suggestions while typing, in one round trip."""

from __future__ import annotations

from typing import Any

from elasticsearch import Elasticsearch

from search.elastic.connection import said
from search.elastic.query import body_of
from search.engine import Suggestion
from search.language import title_key
from search.suggest import ENTRIES, distinct, mixed, titles_beginning
from search.variable import name_key


def suggest(client: Elasticsearch, index: str, variables: str, typed: str, limit: int) -> tuple[Suggestion, ...]:
    prefix = title_key(typed)
    if not prefix or limit < 1:
        return ()
    head = {"index": index, "allow_partial_search_results": False}
    titles = {
        "query": body_of(titles_beginning(typed)), "sort": [{"_score": "desc"}, {"id": "asc"}], "size": limit, "_source": ["card.title"],
        "track_total_hits": False,
    }  # fmt: skip
    asked = [head, titles, head, _entries("suggest_custodian", prefix, limit), head, _entries("suggest_keyword", prefix, limit)]
    asked += [{**head, "index": variables}, _entries("suggest_name", prefix, limit)]
    answers = client.msearch(searches=asked)["responses"]
    for answer in answers:
        if "error" in answer:
            raise said(answer.get("status", 500), str(answer["error"].get("type", "")))
    datasets = [
        Suggestion(str(hit["_source"].get("card", {}).get("title", hit["_id"])), "dataset", hit["_id"]) for hit in answers[0]["hits"]["hits"]
    ]
    custodians, keywords = (distinct(_beginning(answer)) for answer in answers[1:3])
    return mixed(datasets, custodians, keywords, distinct(_beginning(answers[3]), key=name_key), limit)


def _entries(field: str, prefix: str, limit: int) -> dict[str, Any]:
    """The entries that begin so, those of most documents first.

    The prefix is folded words: letters, digits and blanks, none of which means anything in a pattern. Every entry goes on
    after it, and ``.+`` is not ``.*`` as OpenSearch 2.19 fails over a prefix that is behind its last entry.
    """
    terms = {"field": field, "include": f"{prefix}.+", "size": limit * ENTRIES, "order": [{"_count": "desc"}, {"_key": "asc"}]}
    return {"size": 0, "track_total_hits": False, "aggs": {"entries": {"terms": terms}}}


def _beginning(answer: Any) -> list[str]:
    return [bucket["key"] for bucket in answer["aggregations"]["entries"]["buckets"]]

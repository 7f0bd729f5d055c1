"""One search, from the understood query to the page: hits in order at any depth, counts, highlights."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from elasticsearch import Elasticsearch

from search.clauses import Clause, leaves
from search.elastic.columns import matched_columns
from search.elastic.counts import aggregations, asked_facets, facets
from search.elastic.query import Body, body_of
from search.elastic.words import ElasticWords
from search.engine import Hit, Page, Query
from search.filters import joined
from search.highlight import Finder, explained
from search.matched_columns import with_any, with_columns
from search.prepared import DATASETS
from search.shape import Shape
from search.understanding import Understood, told, understand

WINDOW: Final = 10_000
"""What a server gives in one answer, and reaches by counting hits; beyond, one goes on after the last hit seen."""
MOST_CONDITIONS: Final = 900
"""Servers refuse more than about a thousand; a text that needs more is ranked more simply."""


@dataclass(frozen=True, slots=True)
class _Found:
    hits: list[dict[str, Any]]
    total: int
    counts: Mapping[str, Any]


def answer(client: Elasticsearch, index: str, query: Query, *, variables: str | None = None, shape: Shape = DATASETS) -> Page:
    """The page for a query, with the matching columns of its datasets where the index of variables is given. Nothing in its text is
    an error."""
    understood = understand(ElasticWords(client, index), query, shape)
    found = _found(client, index, query, understood, shape)
    hits = tuple(_hit(hit, understood.finder, shape, by_score=understood.by_score) for hit in found.hits)
    if variables and understood.columns and (refs := with_any(hits)) and (sought := understood.columns()):
        hits = with_columns(hits, matched_columns(client, variables, sought, refs))
    counts = facets(client, index, query, understood, shape, counts=found.counts) if query.facets else ()
    return Page(hits, found.total, counts, end=_end(found.hits), **told(understood))


def _found(client: Elasticsearch, index: str, query: Query, understood: Understood, shape: Shape) -> _Found:
    """The hits from the offset on. Facets are counted once, with the first answer."""
    offset, limit = max(query.offset, 0), max(query.limit, 0)
    asked = _request(index, query, understood, shape)
    wanted = _source(understood.finder)
    if query.after and limit <= WINDOW:
        result = client.search(**asked, search_after=list(query.after), size=limit, source=wanted)
        return _Found(result["hits"]["hits"], result["hits"]["total"]["value"], result.get("aggregations", {}))
    if offset + limit <= WINDOW:
        result = client.search(**asked, from_=offset, size=limit, source=wanted)
        return _Found(result["hits"]["hits"], result["hits"]["total"]["value"], result.get("aggregations", {}))
    first = client.search(**asked, size=min(offset, WINDOW), source=False) if offset else client.search(**asked, size=0)
    total, counts = first["hits"]["total"]["value"], first.get("aggregations", {})
    asked = {name: value for name, value in asked.items() if name != "aggs"} | {"track_total_hits": False}
    passed, last = len(first["hits"]["hits"]), _last(first["hits"]["hits"])
    hits: list[dict[str, Any]] = []
    while passed < min(offset + limit, total):
        is_wanted = passed >= offset
        size = min((offset + limit if is_wanted else offset) - passed, WINDOW)
        result = client.search(**asked, **last, size=size, source=wanted if is_wanted else False)["hits"]["hits"]
        if not result:
            break
        hits += result if is_wanted else []
        passed, last = passed + len(result), _last(result)
    return _Found(hits, total, counts)


def _last(hits: list[dict[str, Any]]) -> dict[str, Any]:
    return {"search_after": list(_end(hits))} if hits else {}


def _end(hits: list[dict[str, Any]]) -> tuple[Any, ...]:
    return tuple(hits[-1]["sort"]) if hits else ()


def _request(index: str, query: Query, understood: Understood, shape: Shape) -> dict[str, Any]:
    """Filters that counted facets leave out stand behind the counts; the others before them."""
    names = asked_facets(query, shape)
    left_out = {one for name in names for one in shape.own_choices(name)}
    behind = {name: clause for name, clause in understood.filters.items() if name in left_out}
    before = {name: clause for name, clause in understood.filters.items() if name not in left_out}
    request: dict[str, Any] = {
        "index": index,
        "query": body_of(joined(_ranked(understood), before)),
        "sort": _sort(query, understood, shape),
        "track_total_hits": True,
        "allow_partial_search_results": False,
        "preference": f"query-{zlib.crc32(query.text.encode('utf-8', 'replace'))}",
    }
    if behind:
        request["post_filter"] = _all_of(behind)
    if names:
        request["aggs"] = aggregations(names, behind, shape)
    return request


def _ranked(understood: Understood) -> Clause:
    """What is not ordered by score is not scored."""
    is_bearable = leaves(understood.scored) <= MOST_CONDITIONS
    return understood.scored if understood.by_score and is_bearable else understood.matching


def _all_of(filters: Mapping[str, Clause]) -> Body:
    return {"bool": {"filter": list(map(body_of, filters.values()))}}


def _sort(query: Query, understood: Understood, shape: Shape) -> list[dict[str, str]]:
    """Every order ends on the id. ``preference`` keeps pages of one query on one copy of the index, where scores are the same."""
    if understood.by_score:
        return [{"_score": "desc"}, {"id": "asc"}]
    return [{f"order_{query.sort if query.sort in shape.sorts else 'title'}": "asc"}]


def _source(finder: Finder | None) -> dict[str, list[str]]:
    return {"includes": ["card", "texts"] if finder else ["card"]}


def _hit(hit: Mapping[str, Any], finder: Finder | None, shape: Shape, *, by_score: bool) -> Hit:
    held = hit.get("_source") or {}
    score = float(hit["_score"] or 0.0) if by_score else 0.0
    if finder is None:
        return Hit(hit["_id"], score, held.get("card", {}))
    why = explained(held.get("texts", {}), finder, shape)
    return Hit(hit["_id"], score, held.get("card", {}), why.highlights, why.matched_in, why.by_synonym)

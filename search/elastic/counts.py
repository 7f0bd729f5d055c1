"""Facet counts, exact whatever the number of values. A facet's counts leave out its own choice; those of paths also that of their last step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from elasticsearch import Elasticsearch

from search.clauses import Clause, Every, Fixed
from search.elastic.query import Body, body_of
from search.elastic.words import all_values
from search.engine import Facet, Query
from search.filters import counted_facet, joined
from search.shape import Shape
from search.understanding import Understood

VALUES: Final = 2_000
"""Values of each facet counted in the same request as the hits; facets with more are read whole afterwards, page by page. All facets
together stay under the 65,536 that a server answers with at most."""


def asked_facets(query: Query, shape: Shape) -> list[str]:
    """Those that exist, each once, in the order asked for."""
    return [name for name in dict.fromkeys(query.facets) if name in shape.facets]


def aggregations(names: Sequence[str], filters: Mapping[str, Clause], shape: Shape) -> dict[str, Body]:
    """Counts beside the hits of a query in which ``filters``, which some of these facets leave out, do not stand."""
    return {
        name: {
            "filter": body_of(joined(Fixed(Every(), 0.0), filters, without=shape.own_choices(name))),
            "aggs": {"values": {"terms": {"field": f"facet_{name}", "size": VALUES}}},
        }
        for name in names
    }


def facets(
    client: Elasticsearch, index: str, query: Query, understood: Understood, shape: Shape, *, counts: Mapping[str, Any]
) -> tuple[Facet, ...]:
    """The facets asked for; ``counts`` are the answers to :func:`aggregations`."""
    found = []
    for name in asked_facets(query, shape):
        values = counts[name]["values"]
        if values["sum_other_doc_count"]:
            within = body_of(joined(understood.matching, understood.filters, without=shape.own_choices(name)))
            numbers = dict(all_values(client, index, name, within))
        else:
            numbers = {bucket["key"]: bucket["doc_count"] for bucket in values["buckets"]}
        found.append(counted_facet(name, numbers, query.filters.get(name, ()), query.facet_values))
    return tuple(found)

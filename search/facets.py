"""Facet counts of the embedded engine. A facet's counts leave out its own choice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from tantivy import Searcher

from search import engine
from search.clauses import Clause
from search.filters import counted_facet, joined
from search.mapping import tantivy_query
from search.shape import Shape

MOST_VALUES: Final = 65_000
"""Distinct values of a facet that are counted at most; the engine refuses to count more."""


def count(
    searcher: Searcher, matching: Clause, filters: Mapping[str, Clause], query: engine.Query, shape: Shape
) -> tuple[engine.Facet, ...]:
    """The facets asked for, in that order; unknown names are left out."""
    asked = [name for name in query.facets if name in shape.facets]
    plain = [name for name in asked if name not in filters]
    counts = _counted(searcher, joined(matching, filters), plain, shape) if plain else {}
    for name in asked:
        if name in filters:
            counts |= _counted(searcher, joined(matching, filters, without=name), [name], shape)
    return tuple(counted_facet(name, counts[name], query.filters.get(name, ()), query.facet_values) for name in asked)


def values(searcher: Searcher, clause: Clause, name: str, shape: Shape) -> dict[str, int]:
    """Every value of a facet among the documents within a clause, with its count."""
    return _counted(searcher, clause, [name], shape)[name]


def _counted(searcher: Searcher, clause: Clause, names: Sequence[str], shape: Shape) -> dict[str, dict[str, int]]:
    wanted: dict[str, Any] = {
        name: {"terms": {"field": f"facet_{name}", "size": MOST_VALUES, "segment_size": MOST_VALUES}} for name in names
    }
    answer = searcher.aggregate(tantivy_query(clause, shape), wanted)
    return {name: {bucket["key"]: bucket["doc_count"] for bucket in answer[name]["buckets"]} for name in names}

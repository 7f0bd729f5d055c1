"""Facet counts of the embedded engine. A facet's counts leave out its own choice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import tantivy
from tantivy import Searcher

from search import engine
from search.filters import counted_facet
from search.mapping import within
from search.shape import Shape

MOST_VALUES: Final = 65_000
"""Distinct values of a facet that are counted at most; the engine refuses to count more."""


def count(
    searcher: Searcher, matching: tantivy.Query, filters: Mapping[str, tantivy.Query], query: engine.Query, shape: Shape
) -> tuple[engine.Facet, ...]:
    """The facets asked for, in that order; unknown names are left out."""
    asked = [name for name in query.facets if name in shape.facets]
    plain = [name for name in asked if name not in filters]
    counts = _counted(searcher, within(matching, filters.values()), plain) if plain else {}
    for name in asked:
        if name in filters:
            others = (one for other, one in filters.items() if other != name)
            counts |= _counted(searcher, within(matching, others), [name])
    return tuple(counted_facet(name, counts[name], query.filters.get(name, ()), query.facet_values) for name in asked)


def values(searcher: Searcher, asked: tantivy.Query, name: str) -> dict[str, int]:
    """Every value of a facet among the documents asked for, with its count."""
    return _counted(searcher, asked, [name])[name]


def _counted(searcher: Searcher, asked: tantivy.Query, names: Sequence[str]) -> dict[str, dict[str, int]]:
    wanted: dict[str, Any] = {
        name: {"terms": {"field": f"facet_{name}", "size": MOST_VALUES, "segment_size": MOST_VALUES}} for name in names
    }
    answer = searcher.aggregate(asked, wanted)
    return {name: {bucket["key"]: bucket["doc_count"] for bucket in answer[name]["buckets"]} for name in names}

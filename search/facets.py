"""Filters and counts. Values of one facet are joined by or, facets by and; a facet's counts leave out its own choice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from tantivy import FieldType, Occur, Query, Schema, Searcher

from search import engine
from search.document import FACETS
from search.engine import FacetValue
from search.ranking import year_query

MOST_VALUES: Final = 65_000
"""Distinct values of a facet that are counted at most; the engine refuses to count more."""
_KNOWN: Final = frozenset(FACETS)


def filter_queries(schema: Schema, query: engine.Query) -> dict[str, Query]:
    """One query for each filter that is on: by facet, and ``years`` and ``population``."""
    found = {
        name: _facet_query(schema, name, tuple(values)) for name, values in query.filters.items() if values
    }
    if query.year_from is not None or query.year_to is not None:
        found["years"] = _years(schema, query)
    if query.population_min is not None or query.population_max is not None:
        asked = Query.range_query(
            schema, "population", FieldType.Integer, lower_bound=query.population_min, upper_bound=query.population_max
        )
        found["population"] = _or_not_reported(asked, "population") if query.include_not_reported else asked
    return found


def joined(scored: Query, filters: Mapping[str, Query], *, without: str = "") -> Query:
    """The scored query within the filters, which do not score."""
    kept = [(Occur.Must, Query.const_score_query(query, 0.0)) for name, query in filters.items() if name != without]
    return Query.boolean_query([(Occur.Must, scored), *kept]) if kept else scored


def count(searcher: Searcher, scored: Query, filters: Mapping[str, Query], query: engine.Query) -> tuple[engine.Facet, ...]:
    """The facets asked for, in that order; unknown names are left out."""
    asked = [name for name in query.facets if name in _KNOWN]
    plain = [name for name in asked if name not in filters]
    counts = _counted(searcher, joined(scored, filters), plain) if plain else {}
    for name in asked:
        if name in filters:
            counts |= _counted(searcher, joined(scored, filters, without=name), [name])
    return tuple(_facet(name, counts[name], query.filters.get(name, ()), query.facet_values) for name in asked)


def _counted(searcher: Searcher, query: Query, names: Sequence[str]) -> dict[str, dict[str, int]]:
    wanted: dict[str, Any] = {
        name: {"terms": {"field": f"facet_{name}", "size": MOST_VALUES, "segment_size": MOST_VALUES}} for name in names
    }
    answer = searcher.aggregate(query, wanted)
    return {name: {bucket["key"]: bucket["doc_count"] for bucket in answer[name]["buckets"]} for name in names}


def _facet(name: str, counts: Mapping[str, int], chosen: Sequence[str], at_most: int) -> engine.Facet:
    """Chosen values stay, even at 0, and come first; the others by count, then by name."""
    chosen_once = list(dict.fromkeys(chosen))
    picked = [FacetValue(value, counts.get(value, 0), selected=True) for value in chosen_once]
    others = sorted((item for item in counts.items() if item[0] not in chosen_once), key=lambda item: (-item[1], item[0]))
    values = (*picked, *(FacetValue(value, number) for value, number in others))
    return engine.Facet(name, values[: max(at_most, len(picked))], len(values))


def _facet_query(schema: Schema, name: str, values: tuple[str, ...]) -> Query:
    """An unknown facet holds no document."""
    if name not in _KNOWN:
        return Query.empty_query()
    return Query.boolean_query([(Occur.Should, Query.term_query(schema, f"facet_{name}", value)) for value in dict.fromkeys(values)])


def _years(schema: Schema, query: engine.Query) -> Query:
    bounds = (("from", query.year_from), ("to", query.year_to))
    parts = [(Occur.Must, year_query(schema, bound, year)) for bound, year in bounds if year is not None]
    asked = Query.boolean_query(parts)
    return _or_not_reported(asked, "year_first") if query.include_not_reported else asked


def _or_not_reported(asked: Query, field: str) -> Query:
    lacking = Query.boolean_query([(Occur.Must, Query.all_query()), (Occur.MustNot, Query.exists_query(field))])
    return Query.boolean_query([(Occur.Should, asked), (Occur.Should, lacking)])

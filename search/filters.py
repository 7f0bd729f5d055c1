"""The chosen filters as clauses. Values of one facet are joined by or, facets by and."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from search.clauses import AnyOf, Between, Both, Clause, Every, Fixed, Nothing, Stated
from search.engine import Facet, FacetValue, Query
from search.language import typed_text
from search.prepared import DATASETS, LONGEST_TERM
from search.ranking import years
from search.shape import Shape

LARGEST: Final = 2**63 - 1
"""Numbers beyond it are beyond every document's."""


def filter_clauses(query: Query, shape: Shape = DATASETS) -> dict[str, Clause]:
    """One clause for each filter that is on: by facet, and ``years`` and ``population``."""
    found = {name: _values(name, tuple(values), shape) for name, values in query.filters.items() if values}
    if query.year_from is not None or query.year_to is not None:
        found["years"] = _years(query)
    if query.population_min is not None or query.population_max is not None:
        asked = Between("population", _bounded(query.population_min), _bounded(query.population_max))
        found["population"] = _or_not_reported(asked, "population") if query.include_not_reported else asked
    return found


def joined(scored: Clause, filters: Mapping[str, Clause], *, without: str = "") -> Clause:
    """The scored clause within the filters, which do not score."""
    kept = tuple(Fixed(clause, 0.0) for name, clause in filters.items() if name != without)
    return Both((scored, *kept)) if kept else scored


def counted_facet(name: str, counts: Mapping[str, int], chosen: Sequence[str], at_most: int) -> Facet:
    """Chosen values stay, even at 0, and come first; the others by count, then by name."""
    chosen_once = list(dict.fromkeys(chosen))
    picked = [FacetValue(value, counts.get(value, 0), selected=True) for value in chosen_once]
    others = sorted((item for item in counts.items() if item[0] not in chosen_once), key=lambda item: (-item[1], item[0]))
    values = (*picked, *(FacetValue(value, number) for value, number in others))
    return Facet(name, values[: max(at_most, len(picked))], len(values))


def _values(name: str, values: tuple[str, ...], shape: Shape) -> Clause:
    """An unknown facet holds no document."""
    return AnyOf(f"facet_{name}", tuple(dict.fromkeys(typed_text(value, LONGEST_TERM) for value in values))) if name in shape.facets else Nothing()


def _years(query: Query) -> Clause:
    bounds = (("from", query.year_from), ("to", query.year_to))
    asked = Both(must=tuple(years(bound, year) for bound, year in bounds if year is not None))
    return _or_not_reported(asked, "year_first") if query.include_not_reported else asked


def _or_not_reported(asked: Clause, field: str) -> Clause:
    return Both(should=(asked, Both(must=(Every(),), must_not=(Stated(field),))))


def _bounded(number: int | None) -> int | None:
    return None if number is None else min(max(number, -LARGEST), LARGEST)

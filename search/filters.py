"""The chosen filters as clauses. Values of one facet are joined by or, facets by and."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from search.bands import BANDS
from search.clauses import AnyOf, Between, Both, Clause, Every, Fixed, Nothing, Stated, Term
from search.document import BEHIND, NOT_REPORTED
from search.engine import Facet, FacetValue, Query
from search.language import typed_text
from search.lead_times import lead_days
from search.prepared import DATASETS, LONGEST_TERM, day_number
from search.ranking import years
from search.shape import Shape

LATEST: Final = 10**9
"""After every lead time that is stated."""
LARGEST: Final = 2**63 - 1
"""Numbers beyond it are beyond every document's."""
STANDS_BEHIND: Final = Term("facet_behind", BEHIND)
"""Descriptions of a dataset that another one of it stands before."""


def filter_clauses(query: Query, shape: Shape = DATASETS) -> dict[str, Clause]:
    """One clause for each facet by which results are filtered; bounds of years, people and ages are choices of those facets."""
    found = {name: _values(name, tuple(values), shape) for name, values in query.filters.items() if values}
    for name, asked, field in _bounds(query):
        ways = [asked, *([found[name]] if name in found else []), *([_not_reported(field)] if query.include_not_reported else [])]
        found[name] = ways[0] if len(ways) == 1 else Both(should=tuple(ways))
    if query.updated_since is not None:
        found["updated"] = Between("updated_day", least=day_number(query.updated_since))
    if query.quality_min is not None:
        found["quality"] = Between("quality", least=_bounded(query.quality_min))
    if "behind" in shape.facets and not query.each_description:
        found.setdefault("behind", Both(must=(Every(),), must_not=(STANDS_BEHIND,)))
    return found


def joined(scored: Clause, filters: Mapping[str, Clause], *, without: Collection[str] = ()) -> Clause:
    """The scored clause within the filters, which do not score."""
    kept = tuple(Fixed(clause, 0.0) for name, clause in filters.items() if name not in without)
    return Both((scored, *kept)) if kept else scored


def counted_facet(name: str, counts: Mapping[str, int], chosen: Sequence[str], at_most: int) -> Facet:
    """Chosen values stay, even at 0, and come first; the others by count, then by name; lead times by time before that. Bands stay in
    their order."""
    chosen_once = list(dict.fromkeys(chosen))
    if name in BANDS:
        order = [value for value in (*(band.value for band in BANDS[name]), NOT_REPORTED) if value in counts or value in chosen_once]
        banded = tuple(FacetValue(value, counts.get(value, 0), value in chosen_once) for value in order)
        return Facet(name, banded, len(banded))
    picked = [FacetValue(value, counts.get(value, 0), selected=True) for value in chosen_once]
    others = sorted((item for item in counts.items() if item[0] not in chosen_once), key=lambda item: (-item[1], item[0]))
    if name == "lead":
        others.sort(key=lambda item: LATEST if (days := lead_days(item[0])) is None else days)
    values = (*picked, *(FacetValue(value, number) for value, number in others))
    return Facet(name, values[: max(at_most, len(picked))], len(values))


def _values(name: str, values: tuple[str, ...], shape: Shape) -> Clause:
    """An unknown facet holds no document."""
    return AnyOf(f"facet_{name}", tuple(dict.fromkeys(typed_text(value, LONGEST_TERM) for value in values))) if name in shape.facets else Nothing()


def _bounds(query: Query) -> Iterator[tuple[str, Clause, str]]:
    """The facet, what is asked of it, and a field that documents have which state it."""
    if query.year_from is not None or query.year_to is not None:
        yield "years", _years(query), "year_first"
    if query.population_min is not None or query.population_max is not None:
        yield "people", Between("population", _bounded(query.population_min), _bounded(query.population_max)), "population"
    if query.age_min is not None or query.age_max is not None:
        last = () if query.age_min is None else (Between("age_last", least=_bounded(query.age_min)),)
        first = () if query.age_max is None else (Between("age_first", most=_bounded(query.age_max)),)
        yield "ages", Both(must=(*last, *first)), "age_first"


def _years(query: Query) -> Clause:
    """Coverage that overlaps the years, or holds all of them."""
    start, end = query.year_from, query.year_to
    if query.covers_all:
        within = (() if start is None else (Between("year_first", most=start), Between("year_last", least=start)))
        return Both(must=(*within, *(() if end is None else (Between("year_last", least=end), Between("year_first", most=end)))))
    return Both(must=tuple(years(bound, year) for bound, year in (("from", start), ("to", end)) if year is not None))


def _not_reported(field: str) -> Clause:
    return Both(must=(Every(),), must_not=(Stated(field),))


def _bounded(number: int | None) -> int | None:
    return None if number is None else min(max(number, -LARGEST), LARGEST)

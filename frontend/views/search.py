"""Search results."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Final

from frontend import words
from frontend.addresses import FACET_PARAMETERS, SearchAddress, dataset_path, with_query
from frontend.views.layout import Link, PageView
from frontend.views.paging import Paging, paging
from search.engine import Facet, FacetValue, Fragment

FACET_VALUES_SHOWN: Final = 8


@dataclass(frozen=True, slots=True)
class MatchedIn:
    """A field the words were found in. ``field`` is the search field's name; ``names`` are at most three pieces (column
    names, keywords), empty where the text itself matched. ``count`` is how many pieces matched, where that is known."""

    field: str
    names: tuple[str, ...] = ()
    count: int | None = None
    by_synonym: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultCard:
    """One dataset found, enough to decide on. ``title_marked`` and ``snippet`` hold the marked pieces of the engine.

    ``request_status`` is open, preparation or closed. ``described`` is the score of the description, 0 to 100.
    """

    ref: str
    slug: str
    title: str
    title_marked: tuple[Fragment, ...] = ()
    custodian_name: str | None = None
    custodian_slug: str | None = None
    request_status: str = "open"
    request_status_reason: str | None = None
    snippet: tuple[Fragment, ...] = ()
    matched_in: tuple[MatchedIn, ...] = ()
    people: int | None = None
    year_from: int | None = None
    year_to: int | None = None
    is_continuing: bool = False
    places: tuple[str, ...] = ()
    lead_time: str | None = None
    models: tuple[str, ...] = ()
    columns: int | None = None
    described: int | None = None
    updated: str | None = None
    is_in_basket: bool = False

    @property
    def href(self) -> str:
        return dataset_path(self.ref, self.slug)

    def columns_href(self, q: str) -> str:
        """The columns of this dataset that hold the words."""
        return with_query("/columns", [("q", q), ("dataset", self.ref)])


@dataclass(frozen=True, slots=True)
class Widening:
    """A filter whose removal would give more: its words, the address without it, and the count that address gives."""

    words: str
    href: str
    count: int


@dataclass(frozen=True, slots=True)
class FacetGroup:
    """A facet as the page shows it: chosen values first, then by count. ``hidden`` counts the values left out."""

    parameter: str
    label: str
    values: tuple[FacetValue, ...]
    hidden: int
    expand_href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchView(PageView):
    """Search results. ``address`` is what was asked (frontend/addresses.py); links are worked out from it.

    ``total`` is exact. ``facets`` come from the engine in any order; the page orders them. ``widenings`` are for the empty
    state. ``is_degraded`` says that the engine is down and the simple search answered.
    """

    template: ClassVar[str] = "search.html"
    uses_htmx: ClassVar[bool] = True

    address: SearchAddress
    total: int
    cards: tuple[ResultCard, ...] = ()
    facets: tuple[Facet, ...] = ()
    corrected_to: str | None = None
    read_as: str | None = None
    """How the words were understood: "Read as ICD-10 I21, acute myocardial infarction"."""
    widenings: tuple[Widening, ...] = ()
    is_degraded: bool = False
    problems: tuple[str, ...] = field(default=())
    """Sentences about parameters that could not be read (SearchAddress.read returns them)."""

    @property
    def title(self) -> str:
        return f"{self.address.q} – datasets" if self.address.q else "Datasets"

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.address.per))

    @property
    def paging(self) -> Paging:
        return paging(self.address.page, self.pages, lambda page: self.address.on_page(page).href())

    @property
    def first(self) -> int:
        return (self.address.page - 1) * self.address.per + 1 if self.cards else 0

    @property
    def last(self) -> int:
        return self.first + len(self.cards) - 1 if self.cards else 0

    @property
    def facet_groups(self) -> tuple[FacetGroup, ...]:
        """The facets in the page's order; a chosen value without hits stays, an unchosen one is left out."""
        counted = {facet.name: facet for facet in self.facets}
        groups = (self._group(name, counted.get(facet)) for name, facet in FACET_PARAMETERS.items())
        return tuple(group for group in groups if group.values and not _says_nothing(group))

    def _group(self, parameter: str, facet: Facet | None) -> FacetGroup:
        chosen = self.address.values(parameter)
        counts = {value.value: value.count for value in (facet.values if facet else ())}
        first = [FacetValue(value, counts.get(value, 0), selected=True) for value in chosen]
        rest = [FacetValue(value, count) for value, count in counts.items() if value not in chosen and count > 0]
        room = max(0, FACET_VALUES_SHOWN - len(first))
        shown = rest if self.address.expanded == parameter or len(rest) <= room + 1 else rest[:room]
        expand = self.address.expanding(parameter).href() + f"#facet-{parameter}"
        return FacetGroup(parameter, words.FACETS[parameter], (*first, *shown), len(rest) - len(shown), expand)

    @property
    def chips(self) -> tuple[Link, ...]:
        """Each choice in words, with the address without it."""
        address = self.address
        chosen = [
            Link(f"{words.FACETS[name]}: {value}" if name != "open" else words.FACETS[name], address.without(name, value).href())
            for name, values in address.chosen
            for value in values
        ]
        ranges = (
            ("from", address.year_from, "From {}"),
            ("to", address.year_to, "Until {}"),
            ("pop_min", address.population_min, "At least {:,} people"),
            ("pop_max", address.population_max, "At most {:,} people"),
        )
        limits = [Link(text.format(value), address.without(name).href()) for name, value, text in ranges if value is not None]
        return (*chosen, *limits)

    @property
    def years(self) -> tuple[int, int]:
        """The shared axis of the coverage strips: first and last year on this page."""
        starts = [card.year_from for card in self.cards if card.year_from is not None]
        ends = [year for card in self.cards for year in (card.year_to, card.year_from, _last_known(card)) if year is not None]
        return (min(starts, default=0), max(ends, default=0))


def _last_known(card: ResultCard) -> int | None:
    """The year up to which an open coverage is known to go: that of the description."""
    is_open = card.year_to is None and card.year_from is not None
    return int(card.updated[:4]) if is_open and card.updated else None


def _says_nothing(group: FacetGroup) -> bool:
    """A facet on which nothing found reports anything helps nobody to choose."""
    return all(value.value == words.NOT_REPORTED and not value.selected for value in group.values)

"""Search results."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import ClassVar, Final

from frontend import words
from frontend.addresses import (
    FACET_PARAMETERS,
    MORE_FACETS,
    PATHS,
    SearchAddress,
    column_path,
    dataset_path,
    with_query,
)
from frontend.pictures import Bar, Picture
from frontend.place_map import place_tiles
from frontend.views.layout import Link, PageView
from frontend.views.paging import Paging, paging
from search.bands import BANDS
from search.document import UNDER
from search.engine import Facet, FacetValue, Fragment
from search.lead_times import lead_days

FACET_VALUES_SHOWN: Final = 8
SECOND_LEVEL_SHOWN: Final = 20
SECOND_LEVELS: Final = frozenset(second for _, second in PATHS.values())


@dataclass(frozen=True, slots=True)
class MatchedIn:
    """A field the words were found in. ``field`` is the search field's name; ``names`` are at most three pieces (column
    names, keywords), empty where the text itself matched. ``count`` is how many pieces matched, where that is known. ``by_synonym`` is the
    other word that stands there, where nothing that was typed does; empty where it is not known which. ``tables`` are those of columns."""

    field: str
    names: tuple[str, ...] = ()
    count: int | None = None
    by_synonym: str | None = None
    tables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AlsoDescribed:
    """The same dataset, as another source describes it."""

    title: str
    href: str
    custodian_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultCard:
    """One dataset found, enough to decide on. ``title_marked`` and ``snippet`` hold the marked pieces of the engine.

    ``request_status`` is open, unrouted, preparation, open_data or closed. ``described`` is the score of the description, 0 to 100.
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
    also_described: tuple[AlsoDescribed, ...] = ()

    @property
    def takes_requests(self) -> bool:
        return self.request_status in ("open", "unrouted")

    @property
    def href(self) -> str:
        return dataset_path(self.ref, self.slug)

    def column_href(self, name: str, table: str) -> str:
        """The row of one column on the page of the dataset's columns."""
        return column_path(self.ref, self.slug, table, name)

    def columns_href(self, q: str) -> str:
        """The columns of this dataset that hold the words."""
        return with_query("/columns", [("q", q), ("dataset", self.ref)])


@dataclass(frozen=True, slots=True)
class Widening:
    """A filter whose removal would give more: its words, the address without it, and the count that address gives."""

    words: str
    href: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NearestColumn:
    """A column that holds the words which no dataset does."""

    name: str
    name_marked: tuple[Fragment, ...] = ()
    href: str
    dataset_title: str


@dataclass(frozen=True, slots=True)
class FacetGroup:
    """A facet as the page shows it: chosen values first, then by count. ``hidden`` counts the values left out."""

    parameter: str
    label: str
    values: tuple[FacetValue, ...]
    hidden: int
    expand_href: str
    under: tuple[tuple[str, tuple[FacetValue, ...]], ...] = ()
    """Values of the second level, by the chosen value of the first they belong to."""
    second: str = ""
    """The parameter of the second level."""
    second_href: str = ""
    """The page of all values of the second level, where not all are shown."""

    def beneath(self, value: str) -> tuple[FacetValue, ...]:
        return dict(self.under).get(value, ())


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchView(PageView):
    """Search results. ``address`` is what was asked (frontend/addresses.py); links are worked out from it.

    ``total`` is exact. ``facets`` come from the engine in any order; the page orders them. ``widenings`` and ``nearest_columns``, which are
    the first of ``columns_total``, are for the empty state.
    """

    template: ClassVar[str] = "search.html"
    uses_htmx: ClassVar[bool] = True

    address: SearchAddress
    total: int
    cards: tuple[ResultCard, ...] = ()
    facets: tuple[Facet, ...] = ()
    corrected_to: str | None = None
    did_you_mean: str | None = None
    linkable_title: str = ""
    """The title of the dataset that those found can be linked with."""
    also_searched: tuple[str, ...] = ()
    """What else the things that the words name are called; these were searched too."""
    england_alone: int | None = None
    """How many of those that would be found name England and none of its regions, whatever was chosen of either. None where there is no map."""
    read_as: tuple[str, ...] = ()
    """The codes among the words, and what they mean."""
    widenings: tuple[Widening, ...] = ()
    nearest_columns: tuple[NearestColumn, ...] = ()
    columns_total: int = 0
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
        """The facets in the page's order; a chosen value without hits stays, an unchosen one is left out. A facet of a second level
        shows by itself only what is chosen of it and stands under nothing chosen."""
        counted = {facet.name: facet for facet in self.facets}
        groups = [self._group(name, counted.get(facet)) for name, facet in FACET_PARAMETERS.items()]
        groups = [self._with_second(group, path, second, counted) for group in groups for path, second in (_second_level(group.parameter),)]
        shown = {(group.second, value.value) for group in groups for _, values in group.under for value in values}
        groups = [self._without_shown(group, shown) if group.parameter in SECOND_LEVELS and counted else group for group in groups]
        return tuple(group for group in groups if group.values and not _says_nothing(group))

    def _group(self, parameter: str, facet: Facet | None) -> FacetGroup:
        chosen = self.address.values(parameter)
        counts = {value.value: value.count for value in (facet.values if facet else ())}
        first = [FacetValue(value, counts.get(value, 0), selected=True) for value in chosen]
        rest = [FacetValue(value, count) for value, count in counts.items() if value not in chosen and count > 0]
        room = max(0, FACET_VALUES_SHOWN - len(first))
        shown = rest if self.address.expanded == parameter or len(rest) <= room + 1 else rest[:room]
        every = with_query(f"/search/values/{parameter}", self.address.on_page(1).parameters())
        hidden = max(len(rest), facet.total - len(first) if facet else 0) - len(shown)
        values = sorted((*first, *shown), key=_in_time) if parameter == "lead" else (*first, *shown)
        return FacetGroup(parameter, words.FACETS[parameter], tuple(values), hidden, every)

    @property
    def more_facets(self) -> tuple[Link, ...]:
        """The filters that are not counted here, each with the page of its values."""
        parameters = self.address.on_page(1).parameters()
        return tuple(Link(words.FACETS[name], with_query(f"/search/values/{name}", parameters)) for name in MORE_FACETS if not self.address.values(name))

    def _with_second(self, group: FacetGroup, path: str, second: str, counted: dict[str, Facet]) -> FacetGroup:
        """With the values of the second level under what is chosen of the first."""
        if path not in counted or second not in counted:
            return group
        numbers = {value.value: value.count for value in counted[second].values}
        chosen = self.address.values(second)
        under, is_cut = [], any(counted[name].total > len(counted[name].values) for name in (path, second))
        for value in self.address.values(group.parameter):
            paths = (held.value.partition(UNDER) for held in counted[path].values)
            names = dict.fromkeys(below for above, _, below in paths if above == value and (numbers.get(below) or below in chosen))
            is_cut = is_cut or len(names) > SECOND_LEVEL_SHOWN
            under.append((value, tuple(FacetValue(name, numbers.get(name, 0), name in chosen) for name in names)[:SECOND_LEVEL_SHOWN]))
        every = with_query(f"/search/values/{second}", self.address.on_page(1).parameters()) if is_cut and under else ""
        return replace(group, under=tuple(under), second=second, second_href=every)

    def _without_shown(self, group: FacetGroup, shown: set[tuple[str, str]]) -> FacetGroup:
        left = tuple(value for value in group.values if value.selected and (group.parameter, value.value) not in shown)
        return replace(group, values=left, hidden=0)

    def bars(self, facet: str) -> tuple[Bar, ...]:
        """The bands of years, people or ages with their counts, each with the address within it."""
        numbers = {value.value: value.count for held in self.facets if held.name == facet for value in held.values}
        return tuple(Bar(band.value, numbers.get(band.value, 0), self.address.within(facet, band).href()) for band in BANDS[facet]) if numbers else ()

    def not_reported(self, facet: str) -> int | None:
        """How many datasets do not state years, people or ages; None where that is not counted."""
        counted = [held for held in self.facets if held.name == facet]
        return sum(value.count for held in counted for value in held.values if value.value == words.NOT_REPORTED) if counted else None

    @property
    def place_map(self) -> Picture | None:
        tiles = place_tiles(self.address, self.facets, self.england_alone)
        return tiles.picture() if tiles else None

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
            ("agemin", address.age_min, "Aged {} or older"),
            ("agemax", address.age_max, "Aged {} or younger"),
            ("linkable", address.linkable or None, f"Can be linked with: {self.linkable_title or address.linkable}"),
            ("updated", address.updated_days, "Updated in the last {} days"),
            ("quality_min", address.quality_min, "Description at least {} of 100"),
            ("covers", address.covers_all or None, "Covers all of the years"),
            ("nr", address.include_not_reported or None, "With those that do not state it"),
            ("each", address.each_description or None, "Every description of a dataset"),
        )
        limits = [Link(text if name == "linkable" else text.format(value), address.without(name).href()) for name, value, text in ranges if value is not None]
        return (*chosen, *limits)

    @property
    def years(self) -> tuple[int, int]:
        """The shared axis of the coverage strips: first and last year on this page."""
        starts = [card.year_from for card in self.cards if card.year_from is not None]
        ends = [year for card in self.cards for year in (card.year_to, card.year_from, _last_known(card)) if year is not None]
        return (min(starts, default=0), max(ends, default=0))


def _in_time(value: FacetValue) -> float:
    days = lead_days(value.value)
    return float("inf") if days is None else days


def _second_level(parameter: str) -> tuple[str, str]:
    """The facet of paths of which this is the first level, and the second level."""
    return next(((path, second) for path, (first, second) in PATHS.items() if first == parameter), ("", ""))


def _last_known(card: ResultCard) -> int | None:
    """The year up to which an open coverage is known to go: that of the description."""
    is_open = card.year_to is None and card.year_from is not None
    return int(card.updated[:4]) if is_open and card.updated else None


def _says_nothing(group: FacetGroup) -> bool:
    """A facet on which nothing found reports anything helps nobody to choose."""
    return all(value.value == words.NOT_REPORTED and not value.selected for value in group.values)

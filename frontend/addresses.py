"""Addresses of pages, and the canonical query of the search page.

A parameter repeats (``custodian=a&custodian=b``) because values contain commas. The order is fixed, defaults and empty
values are left out, unknown names are dropped: one search has one address.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import quote, urlencode

from frontend.parameters import PER_PAGE, WORDS_AT_MOST, Reader
from search.bands import BANDS, Band
from search.engine import Query, Sort

SORTS: Final[tuple[Sort, ...]] = ("relevance", "updated", "newest", "title", "start", "population", "quality", "leadtime")
VIEWS: Final = ("cards", "table", "compact")
FACET_PARAMETERS: Final[dict[str, str]] = {
    "open": "open",
    "nation": "nation",
    "region": "region",
    "custodian": "custodian",
    "network": "network",
    "dtype": "dtype",
    "subtype": "subtype",
    "model": "model",
    "vocab": "vocab",
    "env": "env",
    "lead": "lead",
    "cost": "cost",
    "material": "material",
    "category": "category",
    "place": "place",
    "keyword": "keyword",
    "purpose": "purpose",
    "collection": "collection",
    "assay": "assay",
    "limitation": "limitation",
    "format": "format",
    "language": "language",
}
"""Search parameter -> facet of the search engine, in the order in which the page shows them. Facets are named alike."""
MORE_FACETS: Final = ("category", "place", "keyword", "purpose", "collection", "assay", "limitation", "format", "language")
"""Those that the page counts only where they are chosen; until then it leads to the page of their values."""
UPDATED_DAYS: Final = (30, 90, 365)
QUALITY_LEAST: Final = (50, 70, 90)
PATHS: Final = {"kind": ("dtype", "subtype"), "area": ("nation", "region")}
"""Facet of paths -> the facets of its first and second level. The second is shown under what is chosen of the first."""
BOUNDS: Final = {"years": ("from", "to"), "people": ("pop_min", "pop_max"), "ages": ("agemin", "agemax")}
"""Facet of bands -> the parameters of its bounds."""


REF_AT_MOST: Final = 16


def dataset_path(ref: str, slug: str | None = None) -> str:
    """``/datasets/<ref>-<slug>``."""
    return f"/datasets/{ref}-{quote(slug)}" if slug else f"/datasets/{ref}"


def dataset_part_path(ref: str, slug: str | None, part: str) -> str:
    """A tab of a dataset: ``columns``, ``quality`` or ``versions``."""
    return f"{dataset_path(ref, slug)}/{part}"


def custodian_path(slug: str) -> str:
    return f"/custodians/{quote(slug)}"


def source_path(slug: str) -> str:
    return f"/sources/{quote(slug)}"


def run_path(source_slug: str, run: int) -> str:
    return f"/sources/{quote(source_slug)}/runs/{run}"


def hold_path(source_slug: str, hold: int) -> str:
    return f"/sources/{quote(source_slug)}/holds/{hold}"


def dry_run_path(source_slug: str, number: int) -> str:
    return f"/sources/{quote(source_slug)}/dry-runs/{number}"


def comparison_path(source_slug: str, run: int) -> str:
    """A run beside the one before it."""
    return f"{run_path(source_slug, run)}/compare"


def record_report_path(source_slug: str, run: int, outcome: int) -> str:
    return f"{run_path(source_slug, run)}/records/{outcome}"


def column_anchor(table: str, name: str) -> str:
    """The fragment of a column on its dataset's page: ``table.column``, without blanks."""
    return "_".join(f"{table}.{name}".split())


def column_path(ref: str, slug: str | None, table: str, name: str) -> str:
    """One column on the page of its dataset's columns."""
    found = with_query(dataset_part_path(ref, slug, "columns"), [pair for pair in (("table", table), ("q", name)) if pair[1]])
    return f"{found}#{quote(column_anchor(table, name))}"


def nation_path(nation: str) -> str:
    return f"/nations/{nation.lower().replace(' ', '-')}"


def save_search_path(href: str) -> str:
    """Where the search at an address is saved; whoever is not signed in does that first and comes back."""
    return with_query("/account/searches/new", [("of", href)])


def with_query(path: str, parameters: Iterable[tuple[str, str]]) -> str:
    """The path with its query; without parameters the path alone."""
    query = urlencode(list(parameters))
    return f"{path}?{query}" if query else path


def unlisted_path(words: str, search: str) -> str:
    """The form that asks for data which a search did not find. ``search`` is the path of the search."""
    return with_query("/questions/new", [("kind", "unlisted"), *([("q", words)] if words else []), ("from", search)])


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchAddress:
    """What a search page was asked for. ``chosen`` maps a facet's parameter to its values, in FACET_PARAMETERS' order."""

    q: str = ""
    exact: bool = False
    """Whether the words are searched as typed, without other words and spellings."""
    chosen: tuple[tuple[str, tuple[str, ...]], ...] = ()
    year_from: int | None = None
    year_to: int | None = None
    population_min: int | None = None
    population_max: int | None = None
    age_min: int | None = None
    age_max: int | None = None
    linkable: str = ""
    """The ref of a dataset that those found can be linked with."""
    updated_days: int | None = None
    """Within how many days before today they were updated."""
    quality_min: int | None = None
    covers_all: bool = False
    include_not_reported: bool = False
    each_description: bool = False
    """Whether a dataset that several sources describe is found once for each."""
    sort: Sort = "relevance"
    view: str = "cards"
    expanded: str = ""
    """The facet of which all values are shown, not only the first eight."""
    page: int = 1
    per: int = 25
    problems: tuple[str, ...] = field(default=(), compare=False)
    """Sentences naming the parameters that could not be read; they are dropped and the page shows the sentences."""

    @classmethod
    def read(cls, parameters: Iterable[tuple[str, str]]) -> SearchAddress:
        """From the (name, value) pairs of a request's query. Never raises: what cannot be read is named in ``problems``."""
        asked = Reader(parameters)
        return cls(
            q=asked.last("q")[:WORDS_AT_MOST],
            exact=asked.last("exact") == "1",
            chosen=tuple((name, values) for name in FACET_PARAMETERS if (values := tuple(sorted(asked.all(name))))),
            year_from=asked.number("from", "the first year", "a year such as 2010", most=9999),
            year_to=asked.number("to", "the last year", "a year such as 2019", most=9999),
            population_min=asked.number("pop_min", "the smallest number of people", "a number such as 1000"),
            population_max=asked.number("pop_max", "the largest number of people", "a number such as 100000"),
            age_min=asked.number("agemin", "the youngest age", "a number of years such as 18", most=150),
            age_max=asked.number("agemax", "the oldest age", "a number of years such as 65", most=150),
            linkable=asked.last("linkable")[:REF_AT_MOST],
            updated_days=asked.days("updated", "how long ago", "P90D for the last 90 days"),
            quality_min=asked.number("quality_min", "the least for the description", "a number from 0 to 100", most=100),
            covers_all=asked.last("covers") == "1",
            include_not_reported=asked.last("nr") == "1",
            each_description=asked.last("each") == "1",
            sort=asked.one_of("sort", "the order", SORTS),
            view=asked.one_of("view", "the view", VIEWS),
            expanded=name if (name := asked.last("all")) in FACET_PARAMETERS else "",
            page=asked.number("page", "the page", "a number such as 2", least=1) or 1,
            per=asked.page_size(),
            problems=tuple(asked.problems),
        )

    def parameters(self) -> tuple[tuple[str, str], ...]:
        """The canonical pairs: fixed order, without defaults and empty values."""
        pairs = [("q", self.q)] if self.q else []
        pairs += [("exact", "1")] if self.exact and self.q else []
        pairs += [(name, value) for name, values in self.chosen for value in values]
        numbers = (("from", self.year_from), ("to", self.year_to))
        people = (("pop_min", self.population_min), ("pop_max", self.population_max))
        ages = (("agemin", self.age_min), ("agemax", self.age_max))
        pairs += [(name, str(value)) for name, value in (*numbers, *people, *ages) if value is not None]
        pairs += [("linkable", self.linkable)] if self.linkable else []
        pairs += [("updated", f"P{self.updated_days}D")] if self.updated_days is not None else []
        pairs += [("quality_min", str(self.quality_min))] if self.quality_min is not None else []
        pairs += [("covers", "1")] if self.covers_all else []
        pairs += [("nr", "1")] if self.include_not_reported else []
        pairs += [("each", "1")] if self.each_description else []
        pairs += [("sort", self.sort)] if self.sort != "relevance" else []
        pairs += [("view", self.view)] if self.view != "cards" else []
        pairs += [("all", self.expanded)] if self.expanded else []
        pairs += [("page", str(self.page))] if self.page > 1 else []
        pairs += [("per", str(self.per))] if self.per != PER_PAGE[0] else []
        return tuple(pairs)

    def query(self) -> str:
        """The canonical query string, without the question mark. Another one is answered by a 301 to this one."""
        return urlencode(self.parameters())

    def href(self, extension: str = "") -> str:
        """The canonical address: ``/search?…``, or that of a twin (``extension=".csv"``)."""
        return with_query(f"/search{extension}", self.parameters())

    def values(self, name: str) -> tuple[str, ...]:
        return dict(self.chosen).get(name, ())

    def adding(self, name: str, value: str) -> SearchAddress:
        """The search with one more facet value, on its first page."""
        if value in self.values(name):
            return self
        return self._choosing(name, (*self.values(name), value))

    def without(self, name: str, value: str | None = None) -> SearchAddress:
        """The search without one value of a facet, or without a parameter (``from``, ``pop_min`` …), on its first page."""
        left = (
            pair
            for pair in self.parameters()
            if pair[0] not in (name, "page") or (pair[0] == name and value is not None and pair[1] != value)
        )
        return SearchAddress.read(left)

    def only(self, name: str, value: str) -> SearchAddress:
        """The search with one value of a facet alone, whatever was chosen of it, on its first page: what the facet counts for the value."""
        return self._choosing(name, (value,))

    def within(self, facet: str, band: Band) -> SearchAddress:
        """The search within a band of years, people or ages, on its first page."""
        names = BOUNDS[facet]
        others = [pair for pair in self.parameters() if pair[0] not in (*names, "page")]
        return SearchAddress.read([*others, *((name, str(bound)) for name, bound in zip(names, (band.least, band.most), strict=True) if bound is not None)])

    def on_page(self, page: int) -> SearchAddress:
        return replace(self, page=page)

    def sorted_by(self, sort: Sort) -> SearchAddress:
        return replace(self, sort=sort, page=1)

    def seen_as(self, view: str) -> SearchAddress:
        return replace(self, view=view)

    def expanding(self, name: str) -> SearchAddress:
        """The same page with every value of one facet."""
        return replace(self, expanded=name)

    def for_words(self, words: str) -> SearchAddress:
        return replace(self, q=words, exact=False, page=1)

    def exactly(self, exact: bool = True) -> SearchAddress:
        """The same words as typed, or with other words and spellings again."""
        return replace(self, exact=exact, page=1)

    def cleared(self) -> SearchAddress:
        """The same words and view, without any filter."""
        return SearchAddress(q=self.q, exact=self.exact, sort=self.sort, view=self.view, per=self.per)

    @property
    def filter_count(self) -> int:
        numbers = (self.year_from, self.year_to, self.population_min, self.population_max, self.age_min, self.age_max, self.updated_days, self.quality_min)
        flags = (self.linkable, self.covers_all, self.include_not_reported, self.each_description)
        return sum(len(values) for _, values in self.chosen) + sum(number is not None for number in numbers) + sum(map(bool, flags))

    def as_query(self, *, facet_values: int = 50, linkable: tuple[str, ...] = ()) -> Query:
        """The query for the engine, with every facet of the page counted. ``linkable`` are the values of that facet."""
        shown = (facet for name, facet in FACET_PARAMETERS.items() if name not in MORE_FACETS or self.values(name))
        linked = {"linkable": linkable} if linkable else {}
        return Query(
            text=self.q,
            exact=self.exact,
            filters={**{FACET_PARAMETERS[name]: values for name, values in self.chosen}, **linked},
            year_from=self.year_from,
            year_to=self.year_to,
            population_min=self.population_min,
            population_max=self.population_max,
            age_min=self.age_min,
            age_max=self.age_max,
            updated_since=None if self.updated_days is None else datetime.now(UTC).date() - timedelta(days=self.updated_days),
            quality_min=self.quality_min,
            covers_all=self.covers_all,
            include_not_reported=self.include_not_reported,
            each_description=self.each_description,
            sort=self.sort,
            offset=(self.page - 1) * self.per,
            limit=self.per,
            facets=(*shown, *PATHS, *BANDS),
            facet_values=facet_values,
        )

    def _choosing(self, name: str, values: tuple[str, ...]) -> SearchAddress:
        chosen = {**dict(self.chosen), name: tuple(sorted(values))}
        ordered = tuple((known, chosen[known]) for known in FACET_PARAMETERS if chosen.get(known))
        return replace(self, chosen=ordered, page=1)

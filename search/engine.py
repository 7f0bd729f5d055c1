"""The contract of a search engine, and the values that go in and come out.

An engine keeps search documents (search/document.py). It knows nothing of the database. Writes carry the version of the
record: a document of a lower version never replaces one of a higher. Every method may raise :class:`SearchUnavailable`;
an unreachable engine is never an empty result.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Literal, Protocol

Sort = Literal["relevance", "title", "newest", "updated", "start", "population", "quality", "leadtime", "dataset"]
EVERY_VALUE: Final = 2**31 - 1
"""As ``facet_values``: all of them."""
SearchDocument = dict[str, Any]
"""See search/document.py for the keys. Always has ``id`` (the dataset's ref) and ``version`` (an increasing integer)."""


class SearchError(Exception):
    """Base of what an engine raises."""


class SearchUnavailable(SearchError):
    """The engine cannot be reached or opened. Answer 503; ``retry_after_seconds`` says when to ask again."""

    def __init__(self, message: str, *, retry_after_seconds: int = 30) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class IndexLocked(SearchError):
    """Another process owns the index writer; the write must be left to it."""


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked. ``filters`` joins the values of one facet by *or* and facets by *and*.

    ``text`` is free text as typed: plain words, ``"phrases"``, ``-excluded`` words, ``AND``/``OR``/``NOT`` and
    ``field:value``; nothing in it is ever an error. ``facets`` names the facets whose values are counted.
    """

    text: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    year_from: int | None = None
    year_to: int | None = None
    population_min: int | None = None
    population_max: int | None = None
    age_min: int | None = None
    age_max: int | None = None
    updated_since: date | None = None
    quality_min: int | None = None
    covers_all: bool = False
    """Whether the years asked for must all be covered, not only some of them."""
    include_not_reported: bool = False
    sort: Sort = "relevance"
    offset: int = 0
    limit: int = 25
    facets: tuple[str, ...] = ()
    facet_values: int = 50
    highlight: bool = True
    each_description: bool = False
    """Whether descriptions of one dataset are hits of their own, also those that another one stands before. Of columns all are."""
    exact: bool = False
    """Whether the words stand as they were typed: no other words for them are looked for, and no spelling is forgiven."""
    after: tuple[Any, ...] = ()
    """Where the page before ended (:attr:`Page.end`), for who reads a whole result. Goes with the ``offset`` of that place, and spares
    an engine that cannot leap there the way from the start."""


@dataclass(frozen=True, slots=True)
class FacetValue:
    value: str
    count: int
    selected: bool = False


@dataclass(frozen=True, slots=True)
class Facet:
    """Counts are those one would get by adding the value, with all *other* facets applied. ``total`` counts the values. Values stand by
    count, those of bands (search/bands.py) in the order of the bands."""

    name: str
    values: tuple[FacetValue, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of a field's text. ``marked`` pieces matched the query. Never holds mark-up."""

    text: str
    marked: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """One dataset, or one variable, found. ``stored`` is the card: the stored fields of the search document, as values."""

    id: str
    score: float
    stored: Mapping[str, Any]
    highlights: Mapping[str, tuple[Fragment, ...]] = field(default_factory=dict)
    matched_in: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Field name -> up to three pieces that matched (column names, keywords); empty tuple where the text itself matched."""
    by_synonym: Mapping[str, str] = field(default_factory=dict)
    """Fields of ``matched_in`` that hold other words for what was typed, and nothing of what was typed: the words found there; empty
    where they stand in one of several columns."""
    matched_columns: int = 0
    """How many columns of the dataset's tables matched."""
    column_tables: tuple[str, ...] = ()
    """The table of each of the columns that ``matched_in`` names; empty where it has no name."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a result. ``total`` is exact, whatever the page. ``took_ms`` is the engine's own time."""

    hits: tuple[Hit, ...]
    total: int
    facets: tuple[Facet, ...] = ()
    took_ms: float = 0.0
    corrected_to: str | None = None
    """The words searched instead, when a word unknown to the index was replaced by a near one."""
    end: tuple[Any, ...] = ()
    """Where this page ends in the order of the result, for the next one to begin after; empty where the engine needs no such help."""
    did_you_mean: str | None = None
    """The words with one that is hardly known replaced by a near one that is known far better; they were not searched."""
    also_searched: tuple[str, ...] = ()
    """What else the things that the words name are called; these were searched too."""
    read_as: tuple[str, ...] = ()
    """The codes among the words, as ``ICD-10 I21, acute myocardial infarction``."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    text: str
    kind: Literal["dataset", "custodian", "keyword", "variable"]
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Likeness:
    """What two datasets share: ``keywords``, words of the ``title``, ``dtype``, ``model``, ``custodian`` or ``vocab``, with the first few
    values; ``abstract`` has none."""

    kind: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Similar:
    """A dataset like another one, most like first; ``reasons`` say why."""

    id: str
    stored: Mapping[str, Any]
    reasons: tuple[Likeness, ...]


@dataclass(frozen=True, slots=True)
class IndexState:
    """``mapping`` is the hash of the FIELDS table the index was made with; ``documents`` counts what it holds."""

    mapping: str | None
    documents: int
    is_usable: bool
    reason: str = ""


class SearchEngine(Protocol):
    def state(self) -> IndexState: ...

    def index(self, documents: Iterable[SearchDocument]) -> int:
        """Write or replace documents with their variables and make them searchable; returns how many were written. Raises IndexLocked."""
        ...

    def remove(self, ids: Iterable[str]) -> int: ...

    def search(self, query: Query) -> Page: ...

    def search_variables(self, query: Query) -> Page:
        """The columns of the datasets' tables, each a hit (search/prepared_variables.py says what its card holds). Facets and filters are
        ``dataset`` (by ref), ``custodian``, ``type``, ``table``, ``sensitive``, ``vocab``, ``name`` (by search/variable.py's key) and
        ``first_name``, which counts datasets rather than columns. Sorts are relevance, title (by name) and dataset."""
        ...

    def suggest(self, prefix: str, limit: int = 10) -> tuple[Suggestion, ...]: ...

    def similar(self, id_: str, limit: int = 5) -> tuple[Similar, ...]:
        """Datasets like the one with this id; none where the index does not hold it."""
        ...

    def versions(self) -> Mapping[str, int]:
        """Every id in the index with its version: what the nightly comparison with the database reads. -1 stands for a document whose
        variables are of another version, and for variables without a document."""
        ...

    def rebuild(self, documents: Iterable[SearchDocument], *, force: bool = False) -> int:
        """Build a new index beside the old one and swap; the old one serves meanwhile and survives a failure.
        Refuses to lose more than 5 % of the documents unless forced. Raises SearchError."""
        ...

    def roll_back(self) -> None:
        """Let the index serve again that served before the last rebuild. Raises SearchError where none is kept."""
        ...

    def close(self) -> None: ...

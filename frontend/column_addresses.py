"""The canonical address of the search for columns: parameters in a fixed order, without defaults and empty values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import urlencode

from frontend.addresses import SearchAddress, with_query
from frontend.parameters import PER_PAGE, WORDS_AT_MOST, Reader
from search.engine import Query, Sort
from search.language import indexed_name, words_of
from search.variable import name_key

COLUMN_FACETS: Final = ("type", "vocab", "custodian", "sensitive", "dataset")
"""Parameters that are facets of the index of variables, in the order of the page."""
COUNTED: Final = ("type", "vocab", "custodian", "sensitive")
COLUMN_SORTS: Final[tuple[Sort, ...]] = ("relevance", "title", "dataset")
DATASETS_PER_PAGE: Final = 50
"""Of the matrix."""
COLUMN_VIEWS: Final = ("list", "matrix")


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnAddress:
    """What a search for columns was asked for. ``name`` is that of a column: only columns called so are found, however it is spelt."""

    q: str = ""
    exact: bool = False
    """Whether the words are searched as typed, without other words and spellings."""
    name: str = ""
    chosen: tuple[tuple[str, tuple[str, ...]], ...] = ()
    sort: Sort = "relevance"
    view: str = "list"
    page: int = 1
    per: int = 25
    problems: tuple[str, ...] = field(default=(), compare=False)

    @classmethod
    def read(cls, parameters: Iterable[tuple[str, str]]) -> ColumnAddress:
        """Never raises: what cannot be read is named in ``problems``."""
        asked = Reader(parameters)
        return cls(
            q=asked.last("q")[:WORDS_AT_MOST],
            exact=asked.last("exact") == "1",
            name=asked.last("name")[:WORDS_AT_MOST],
            chosen=tuple((name, values) for name in COLUMN_FACETS if (values := tuple(sorted(asked.all(name))))),
            sort=asked.one_of("sort", "the order", COLUMN_SORTS),
            view=asked.one_of("view", "the view", COLUMN_VIEWS),
            page=asked.number("page", "the page", "a number such as 2", least=1) or 1,
            per=asked.page_size(),
            problems=tuple(asked.problems),
        )

    def parameters(self) -> tuple[tuple[str, str], ...]:
        pairs = [(name, value) for name, value in (("q", self.q), ("exact", "1" if self.exact and self.q else ""), ("name", self.name)) if value]
        pairs += [(name, value) for name, values in self.chosen for value in values]
        pairs += [("sort", self.sort)] if self.sort != "relevance" else []
        pairs += [("view", self.view)] if self.view != "list" else []
        pairs += [("page", str(self.page))] if self.page > 1 else []
        pairs += [("per", str(self.per))] if self.per != PER_PAGE[0] else []
        return tuple(pairs)

    def query(self) -> str:
        return urlencode(self.parameters())

    def href(self, extension: str = "") -> str:
        return with_query(f"/columns{extension}", self.parameters())

    def values(self, name: str) -> tuple[str, ...]:
        return dict(self.chosen).get(name, ())

    def without(self, name: str, value: str | None = None) -> ColumnAddress:
        """The search without one value of a facet, or without a parameter, on its first page."""
        left = (
            pair
            for pair in self.parameters()
            if pair[0] not in (name, "page") or (pair[0] == name and value is not None and pair[1] != value)
        )
        return ColumnAddress.read(left)

    def adding(self, name: str, value: str) -> ColumnAddress:
        """The search with one more value of a facet, on its first page."""
        return ColumnAddress.read([*((known, held) for known, held in self.parameters() if known != "page"), (name, value)])

    def on_page(self, page: int) -> ColumnAddress:
        return replace(self, page=page)

    def seen_as(self, view: str) -> ColumnAddress:
        return replace(self, view=view, page=1)

    def for_words(self, words: str) -> ColumnAddress:
        return replace(self, q=words, exact=False, page=1)

    def exactly(self, exact: bool = True) -> ColumnAddress:
        """The same words as typed, or with other words and spellings again."""
        return replace(self, exact=exact, page=1)

    def cleared(self) -> ColumnAddress:
        return ColumnAddress(q=self.q, exact=self.exact, sort=self.sort, view=self.view, per=self.per)

    def in_datasets(self) -> str:
        """The address of the search for datasets with the same words."""
        return SearchAddress(q=self.q or self.name).href()

    def these_datasets(self) -> str:
        """The address of the search for datasets whose tables and columns hold the words, with the filters that it has too."""
        words = dict.fromkeys(words_of(indexed_name(self.q or self.name)))
        shared = tuple((name, values) for name, values in self.chosen if name in ("custodian", "vocab"))
        return SearchAddress(q=" ".join(f"column:{word}" for word in words), chosen=shared).href()

    @property
    def filter_count(self) -> int:
        return sum(len(values) for _, values in self.chosen) + bool(self.name)

    def as_query(self) -> Query:
        """The query for the index of variables, with the facets of the page counted."""
        named = {"name": (name_key(self.name),)} if self.name else {}
        return Query(
            text=self.q, exact=self.exact, filters={**dict(self.chosen), **named}, sort=self.sort, offset=(self.page - 1) * self.per, limit=self.per,
            facets=COUNTED, facet_values=50,
        )

"""The search for columns over all datasets: a list, or a table of ideas by dataset."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from frontend import words
from frontend.addresses import dataset_path, with_query
from frontend.column_addresses import COUNTED, DATASETS_PER_PAGE, ColumnAddress
from frontend.views.layout import Link, PageView
from frontend.views.paging import Paging, paging
from frontend.views.search import FACET_VALUES_SHOWN, FacetGroup
from search.engine import Facet, FacetValue, Fragment


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundColumn:
    """One column found. ``also_in`` counts the other datasets with a column of this name; None for one without a name."""

    name: str
    table: str | None = None
    data_type: str | None = None
    description: tuple[Fragment, ...] = ()
    name_marked: tuple[Fragment, ...] = ()
    values_matched: tuple[str, ...] = ()
    sensitive: str | None = None
    dataset: Link
    ref: str = ""
    is_first: bool = True
    """Whether it is the first row of its dataset on the page."""
    columns_href: str
    custodian_name: str | None = None
    also_in: int | None = 0
    also_href: str = ""
    is_from_scan: bool = False


@dataclass(frozen=True, slots=True)
class MatrixLine:
    """A dataset with what it has of each idea: has, partly or no."""

    dataset: Link
    ref: str
    degrees: tuple[str, ...]
    column_hrefs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnSearchView(PageView):
    """``total`` counts columns in the list, datasets in the matrix. ``dataset_titles`` are those of the datasets filtered by."""

    template: ClassVar[str] = "columns.html"
    uses_htmx: ClassVar[bool] = True

    address: ColumnAddress
    total: int
    rows: tuple[FoundColumn, ...] = ()
    ideas: tuple[str, ...] = ()
    matrix: tuple[MatrixLine, ...] = ()
    facets: tuple[Facet, ...] = ()
    dataset_titles: tuple[tuple[str, str], ...] = ()
    corrected_to: str | None = None
    did_you_mean: str | None = None
    in_basket: frozenset[str] = frozenset()
    also_searched: tuple[str, ...] = ()
    """What else the things that the words name are called; these were searched too."""
    read_as: tuple[str, ...] = ()
    """The codes among the words, and what they mean."""

    @property
    def title(self) -> str:
        asked = self.address.q or self.address.name
        return f"{asked} – columns" if asked else "Columns"

    @property
    def paging(self) -> Paging:
        pages = max(1, -(-self.total // (DATASETS_PER_PAGE if self.address.view == "matrix" else self.address.per)))
        return paging(self.address.page, pages, lambda page: self.address.on_page(page).href())

    @property
    def facet_groups(self) -> tuple[FacetGroup, ...]:
        counted = {facet.name: facet for facet in self.facets}
        groups = (self._group(name, counted[name]) for name in COUNTED if name in counted)
        return tuple(group for group in groups if any(value.selected or value.value != words.NOT_REPORTED for value in group.values))

    def _group(self, name: str, facet: Facet) -> FacetGroup:
        chosen = [value for value in facet.values if value.selected]
        rest = [FacetValue(value.value, value.count) for value in facet.values if not value.selected and value.count]
        shown = rest[: max(0, FACET_VALUES_SHOWN - len(chosen))]
        hidden = facet.total - len(chosen) - len(shown)
        every = with_query(f"/columns/values/{name}", self.address.on_page(1).parameters())
        return FacetGroup(name, words.COLUMN_FACETS[name], (*chosen, *shown), hidden, every)

    @property
    def chips(self) -> tuple[Link, ...]:
        titles = dict(self.dataset_titles)
        found = [Link(f"Column name: {self.address.name}", self.address.without("name").href())] if self.address.name else []
        found += [
            Link(f"{words.COLUMN_FACETS[name]}: {titles.get(value, value)}", self.address.without(name, value).href())
            for name, values in self.address.chosen
            for value in values
        ]
        return tuple(found)


def dataset_link(ref: str, title: str, slug: str | None) -> Link:
    return Link(title, dataset_path(ref, slug))

"""The query of a search page's address, with what the address only names by a dataset; and what such a query finds, as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from frontend.addresses import SearchAddress
from frontend.column_addresses import ColumnAddress
from gateway.catalogue.published import Catalogue
from search.document import LINKED_WITH, linkable_with
from search.engine import EVERY_VALUE, Hit, Page, Query

Search = Callable[[Query], Page]
NOBODY = (f"{LINKED_WITH}nobody",)


def query_of(catalogue: Catalogue, address: SearchAddress, *, facet_values: int = 50) -> Query:
    """``linkable`` names a dataset: those that say they can be linked with it, and those it says so of. An unknown one has none."""
    if not address.linkable:
        return address.as_query(facet_values=facet_values)
    known = catalogue.get_many([address.linkable])
    linked = linkable_with(known[0].dataset, catalogue.facts(known[0])) if known else ()
    return address.as_query(facet_values=facet_values, linkable=linked or NOBODY)


def every_hit(search: Search, query: Query, page: Page) -> Iterator[Hit]:
    """The hits of the first page, and of the pages after it."""
    done = query.offset
    while page.hits:
        yield from page.hits
        done += len(page.hits)
        if done >= page.total:
            return
        page = search(replace(query, offset=done, after=page.end))


def datasets_with_columns(catalogue: Catalogue, address: ColumnAddress) -> list[str]:
    """The datasets that hold the columns of a search, by their refs. Counts of a facet leave its own choice out of account, so that is
    applied here."""
    query = replace(address.as_query(), facets=("dataset",), facet_values=EVERY_VALUE, highlight=False, offset=0, limit=0)
    chosen = address.values("dataset")
    counted = (value for facet in catalogue.search_variables(query).facets for value in facet.values)
    return [value.value for value in counted if value.count and (not chosen or value.value in chosen)]

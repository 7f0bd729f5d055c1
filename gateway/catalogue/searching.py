"""The query of a search page's address, with what the address only names by a dataset."""

from __future__ import annotations

from frontend.addresses import SearchAddress
from gateway.catalogue.published import Catalogue
from search.document import LINKED_WITH, linkable_with
from search.engine import Query

NOBODY = (f"{LINKED_WITH}nobody",)


def query_of(catalogue: Catalogue, address: SearchAddress, *, facet_values: int = 50) -> Query:
    """``linkable`` names a dataset: those that say they can be linked with it, and those it says so of. An unknown one has none."""
    if not address.linkable:
        return address.as_query(facet_values=facet_values)
    known = catalogue.get_many([address.linkable])
    linked = linkable_with(known[0].dataset, catalogue.facts(known[0])) if known else ()
    return address.as_query(facet_values=facet_values, linkable=linked or NOBODY)

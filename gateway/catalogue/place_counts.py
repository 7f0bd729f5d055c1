"""How many datasets cover each nation and region, beside what the facets count."""

from __future__ import annotations

from dataclasses import replace

from frontend.addresses import SearchAddress
from frontend.place_map import without_region
from gateway.catalogue.published import Catalogue
from gateway.catalogue.searching import query_of


def england_alone(catalogue: Catalogue, address: SearchAddress) -> int:
    """The total of what names England and none of its regions, with everything else of the address."""
    query = query_of(catalogue, without_region(address))
    return catalogue.search(replace(query, facets=(), offset=0, limit=0, highlight=False)).total

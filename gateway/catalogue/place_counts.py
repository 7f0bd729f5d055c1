"""What the catalogue holds of each nation and region: datasets, people and custodians."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from frontend.addresses import SearchAddress
from frontend.pictures import Tile
from frontend.place_map import ENGLAND_ALONE, PlaceTiles, narrowed_to, place_tiles
from frontend.words import NOT_REPORTED
from gateway.catalogue.published import Catalogue
from gateway.catalogue.searching import query_of
from search.engine import EVERY_VALUE, Page, Query

Measured = Callable[[Catalogue, SearchAddress], int | None]


def england_alone(catalogue: Catalogue, address: SearchAddress) -> int:
    """The total of what names England and none of its regions, with everything else of the address."""
    return _counted(catalogue, narrowed_to(address, ENGLAND_ALONE)).total


def tiles_of(catalogue: Catalogue, address: SearchAddress, measure: str = "datasets") -> PlaceTiles | None:
    """``measure`` is one of :data:`MEASURES`. None where nothing is held. Raises :class:`Unavailable` where the index cannot be reached."""
    facets = _counted(catalogue, address, "nation", "region").facets
    found = place_tiles(address, facets, england_alone(catalogue, address))
    if found is None or measure == "datasets":
        return found

    def measured(tile: Tile) -> Tile:
        there = narrowed_to(address, tile.place)
        leading = there.sorted_by("population") if measure == "people" else there
        return replace(tile, value=MEASURES[measure](catalogue, there), href=leading.href() if tile.value else "")

    return PlaceTiles(tuple(map(measured, found.places)), measured(found.whole), tuple(map(measured, found.beside)))


def by_nation(catalogue: Catalogue, address: SearchAddress) -> Mapping[str, int]:
    """How many datasets name each nation, England with its regions."""
    return {value.value: value.count for facet in _counted(catalogue, address, "nation").facets for value in facet.values}


def datasets(catalogue: Catalogue, address: SearchAddress) -> int:
    return _counted(catalogue, address).total


def custodians(catalogue: Catalogue, address: SearchAddress) -> int:
    """How many custodians what is found is of."""
    (facet,) = _counted(catalogue, address, "custodian").facets
    return sum(value.value != NOT_REPORTED for value in facet.values)


def people(catalogue: Catalogue, address: SearchAddress) -> int | None:
    """Of the largest dataset. Numbers of several are never added up: nobody knows who is in more than one of them."""
    query = replace(query_of(catalogue, address.sorted_by("population")), facets=(), limit=1, highlight=False)
    return next((hit.stored.get("population") for hit in catalogue.search(query).hits), None)


MEASURES: Final[Mapping[str, Measured]] = {"datasets": datasets, "people": people, "custodians": custodians}


def _counted(catalogue: Catalogue, address: SearchAddress, *facets: str) -> Page:
    """The total and the facets, without any hit."""
    query: Query = query_of(catalogue, address)
    return catalogue.search(replace(query, facets=facets, facet_values=EVERY_VALUE, offset=0, limit=0, highlight=False))

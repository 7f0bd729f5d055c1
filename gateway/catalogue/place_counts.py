"""What the catalogue holds of each nation and region: datasets, people and custodians."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from frontend.addresses import SearchAddress
from frontend.pictures import Tile
from frontend.pictures.tile_map import ENGLAND, ENGLAND_ALONE
from frontend.place_map import PlaceTiles, narrowed_to, place_tiles
from frontend.words import NOT_REPORTED
from gateway.catalogue.published import Catalogue
from gateway.catalogue.searching import query_of
from search.engine import EVERY_VALUE, Page, Query

Measured = Callable[[Catalogue, SearchAddress], int | None]


def england_alone(catalogue: Catalogue, address: SearchAddress, page: Page) -> int | None:
    """The total of what names England and none of its regions, with everything else of the address. ``page`` is what the address found, with
    nations and regions counted: the index is asked only for what that does not tell. None where it names no nation, so that there is no map."""
    counted = {facet.name: {value.value: value.count for value in facet.values} for facet in page.facets}
    if not counted.get("nation"):
        return None
    told = _told(address, page.total, england=counted["nation"].get(ENGLAND, 0), without_region=counted.get("region", {}).get(NOT_REPORTED, 0))
    return _counted(catalogue, narrowed_to(address, ENGLAND_ALONE)).total if told is None else told


def _told(address: SearchAddress, total: int, *, england: int, without_region: int) -> int | None:
    """A facet's counts leave out its own choice and no other. What has a region is in England, so where nothing is chosen, England's number less
    that of all with a region is left."""
    match address.values("nation"), address.values("region"):
        case (), ():
            return england - (total - without_region)
        case (chosen,), _ if chosen == ENGLAND:
            return without_region
        case _, (chosen,) if chosen == NOT_REPORTED:
            return england
    return None


def counted_by_place(catalogue: Catalogue, address: SearchAddress) -> Page:
    """Without hits; its facets are datasets by nation, England with its regions, and by region. Raises :class:`Unavailable` where the index
    cannot be reached."""
    return _counted(catalogue, address, "nation", "region")


def tiles_of(catalogue: Catalogue, address: SearchAddress, page: Page, measure: str = "datasets") -> PlaceTiles | None:
    """``page`` is what is :func:`counted_by_place` of the address, ``measure`` is one of :data:`MEASURES`. None where nothing is held.
    Raises :class:`Unavailable` where the index cannot be reached."""
    found = place_tiles(address, page.facets, england_alone(catalogue, address, page))
    if found is None or measure == "datasets":
        return found

    def measured(tile: Tile) -> Tile:
        there = narrowed_to(address, tile.place)
        leading = there.sorted_by("population") if measure == "people" else there
        return replace(tile, value=MEASURES[measure](catalogue, there), href=leading.href() if tile.value else "")

    return PlaceTiles(tuple(map(measured, found.places)), measured(found.whole), tuple(map(measured, found.beside)))


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

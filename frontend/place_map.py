"""The map of a search: the facets' counts of nations and regions as tiles, each leading to what it counts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from frontend import words
from frontend.addresses import SearchAddress
from frontend.pictures import Picture, Tile, tile_map
from frontend.pictures.tile_map import PLACES, REGIONS, UNITED_KINGDOM
from search.engine import Facet

ENGLAND: Final = "England"
ENGLAND_ALONE: Final = "England, region not stated"


def parameter_of(place: str) -> str:
    """The facet that a tile is a value of."""
    return "region" if place in REGIONS else "nation"


def narrowed_to(address: SearchAddress, place: str) -> SearchAddress:
    """The search for one tile. All else of the address is kept, so that its total is the number on the tile."""
    return address.only(parameter_of(place), place)


def without_region(address: SearchAddress) -> SearchAddress:
    """The search for what names England and none of its regions."""
    return address.only("nation", ENGLAND).only("region", words.NOT_REPORTED)


def place_map(address: SearchAddress, facets: Iterable[Facet], england_alone: int | None) -> Picture | None:
    """None where nations and regions were not counted."""
    counted = {facet.name: {value.value: value.count for value in facet.values} for facet in facets}
    if not counted.get("nation"):
        return None

    def tile(place: str) -> Tile:
        parameter = parameter_of(place)
        count, is_chosen = counted.get(parameter, {}).get(place, 0), place in address.values(parameter)
        return Tile(place, count, narrowed_to(address, place).href() if count or is_chosen else "", is_chosen)

    unsaid = counted["nation"].get(words.NOT_REPORTED, 0)
    beside = (
        Tile(ENGLAND_ALONE, england_alone, without_region(address).href() if england_alone else ""),
        Tile("Nation not reported", unsaid, address.only("nation", words.NOT_REPORTED).href() if unsaid else ""),
    )
    return tile_map(map(tile, PLACES), tile(UNITED_KINGDOM), beside=[one for one in beside if one.value is not None])

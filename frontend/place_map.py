"""Nations and regions of a search as tiles, each with a number and the search that it counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from frontend import words
from frontend.addresses import SearchAddress
from frontend.pictures import DATASETS, Measure, Picture, Tile, tile_map
from frontend.pictures.tile_map import ENGLAND, ENGLAND_ALONE, PLACES, REGIONS, UNITED_KINGDOM
from search.engine import Facet

NOT_REPORTED: Final = "Nation not reported"


@dataclass(frozen=True, slots=True)
class PlaceTiles:
    """``places`` are the twelve of the map, in its order; ``beside`` what stands in the table alone."""

    places: tuple[Tile, ...]
    whole: Tile
    beside: tuple[Tile, ...]

    @property
    def rows(self) -> tuple[Tile, ...]:
        """Of the table."""
        return (*self.places, self.whole, *self.beside)

    def picture(self, what: Measure = DATASETS) -> Picture | None:
        return tile_map(self.places, self.whole, beside=self.beside, what=what)


def parameter_of(place: str) -> str:
    """The facet that a place is a value of."""
    return "region" if place in REGIONS else "nation"


def narrowed_to(address: SearchAddress, place: str) -> SearchAddress:
    """The search for one place. All else of the address is kept, so that its total is the number that is told of the place."""
    if place == ENGLAND_ALONE:
        return address.only("nation", ENGLAND).only("region", words.NOT_REPORTED)
    return address.only("nation", words.NOT_REPORTED) if place == NOT_REPORTED else address.only(parameter_of(place), place)


def place_tiles(address: SearchAddress, facets: Iterable[Facet], england_alone: int | None) -> PlaceTiles | None:
    """From the facets' counts. None where nations were not counted, or none is stated nor found to be missing."""
    counted = {facet.name: {value.value: value.count for value in facet.values} for facet in facets}
    if not counted.get("nation"):
        return None

    def tile(place: str, count: int | None = None) -> Tile:
        parameter = parameter_of(place)
        number = counted.get(parameter, {}).get(place, 0) if count is None else count
        is_chosen = place in address.values(parameter)
        return Tile(place, number, narrowed_to(address, place).href() if number or is_chosen else "", is_chosen)

    unsaid = tile(NOT_REPORTED, counted["nation"].get(words.NOT_REPORTED, 0))
    alone = () if england_alone is None else (tile(ENGLAND_ALONE, england_alone),)
    return PlaceTiles(tuple(map(tile, PLACES)), tile(UNITED_KINGDOM), (*alone, unsaid))

"""The United Kingdom as twelve equal tiles in rough geographic order: the regions of England, and Scotland, Wales and Northern Ireland.

Equal tiles keep Scotland's area and London's smallness from misleading. What is said of the United Kingdom as a whole stands in a box apart
and is never spread over the tiles.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

from markupsafe import Markup

from frontend import words as say
from frontend.pictures.picture import Picture, Table

WIDTH: Final = 264
WIDE: Final = 63
HIGH: Final = 50
GAP: Final = 4
APART: Final = 12
BOX_HIGH: Final = 44
RAMP: Final = 5
UNITED_KINGDOM: Final = "United Kingdom"
ENGLAND: Final = "England"
ENGLAND_ALONE: Final = "England, region not stated"
UK_WIDE: Final = "UK-wide"
PLACES: Final[Mapping[str, tuple[int, int, tuple[str, ...]]]] = {
    "Scotland": (1, 0, ("Scotland",)),
    "Northern Ireland": (0, 1, ("Northern", "Ireland")),
    "North East": (2, 1, ("North", "East")),
    "North West": (1, 2, ("North", "West")),
    "Yorkshire and The Humber": (2, 2, ("Yorkshire", "Humber")),
    "Wales": (0, 3, ("Wales",)),
    "West Midlands": (1, 3, ("West", "Midlands")),
    "East Midlands": (2, 3, ("East", "Midlands")),
    "East of England": (3, 3, ("East of", "England")),
    "South West": (1, 4, ("South", "West")),
    "South East": (2, 4, ("South", "East")),
    "London": (3, 4, ("London",)),
}
"""Place -> its column, its row, and its name in lines. The order is that of reading; links and tables keep it."""
REGIONS: Final = tuple(place for place in PLACES if place not in ("Scotland", "Northern Ireland", "Wales"))
IN_SHORT: Final = ((1_000_000_000, "bn"), (1_000_000, "m"), (1_000, "k"))
"""Of numbers that a tile has no room for."""
WITH_ARTICLE: Final = ("North ", "South ", "East ", "West ")


@dataclass(frozen=True, slots=True)
class Tile:
    """What is told of a place. ``value`` None is not known. Without ``href`` it is not linked."""

    place: str
    value: int | None
    href: str = ""
    is_chosen: bool = False

    @property
    def name(self) -> str:
        return UK_WIDE if self.place == UNITED_KINGDOM else self.place


@dataclass(frozen=True, slots=True)
class Measure:
    """What the numbers are. ``most`` begins the sentence ("Most datasets cover"), ``none`` goes before places at 0 ("none cover")."""

    one: str
    many: str
    most: str
    none: str
    heading: str
    """Of the table's column."""


DATASETS: Final = Measure("dataset", "datasets", "Most datasets cover", "none cover", "Datasets")


def tile_map(tiles: Iterable[Tile], whole: Tile, *, beside: Sequence[Tile] = (), what: Measure = DATASETS) -> Picture | None:
    """``whole`` is what covers the United Kingdom without naming a part of it; ``beside`` stand in the table alone.
    None where nothing at all is told."""
    told = {tile.place: tile for tile in tiles}
    placed = [told.get(place, Tile(place, None)) for place in PLACES]
    if not any(tile.value for tile in (*placed, whole, *beside)):
        return None
    most = max(tile.value or 0 for tile in placed)
    sentence = _sentence(placed, whole, beside, what)
    drawn = [_tile(tile, most, what) for tile in placed]
    rows = [*((tile.name, say.number(tile.value)) for tile in (*placed, whole)), *((_linked(tile), say.number(tile.value)) for tile in beside)]
    is_linked = any(tile.href for tile in (*placed, whole))
    return Picture(country([*drawn, _whole(whole, what)], sentence, is_linked=is_linked), sentence, Table(("Place", what.heading), tuple(rows)))


def country(parts: Iterable[Markup], sentence: str, *, is_linked: bool, is_small: bool = False) -> Markup:
    """The drawing. The outline of the outermost tiles is within its edge."""
    high = _y(5) - GAP + APART + BOX_HIGH
    return Markup('<svg viewBox="-1 -1 {} {}" class="app-tiles{}" role="{}" aria-label="{}">{}</svg>').format(
        WIDTH + 2, high + 2, " app-tiles--small" if is_small else "", "group" if is_linked else "img", sentence, Markup("").join(parts)
    )


def square(place: str, said: Markup, step: int) -> tuple[Markup, Markup]:
    """Attributes and content of a place's tile; ``said`` is drawn below its name."""
    column, row, lines = PLACES[place]
    names = (Markup('<text x="31" y="{}">{}</text>').format(14 + 13 * number, line) for number, line in enumerate(lines))
    shape = Markup('<rect width="{}" height="{}"/>').format(WIDE, HIGH)
    return _placed(column * (WIDE + GAP), _y(row), step), shape + Markup("").join(names) + said


def band(text: str, step: int) -> tuple[Markup, Markup]:
    """Attributes and content of the box of what is said of the whole, apart from the tiles."""
    shape = Markup('<rect width="{}" height="{}"/><text x="{}" y="27">{}</text>').format(WIDTH, BOX_HIGH, WIDTH // 2, text)
    return _placed(0, _y(5) - GAP + APART, step), shape


def unlinked(drawn: tuple[Markup, Markup]) -> Markup:
    return Markup("<g{}>{}</g>").format(*drawn)


def _tile(tile: Tile, most: int, what: Measure) -> Markup:
    number = Markup('<text x="31" y="45"{}>{}</text>').format(Markup(' class="app-n"') if tile.value is not None else "", _in_short(tile.value))
    return _led(tile, square(tile.place, number, max(1, ceil(RAMP * (tile.value or 0) / most)) if most else 1), what)


def _whole(tile: Tile, what: Measure) -> Markup:
    """Without a colour of the ramp: it is not compared with the tiles."""
    return _led(tile, band(f"{UK_WIDE}: {say.rounded(tile.value)}", 1), what)


def _led(tile: Tile, drawn: tuple[Markup, Markup], what: Measure) -> Markup:
    if not tile.href:
        return unlinked(drawn)
    label = f"{tile.name}: {say.NOT_REPORTED if tile.value is None else say.counted(tile.value, what.one, what.many)}"
    current = Markup(' aria-current="true"') if tile.is_chosen else ""
    return Markup('<a href="{}" aria-label="{}"{}{}>{}</a>').format(tile.href, label, current, *drawn)


def _linked(tile: Tile) -> str:
    return Markup('<a href="{}">{}</a>').format(tile.href, tile.place) if tile.href else tile.place


def _placed(x: int, y: int, step: int) -> Markup:
    return Markup(' class="app-ramp-{}" transform="translate({} {})"').format(step, x, y)


def _y(row: int) -> int:
    return row * (HIGH + GAP)


def _in_short(value: int | None) -> str:
    if value is None:
        return "unknown"
    if value < 100_000:
        return f"{value:,}"
    size, sign = next((size, sign) for size, sign in IN_SHORT if value >= size)
    return f"{value / size:.0f}{sign}" if value >= 100 * size else f"{value / size:.3g}{sign}"


def _sentence(placed: Sequence[Tile], whole: Tile, beside: Sequence[Tile], what: Measure) -> str:
    apart = f"{say.rounded(whole.value)} UK-wide, counted apart" if whole.value else ""
    others = [f"{tile.place}: {say.rounded(tile.value)}" for tile in beside if tile.value]
    known = [tile.value for tile in placed if tile.value]
    nowhere = "Not known of any of the twelve nations and regions" if any(tile.value is None for tile in placed) else "None of the twelve nations and regions is named"
    parts = _extremes(placed, min(known), max(known), what) if known else [nowhere, *others]
    return "; ".join(filter(None, (*parts, apart)))


def _extremes(placed: Sequence[Tile], least: int, most: int, what: Measure) -> list[str]:
    """The most and the fewest; places that share a number are named together, and those without any by themselves."""
    without = [tile.place for tile in placed if tile.value == 0]
    unknown = [tile.place for tile in placed if tile.value is None]
    if least == most and not without and not unknown:
        return [f"Each of the twelve nations and regions has {say.counted(most, what.one, what.many)}"]
    first = f"{what.most} {_with_number(placed, most)}"
    if least != most and not without:
        first += f", fewest {_with_number(placed, least)}"
    return [first, *([f"{what.none} {places(without)}"] if without else []), *([f"not known of {places(unknown)}"] if unknown else [])]


def _with_number(placed: Sequence[Tile], value: int) -> str:
    names = [tile.place for tile in placed if tile.value == value]
    return f"{places(names)} ({say.rounded(value)}{' each' if len(names) > 1 else ''})"


def places(names: Sequence[str]) -> str:
    """In a sentence: three by name; of more, two and how many others."""
    said = [f"the {name}" if name.startswith(WITH_ARTICLE) else name for name in names]
    return say.listed(said) if len(said) <= 3 else f"{', '.join(said[:2])} and {len(said) - 2} more"

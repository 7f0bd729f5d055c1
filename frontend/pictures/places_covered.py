"""Which parts of the United Kingdom one dataset covers: the tiles of the map with a word in each, and no number."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from markupsafe import Markup

from frontend.pictures.picture import Picture, Table
from frontend.pictures.tile_map import (
    ENGLAND,
    ENGLAND_ALONE,
    PLACES,
    REGIONS,
    UK_WIDE,
    UNITED_KINGDOM,
    band,
    country,
    places,
    square,
    unlinked,
)

COVERED, NOT_NAMED, NOT_COVERED = "covered", "not named", "not covered"
DRAWN: Final = {COVERED: ("yes", 4), NOT_NAMED: ("not said", 2), NOT_COVERED: ("no", 1)}
"""In a tile: its word, and its step of the ramp."""


def places_covered(nations: Collection[str], regions: Collection[str]) -> Picture | None:
    """A tile that the dataset includes without naming it (the whole United Kingdom, England without a region) is not said to be covered, nor
    not to be. None where no part of the United Kingdom is named: nothing is drawn from a guess."""
    is_whole = UNITED_KINGDOM in nations
    named = [place for place in PLACES if place in nations or place in regions]
    lacks_region = ENGLAND in nations and not any(place in REGIONS for place in named)
    if not (named or is_whole or lacks_region):
        return None
    included = set(PLACES) if is_whole else set(REGIONS) if lacks_region else set()
    states = {place: COVERED if place in named else NOT_NAMED if place in included else NOT_COVERED for place in PLACES}
    whole = COVERED if is_whole else NOT_COVERED
    drawn = [unlinked(square(place, Markup('<text x="31" y="44">{}</text>').format(DRAWN[state][0]), DRAWN[state][1])) for place, state in states.items()]
    sentence = _sentence(named, lacks_region=lacks_region, is_whole=is_whole)
    rows = (*states.items(), (UK_WIDE, whole), *(((ENGLAND_ALONE, COVERED),) if lacks_region else ()))
    svg = country([*drawn, unlinked(band(f"{UK_WIDE}: {DRAWN[whole][0]}", DRAWN[whole][1]))], sentence, is_linked=False, is_small=True)
    return Picture(svg, sentence, Table(("Place", "This dataset"), tuple((place, state.capitalize()) for place, state in rows)))


def _sentence(named: list[str], *, lacks_region: bool, is_whole: bool) -> str:
    parts = ["England without naming a region"] if lacks_region else []
    parts += [places(named)] if named else []
    if not is_whole:
        return f"Covers {' and '.join(parts)}"
    return f"UK-wide{'; also names ' + ' and '.join(parts) if parts else ': it names no single nation or region'}"

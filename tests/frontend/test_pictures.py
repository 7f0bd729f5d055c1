"""A picture says the same in its drawing, its sentence and its table."""

import gzip
import re

from frontend.pictures import (
    Picture,
    Tile,
    completeness,
    places_covered,
    population,
    run_strip,
    tile_map,
    time_covered,
    timeline,
)
from frontend.pictures.tile_map import PLACES, REGIONS, UNITED_KINGDOM
from frontend.views.dataset import SectionScore
from search.places import resolve


def test_completeness_names_what_is_least_described() -> None:
    picture = completeness(78, (SectionScore("Summary", 18, 18), SectionScore("Coverage", 1, 14), SectionScore("Provenance", 9, 16), SectionScore("Nothing", 0, 0)))
    assert picture.sentence == "78 % described; least: coverage and provenance"
    assert picture.table.rows == (("Summary", "18", "18"), ("Coverage", "1", "14"), ("Provenance", "9", "16"))
    assert f'aria-label="{picture.sentence}"' in picture.svg


def test_nothing_is_drawn_from_a_guess() -> None:
    assert time_covered(None, 2010, False, (1990, 2020)) is None
    assert population(None) is None
    assert population(0) is None
    assert timeline((("a", 2001, 2002, False), ("b", None, None, False), ("c", 2001, None, False))) is None


def test_time_covered_stays_on_its_axis() -> None:
    picture = time_covered(2000, None, True, (1990, 2020))
    assert picture is not None
    assert picture.sentence == "Time covered: Since 2000"
    edges = [float(x) + float(width) for x, width in re.findall(r'<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)"', picture.svg)]
    assert max(edges) <= 320


def test_timeline_says_what_is_common() -> None:
    def said(*spans: tuple[int | None, int | None, bool]) -> str:
        picture = timeline([(str(place), *span) for place, span in enumerate(spans)])
        assert picture is not None
        return picture.sentence

    ended, goes_on = (2001, 2019, False), (2004, None, True)
    assert said(ended, goes_on) == "Both cover 2004 to 2019"
    assert said((2001, 2003, False), (2010, 2012, False)) == "There is no year that all of them cover"
    assert said(goes_on, (2008, None, True)) == "Both have covered every year since 2008"
    assert said(ended, goes_on, (2010, 2015, False)) == "All 3 cover 2010 to 2015"
    assert said(ended, goes_on, (None, 2020, False)) == "The 2 that state their years cover 2004 to 2019"


def test_run_strip_counts_by_state() -> None:
    runs = [(3, "2026-11-21T04:10:00+00:00", "succeeded", 40), (2, "2026-11-20T04:10:00+00:00", "failed", 0), (1, "2026-11-19T04:10:00+00:00", "partial", 2)]
    picture = run_strip(runs)
    assert picture.sentence == "Last 3 runs, newest on the right: 1 fine, 1 in part or waiting, 1 failed, the latest on 20 November 2026"
    assert picture.table.rows[0] == ("3", "21 November 2026, 04:10", "Finished", "40")


def test_pictures_are_small_and_the_same_each_time() -> None:
    runs = [(number, "2026-11-21T04:10:00+00:00", "succeeded", number * 7) for number in range(30)]
    assert run_strip(runs).svg == run_strip(runs).svg
    assert len(gzip.compress(run_strip(runs).svg.encode())) < 800
    assert "style=" not in run_strip(runs).svg


def test_words_on_a_picture_are_escaped() -> None:
    picture = timeline((("<b>", 2001, 2002, False), ("b", 2001, 2002, False)))
    assert picture is not None
    assert "<b>" not in picture.svg


def told(**values: int | None) -> Picture:
    """The map with these values, by the first word of a place; others have 5."""
    picture = tile_map([Tile(place, values.get(place.replace(" ", "_"), 5)) for place in PLACES], Tile(UNITED_KINGDOM, values.get("UK")))
    assert picture is not None
    return picture


def test_the_map_says_where_most_are_and_fewest_and_names_those_that_share_a_number() -> None:
    assert told(London=12, Wales=2).sentence == "Most datasets cover London (12), fewest Wales (2)"
    assert told(London=12, Scotland=12, Wales=2, North_East=2).sentence == "Most datasets cover Scotland and London (12 each), fewest the North East and Wales (2 each)"
    assert told(London=12).sentence == "Most datasets cover London (12), fewest Scotland, Northern Ireland and 9 more (5 each)"
    assert told().sentence == "Each of the twelve nations and regions has 5 datasets"


def test_places_without_any_and_places_not_known_are_not_the_fewest() -> None:
    assert told(London=12, Wales=0, UK=3).sentence == "Most datasets cover London (12); none cover Wales; 3 UK-wide, counted apart"
    assert told(London=12, Wales=None).sentence == "Most datasets cover London (12), fewest Scotland, Northern Ireland and 8 more (5 each); not known of Wales"
    only_whole = tile_map([Tile(place, 0) for place in PLACES], Tile(UNITED_KINGDOM, 4), beside=[Tile("England, region not stated", 2)])
    assert only_whole is not None
    assert only_whole.sentence == "None of the twelve nations and regions is named; England, region not stated: 2; 4 UK-wide, counted apart"
    unknown = tile_map([Tile(place, None) for place in PLACES], Tile(UNITED_KINGDOM, 4))
    assert unknown is not None
    assert unknown.sentence == "Not known of any of the twelve nations and regions; 4 UK-wide, counted apart"
    assert tile_map([Tile(place, 0) for place in PLACES], Tile(UNITED_KINGDOM, 0)) is None
    assert tile_map([], Tile(UNITED_KINGDOM, None)) is None


def test_the_map_has_twelve_equal_tiles_and_a_box_apart_with_the_numbers_of_its_table() -> None:
    picture = told(London=1234, Wales=0, Scotland=None, UK=7)
    rows = dict(picture.table.rows)
    assert list(rows) == [*PLACES, "UK-wide"]
    assert (rows["London"], rows["Wales"], rows["Scotland"], rows["UK-wide"]) == ("1,234", "0", "Not reported", "7")
    assert re.findall(r">([^<>]+)</text></g>", picture.svg) == ["unknown", *(rows[place] for place in [*PLACES][1:]), "UK-wide: 7"]
    assert set(re.findall(r'<rect width="63" height="(\d+)"', picture.svg)) == {"50"}
    places = [(int(x), int(y)) for x, y in re.findall(r"translate\((\d+) (\d+)\)", picture.svg)]
    assert len(set(places)) == 13
    assert places[-1][1] >= max(y for _, y in places[:-1]) + 50 + 10


def test_tiles_are_coloured_by_a_fifth_of_the_most() -> None:
    steps = re.findall(r'class="app-ramp-(\d)"', told(London=100, Wales=80, Scotland=81, North_East=20, North_West=21, South_West=0).svg)
    by_place = dict(zip([*PLACES, "UK-wide"], steps, strict=True))
    wanted = {"London": "5", "Wales": "4", "Scotland": "5", "North East": "1", "North West": "2", "South West": "1", "UK-wide": "1"}
    assert {place: by_place[place] for place in wanted} == wanted


def test_numbers_that_a_tile_has_no_room_for_are_shortened_on_it_alone() -> None:
    picture = told(London=99_999, Wales=753_045, Scotland=4_120_000, North_East=1_200_000_000)
    shown = dict(zip([*PLACES, "UK-wide"], re.findall(r">([^<>]+)</text></g>", picture.svg), strict=True))
    assert (shown["London"], shown["Wales"], shown["Scotland"], shown["North East"]) == ("99,999", "753k", "4.12m", "1.2bn")
    assert dict(picture.table.rows)["Wales"] == "753,045"


def test_the_map_is_small_and_the_same_each_time() -> None:
    plain = told(London=1234, Wales=3, UK=7).svg
    assert plain == told(London=1234, Wales=3, UK=7).svg
    assert len(gzip.compress(plain.encode())) <= 500
    tiles = [Tile(place, 3 * number, f"/search?q=asthma&custodian=Vale&region={place.replace(' ', '+')}") for number, place in enumerate(PLACES)]
    linked = tile_map(tiles, Tile(UNITED_KINGDOM, 4, "/search?q=asthma&custodian=Vale&nation=United+Kingdom"))
    assert linked is not None
    assert len(gzip.compress(linked.svg.encode())) <= 800
    assert "style=" not in linked.svg
    assert 'role="group"' in linked.svg
    assert 'role="img"' in plain


def test_the_map_knows_the_places_that_the_search_does() -> None:
    places = resolve(["Scotland; Wales; Northern Ireland; UK", *(f"E1200000{number}" for number in range(1, 10))])
    assert {*places.nations, *places.regions} == {*PLACES, UNITED_KINGDOM, "England"}
    assert set(places.regions) == set(REGIONS)


def test_the_map_of_one_dataset_says_what_it_covers_and_what_it_does_not_name() -> None:
    def covered(nations: list[str], regions: list[str]) -> tuple[str, dict[str, str]]:
        picture = places_covered(nations, regions)
        assert picture is not None
        assert len(gzip.compress(picture.svg.encode())) <= 500
        return picture.sentence, dict(picture.table.rows)

    sentence, states = covered(["England", "Wales"], ["London"])
    assert sentence == "Covers Wales and London"
    assert (states["Wales"], states["London"], states["Scotland"], states["UK-wide"]) == ("Covered", "Covered", "Not covered", "Not covered")
    sentence, states = covered(["England"], [])
    assert sentence == "Covers England without naming a region"
    assert (states["London"], states["Wales"], states["England, region not stated"]) == ("Not named", "Not covered", "Covered")
    sentence, states = covered(["United Kingdom"], [])
    assert sentence == "UK-wide: it names no single nation or region"
    assert set(states.values()) == {"Not named", "Covered"}
    assert covered(["Scotland", "United Kingdom"], [])[0] == "UK-wide; also names Scotland"
    assert places_covered([], []) is None

"""A picture says the same in its drawing, its sentence and its table."""

import gzip
import re

from frontend.pictures import completeness, population, run_strip, time_covered, timeline
from frontend.views.dataset import SectionScore


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

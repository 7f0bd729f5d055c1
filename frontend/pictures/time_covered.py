"""Time covered: a bar on an axis of years that all bars of a page share; an arrow where it continues."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from markupsafe import Markup

from frontend import words as say
from frontend.pictures.picture import Picture, Table, box, drawing, path, words

WIDTH: Final = 320
Span = tuple[str, int | None, int | None, bool]
"""Name, first year, last year, whether it continues."""


def time_covered(first: int | None, last: int | None, is_continuing: bool, axis: tuple[int, int]) -> Picture | None:
    """One bar. ``axis`` is the first and last year shown. None where no start is known: nothing is drawn from a guess."""
    if first is None:
        return None
    sentence = f"Time covered: {say.years(first, last, is_continuing)}"
    shapes = [box(0, 9, WIDTH, 2, "app-paper"), *_bar(first, last, is_continuing, axis, 4), *_ends(axis, 32)]
    rows = ((str(first), str(last or "") or ("Continuing" if is_continuing else say.NOT_REPORTED)),)
    return Picture(drawing(WIDTH, 36, sentence, shapes, has_text=True), sentence, Table(("From", "To"), rows))


def timeline(spans: Sequence[Span]) -> Picture | None:
    """Several bars under one another, for the basket and for comparing. None where fewer than two state both ends or that they continue."""
    known = [(name, first, last, goes_on) for name, first, last, goes_on in spans if first is not None and (last is not None or goes_on)]
    if len(known) < 2:
        return None
    axis = (min(first for _, first, _, _ in known), max(last or first for _, first, last, _ in known))
    shapes = []
    for row, (name, first, last, goes_on) in enumerate(known):
        y = row * 44
        shapes += [words(0, y + 12, name if len(name) <= 46 else name[:45] + '…'), box(0, y + 24, WIDTH, 2, "app-paper"), *_bar(first, last, goes_on, axis, y + 19)]
    height = len(known) * 44
    sentence = _overlap(known, len(spans))
    rows = tuple((name, str(first), "Continuing" if goes_on else str(last)) for name, first, last, goes_on in known)
    svg = drawing(WIDTH, height + 18, sentence, [*shapes, *_ends(axis, height + 14)], has_text=True)
    return Picture(svg, sentence, Table(("Dataset", "From", "To"), rows))


def _overlap(known: Sequence[tuple[str, int, int | None, bool]], asked: int) -> str:
    start = max(first for _, first, _, _ in known)
    ends = [last for _, _, last, goes_on in known if last is not None and not goes_on]
    many = f"The {len(known)} that state their years" if len(known) < asked else "Both" if asked == 2 else f"All {asked}"
    if not ends:
        return f"{many} have covered every year since {start}"
    return f"{many} cover {say.years(start, min(ends))}" if start <= min(ends) else "There is no year that all of them cover"


def _bar(first: int, last: int | None, is_continuing: bool, axis: tuple[int, int], y: float) -> list[Markup]:
    span = max(1, axis[1] - axis[0] + 1)
    left = WIDTH * (first - axis[0]) / span
    end = axis[1] if is_continuing else (last if last is not None else first)
    right = max(left + 6, WIDTH * (end + 1 - axis[0]) / span)
    bar = box(left, y, right - left - (10 if is_continuing else 0), 12, "app-ink", round_by=2)
    return [bar, path(f"M{right - 11:.0f} {y - 3:.0f}l11 9l-11 9z", "app-ink")] if is_continuing else [bar]


def _ends(axis: tuple[int, int], y: float) -> list[Markup]:
    return [words(0, y, str(axis[0])), words(WIDTH, y, str(axis[1]), anchor="end")]

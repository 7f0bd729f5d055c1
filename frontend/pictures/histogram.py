"""How many datasets are in each band: bars that lead to their band."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from frontend import words as say
from frontend.pictures.picture import Picture, Table, box

WIDTH: Final = 272
HEIGHT: Final = 56
GAP: Final = 4


@dataclass(frozen=True, slots=True)
class Bar:
    words: str
    count: int
    href: str


def histogram(bars: Sequence[Bar], what: str) -> Picture | None:
    """None where nothing is counted. ``what`` names what the bands are of ("people")."""
    most = max((bar.count for bar in bars), default=0)
    if not most:
        return None
    fullest = next(bar for bar in bars if bar.count == most)
    sentence = f"Most datasets have {fullest.words} {what}"
    wide = (WIDTH - GAP * (len(bars) - 1)) / len(bars)
    drawn = [_bar(bar, place * (wide + GAP), wide, most) for place, bar in enumerate(bars)]
    svg = Markup('<svg viewBox="0 0 {} {}" role="group" aria-label="{}">{}</svg>').format(WIDTH, HEIGHT, sentence, Markup("").join(drawn))
    rows = tuple((bar.words, say.number(bar.count)) for bar in bars)
    return Picture(svg, sentence, Table((what.capitalize(), "Datasets"), rows))


def _bar(bar: Bar, x: float, wide: float, most: int) -> Markup:
    """The whole height is the target, so that a low bar is as easy to hit."""
    high = max(2.0, (HEIGHT - 2) * bar.count / most) if bar.count else 0.0
    shapes = box(x, 0, wide, HEIGHT, "app-target") + box(x, HEIGHT - high, wide, high, "app-ink")
    if not bar.count:
        return box(x, HEIGHT - 1, wide, 1, "app-paper")
    label = f"{bar.words}: {say.counted(bar.count, 'dataset')}"
    return Markup('<a href="{}" aria-label="{}">{}</a>').format(bar.href, label, shapes)

"""What a picture is: a drawing, the sentence that says the same, and the table that holds its numbers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class Table:
    """The picture's numbers, ready to be shown: headings and rows of words."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """``svg`` has ``role="img"`` and the sentence as its label."""

    svg: Markup
    sentence: str
    table: Table


def drawing(width: int, height: int, sentence: str, shapes: Iterable[Markup], *, has_text: bool = False) -> Markup:
    """An ``<svg>`` that scales with its container; presentation is by class and attribute, never by style.
    One that ``has_text`` is kept near its drawn size, so that the text stays readable."""
    return Markup('<svg viewBox="0 0 {} {}"{} role="img" aria-label="{}">{}</svg>').format(
        width, height, Markup(' class="app-drawing"') if has_text else "", sentence, Markup("").join(shapes)
    )


def box(x: float, y: float, width: float, height: float, kind: str, *, round_by: float = 0) -> Markup:
    """A rectangle; ``kind`` is its class."""
    corner = Markup(' rx="{}"').format(_short(round_by)) if round_by else Markup("")
    return Markup('<rect x="{}" y="{}" width="{}" height="{}"{} class="{}"/>').format(
        _short(x), _short(y), _short(width), _short(height), corner, kind
    )


def words(x: float, y: float, text: str, *, anchor: str = "start") -> Markup:
    """Text on the drawing; hidden from assistive technology because the label says it."""
    return Markup('<text x="{}" y="{}" text-anchor="{}" class="app-axis">{}</text>').format(_short(x), _short(y), anchor, text)


def path(data: str, kind: str) -> Markup:
    return Markup('<path d="{}" class="{}"/>').format(data, kind)


def _short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")

"""How much of the record is described: a segmented bar, one segment per section, as wide as its weight."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Protocol

from frontend import words as say
from frontend.pictures.picture import Picture, Table, box, drawing

WIDTH: Final = 640
GAP: Final = 3


class Section(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def filled(self) -> int: ...
    @property
    def possible(self) -> int: ...


def completeness(percent: int, sections: Iterable[Section]) -> Picture:
    """Sections without possible points are left out of the drawing."""
    weighed = [section for section in sections if section.possible > 0]
    sentence = _sentence(percent, weighed)
    rows = tuple((part.name, str(part.filled), str(part.possible)) for part in weighed)
    total = sum(section.possible for section in weighed) or 1
    room = WIDTH - GAP * max(0, len(weighed) - 1)
    shapes = []
    x = 0.0
    for section in weighed:
        width = room * section.possible / total
        shapes.append(box(x, 0, width, 24, "app-paper"))
        shapes.append(box(x, 0, width * min(1, section.filled / section.possible), 24, "app-ink"))
        x += width + GAP
    return Picture(drawing(WIDTH, 24, sentence, shapes), sentence, Table(("Section", "Filled", "Possible"), rows))


def _sentence(percent: int, sections: list[Section]) -> str:
    lacking = sorted((part for part in sections if part.filled < part.possible), key=lambda part: part.filled / part.possible)
    names = [part.name.lower() for part in lacking[:2]]
    return f"{percent} % described" + (f"; least: {say.listed(names)}" if names else "")

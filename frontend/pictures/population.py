"""Number of people on a logarithmic axis from one to a hundred million."""

from __future__ import annotations

import math
from typing import Final

from frontend import words as say
from frontend.pictures.picture import Picture, Table, box, drawing, words

WIDTH: Final = 320
MARKS: Final = ((2, "100"), (4, "10,000"), (6, "1 million"), (8, "100 m."))


def population(people: int | None) -> Picture | None:
    """None where the number is not reported or is zero."""
    if not people or people < 1:
        return None
    sentence = f"{say.rounded(people)} people"
    x = min(WIDTH - 9, max(9.0, WIDTH * math.log10(people) / 8))
    shapes = [box(0, 11, WIDTH, 2, "app-paper"), *(box(WIDTH * power / 8 - 1, 7, 2, 10, "app-ink-2") for power, _ in MARKS)]
    shapes.append(box(x - 9, 3, 18, 18, "app-ink", round_by=9))
    shapes += [words(WIDTH * power / 8, 37, mark, anchor="end" if power == 8 else "middle") for power, mark in MARKS]
    return Picture(drawing(WIDTH, 42, sentence, shapes, has_text=True), sentence, Table(("People",), ((say.number(people),),)))

"""The last runs of a source, oldest first: bar height by records changed on a log scale, a cross where a run failed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from frontend import words as say
from frontend.pictures.picture import Picture, Table, box, drawing, path

WIDTH: Final = 640
HEIGHT: Final = 64
MOST: Final = 30
Run = tuple[int, str | None, str, int]
"""Number, start (ISO 8601), state, records changed."""
_KINDS: Final = {"succeeded": "app-ink", "partial": "app-warn", "held": "app-warn"}


def run_strip(runs: Sequence[Run]) -> Picture:
    """``runs`` are newest first, as lists show them; the picture shows at most thirty."""
    shown = list(reversed(runs[:MOST]))
    step = WIDTH / MOST
    top = math.log10(max((changed for _, _, _, changed in shown), default=0) + 1) or 1
    shapes = [box(0, HEIGHT, WIDTH, 1, "app-paper")]
    for place, (_, _, state, changed) in enumerate(shown):
        x = place * step + 3
        if state == "failed":
            shapes.append(path(f"M{x:.1f} {HEIGHT - 14}l12 12m0 -12l-12 12", "app-cross"))
            continue
        height = 5 + (HEIGHT - 5) * math.log10(changed + 1) / top
        shapes.append(box(x, HEIGHT - height, step - 7, height, _KINDS.get(state, "app-ink-2"), round_by=1.5))
    sentence = _sentence(shown)
    rows = tuple((str(run), say.moment(at), say.status(say.RUN_STATES, state)[0], say.number(count)) for run, at, state, count in runs[:MOST])
    svg = drawing(WIDTH, HEIGHT + 2, sentence, shapes)
    return Picture(svg, sentence, Table(("Run", "Started", "State", "Records changed"), rows))


def _sentence(shown: list[Run]) -> str:
    failed = [at for _, at, state, _ in shown if state == "failed"]
    in_part = sum(state in ("partial", "held") for _, _, state, _ in shown)
    fine = sum(state == "succeeded" for _, _, state, _ in shown)
    parts = [f"{fine} fine"]
    if in_part:
        parts.append(f"{in_part} in part or waiting")
    if failed:
        parts.append(f"{len(failed)} failed" + (f", the latest on {say.day(failed[-1])}" if failed[-1] else ""))
    return f"Last {say.counted(len(shown), 'run')}, newest on the right: {', '.join(parts)}"

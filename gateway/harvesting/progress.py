"""Where a run is: for whoever watches it in this process, and as events for everybody else."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Progress:
    """Handed to whoever watches the run after every batch."""

    run_id: int
    source: str
    stage: str = "reading"
    counters: Counter[str] = field(default_factory=Counter)
    host: str = ""
    path: str = ""
    declared_total: int | None = None
    state: str = "running"
    note: str = ""

    started: float = field(default_factory=time.monotonic)
    done_before: int | None = None
    """When this attempt began."""

    def __post_init__(self) -> None:
        self.done_before = self.done if self.done_before is None else self.done_before

    @property
    def done(self) -> int:
        return sum(self.counters.values())

    @property
    def seconds_left(self) -> int | None:
        """By what this attempt took for each record so far."""
        done_now = self.done - (self.done_before or 0)
        if self.declared_total is None or done_now <= 0:
            return None
        return round((time.monotonic() - self.started) / done_now * max(0, self.declared_total - self.done))

    def as_json(self) -> dict[str, Any]:
        """As an event tells it; what is not known is left out."""
        told = {
            "stage": self.stage, "host": self.host, "path": self.path, "declared_total": self.declared_total,
            "seconds_left": self.seconds_left, "note": self.note, "done": self.done, **self.counters,
        }
        return {name: value for name, value in told.items() if value not in (None, "")}


Watch = Callable[[Progress], None]

"""Where a run is: for whoever watches it in this process, and as events for everybody else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field


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

    @property
    def done(self) -> int:
        return sum(self.counters.values())


Watch = Callable[[Progress], None]

"""Where a run is, as its row keeps it: written with every batch, read by whoever takes the run up again.

``position`` is the place in the source's listing, ``run.page_ordinal`` the number of pages behind it; the identifiers on
those are in ``source_pages``. ``lost`` counts leases that ran out at this very place, ``waits`` pauses that the server asked
for at it, ``alone`` the records still to be committed one by one after a loss.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from gateway.models import Run
from harvesters.resumption import Position
from harvesters.source import Mark

LOSSES_PER_RECORD = 3
"""So many workers lost at one record mean that it is the record."""
MAX_WAITS = 5
"""So many pauses in a row without a record between them, and the run gives up."""
AFTER_A_LOSS = 100
"""Records committed one by one after a loss: as many as a batch holds, so that the culprit is found by name."""


@dataclass(slots=True)
class Checkpoint:
    position: Position = field(default_factory=Position)
    end: Mark | None = None
    """The last mark of a listing that was read to its end."""
    lost: int = 0
    waits: int = 0
    alone: int = 0
    is_restarted: bool = False
    verdict: dict[str, Any] | None = None
    """What was decided about records that were not seen, once it is decided."""
    removals_done: int = 0
    elsewhere: list[str] = field(default_factory=list)
    """Pages met unchanged whose row in ``source_pages`` has the ordinal of another traversal."""
    live_before: int | None = None
    deleted: list[str] = field(default_factory=list)
    """What the source itself announced as gone so far."""

    @classmethod
    def of(cls, run: Run) -> Checkpoint:
        kept = run.cursor or {}
        end = kept.get("end")
        return cls(
            Position(kept.get("after"), kept.get("page_hash"), kept.get("done", 0)),
            Mark(None, end["page_key"], complete=end["complete"], why_incomplete=end["why_incomplete"]) if end else None,
            lost=kept.get("lost", 0), waits=kept.get("waits", 0), alone=kept.get("alone", 0),
            is_restarted=kept.get("is_restarted", False), verdict=kept.get("verdict"), removals_done=kept.get("removals_done", 0),
            elsewhere=kept.get("elsewhere", []), live_before=kept.get("live_before"), deleted=kept.get("deleted", []),
        )

    def as_json(self) -> dict[str, Any]:
        end = self.end
        return {
            "after": self.position.after, "page_hash": self.position.page_hash, "done": self.position.done,
            "end": {name: getattr(end, name) for name in ("page_key", "complete", "why_incomplete")} if end else None,
            "lost": self.lost, "waits": self.waits, "alone": self.alone, "is_restarted": self.is_restarted,
            "verdict": self.verdict, "removals_done": self.removals_done, "elsewhere": self.elsewhere, "live_before": self.live_before, "deleted": self.deleted,
        }

    def moved_on(self, *, records: int) -> Checkpoint:
        """After a commit of so many records at the position, which is another now."""
        return replace(self, lost=0, waits=0, alone=max(0, self.alone - records))


def place(run: Run) -> tuple[int, int]:
    """What grows with every record a run gets further."""
    return run.page_ordinal, (run.cursor or {}).get("done", 0)

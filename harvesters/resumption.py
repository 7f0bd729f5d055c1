"""Where in its listing a pass is, so that a run which was broken off can go on there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from harvesters.source import Cursor, Mark, RawRecord

Standing = Literal["new", "done", "skipped"]


@dataclass(slots=True)
class Position:
    """``after`` is the cursor of the last mark; ``done`` records of the page behind it were met, and ``page_hash`` names the
    state of that page. A pass that goes on from here does not meet those again, unless the page is another by now.

    ``seen`` are the identifiers met before. ``skips_next`` leaves the next record out: reading it ended the worker.
    """

    after: Cursor | None = None
    page_hash: str | None = None
    done: int = 0
    seen: set[str] = field(default_factory=set)
    skips_next: bool = False


    def move_past(self, item: RawRecord | Mark) -> None:
        """What came of the item is about to be handed out: a pass that goes on from here does not need it again.

        A mark without a cursor is that of a last page. Nothing leads behind it, so the place stays in that page, with all of its records met.
        """
        if isinstance(item, Mark):
            if item.cursor is not None:
                self.after, self.page_hash, self.done = item.cursor, None, 0
        else:
            self.page_hash, self.done = item.page_hash, self.done + 1


def read_on(items: Iterable[RawRecord | Mark], position: Position) -> Iterator[tuple[RawRecord | Mark, Standing]]:
    """What a source gives from the position on. ``done`` records were met by an earlier attempt."""
    earlier_hash, earlier_done, skips = position.page_hash, position.done, position.skips_next
    position.done, position.skips_next = 0, False
    for item in items:
        if isinstance(item, Mark):
            earlier_hash, earlier_done, skips = None, 0, False
            yield item, "new"
            continue
        is_same_page = earlier_hash is not None and item.page_hash == earlier_hash
        if position.done < earlier_done and is_same_page:
            yield item, "done"
        elif skips and position.done == earlier_done:
            yield item, "skipped"
        else:
            yield item, "new"

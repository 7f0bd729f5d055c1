"""What waits for somebody: a work list of one custodian's people, or of the gateway's administrators."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from frontend.views.layout import Link, PageView


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkItem:
    """``words`` name it and lead to where it is done; ``says`` is what is the matter."""

    words: str
    href: str | None
    says: str = ""
    since: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkQueue:
    """``total`` counts those too that are not shown; ``whole`` leads to all."""

    heading: str
    items: tuple[WorkItem, ...]
    total: int
    whole: Link | None = None

    @property
    def left_out(self) -> int:
        return self.total - len(self.items)


@dataclass(frozen=True, slots=True, kw_only=True)
class TodayView(PageView):
    """Queues without items are left out by whoever makes the view. ``harvest`` is a sentence about the latest one."""

    template: ClassVar[str] = "workspace/today.html"

    of: str
    queues: tuple[WorkQueue, ...]
    places: tuple[Link, ...]
    harvest: str = ""

    @property
    def title(self) -> str:
        return f"Today: {self.of}"

"""A removal that waits for a person: what would go, and how to decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from frontend.addresses import hold_path, run_path, source_path
from frontend.views.layout import PageView


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRecord:
    """A record that would be removed."""

    title: str | None
    local_id: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldView(PageView):
    """A hold. ``records`` are those of it that are still shown; ``decided_by`` is set where a person decided."""

    template: ClassVar[str] = "sources/hold.html"

    source_name: str
    source_slug: str
    hold: int
    run: int
    state: str
    why: str
    created_at: str
    expires_at: str
    decided_at: str | None = None
    decided_by: str | None = None
    records: tuple[HeldRecord, ...] = ()
    can_act: bool = False
    """Whether whoever looks may decide."""

    @property
    def title(self) -> str:
        return f"Removal of {len(self.records)} datasets – {self.source_name}"

    @property
    def href(self) -> str:
        return hold_path(self.source_slug, self.hold)

    @property
    def source_href(self) -> str:
        return source_path(self.source_slug)

    @property
    def run_href(self) -> str:
        return run_path(self.source_slug, self.run)

    @property
    def is_decidable(self) -> bool:
        return self.state in ("open", "rejected", "expired")

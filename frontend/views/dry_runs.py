"""What a run would do, told without doing it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from frontend.addresses import dry_run_path, source_path
from frontend.views.layout import PageView


@dataclass(frozen=True, slots=True)
class ValueChange:
    """One field that would differ. ``before`` or ``after`` is None where nothing is stated."""

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRunRecord:
    """One record that would not stay as it is."""

    title: str | None
    local_id: str
    outcome: str
    reason: str | None = None
    hint: str | None = None
    errors: int = 0
    changes: tuple[ValueChange, ...] = ()
    more_changes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRunView(PageView):
    """A dry run. ``is_current`` says whether it holds for the source as it is configured now."""

    template: ClassVar[str] = "sources/dry_run.html"
    uses_htmx: ClassVar[bool] = True

    source_name: str
    source_slug: str
    number: int
    at: str
    is_current: bool = True
    is_untried: bool = False
    is_unconfirmed: bool = False
    """Whether the source waits for a person to switch it on."""
    is_running: bool = False
    has_begun: bool = True
    """A running one may still wait for a worker."""
    is_broken_off: bool = False
    can_act: bool = False
    settings_href: str | None = None
    outcomes: tuple[tuple[str, int], ...] = ()
    requests: int = 0
    failure: str | None = None
    failure_hint: str | None = None
    held_reason: str | None = None
    is_mass_change: bool = False
    missing: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    records: tuple[DryRunRecord, ...] = ()
    record_total: int = 0

    @property
    def title(self) -> str:
        return f"Dry run {self.number} – {self.source_name}"

    @property
    def source_href(self) -> str:
        return source_path(self.source_slug)

    @property
    def href(self) -> str:
        return dry_run_path(self.source_slug, self.number)

    @property
    def is_over(self) -> bool:
        return not self.is_running and not self.is_broken_off

    @property
    def can_be_switched_on(self) -> bool:
        return self.can_act and self.is_unconfirmed and self.is_current and self.is_over and not self.failure

    @property
    def sentence(self) -> str:
        """``A run would add 12, change 40, remove 0 and leave 360; 9 cannot be shown.``"""
        if self.failure and not self.outcomes:
            return "The source could not be read."
        counts = dict(self.outcomes)
        changed = counts.get("updated", 0) + counts.get("restored", 0)
        problems = counts.get("quarantined", 0) + counts.get("rejected", 0)
        told = f"A run would add {counts.get('created', 0)}, change {changed}, remove {len(self.removed)} and leave {counts.get('unchanged', 0)}"
        return f"{told}; {problems} cannot be shown." if problems else f"{told}."

"""Sources, their runs, and the report of one record. Public and read only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from frontend.addresses import comparison_path, custodian_path, run_path, source_path, with_query
from frontend.views.dataset import Change
from frontend.views.layout import PageView
from frontend.views.paging import Paging, paging
from schemas.findings import Finding

UNFINISHED: Final = ("queued", "running", "waiting")


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """``state`` is the source's (active, paused …), ``last_run_state`` that of its newest run."""

    slug: str
    name: str
    kind: str
    custodian_name: str | None = None
    custodian_slug: str | None = None
    state: str = "active"
    last_run_at: str | None = None
    last_run_state: str | None = None
    next_due_at: str | None = None
    datasets: int = 0

    @property
    def is_switched_off(self) -> bool:
        """Whether nothing runs on schedule before somebody acts, whatever would be due."""
        return self.state in ("paused", "untried", "unconfirmed", "disabled")

    @property
    def href(self) -> str:
        return source_path(self.slug)

    @property
    def custodian_href(self) -> str | None:
        return custodian_path(self.custodian_slug) if self.custodian_slug else None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcesView(PageView):
    """All sources, or those of one custodian."""

    template: ClassVar[str] = "sources/list.html"

    rows: tuple[SourceRow, ...]
    custodian_name: str | None = None
    """Of the custodian whose sources alone are shown, in its workspace."""
    add_href: str | None = None
    """Where whoever looks may add one."""

    @property
    def title(self) -> str:
        return f"Sources of {self.custodian_name}" if self.custodian_name else "Sources"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """One run. ``outcomes`` are (outcome, count) pairs."""

    source_slug: str
    run: int
    state: str
    trigger: str
    queued_at: str
    started_at: str | None = None
    ended_at: str | None = None
    outcomes: tuple[tuple[str, int], ...] = ()

    @property
    def href(self) -> str:
        return run_path(self.source_slug, self.run)

    def count(self, outcome: str) -> int:
        return dict(self.outcomes).get(outcome, 0)

    @property
    def changed(self) -> int:
        return sum(count for outcome, count in self.outcomes if outcome not in ("unchanged", "repeated"))


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceView(PageView):
    """One source. ``address`` is where it is read from (never with credentials); ``schedule`` in words; ``runs`` newest first."""

    template: ClassVar[str] = "sources/source.html"

    source: SourceRow
    address: str | None = None
    schedule: str | None = None
    last_complete_at: str | None = None
    consecutive_failures: int = 0
    held_reason: str | None = None
    """Why the newest run waits for a person: a sentence."""
    hold_href: str | None = None
    dry_run_href: str | None = None
    """Of the newest dry run."""
    runs: tuple[RunRow, ...] = ()
    run_count: int = 0
    can_act: bool = False
    """Whether whoever looks may run, pause and undo."""
    settings_href: str | None = None
    """Where whoever looks may change what it reads and when."""
    shared: tuple[tuple[str, int], ...] = ()
    """Identifiers that several of its records share, with how many do."""

    @property
    def title(self) -> str:
        return self.source.name


@dataclass(frozen=True, slots=True)
class Stage:
    """A step of the run's funnel: how many records reached it, of how many where that is known."""

    name: str
    count: int
    of: int | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeSpent:
    """Where a run's time went: ``stages`` and ``waits`` by name in seconds, ``answers`` how long answers took, ``slowest`` by address.
    An address is told without its query."""

    stages: tuple[tuple[str, float], ...]
    waits: tuple[tuple[str, float], ...] = ()
    answers: tuple[tuple[str, float], ...] = ()
    slowest: tuple[tuple[str, float], ...] = ()
    decoded_bytes: int | None = None
    odd_requests: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Findings of one rule, or record failures of one reason, over the whole run."""

    rule: str
    severity: str
    records: int
    message: str
    hint: str | None = None
    example_title: str | None = None
    example_href: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """One record of the run. ``reason`` is a sentence where the outcome has one."""

    title: str | None
    local_id: str
    outcome: str
    href: str
    reason: str | None = None
    errors: int = 0
    warnings: int = 0
    advice: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView(PageView):
    """A run. ``failure`` is the sentence of the source's error, ``failure_hint`` what to do about it.

    ``reading`` is where an unfinished run was when it last told, ``goes_on_at`` until when it waits.
    ``rule`` and ``outcome`` are the chosen filters of ``records``, of which ``record_total`` fit them.
    """

    template: ClassVar[str] = "sources/run.html"
    uses_htmx: ClassVar[bool] = True

    source_name: str
    source_slug: str
    run: int
    state: str
    trigger: str
    wanted_pass: str
    queued_at: str
    started_at: str | None = None
    ended_at: str | None = None
    seconds: float | None = None
    stages: tuple[Stage, ...] = ()
    outcomes: tuple[tuple[str, int], ...] = ()
    bytes_received: int | None = None
    requests: int | None = None
    time_spent: TimeSpent | None = None
    failure: str | None = None
    failure_hint: str | None = None
    oddities: tuple[tuple[str, str], ...] = ()
    """Of the listing itself: what was met and what to do about it. They stopped nothing."""
    held_reason: str | None = None
    hold_href: str | None = None
    is_mass_change: bool = False
    undoes: int | None = None
    undone_by: int | None = None
    problems: tuple[Problem, ...] = ()
    records: tuple[RunRecord, ...] = ()
    record_total: int = 0
    outcome: str = ""
    rule: str = ""
    page: int = 1
    per: int = 100
    has_run_before: bool = False
    """Whether there is an earlier run to compare with."""
    reading: str | None = None
    seconds_left: int | None = None
    goes_on_at: str | None = None
    can_act: bool = False
    retries: int | None = None
    """The run whose failed records this one fetched again."""
    has_failed: bool = False
    """Whether a record could not be read or was refused."""
    failed_without_id: int = 0
    """Failures that name no record which could be asked for by itself."""
    why_no_retry: str | None = None
    """Why what failed cannot be fetched again by itself: a sentence."""

    @property
    def title(self) -> str:
        return f"Run {self.run} – {self.source_name}"

    @property
    def href(self) -> str:
        return run_path(self.source_slug, self.run)

    @property
    def source_href(self) -> str:
        return source_path(self.source_slug)

    @property
    def is_unfinished(self) -> bool:
        return self.state in UNFINISHED

    @property
    def compare_href(self) -> str:
        return comparison_path(self.source_slug, self.run)

    @property
    def can_be_undone(self) -> bool:
        changed = sum(count for outcome, count in self.outcomes if outcome in ("created", "updated", "restored", "missing", "removed"))
        return not self.is_unfinished and changed > 0 and self.undone_by is None

    @property
    def paging(self) -> Paging:
        pages = max(1, -(-self.record_total // self.per))
        return paging(self.page, pages, lambda page: self.filtered(outcome=self.outcome, rule=self.rule, page=page))

    def filtered(self, *, outcome: str = "", rule: str = "", page: int = 1) -> str:
        """This page's address with other filters."""
        pairs = [(name, value) for name, value in (("outcome", outcome), ("rule", rule)) if value]
        return with_query(self.href, [*pairs, ("page", str(page))] if page > 1 else pairs)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordReportView(PageView):
    """What was found in one record in one run. ``raw`` is an excerpt of what the source sent."""

    template: ClassVar[str] = "sources/record.html"

    source_name: str
    source_slug: str
    run: int
    local_id: str
    record_title: str | None
    outcome: str
    at: str
    reason: str | None = None
    reason_hint: str | None = None
    shape: str | None = None
    findings: tuple[Finding, ...] = ()
    dataset_href: str | None = None
    fetched_from: str | None = None
    raw: str | None = None
    is_raw_cut: bool = False
    changes: tuple[Change, ...] = ()
    """For a refused record: the last good version against what was refused."""
    explain_href: str | None = None

    @property
    def title(self) -> str:
        return f"Record report – {self.record_title or self.local_id}"

    @property
    def run_href(self) -> str:
        return run_path(self.source_slug, self.run)

    @property
    def source_href(self) -> str:
        return source_path(self.source_slug)

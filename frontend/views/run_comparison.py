"""A run beside the run before it: what it counted and cost, and which records fared otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from frontend.addresses import comparison_path, run_path, source_path, with_query
from frontend.views.layout import PageView
from frontend.views.paging import Paging, paging


@dataclass(frozen=True, slots=True)
class ComparedRun:
    """One of the two."""

    run: int
    state: str
    wanted_pass: str
    started_at: str | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class ComparedFigure:
    """``name`` is an outcome, ``requests`` or ``received_bytes``."""

    name: str
    before: int
    after: int

    @property
    def difference(self) -> int:
        return self.after - self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedRecord:
    """``before`` and ``after`` are outcomes; None where the run left the record as it was, or did not meet it."""

    local_id: str
    title: str | None = None
    before: str | None = None
    after: str | None = None
    before_href: str | None = None
    after_href: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunComparisonView(PageView):
    """``before`` is None for the first run of a source."""

    template: ClassVar[str] = "sources/run_comparison.html"

    source_name: str
    source_slug: str
    after: ComparedRun
    before: ComparedRun | None = None
    figures: tuple[ComparedFigure, ...] = ()
    records: tuple[ComparedRecord, ...] = ()
    record_total: int = 0
    page: int = 1
    per: int = 100

    @property
    def title(self) -> str:
        return f"Run {self.after.run} and the run before – {self.source_name}"

    @property
    def source_href(self) -> str:
        return source_path(self.source_slug)

    def run_href(self, run: int) -> str:
        return run_path(self.source_slug, run)

    @property
    def paging(self) -> Paging:
        here = comparison_path(self.source_slug, self.after.run)
        pages = max(1, -(-self.record_total // self.per))
        return paging(self.page, pages, lambda page: with_query(here, [("page", str(page))] if page > 1 else []))

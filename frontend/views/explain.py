"""Why a dataset is not visible, or not current."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from frontend.addresses import source_path
from frontend.views.layout import PageView
from schemas.findings import Finding


@dataclass(frozen=True, slots=True)
class ExplainAnswer:
    sentence: str
    hint: str


@dataclass(frozen=True, slots=True)
class ExplainOutcome:
    """What a run made of the record; ``href`` is its report."""

    outcome: str
    at: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainView(PageView):
    """A form for an identifier and, once ``local_id`` is set, the answers. ``problem`` says why there are none."""

    template: ClassVar[str] = "sources/explain.html"

    asked: str = ""
    problem: str | None = None
    local_id: str | None = None
    dataset_title: str | None = None
    dataset_href: str | None = None
    is_visible: bool = False
    source_name: str | None = None
    source_slug: str = ""
    next_due_at: str | None = None
    answers: tuple[ExplainAnswer, ...] = ()
    outcomes: tuple[ExplainOutcome, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def title(self) -> str:
        return f"Why – {self.dataset_title or self.local_id}" if self.local_id else "Why is a dataset not shown?"

    @property
    def source_href(self) -> str:
        return source_path(self.source_slug)

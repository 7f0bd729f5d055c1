"""A custodian's records that wait for something, and curators' notes beside one record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from frontend.addresses import with_query
from frontend.views.forms import FormView
from frontend.views.layout import PageView
from frontend.views.paging import Paging, paging
from frontend.views.workspace import StageTab


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordLine:
    """``label`` says how old what is shown is; ``reason`` and ``hint`` why the newest document was refused and what to do."""

    title: str | None
    local_id: str
    source_name: str
    source_href: str
    notes_href: str
    dataset_href: str | None = None
    report_href: str | None = None
    good_version: str | None = None
    good_since: str | None = None
    label: str | None = None
    since: str | None = None
    reason: str | None = None
    hint: str | None = None
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsView(PageView):
    """``state`` is the chosen one of ``states``; ``total`` counts the records of all pages."""

    template: ClassVar[str] = "workspace/records.html"

    custodian_name: str
    base: str
    state: str
    states: tuple[StageTab, ...]
    rows: tuple[RecordLine, ...]
    total: int = 0
    page: int = 1
    per: int = 50

    @property
    def title(self) -> str:
        return f"Records of {self.custodian_name}"

    @property
    def paging(self) -> Paging:
        pages = max(1, -(-self.total // self.per))
        return paging(self.page, pages, lambda page: with_query(self.base, [("state", self.state), *([("page", str(page))] if page > 1 else [])]))


@dataclass(frozen=True, slots=True)
class NoteLine:
    text: str
    by: str
    at: str
    withdraw_href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotesView(FormView):
    """Notes beside one record; no harvest touches them, and nobody else sees them."""

    template: ClassVar[str] = "workspace/notes.html"

    action: str
    csrf: str
    record_title: str
    records_href: str
    dataset_href: str | None = None
    notes: tuple[NoteLine, ...] = ()

    @property
    def heading(self) -> str:
        return f"Notes – {self.record_title}"

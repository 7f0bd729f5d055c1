"""The data use register: who was given which data, for what, and since when."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from frontend.views.layout import Link, PageView
from frontend.views.paging import Paging


@dataclass(frozen=True, slots=True, kw_only=True)
class UseLine:
    """``status``: active, suspended, ended, revoked."""

    href: str
    title: str
    organisation: str
    custodian_name: str | None
    custodian_slug: str | None
    summary: str
    status: str
    approved_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UseFilter:
    """``options`` are (value, words); without a choice all are shown."""

    name: str
    label: str
    options: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBackUse:
    """An entry under an embargo: whose, until when and why. Nothing else of it is public."""

    href: str
    custodian_name: str | None
    until: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBackView(PageView):
    """At the address of an entry under an embargo."""

    template: ClassVar[str] = "uses/held_back.html"
    width: ClassVar[str] = "narrow"

    custodian_name: str | None
    until: str
    reason: str

    @property
    def title(self) -> str:
        return "Held back for now"


@dataclass(frozen=True, slots=True, kw_only=True)
class UsesView(PageView):
    """The register's list. ``chosen`` maps the filters in use to their values."""

    template: ClassVar[str] = "uses/list.html"

    lines: tuple[UseLine, ...]
    total: int
    paging: Paging
    chosen: dict[str, str] = field(default_factory=dict)
    choices: tuple[UseFilter, ...] = ()
    held_back: tuple[HeldBackUse, ...] = ()

    @property
    def title(self) -> str:
        return "Data use register"

    @property
    def description(self) -> str | None:
        return "Who was given access to which health data, for what purpose, and what the public gains."


@dataclass(frozen=True, slots=True, kw_only=True)
class UseBlock:
    """One of the Five Safes; values are (heading, value)."""

    name: str
    values: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UseView(PageView):
    """One entry. ``history`` are (moment, what)."""

    template: ClassVar[str] = "uses/use.html"

    project_title: str
    organisation: str
    summary: str
    benefit: str
    use_status: str
    custodian_name: str | None
    custodian_slug: str | None
    datasets: tuple[Link, ...]
    blocks: tuple[UseBlock, ...]
    history: tuple[tuple[str, str], ...]
    outputs: tuple[str, ...] = ()
    wrong_href: str | None = None
    """Where to say that something is wrong; the service's own address where it is None."""
    report_due: str | None = None
    """The day of the report at the end, until it is there."""
    is_report_late: bool = False

    @property
    def title(self) -> str:
        return self.project_title

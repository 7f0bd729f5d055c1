"""The data use register: who was given which data, for what, and since when."""

from __future__ import annotations

from dataclasses import dataclass
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
class UsesView(PageView):
    """``custodians`` are (slug, name); the others are what was chosen."""

    template: ClassVar[str] = "uses/list.html"

    lines: tuple[UseLine, ...]
    total: int
    paging: Paging
    is_narrowed: bool = False
    q: str = ""
    custodian: str = ""
    year: str = ""
    use_status: str = ""
    custodians: tuple[tuple[str, str], ...] = ()
    years: tuple[int, ...] = ()

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

    @property
    def title(self) -> str:
        return self.project_title

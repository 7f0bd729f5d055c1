"""The audit: one stream's rows, whether the chain is whole, and the signed heads that everybody may see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from frontend.views.layout import Link, PageView


@dataclass(frozen=True, slots=True)
class AuditLine:
    """``who`` is a name where the account is still there, else what the row holds."""

    sequence: int
    at: str
    who: str
    role: str
    what: str
    object: str
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditView(PageView):
    """``verified`` is the sentence after the chain was checked: "" before, and ``is_wrong`` where a row is wrong."""

    template: ClassVar[str] = "audit/stream.html"

    name: str
    action: str
    csrf: str
    lines: tuple[AuditLine, ...]
    streams: tuple[Link, ...] = ()
    older: str | None = None
    verified: tuple[str, ...] = ()
    is_wrong: bool = False

    @property
    def title(self) -> str:
        return "Audit"


@dataclass(frozen=True, slots=True)
class SignedDay:
    day: str
    streams: int
    rows: int
    key: str
    signature: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditHeadsView(PageView):
    """Public. ``days``: the newest first."""

    template: ClassVar[str] = "audit/heads.html"

    days: tuple[SignedDay, ...]
    public_key: str

    @property
    def title(self) -> str:
        return "Signed heads of the audit"

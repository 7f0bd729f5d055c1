"""Agreements about access: what a custodian offers for signing, and issuing one for a request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from frontend.views.forms import FormView
from frontend.views.layout import Link


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateRow:
    title: str
    version: int
    name: str
    href: str
    published_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementTemplatesView(FormView):
    """The custodian's templates, the newest version first; ``places`` are what a text may hold, and what it is filled with."""

    template: ClassVar[str] = "workspace/agreements.html"

    custodian_name: str
    inbox_href: str
    action: str
    csrf: str
    rows: tuple[TemplateRow, ...]
    places: tuple[tuple[str, str], ...]
    may_publish: bool
    accepted: str

    @property
    def heading(self) -> str:
        return "Agreements that you offer"


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueAgreementView(FormView):
    """One of a template, a text and a file is posted to ``action``."""

    template: ClassVar[str] = "workspace/issue_agreement.html"

    reference: str
    back: Link
    action: str
    csrf: str
    version: int
    templates: tuple[tuple[str, str], ...]
    """Version and words."""
    templates_href: str
    accepted: str

    @property
    def heading(self) -> str:
        return "Issue an agreement"

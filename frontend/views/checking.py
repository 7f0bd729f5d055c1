"""Checking a document: the form, and what was found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from frontend.views.dataset import NextFix
from frontend.views.layout import PageView
from schemas.findings import Finding, Severity

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "advice")


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedDocument:
    """``problem`` says why a document could not be read at all, with what to do; the rest is empty then.

    ``total`` is the score of the description, ``band`` its word.
    """

    name: str
    problem: str | None = None
    shape: str | None = None
    is_publishable: bool = False
    findings: tuple[Finding, ...] = ()
    total: float | None = None
    band: str = ""
    fixes: tuple[NextFix, ...] = ()

    @property
    def by_severity(self) -> tuple[tuple[Severity, tuple[Finding, ...]], ...]:
        """The findings to mend first, first."""
        groups = ((severity, tuple(found for found in self.findings if found.severity == severity)) for severity in SEVERITIES)
        return tuple(group for group in groups if group[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckView(PageView):
    """``text`` is what was typed; ``is_form`` is False in a report that stands alone."""

    template: ClassVar[str] = "check.html"

    documents: tuple[CheckedDocument, ...] = ()
    text: str = ""
    is_form: bool = True

    @property
    def title(self) -> str:
        return "Check a description" if self.is_form else "Report on descriptions"

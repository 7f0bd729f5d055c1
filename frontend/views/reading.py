"""Pages that are read: help, statements, and errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from frontend.views.layout import Link, PageView

HELP_TOPICS: Final[dict[str, str]] = {
    "searching": "How to search",
    "access": "How access works",
    "custodians": "Guide for custodians",
    "pushing": "Push from your own system",
    "findings": "What findings and scores mean",
    "glossary": "Glossary",
}
TEXT_PAGES: Final[dict[str, str]] = {
    "accessibility": "Accessibility statement",
    "privacy": "Privacy",
    "retention": "What is kept, and how long",
    "cookies": "Cookies",
    "terms": "Terms of use",
}
ERROR_TITLES: Final[dict[int, str]] = {
    400: "We could not read that request",
    401: "Sign in to see this page",
    403: "You do not have permission to do that",
    404: "Page not found",
    409: "Someone changed this first",
    410: "This page has been withdrawn",
    413: "That is too large",
    422: "Some of what you sent needs mending",
    429: "Too many requests",
    500: "Something went wrong on our side",
    503: "This part of the service is not available",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpView(PageView):
    """Help. ``topic`` is a key of HELP_TOPICS; the empty one is the index."""

    width: ClassVar[str] = "narrow"

    topic: str = ""

    @property
    def template(self) -> str:  # type: ignore[override]
        return f"help/{self.topic or 'index'}.html"

    @property
    def title(self) -> str:
        return f"{HELP_TOPICS[self.topic]} – Help" if self.topic else "Help"

    @property
    def topics(self) -> dict[str, str]:
        return HELP_TOPICS


@dataclass(frozen=True, slots=True)
class CookieRow:
    """A cookie the service can set. ``keeps`` says for how long."""

    name: str
    purpose: str
    keeps: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRow:
    """A kind of personal data, from the inventory that the code itself works by."""

    data: str
    purpose: str
    basis: str
    recipients: str
    kept_until: str
    then: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TextPageView(PageView):
    """A statement. ``name`` is a key of TEXT_PAGES; ``cookies`` are those the application can set, ``kept`` what it keeps of people."""

    width: ClassVar[str] = "narrow"

    name: str
    cookies: tuple[CookieRow, ...] = ()
    kept: tuple[KeptRow, ...] = ()

    @property
    def template(self) -> str:  # type: ignore[override]
        return f"text/{self.name}.html"

    @property
    def title(self) -> str:
        return TEXT_PAGES[self.name]


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorView(PageView):
    """An error page. ``message`` says what happened, ``advice`` what to do next; both fall back to the status's own words.

    ``reference`` is the code to quote. ``suggestions`` help on a 404. ``retry_after_seconds`` is for 429 and 503.
    """

    template: ClassVar[str] = "error.html"
    width: ClassVar[str] = "narrow"

    code: int
    message: str | None = None
    advice: str | None = None
    reference: str | None = None
    retry_after_seconds: int | None = None
    suggestions: tuple[Link, ...] = ()

    @property
    def title(self) -> str:
        return ERROR_TITLES.get(self.code, ERROR_TITLES[500 if self.code >= 500 else 400])

    @property
    def status(self) -> int:
        return self.code

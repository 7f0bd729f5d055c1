"""What every page carries besides its own content."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Link:
    """A link with its words. ``href`` is a path of this service or an http(s) address."""

    words: str
    href: str


@dataclass(frozen=True, slots=True)
class Twin:
    """The same content for programs. ``name`` is what the visible link says (CSV, JSON)."""

    name: str
    href: str
    media_type: str


@dataclass(frozen=True, slots=True)
class Notice:
    """One sentence above the content: what just happened, or what to know. ``kind`` is good, information or warning."""

    words: str
    kind: str = "information"
    link: Link | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The values of the frame around a page.

    ``path`` is the current path without the query, ``here`` that with it: where a form leads back to; ``canonical`` the whole address for ``rel=canonical``; ``base_url``
    has no slash at its end. ``search_words`` fills the search box in the header.
    """

    service_name: str = "Alliance Gateway"
    path: str = "/"
    here: str = "/"
    base_url: str = ""
    canonical: str | None = None
    basket_count: int = 0
    version: str = ""
    is_demonstration: bool = False
    is_indexable: bool = True
    search_words: str = ""
    api_href: str | None = None
    """Where the API is documented, once it is."""
    contact: str | None = None
    """The e-mail address of the people who run the service."""
    person_name: str | None = None
    """Of whoever is signed in."""
    desks: tuple[Link, ...] = ()
    """Where they work: their custodian's workspace, triage, the administration."""
    csrf: str = ""
    """What the forms of a signed-in person carry."""
    twins: tuple[Twin, ...] = ()
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PageView:
    """Base of every view: names its template and carries the frame. Views hold plain values only.

    Dates and times are ISO 8601 strings (``2026-11-22`` or ``2026-11-22T04:10:00+00:00``); ``None`` is *not reported*.
    """

    template: ClassVar[str]
    uses_htmx: ClassVar[bool] = False
    width: ClassVar[str] = "wide"

    layout: Layout = field(default_factory=Layout)

    @property
    def title(self) -> str:
        """The specific part of the page's title; the service's name is added by the layout."""
        raise NotImplementedError

    @property
    def status(self) -> int:
        """The HTTP status this page answers with."""
        return 200

    @property
    def description(self) -> str | None:
        """One sentence for search engines and shared links."""
        return None

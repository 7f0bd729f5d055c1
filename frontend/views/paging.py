"""Links to the pages of a long list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PageLink:
    """``number`` None stands for a gap."""

    number: int | None
    href: str = ""


@dataclass(frozen=True, slots=True)
class Paging:
    """First, last and the neighbours of ``page``; no links where there is one page only."""

    page: int
    links: tuple[PageLink, ...] = ()
    previous: str | None = None
    next: str | None = None


def paging(page: int, pages: int, href: Callable[[int], str]) -> Paging:
    """Links made by ``href`` from page numbers, which begin at 1."""
    if pages < 2:
        return Paging(page)
    links: list[PageLink] = []
    for number in sorted({1, pages, *range(max(1, page - 1), min(pages, page + 1) + 1)}):
        if links and number - (links[-1].number or 0) > 1:
            links.append(PageLink(None))
        links.append(PageLink(number, href(number)))
    return Paging(page, tuple(links), href(page - 1) if page > 1 else None, href(page + 1) if page < pages else None)

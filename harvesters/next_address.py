"""Addresses that a listing names for going on: they must keep the listing's origin, or be on a host that was allowed.

A link to another name for the same server (an internal host name, ``http`` behind a proxy) with the path of the page in
hand is put on the listing's own origin.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urljoin, urlsplit, urlunsplit

LINK: Final = re.compile(r'<([^<>\s]{1,4000})>((?:\s*;\s*[a-zA-Z*]{1,40}\s*=\s*(?:"[^"]{0,500}"|[^\s;,"]{1,500})){0,20})')
REL_NEXT: Final = re.compile(r';\s*rel\s*=\s*(?:"[^"]*\bnext\b[^"]*"|next\b)', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class NextAddress:
    """``url`` is None for a link that is not followed. ``was_rewritten`` says that it was put on the listing's own origin."""

    url: str | None
    was_rewritten: bool = False


def next_address(link: str, page: str, *, allowed_hosts: Collection[str] = ()) -> NextAddress:
    """Where ``link``, found on ``page`` (whose address counts as the origin), leads."""
    try:
        target, origin = urlsplit(urljoin(page, link.strip())), urlsplit(page)
        same_server = _origin(target) == _origin(origin)
        is_allowed = target.scheme == origin.scheme and (target.hostname or "") in allowed_hosts
    except ValueError:
        return NextAddress(None)
    if target.scheme not in ("http", "https"):
        return NextAddress(None)
    if same_server or is_allowed:
        return NextAddress(urlunsplit(target._replace(fragment="")))
    if target.path == origin.path or target.hostname == origin.hostname:
        return NextAddress(urlunsplit(target._replace(scheme=origin.scheme, netloc=origin.netloc, fragment="")), was_rewritten=True)
    return NextAddress(None)


def is_same_origin(link: str, page: str, *, allowed_hosts: Collection[str] = ()) -> bool:
    found = next_address(link, page, allowed_hosts=allowed_hosts)
    return found.url is not None and not found.was_rewritten


def next_in_header(header: str | None) -> str | None:
    """The target of ``rel="next"`` in a ``Link`` header (RFC 8288)."""
    return next(_next_links(header or ""), None)


def _next_links(header: str) -> Iterator[str]:
    for found in LINK.finditer(header[:16_000]):
        if REL_NEXT.search(found.group(2)):
            yield found.group(1)


def _origin(address: SplitResult) -> tuple[str, str, int | None]:
    port = address.port or {"https": 443, "http": 80}.get(address.scheme)
    return address.scheme, (address.hostname or "").lower(), port

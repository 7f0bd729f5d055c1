"""DCAT endpoints that can be asked for what changed since a moment: listed in full once a week, asked for changes in between.

One remembered page stands for the whole listing: the moment to ask from, and every identifier that is listed. It is written when
something changed, so that asking in vain writes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, Protocol
from urllib.parse import quote, urlsplit, urlunsplit

from harvesters.change_memory import WEEK
from harvesters.source import Cursor, Held, HeldPage, Mark, PageUnreadable, Pass, RawRecord

OVERLAP: Final = timedelta(hours=1)
ENDED: Final[dict[str, Any]] = {"ended": True}
"""Behind the last page, before the end of the listing is noted."""


def without_parameter(url: str, parameter: str) -> str:
    """The address by which relative ones are read: the moment that was asked for is no part of anything's name."""
    if not parameter or f"{parameter}=" not in url:
        return url
    parts = urlsplit(url)
    kept = [pair for pair in parts.query.split("&") if not pair.startswith(f"{parameter}=")]
    return urlunsplit(parts._replace(query="&".join(kept)))


class Listing(Protocol):
    def __call__(self, after: Cursor | None = None, *, start: str | None = None) -> Iterator[RawRecord | Mark]: ...


class ChangesSince:
    def __init__(self, listing: Listing, held: Held, *, url: str, parameter: str, wanted: Pass, now: datetime) -> None:
        self._listing, self._held, self._wanted, self._now = listing, held, wanted, now
        self._url, self._parameter = url, parameter
        self._key = f"dcat-since:{hashlib.sha256(f'{url}|{parameter}'.encode()).hexdigest()[:12]}"

    def records(self, after: Cursor | None) -> Iterator[RawRecord | Mark]:
        if after == ENDED:
            yield Mark(cursor=None, page_key=self._key, complete=True)  # The next pass lists in full again.
            return
        position = self._held.page(self._key)
        if after is None and position is not None and position.etag and not self._is_listing_due(position):
            yield from self._changes(position, position.etag)
        else:
            yield from self._whole(after)

    def _is_listing_due(self, position: HeldPage) -> bool:
        try:
            listed_at = datetime.fromisoformat(position.last_modified or "")
        except ValueError:
            return True
        return self._wanted != "incremental" or self._now - listed_at >= WEEK

    def _whole(self, after: Cursor | None) -> Iterator[RawRecord | Mark]:
        ids: dict[str, None] = {}
        for item in self._listing(after):
            if isinstance(item, Mark):
                ids |= dict.fromkeys(item.local_ids)
            if isinstance(item, Mark) and item.complete:
                yield replace(item, complete=False, cursor=ENDED)
                is_all = after is None
                yield Mark(
                    cursor=None, page_key=self._key, local_ids=tuple(ids), etag=self._moment() if is_all else None,
                    last_modified=self._now.isoformat() if is_all else None, complete=True, declared_total=item.declared_total, warnings=item.warnings,
                )
            else:
                yield item

    def _changes(self, position: HeldPage, since: str) -> Iterator[RawRecord | Mark]:
        address = f"{self._url}{'&' if '?' in self._url else '?'}{self._parameter}={quote(since, safe='')}"
        received: dict[str, None] = {}
        last: Mark | None = None
        try:
            for item in self._listing(start=address):
                if isinstance(item, Mark):
                    received |= dict.fromkeys(item.local_ids)
                    last = item
                else:
                    yield item
        except PageUnreadable as problem:
            if problem.reason != "no-dataset":
                raise
        ids = tuple(dict.fromkeys((*position.local_ids, *received)))
        why = last.why_incomplete if last is not None else None
        is_new = bool(received) and why is None
        end = Mark(
            cursor=None, page_key=self._key, local_ids=ids, etag=self._moment() if is_new else since, last_modified=position.last_modified,
            warnings=last.warnings if last is not None else (),
        )
        if is_new:
            yield end
        yield replace(end, unchanged=True, complete=why is None, why_incomplete=why)  # Those that did not come are still there.

    def _moment(self) -> str:
        """An hour ago: clocks differ, and what is written takes a while until it is listed."""
        return f"{(self._now - OVERLAP).replace(microsecond=0, tzinfo=None).isoformat()}Z"

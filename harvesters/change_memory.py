"""What is remembered of a feed that can be asked for its changes: which records its last full listing named, and since when.

Such a feed is listed in full once a week (or as its protocol asks) and asked for changes in between. Between listings, the
pages of the last one stand for the records that did not change, so that asking costs one request and writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from harvesters.source import Held, HeldPage, Mark, Pass

WEEK = timedelta(days=7)
MONTH = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class Keys:
    """Names of remembered pages; ``name`` tells feeds of one source apart after its configuration changed."""

    name: str

    def page(self, number: int) -> str:
        return f"list:{self.name}:{number}"

    @property
    def changes(self) -> str:
        return f"changes:{self.name}"

    @property
    def position(self) -> str:
        return f"position:{self.name}"


class ChangeMemory:
    """``since`` is where the next question for changes begins, in the feed's own terms; ``None``: list it in full."""

    def __init__(self, held: Held, name: str, *, wanted: Pass, now: datetime, listing_every: timedelta = WEEK) -> None:
        self.keys = Keys(name)
        self._held = held
        position = held.page(self.keys.position)
        self._since = position.etag if position else None
        self._listed_at = position.last_modified if position else None
        self._now = now
        is_due = wanted != "incremental" or not self._since or not self.pages() or self._is_listing_due(listing_every)
        self.since = None if is_due else self._since

    def _is_listing_due(self, every: timedelta) -> bool:
        try:
            listed_at = datetime.fromisoformat(self._listed_at or "")
        except ValueError:
            return True
        return self._now - listed_at >= every

    def pages(self) -> list[HeldPage]:
        """The pages of the last full listing, in order."""
        found: list[HeldPage] = []
        while (page := self._held.page(self.keys.page(len(found) + 1))) is not None:
            found.append(page)
        return found

    def ids_before(self, page_number: int) -> set[str]:
        """What the listing's pages up to this one named, for a pass that goes on there."""
        return {local_id for page in self.pages()[:page_number] for local_id in page.local_ids}

    def after_listing(self, newest: str | None) -> Mark:
        """The end of a complete listing: from here on, changes are asked for."""
        return Mark(
            cursor=None, page_key=self.keys.position, etag=newest, last_modified=self._now.isoformat() if newest else None, complete=True,
        )

    def after_changes(self, received: Iterable[str], newest: str | None) -> Iterator[Mark]:
        """The end of a pass over changes. ``received`` are the records that came, ``newest`` the point they reach to."""
        listed = {local_id for page in self.pages() for local_id in page.local_ids}
        known = self._held.page(self.keys.changes)
        known_ids = known.local_ids if known else ()
        ids = tuple(dict.fromkeys((*known_ids, *(one for one in received if one not in listed))))
        if known or ids:
            yield Mark(cursor=None, page_key=self.keys.changes, local_ids=ids, unchanged=ids == known_ids)
            if ids != known_ids:  # Those that did not come this time are still there.
                yield Mark(cursor=None, page_key=self.keys.changes, local_ids=ids, unchanged=True)
        for page in self.pages():
            yield Mark(cursor=None, page_key=page.page_key, local_ids=page.local_ids, unchanged=True)
        point = max(filter(None, (self._since, newest)), default=None)
        yield Mark(
            cursor=None, page_key=self.keys.position, etag=point, last_modified=self._listed_at, complete=True,
            unchanged=point == self._since,
        )


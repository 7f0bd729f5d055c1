"""What every source of records looks like to the pipeline, and how it fails.

Errors::

    SourceError                the pass is incomplete: nothing is removed
    ├── FetchDeferred          may heal: time-outs, 429, 5xx; carries ``retry_after_seconds``
    ├── FetchRefused           will not heal by itself: credentials, refused address, 404 on a listing
    ├── PageUnreadable         a listing that is not what it should be: HTML, truncated JSON, not a list
    └── CursorRefused          the place to go on from is no longer known there: the pass starts again, once

    Stopped                    no failure: the run is to stop at once; passes through everything that handles failures

Each ``SourceError`` carries a reason code of ``REASONS`` (reasons.py), whose sentence and hint are shown to the custodian.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Protocol

from schemas.findings import Finding

Pass = Literal["incremental", "full", "audit"]
Cursor = dict[str, Any]


class SourceError(Exception):
    """A source, not a record, failed. ``reason`` is a code of harvesters/reasons.py; the text is for the custodian.

    ``answer`` is the beginning of what a server said with its refusal: some protocols put their own errors there.
    """

    answer: bytes = b""

    def __init__(self, reason: str, message: str, *, url: str | None = None, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.url = url
        self.retry_after_seconds = retry_after_seconds


class FetchDeferred(SourceError):
    """The request failed in a way that may heal."""


class FetchRefused(SourceError):
    """The request failed in a way that will not heal by itself."""


class PageUnreadable(SourceError):
    """A listing arrived but cannot be read."""


class CursorRefused(SourceError):
    """The server no longer knows the cursor that ``records(after=...)`` was given (an expired token, say)."""


class Stopped(BaseException):
    """The run is to stop at once. Not an ``Exception``, so that nobody takes it for a fault of a record."""


@dataclass(frozen=True, slots=True)
class Content:
    """The exact bytes of one document after transfer decoding, and the facts of how they came."""

    body: bytes
    media_type: str = "application/json"
    charset: str | None = None
    url: str | None = None
    status: int | None = None
    etag: str | None = None
    last_modified: str | None = None
    locator: str | None = None
    """Where in a bigger document this one was found: a line number, element number or JSON Pointer."""
    declared: str | None = None
    """The specification that a listing named for the document."""


def _never() -> Content:
    raise AssertionError("an entry with a problem is never read")


@dataclass(frozen=True, slots=True)
class RawRecord:
    """One record as a listing names it. ``read`` is lazy: a record whose trusted hint is unchanged costs no request.

    ``hint`` is whatever the listing says about change (version, modified, ETag); ``None`` means that it says nothing.
    ``listed`` is the list entry itself where the protocol has one. ``problem`` is a reason code for an entry that cannot be
    read at all (no identifier, say); then ``local_id`` may be empty and ``read`` is never called. ``replaces_held`` says that
    the entry stands where the state held now stood (an edited file): it came after it, even if it has no date to show for it.
    ``is_fetched`` says that ``read`` makes requests of its own, which may be under way beside those of other records.
    ``page_hash`` names the state of the page it stands on: a broken-off run that meets it again leaves out what it has done.
    """

    local_id: str
    read: Callable[[], Content]
    hint: str | None = None
    deleted: bool = False
    listed: dict[str, Any] | None = None
    problem: str | None = None
    problem_detail: str | None = None
    replaces_held: bool = False
    is_fetched: bool = False
    page_hash: str | None = None
    findings: tuple[Finding, ...] = ()
    """What was noticed while the record was taken out of its file: a cell that holds an error, a heading that is not known."""

    @classmethod
    def unusable(
        cls, problem: str, detail: str, *, local_id: str = "", listed: dict[str, Any] | None = None
    ) -> RawRecord:
        """An entry that cannot be read."""
        return cls(local_id, read=_never, listed=listed, problem=problem, problem_detail=detail)


@dataclass(frozen=True, slots=True)
class Mark:
    """Stands after the records of each page. ``cursor`` is opaque JSON from which the same source can go on, ``None`` on the
    last one. ``local_ids`` are all that the page lists: a resumed run knows from them what it has seen.

    ``complete`` on the last mark claims a whole traversal: every page answered, no declared total unreached.
    ``why_incomplete`` is a reason code when the last mark does not claim it. ``unchanged`` says that the page was answered
    304 or is byte-equal to the one held, so that the records of ``local_ids`` were not repeated. ``cursor_lives_seconds`` says
    how long the server keeps its place, where that is short: a run does not pause there.
    """

    cursor: Cursor | None
    page_key: str
    local_ids: tuple[str, ...] = ()
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    declared_total: int | None = None
    complete: bool = False
    unchanged: bool = False
    why_incomplete: str | None = None
    warnings: tuple[str, ...] = field(default=())
    cursor_lives_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class HeldPage:
    """What is remembered of a listing page from the last traversal. ``cursor`` is that of its mark: where it went on."""

    page_key: str
    etag: str | None
    last_modified: str | None
    body_hash: str | None
    local_ids: tuple[str, ...]
    cursor: Cursor | None = None
    ordinal: int = 0
    """Its place in that traversal, from 1."""


@dataclass(frozen=True, slots=True)
class HeldRecord:
    """What the catalogue holds for one local id of this source. Hashes are SHA-256 in hex."""

    local_id: str
    state: Literal["live", "missing", "removed", "withheld", "unpublished"]
    content_hash: str | None
    refused_hash: str | None
    hint: str | None
    modified: str | None
    known_hashes: frozenset[str] = frozenset()
    """Content hashes of all versions; filled only for sources whose listing mixes several states of a record."""
    version: str | None = field(default=None, compare=False)
    """The version that the record states for itself; for the rules only, so two states do not differ by it."""


class Held(Protocol):
    """A read-only view of what the catalogue holds for one source."""

    def page(self, page_key: str) -> HeldPage | None: ...

    def pages_of(self, local_id: str) -> Sequence[HeldPage]:
        """Those that named it in the last traversal."""
        ...

    def record(self, local_id: str) -> HeldRecord | None:
        """Also finds a record by an earlier id it was known under."""
        ...


class Source(Protocol):
    """One configured feed. Only the source itself failing raises (:class:`SourceError`); a bad record is a value."""

    kind: ClassVar[str]
    holds_history: ClassVar[bool]
    """True where a listing may hold several dated states of one record (a folder of files): then an older state becomes
    an earlier version and never replaces a newer one. False where what is received last is what holds."""

    def records(self, after: Cursor | None = None) -> Iterator[RawRecord | Mark]:
        """From the beginning, or from after the mark that had this cursor. Raises :class:`SourceError`, and
        :class:`CursorRefused` where the server does not know the place any more."""
        ...

"""The chain: each row's hash covers the row before it. Pure functions over values; no database, no clock."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final, Literal

import orjson

BEGINNING: Final = "0" * 64
LONGEST: Final = 300
Kind = Literal["changed", "missing", "reordered", "forked", "head mismatch"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A row of the audit as a value."""

    stream: str
    sequence: int
    at: datetime
    actor: str
    role: str
    action: str
    object: str
    outcome: str
    request_id: str
    digest: str
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class Wrong:
    """The first row of a stream that is not as it was written."""

    stream: str
    sequence: int
    kind: Kind

    @property
    def sentence(self) -> str:
        return f"{self.stream}: row {self.sequence} is {_WORDS[self.kind]}."


_WORDS: Final[Mapping[Kind, str]] = {
    "changed": "not as it was written (changed)", "missing": "gone (missing)", "reordered": "not where it was written (reordered)",
    "forked": "a second one after the same row (forked)", "head mismatch": "not the one whose hash was signed (head mismatch)",
}


def plain(text: str) -> str:
    """On one line, control and formatting characters escaped: what somebody typed never looks like a row of its own."""
    escaped = "".join(sign if sign.isprintable() else f"\\u{ord(sign):04x}" for sign in text)
    return escaped.encode("utf-8", "backslashreplace").decode()[:LONGEST]


def payload_digest(salt: str, payload: Mapping[str, Any]) -> str:
    return hashlib.sha256(salt.encode() + canonical(payload)).hexdigest()


def canonical(value: Any) -> bytes:
    """JSON with sorted names and no blanks; what JSON lacks is written as text."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS, default=str)


def row_hash(link: Link) -> str:
    """SHA-256 over the hash before and the canonical JSON of everything else."""
    told = {
        "stream": link.stream, "sequence": link.sequence, "at": link.at.astimezone(UTC).isoformat(timespec="microseconds"), "actor": link.actor,
        "role": link.role, "action": link.action, "object": link.object, "outcome": link.outcome, "request_id": link.request_id,
        "digest": link.digest,
    }
    return hashlib.sha256(link.previous.encode() + canonical(told)).hexdigest()


def first_wrong(read: Callable[[], Iterable[Link]], *, after: int = 0, previous: str = BEGINNING) -> Wrong | None:
    """The first row that is wrong, of one stream. ``read`` gives its rows in the order of their numbers, and is asked again only to
    tell what kind of wrong was found. ``after`` and ``previous`` are of the checkpoint where the rest begins."""
    number, last = after, previous
    for link in read():
        number += 1
        is_whole = row_hash(link) == link.hash
        if link.sequence != number or link.previous != last or not is_whole:
            return _told(link, number, [previous, *(one.hash for one in read())], is_whole=is_whole, after=after)
        last = link.hash
    return None


def _told(link: Link, number: int, hashes: Sequence[str], *, is_whole: bool, after: int) -> Wrong:
    """``hashes``: of the row that the checkpoint stands for, then of all rows."""
    if link.sequence < number:
        return Wrong(link.stream, link.sequence, "forked")
    if not is_whole:
        was_moved = any(row_hash(replace(link, sequence=one)) == link.hash for one in range(after + 1, after + len(hashes) + 2))
        return Wrong(link.stream, number, "reordered" if was_moved else "changed")
    if link.sequence > number:
        return Wrong(link.stream, number, "missing")
    if link.previous in hashes:
        is_behind = hashes.index(link.previous) < number - after - 1
        return Wrong(link.stream, number, "forked" if is_behind else "reordered")
    return Wrong(link.stream, max(number - 1, after + 1), "changed")

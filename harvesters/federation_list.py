"""Understanding a federation's list, however far it is from the published one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harvesters.fetch import Fetched
from harvesters.identity import UnusableIdError, local_id
from harvesters.json_listing import read_json
from harvesters.source import PageUnreadable

ID_FIELDS = ("persistentId", "identifier", "identifer", "pid", "id")
LIST_FIELDS = ("items", "datasets", "data", "results")


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of the list as understood.

    ``local_ids`` are distinct, in order; ``without_id`` counts the entries that have none; ``total`` is the declared one.
    """

    entries: tuple[Any, ...]
    local_ids: tuple[str, ...]
    without_id: int
    total: int | None
    body_hash: str
    etag: str | None
    last_modified: str | None

    @property
    def is_all_that_is_declared(self) -> bool:
        return self.total is None or len(self.local_ids) + self.without_id >= self.total


def read_page(answer: Fetched) -> ListPage:
    """Raises :class:`PageUnreadable`."""
    document = read_json(answer.body, charset=answer.charset, url=answer.url)
    entries = _entries_of(document)
    if entries is None:
        raise PageUnreadable("not-a-list", "The answer is JSON, but holds no list of datasets.", url=answer.url)
    found = [_usable_id(entry) for entry in entries]
    return ListPage(
        entries=tuple(entries), local_ids=tuple(dict.fromkeys(filter(None, found))), without_id=found.count(None),
        total=_total_of(document), body_hash=answer.body_hash, etag=answer.etag, last_modified=answer.last_modified,
    )


def _entries_of(document: Any) -> list[Any] | None:
    if isinstance(document, list):
        return document
    if not isinstance(document, dict):
        return None
    for name in LIST_FIELDS:
        value = document.get(name)
        if isinstance(value, list):
            return value
        if isinstance(value, dict) and (inner := _entries_of(value)) is not None:
            return inner
    return None


def _total_of(document: Any) -> int | None:
    """The declared total, at the root or under ``query``, as a number or as digits in a string."""
    if not isinstance(document, dict):
        return None
    query = document.get("query")
    for holder in (document, query if isinstance(query, dict) else {}):
        value = holder.get("total")
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
        if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit() and len(value) < 20:
            return int(value)
    return None


def entry_id(entry: Any) -> str | None:
    """The first usable identifier. Raises :class:`UnusableIdError`."""
    if not isinstance(entry, dict):
        return None
    candidates = (local_id(entry.get(name)) for name in ID_FIELDS)
    return next((found for found in candidates if found), None)


def _usable_id(entry: Any) -> str | None:
    try:
        return entry_id(entry)
    except UnusableIdError:
        return None


def hint(entry: Mapping[str, Any]) -> str | None:
    """What the list says about change. Any difference counts, up or down."""
    said = [entry.get("version"), entry.get("modified")]
    return None if said == [None, None] else json.dumps(said)

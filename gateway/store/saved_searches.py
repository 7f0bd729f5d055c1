"""Searches that people keep, and what each of them had found."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, case, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from gateway.errors import NotFound
from gateway.models import Record, SavedSearch, SavedSearchFind, Version
from gateway.store.records import VISIBLE

AT_ONCE: Final = 500
"""Values in one question to the database."""
SEEN_BEFORE_INDEXED: Final = timedelta(days=1)
"""At most: a run may be long, and only what is indexed is found."""


@dataclass(frozen=True, slots=True)
class News:
    """A dataset that is new in a kept search, or changed."""

    kind: Literal["new", "changed"]
    record_id: int
    ref: str
    slug: str | None
    title: str
    at: datetime
    is_new_in_catalogue: bool
    """First seen since; else it only began to fit the search."""


@dataclass(frozen=True, slots=True)
class Counts:
    new: int = 0
    changed: int = 0

    @property
    def any(self) -> bool:
        return bool(self.new or self.changed)


def add(session: Session, row: SavedSearch) -> None:
    session.add(row)
    session.flush()


def of_person(session: Session, subject: str) -> list[SavedSearch]:
    """The newest first."""
    query = select(SavedSearch).where(SavedSearch.subject == subject, SavedSearch.removed_at.is_(None))
    return list(session.scalars(query.order_by(SavedSearch.created_at.desc(), SavedSearch.id.desc())))


def lock_person(session: Session, subject: str) -> None:
    """Until the commit, so that of two who keep one more at the same moment the second counts the first. SQLite has one writer anyway."""
    session.execute(select(SavedSearch.id).where(SavedSearch.subject == subject).order_by(SavedSearch.id).with_for_update())


def get(session: Session, subject: str, public_id: str, *, is_removed: bool = False, locked: bool = False) -> SavedSearch:
    """Raises :class:`NotFound`, also for what is somebody else's."""
    state = SavedSearch.removed_at.is_not(None) if is_removed else SavedSearch.removed_at.is_(None)
    query = select(SavedSearch).where(SavedSearch.public_id == public_id, SavedSearch.subject == subject, state)
    row = session.scalar(query.with_for_update() if locked else query)
    if row is None:
        raise NotFound("There is no such saved search.", hint="Your saved searches are listed on your account page.")
    return row


def by_feed_token(session: Session, digest: str) -> SavedSearch | None:
    return session.scalar(select(SavedSearch).where(SavedSearch.feed_token_sha256 == digest, SavedSearch.removed_at.is_(None)))


def has_due(session: Session, *, now: datetime) -> bool:
    return session.scalar(select(SavedSearch.id).where(*_due(now)).limit(1)) is not None


def due(session: Session, *, now: datetime, limit: int) -> list[SavedSearch]:
    """Those to be run or told of, the ones that are due longest first."""
    return list(session.scalars(select(SavedSearch).where(*_due(now)).order_by(SavedSearch.look_due_at, SavedSearch.id).limit(limit)))


def unmoved(session: Session, seen: SavedSearch) -> SavedSearch | None:
    """The row, locked, if nobody else has run the search or told of it since it was read as ``seen``."""
    same = (SavedSearch.looked_at == seen.looked_at, SavedSearch.told_at == seen.told_at, SavedSearch.often == seen.often)
    return session.scalar(select(SavedSearch).where(SavedSearch.id == seen.id, SavedSearch.removed_at.is_(None), *same).with_for_update())


def put_off(session: Session, seen: SavedSearch, *, until: datetime) -> None:
    row = unmoved(session, seen)
    if row is not None:
        row.look_due_at = max(row.look_due_at, until)
        row.tell_due_at = max(row.tell_due_at, until) if row.tell_due_at is not None else None


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return SavedSearch.removed_at.is_(None), or_(SavedSearch.look_due_at <= now, SavedSearch.tell_due_at <= now)


def switch_off(session: Session, subject: str, public_id: str) -> None:
    """Tell of it no more. Of one that is not there, nothing."""
    mine = (SavedSearch.public_id == public_id, SavedSearch.subject == subject, SavedSearch.removed_at.is_(None))
    row = session.scalar(select(SavedSearch).where(*mine).with_for_update())
    if row is not None:
        row.often, row.tell_due_at = "off", None


# what was found


def visible(session: Session, refs: Sequence[str]) -> dict[int, int]:
    """Record -> its current version, of those of the datasets that are visible."""
    parts = (refs[start : start + AT_ONCE] for start in range(0, len(refs), AT_ONCE))
    query = select(Record.id, Record.current_version_id).where(Record.state.in_(VISIBLE))
    rows = (row for part in parts for row in session.execute(query.where(Record.ref.in_(part))))
    return {number: version for number, version in rows if version is not None}


def finds(session: Session, search_id: int) -> dict[int, SavedSearchFind]:
    return {row.record_id: row for row in session.scalars(select(SavedSearchFind).where(SavedSearchFind.search_id == search_id))}


def contents(session: Session, version_ids: Iterable[int]) -> dict[int, tuple[str, dict[str, Any]]]:
    """Version -> the hash of what its source sent, and what it says."""
    wanted = sorted(set(version_ids))
    parts = (wanted[start : start + AT_ONCE] for start in range(0, len(wanted), AT_ONCE))
    query = select(Version.id, Version.content_hash, Version.canonical)
    return {number: (digest, said) for part in parts for number, digest, said in session.execute(query.where(Version.id.in_(part)))}


def add_finds(session: Session, search_id: int, found: Mapping[int, int], *, found_at: datetime) -> None:
    """Record -> version."""
    rows = [
        {"search_id": search_id, "record_id": record, "version_id": version, "found_at": found_at, "changed_at": None, "is_found": True}
        for record, version in found.items()
    ]
    if rows:
        session.execute(insert(SavedSearchFind), rows)


def set_finds(session: Session, search_id: int, changes: Mapping[int, Mapping[str, Any]]) -> None:
    """Record -> the columns that become otherwise."""
    rows = [{"search_id": search_id, "record_id": record, **values} for record, values in changes.items()]
    if rows:
        session.execute(update(SavedSearchFind), rows)


def drop_finds(session: Session, search_id: int, record_ids: Collection[int]) -> None:
    wanted = sorted(record_ids)
    for start in range(0, len(wanted), AT_ONCE):
        part = wanted[start : start + AT_ONCE]
        session.execute(delete(SavedSearchFind).where(SavedSearchFind.search_id == search_id, SavedSearchFind.record_id.in_(part)))


def count_found(session: Session, search_ids: Collection[int]) -> dict[int, int]:
    """How many visible datasets each search finds."""
    query = select(SavedSearchFind.search_id, func.count()).join(Record, Record.id == SavedSearchFind.record_id)
    shown = query.where(SavedSearchFind.search_id.in_(search_ids), SavedSearchFind.is_found, Record.state.in_(VISIBLE))
    return {number: int(count) for number, count in session.execute(shown.group_by(SavedSearchFind.search_id))}


def count_unseen(session: Session, search_ids: Collection[int]) -> dict[int, Counts]:
    """News since each search was last seen by its person."""
    is_new = SavedSearchFind.found_at > SavedSearch.seen_at
    is_changed = SavedSearchFind.changed_at > SavedSearch.seen_at
    query = (
        select(SavedSearch.id, func.sum(case((is_new, 1), else_=0)), func.sum(case((is_new, 0), (is_changed, 1), else_=0)))
        .join(SavedSearchFind, SavedSearchFind.search_id == SavedSearch.id).join(Record, Record.id == SavedSearchFind.record_id)
        .where(SavedSearch.id.in_(search_ids), SavedSearchFind.is_found, Record.state.in_(VISIBLE), or_(is_new, is_changed))
        .group_by(SavedSearch.id)
    )  # fmt: skip
    return {number: Counts(int(new), int(changed)) for number, new, changed in session.execute(query)}


def news(session: Session, search_id: int, *, since: datetime, limit: int) -> list[News]:
    """New ones first, then by title."""
    is_new = SavedSearchFind.found_at > since
    query = (
        select(SavedSearchFind, Record).join(Record, Record.id == SavedSearchFind.record_id)
        .where(*_unread(search_id, since), Record.state.in_(VISIBLE)).order_by(is_new.desc(), Record.title, Record.id).limit(limit)
    )  # fmt: skip
    return [_news(find, record, since) for find, record in session.execute(query)]


def count_news(session: Session, search_id: int, *, since: datetime) -> Counts:
    is_new = SavedSearchFind.found_at > since
    query = select(func.count(), func.sum(case((is_new, 1), else_=0))).select_from(SavedSearchFind).join(Record, Record.id == SavedSearchFind.record_id)
    count, new = session.execute(query.where(*_unread(search_id, since), Record.state.in_(VISIBLE))).one()
    return Counts(int(new or 0), int(count) - int(new or 0))


def _unread(search_id: int, since: datetime) -> tuple[ColumnElement[bool], ...]:
    later = or_(SavedSearchFind.found_at > since, SavedSearchFind.changed_at > since)
    return SavedSearchFind.search_id == search_id, SavedSearchFind.is_found.is_(True), later


def _news(find: SavedSearchFind, record: Record, since: datetime) -> News:
    is_new = find.found_at > since
    at = find.found_at if is_new else find.changed_at or find.found_at
    return News("new" if is_new else "changed", record.id, record.ref, record.slug, record.title or record.local_id, at, record.first_seen_at > since - SEEN_BEFORE_INDEXED)


# forgetting


def forget_removed(session: Session, *, before: datetime) -> int:
    gone = list(session.scalars(select(SavedSearch.id).where(SavedSearch.removed_at < before)))
    _forget(session, gone)
    return len(gone)


def forget_person(session: Session, subject: str) -> None:
    _forget(session, list(session.scalars(select(SavedSearch.id).where(SavedSearch.subject == subject))))


def _forget(session: Session, search_ids: Collection[int]) -> None:
    if search_ids:
        session.execute(delete(SavedSearchFind).where(SavedSearchFind.search_id.in_(search_ids)))
        session.execute(delete(SavedSearch).where(SavedSearch.id.in_(search_ids)))

"""Records and their versions as a run meets them and as the catalogue reads them; changes.py writes them."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Table, bindparam, delete, func, select
from sqlalchemy.orm import Session, defer

from gateway.errors import NotFound
from gateway.models import Alias, Custodian, IndexEntry, Raw, Record, Run, SeriesMember, Source, Version
from gateway.store.sources import pages
from gateway.store.upserts import insert_into
from harvesters.source import HeldPage, HeldRecord

VISIBLE = ("live", "missing")


class HeldView:
    """What is held for one source, read once at the start of a run. Follows the run's own writes by :meth:`note`."""

    def __init__(self, pages: Mapping[str, HeldPage], records: dict[str, HeldRecord], former: dict[str, str]) -> None:
        self._pages = pages
        self._records = records
        self._former = former

    def page(self, page_key: str) -> HeldPage | None:
        return self._pages.get(page_key)

    def pages_of(self, local_id: str) -> Sequence[HeldPage]:
        return self._pages_of.get(local_id, ())

    @cached_property
    def _pages_of(self) -> dict[str, list[HeldPage]]:
        found: dict[str, list[HeldPage]] = {}
        for page in self._pages.values():
            for local_id in page.local_ids:
                found.setdefault(local_id, []).append(page)
        return found

    def pages_until(self, ordinal: int, *others: str) -> list[HeldPage]:
        """The first pages of the traversal that goes on, and others that are named."""
        return [page for page in self._pages.values() if page.ordinal <= ordinal or page.page_key in others]

    def record(self, local_id: str) -> HeldRecord | None:
        return self._records.get(local_id) or self._records.get(self._former.get(local_id, ""))

    def note(self, record: HeldRecord, former_ids: Iterable[str]) -> None:
        """Remember what the run just wrote, so that a second state of the same record meets it."""
        for former in former_ids:
            if former != record.local_id:
                self._records.pop(former, None)
                self._former[former] = record.local_id
        self._records[record.local_id] = record

    def by_state(self, *states: str) -> frozenset[str]:
        return frozenset(local_id for local_id, record in self._records.items() if record.state in states)


def held(session: Session, source: Source, *, with_history: bool) -> HeldView:
    known = {
        page.page_key: HeldPage(
            page.page_key, page.etag, page.last_modified, page.body_hash, tuple(page.local_ids), page.next_cursor, page.ordinal,
        )
        for page in pages(session, source.id)
    }
    hashes: dict[int, set[str]] = {}
    if with_history:
        undone = select(Run.undoes_run_id).where(Run.source_id == source.id, Run.undoes_run_id.is_not(None))
        stands = Version.run_id.is_(None) | Version.run_id.not_in(undone)
        query = select(Version.record_id, Version.content_hash).join(Record).where(Record.source_id == source.id, stands)
        for record_id, content_hash in session.execute(query):
            hashes.setdefault(record_id, set()).add(content_hash)
    current = select(Record, Version.stated_version).outerjoin(Version, Version.id == Record.current_version_id)
    rows = [(row, version) for row, version in session.execute(current.where(Record.source_id == source.id))]
    names = {row.id: row.local_id for row, _ in rows}
    records = {row.local_id: as_held(row, hashes.get(row.id, ()), version=version) for row, version in rows}
    former = session.execute(
        select(Alias.value, Alias.record_id).where(Alias.source_id == source.id, Alias.kind == "former")
    )
    return HeldView(known, records, {value: names[record_id] for value, record_id in former})


def as_held(row: Record, known_hashes: Iterable[str] = (), *, version: str | None = None) -> HeldRecord:
    return HeldRecord(
        local_id=row.local_id, state=row.state, content_hash=row.content_hash, refused_hash=row.refused_hash,  # type: ignore[arg-type]  # the column holds only these states
        hint=row.hint, modified=row.modified, known_hashes=frozenset(known_hashes), version=version,
    )


def new_ref(source_slug: str, local_id: str) -> str:
    """A short public identifier: ten characters of base 32 over the identity, the same on every installation."""
    digest = hashlib.sha256(f"{source_slug}\0{local_id}".encode()).digest()
    return base64.b32encode(digest).decode().lower()[:10]


def touch_index(session: Session, record: Record, *, now: datetime) -> None:
    """Say that the index must see this record again; the row is read by the job ``index`` after the commit."""
    record.change_number += 1
    queue_for_index(session, [record], now=now)


def queue_for_index(session: Session, touched: Iterable[Record], *, now: datetime) -> None:
    """Put records into the index queue as they are now, in one statement; those that wait already stay once."""
    rows = [{"record_id": record.id, "change_number": record.change_number, "queued_at": now} for record in touched]
    if not rows:
        return
    assert isinstance(IndexEntry.__table__, Table)
    new = insert_into(session, IndexEntry.__table__)
    changes = {"change_number": new.excluded.change_number, "queued_at": new.excluded.queued_at}
    session.execute(new.on_conflict_do_update(index_elements=["record_id"], set_=changes), rows)


@dataclass(frozen=True, slots=True)
class DatasetRow:
    """A visible dataset with all that pages, the API and the index need."""

    record: Record
    version: Version
    custodian: Custodian | None
    source: Source


NOT_INDEXED = (defer(Version.carried), defer(Version.losses), defer(Version.findings), defer(Version.changed_paths))
"""The larger part of a version, which a search document is made without."""


def _dataset_query() -> Any:
    return (
        select(Record, Version, Custodian, Source)
        .join(Version, Version.id == Record.current_version_id)
        .join(Source, Source.id == Record.source_id)
        .outerjoin(Custodian, Custodian.id == Record.custodian_id)
    )


def by_ref(session: Session, ref: str) -> Record | None:
    return session.scalar(select(Record).where(Record.ref == ref))


def dataset(session: Session, ref: str) -> DatasetRow | None:
    """By its short public identifier, whatever its state."""
    row = session.execute(_dataset_query().where(Record.ref == ref)).one_or_none()
    return DatasetRow(*row) if row else None


def datasets(session: Session, record_ids: Sequence[int], *, for_index: bool = False) -> list[DatasetRow]:
    """Those that are visible."""
    query = _dataset_query().where(Record.id.in_(record_ids), Record.state.in_(VISIBLE))
    if for_index:
        query = query.options(*NOT_INDEXED)
    return [DatasetRow(*row) for row in session.execute(query)]


def datasets_page(
    session: Session, *, after_id: int = 0, limit: int = 25, custodian_id: int | None = None, series: str | None = None, for_index: bool = False
) -> list[DatasetRow]:
    """Visible datasets in a stable order, by internal number."""
    query = _dataset_query().where(Record.state.in_(VISIBLE), Record.id > after_id).order_by(Record.id).limit(limit)
    if custodian_id is not None:
        query = query.where(Record.custodian_id == custodian_id)
    if series is not None:
        query = query.where(Record.id.in_(select(SeriesMember.record_id).where(SeriesMember.url == series)))
    if for_index:
        query = query.options(*NOT_INDEXED)
    return [DatasetRow(*row) for row in session.execute(query)]


def id_before(session: Session, offset: int, *, custodian_id: int | None = None) -> int:
    """The internal number after which the page begins that leaves out ``offset`` visible datasets."""
    if not offset:
        return 0
    query = select(Record.id).where(Record.state.in_(VISIBLE)).order_by(Record.id).offset(offset - 1).limit(1)
    if custodian_id is not None:
        query = query.where(Record.custodian_id == custodian_id)
    return session.scalar(query) or 2**31 - 1


def refs_by_identifier(session: Session, identifier: str) -> list[str]:
    """Datasets known under an identifier of the custodian's own: local id, PID, DOI, former id or address."""
    by_alias = select(Record.ref).join(Alias, Alias.record_id == Record.id).where(Alias.value == identifier)
    by_id = select(Record.ref).where((Record.local_id == identifier) | (Record.pid == identifier))
    return list(dict.fromkeys([*session.scalars(by_id), *session.scalars(by_alias)]))


def aliases(session: Session, record_ids: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    query = select(Alias.record_id, Alias.value).where(Alias.record_id.in_(record_ids)).order_by(Alias.id)
    for record_id, value in session.execute(query):
        found.setdefault(record_id, []).append(value)
    return found


def versions(session: Session, record_id: int) -> list[Version]:
    """Newest first; older states that came later stand where their own dates put them."""
    rows = list(session.scalars(select(Version).where(Version.record_id == record_id).order_by(Version.number.desc())))
    return sorted(rows, key=lambda row: (not row.is_older_state, row.stated_modified or "" if row.is_older_state else ""), reverse=True)


def version(session: Session, record_id: int, number: int) -> Version:
    row = session.scalar(select(Version).where(Version.record_id == record_id, Version.number == number))
    if row is None:
        raise NotFound(f"This dataset has no version {number}.", hint="The versions page lists all of them.")
    return row


def version_by_id(session: Session, version_id: int) -> Version | None:
    return session.get(Version, version_id)


def current_canonical(session: Session, source_id: int, local_id: str) -> dict[str, Any] | None:
    """What the current version of a source's record says."""
    current = select(Version.canonical).join(Record, Record.current_version_id == Version.id)
    return session.scalar(current.where(Record.source_id == source_id, Record.local_id == local_id))


def raw(session: Session, raw_id: int | None) -> Raw:
    row = session.get(Raw, raw_id) if raw_id is not None else None
    if row is None:
        raise NotFound("No submitted original is kept for this version.")
    return row


def queued_for_index(session: Session, *, limit: int) -> list[IndexEntry]:
    return list(session.scalars(select(IndexEntry).order_by(IndexEntry.queued_at, IndexEntry.record_id).limit(limit)))


def count_queued_for_index(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(IndexEntry)) or 0


def indexed(session: Session, entries: Iterable[IndexEntry]) -> None:
    """Take entries off the queue, unless the record changed again meanwhile."""
    rows = [{"had_record": entry.record_id, "had_number": entry.change_number} for entry in entries]
    table = IndexEntry.__table__
    assert isinstance(table, Table)
    had = (table.c.record_id == bindparam("had_record"), table.c.change_number == bindparam("had_number"))
    if rows:
        session.execute(delete(table).where(*had), rows)


def states(session: Session, record_ids: Sequence[int]) -> list[Record]:
    return list(session.scalars(select(Record).where(Record.id.in_(record_ids))))


def visible_change_numbers(session: Session) -> dict[str, tuple[int, int]]:
    """ref -> (record id, change number) of every visible dataset: one side of the comparison with the index."""
    query = select(Record.ref, Record.id, Record.change_number).where(Record.state.in_(VISIBLE))
    return {ref: (record_id, number) for ref, record_id, number in session.execute(query)}


def count_visible(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Record).where(Record.state.in_(VISIBLE))) or 0


def count_columns(session: Session) -> int:
    """Columns described by all visible datasets together."""
    return int(session.scalar(select(func.sum(Record.column_count)).where(Record.state.in_(VISIBLE))) or 0)


def qualities(session: Session, *, custodian_id: int | None = None) -> list[float]:
    """Scores of all visible datasets, or of those of one custodian."""
    query = (
        select(Version.quality)
        .join(Record, Record.current_version_id == Version.id)
        .where(Record.state.in_(VISIBLE), Version.quality.is_not(None))
    )
    if custodian_id is not None:
        query = query.where(Record.custodian_id == custodian_id)
    return [value for value in session.scalars(query) if value is not None]


def quality_changes(session: Session, custodian_id: int) -> list[tuple[datetime, int, float]]:
    """(since when, record, score) of every version of a custodian's visible datasets, oldest first."""
    query = (
        select(Version.valid_from, Version.record_id, Version.quality)
        .join(Record, Record.id == Version.record_id)
        .where(
            Record.custodian_id == custodian_id, Record.state.in_(VISIBLE), Version.quality.is_not(None),
            Version.is_older_state.is_(False),
        )
        .order_by(Version.valid_from, Version.id)
    )
    return [(at, record_id, value) for at, record_id, value in session.execute(query) if value is not None]


def recently_changed(session: Session, *, limit: int) -> list[DatasetRow]:
    query = _dataset_query().where(Record.state.in_(VISIBLE)).order_by(Record.last_changed_at.desc(), Record.id.desc())
    return [DatasetRow(*row) for row in session.execute(query.limit(limit))]


def count_by_state(session: Session, source_id: int) -> dict[str, int]:
    query = select(Record.state, func.count()).where(Record.source_id == source_id).group_by(Record.state)
    return {state: int(count) for state, count in session.execute(query)}


def count_by_source_and_state(session: Session, source_ids: Collection[int]) -> dict[int, dict[str, int]]:
    """The same for many sources at once."""
    query = select(Record.source_id, Record.state, func.count()).where(Record.source_id.in_(source_ids)).group_by(Record.source_id, Record.state)
    counted: dict[int, dict[str, int]] = {}
    for source_id, state, count in session.execute(query):
        counted.setdefault(source_id, {})[state] = int(count)
    return counted


def data_version(session: Session) -> str:
    """Changes whenever any dataset does; the seed of entity tags on lists."""
    row = session.execute(select(func.count(), func.max(Record.last_changed_at), func.sum(Record.change_number)).select_from(Record)).one()
    return ":".join(str(value) for value in row)

"""The published catalogue: datasets as people and programs see them, and the index that finds them.

The index is a cache of the database. What changed stands in a queue table, written in the change's own transaction; the
job :meth:`Catalogue.index_pending` empties it and may run twice. An index that is lost, damaged or of another mapping
is noticed at start and rebuilt; a lost queue row is found by :meth:`Catalogue.repair`.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy.orm import Session

from gateway.access.offering import Offer, offers
from gateway.catalogue.scanned import to_be_searched
from gateway.errors import Gone, NotFound, Unavailable
from gateway.models import IndexEntry, Raw, Record, Version
from gateway.store import Store, groups, records, requests, runs, scans
from gateway.store.database import utc_now
from gateway.store.files import Files
from gateway.store.groups import Described
from gateway.store.records import DatasetRow
from gateway.store.requests import Asked
from gateway.store.scans import Kept
from gateway.store.titles import newest, titles
from schemas.record import Dataset
from search.document import Description, Facts, search_document
from search.engine import IndexLocked, Page, Query, SearchDocument, SearchEngine, SearchUnavailable, Similar, Suggestion

log = structlog.get_logger(__name__)
BATCH: Final = 1000
LAPSED_WITHIN: Final = timedelta(days=7)
"""How far back a comparison with the index looks for routes that have lapsed."""


@dataclass(frozen=True, slots=True)
class Published:
    """One dataset as published: its row, its canonical record and the other identifiers it is known under."""

    row: DatasetRow
    dataset: Dataset
    aliases: tuple[str, ...]
    offer: Offer

    @property
    def accepts_requests(self) -> bool:
        """By a route that is known; others are passed on by hand."""
        return self.offer.status == "open"


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What stays of a dataset that was removed."""

    record: Record
    custodian_name: str | None
    last_version: Version


class Catalogue:
    def __init__(self, store: Store, engine: SearchEngine, files: Files, *, shares_index: bool = False, clock: Callable[[], datetime] = utc_now) -> None:
        """``shares_index``: other processes write to the same index, so this one lets go of it after each write."""
        self.store = store
        self.engine = engine
        self.files = files
        self._shares_index = shares_index
        self._clock = clock

    # reading

    def search(self, query: Query) -> Page:
        """Raises :class:`Unavailable` where the index cannot be reached; never an empty page instead."""
        try:
            return self.engine.search(query)
        except SearchUnavailable as error:
            raise _unavailable(error) from error

    def search_variables(self, query: Query) -> Page:
        """Columns of all datasets, as :meth:`search` does datasets."""
        try:
            return self.engine.search_variables(query)
        except SearchUnavailable as error:
            raise _unavailable(error) from error

    def similar(self, ref: str, limit: int = 5) -> tuple[Similar, ...]:
        """Datasets like this one, with what they share."""
        try:
            return self.engine.similar(ref, limit)
        except SearchUnavailable as error:
            raise _unavailable(error) from error

    def titles(self, refs: Sequence[str]) -> dict[str, tuple[str, str | None]]:
        """ref -> (title, slug) of those that are visible."""
        with self.store.reading() as session:
            return titles(session, refs)

    def newest(self, refs: Sequence[str], limit: int) -> list[Published]:
        """Those of the datasets that changed last, newest first."""
        with self.store.reading() as session:
            wanted = newest(session, refs, limit)
        return self.get_many(wanted)

    def suggest(self, prefix: str, limit: int = 10) -> tuple[Suggestion, ...]:
        try:
            return self.engine.suggest(prefix, limit)
        except SearchUnavailable as error:
            raise _unavailable(error) from error

    def get(self, ref: str) -> Published:
        """Raises :class:`NotFound`, or :class:`Gone` with a :class:`Tombstone` for a dataset that was removed."""
        with self.store.reading() as session:
            row = records.dataset(session, ref)
            if row is None or row.record.state in ("unpublished", "withheld"):
                raise NotFound(f"There is no dataset {ref!r}.", hint="Search for its title or for the identifier its custodian uses.")
            if row.record.state == "removed":
                name = row.custodian.name if row.custodian else None
                raise Gone(
                    f"{row.record.title} was removed from the catalogue.", hint=row.record.removal_reason or "",
                    extra=Tombstone(row.record, name, row.version),
                )
            return self._published(session, [row])[0]

    def get_many(self, refs: Iterable[str]) -> list[Published]:
        """Those of the datasets that are visible, in the order asked for."""
        with self.store.reading() as session:
            rows = [row for ref in refs if (row := records.dataset(session, ref)) and row.record.state in records.VISIBLE]
            return self._published(session, rows)

    def by_numbers(self, record_ids: Sequence[int]) -> dict[int, Published]:
        """Those of the datasets that are visible, by our number of the record."""
        with self.store.reading() as session:
            return {one.row.record.id: one for one in self._published(session, records.datasets(session, record_ids))}

    def listing(self, *, after_id: int = 0, limit: int = 25, custodian_id: int | None = None, series: str | None = None) -> list[Published]:
        with self.store.reading() as session:
            rows = records.datasets_page(session, after_id=after_id, limit=limit, custodian_id=custodian_id, series=series)
            return self._published(session, rows)

    def recently_changed(self, limit: int = 5) -> list[Published]:
        with self.store.reading() as session:
            return self._published(session, records.recently_changed(session, limit=limit))

    @staticmethod
    def facts(published: Published) -> Facts:
        """What search knows of a dataset beside its record."""
        return _facts(published)

    def resolve(self, identifier: str) -> str | None:
        """The short identifier of the dataset known under a custodian's identifier, DOI or address."""
        with self.store.reading() as session:
            found = records.refs_by_identifier(session, identifier.strip())
        return found[0] if found else None

    def versions(self, ref: str) -> list[Version]:
        published = self.get(ref)
        with self.store.reading() as session:
            return records.versions(session, published.row.record.id)

    def version(self, ref: str, number: int) -> Version:
        published = self.get(ref)
        with self.store.reading() as session:
            return records.version(session, published.row.record.id, number)

    def original(self, version: Version) -> tuple[Raw, bytes]:
        """The bytes exactly as they were submitted, and how they came. Raises :class:`NotFound`."""
        with self.store.reading() as session:
            raw = records.raw(session, version.raw_id)
        return raw, self.files.get(raw.sha256)

    def data_version(self) -> str:
        with self.store.reading() as session:
            return records.data_version(session)

    # the index

    def index_pending(self) -> int:
        """Write what waits in the queue to the index; returns how many. 0 where another process owns the writer."""
        try:
            return self._index_queued()
        finally:
            self._let_go()

    def _index_queued(self) -> int:
        done = 0
        while True:
            started = time.perf_counter()
            with self.store.reading() as session:
                entries = records.queued_for_index(session, limit=BATCH)
                mates = groups.mates(session, [entry.record_id for entry in entries])
            self._change(mates)
            with self.store.reading() as session:
                documents, gone, of_runs = self._split(session, entries, mates)
            if not entries:
                return done
            try:
                self.engine.index(documents)
                self.engine.remove(gone)
            except IndexLocked:
                return done
            with self.store.transaction() as tx:
                records.indexed(tx.session, entries)
            self._note_time(of_runs, entries, seconds=time.perf_counter() - started)
            done += len(entries)

    def _change(self, mates: Iterable[int]) -> None:
        """What changed of a record may change which of its dataset is shown first, so the others are written again, as newer. One by one, so
        that nobody who writes several records waits for the second of them with the first in hand."""
        for record_id in sorted(mates):
            with self.store.transaction() as tx:
                groups.change(tx.session, record_id)

    def _note_time(self, of_runs: Counter[int], entries: list[IndexEntry], *, seconds: float) -> None:
        """Each run has its records' part. In a transaction of its own, so that nobody waits for a run while records are locked."""
        each = {run_id: 1000 * seconds * count / len(entries) for run_id, count in of_runs.items()}
        if each:
            with self.store.transaction() as tx:
                runs.note_index_time(tx.session, each, queued_at=min(entry.queued_at for entry in entries))

    def ensure_index(self, progress: Callable[[int], None] | None = None) -> str | None:
        """At start: rebuild an index that cannot be used; returns why it was rebuilt, or None."""
        state = self.engine.state()
        if state.is_usable:
            self.repair()
            self._let_go()
            return None
        log.info("index.rebuilding", reason=state.reason)
        self.rebuild(force=True, progress=progress)
        return state.reason

    def rebuild(self, *, force: bool = False, progress: Callable[[int], None] | None = None) -> int:
        """Build a new index from the database beside the old one and swap; then index what changed meanwhile."""
        count = self.engine.rebuild(self._all_documents(progress), force=force)
        self.index_pending()
        return count

    def roll_back(self) -> int:
        """Let the index serve that served before the last rebuild, and queue what it lacks; returns how many that is.
        Raises SearchError where no former index is kept."""
        self.engine.roll_back()
        return self.repair()

    def repair(self) -> int:
        """Compare index and database and queue every difference; returns how many were found. What can no longer be asked for as before,
        because nobody confirmed it, is queued too."""
        now = self._clock()
        with self.store.transaction() as tx:
            requests.touch_lapsed(tx.session, since=now - LAPSED_WITHIN, now=now)
        try:
            held = self.engine.versions()
        except SearchUnavailable as error:
            raise _unavailable(error) from error
        with self.store.reading() as session:
            wanted = records.visible_change_numbers(session)
        stale = [record_id for ref, (record_id, number) in wanted.items() if held.get(ref, -1) < number]
        surplus = [ref for ref in held if ref not in wanted]
        if stale:
            with self.store.transaction() as tx:
                records.queue_for_index(tx.session, records.states(tx.session, stale), now=utc_now())
        if surplus:
            try:
                self.engine.remove(surplus)
            except IndexLocked:
                log.info("index.repair_left_to_owner", surplus=len(surplus))
        return len(stale) + len(surplus)

    def _let_go(self) -> None:
        if self._shares_index:
            self.engine.close()

    def _all_documents(self, progress: Callable[[int], None] | None) -> Iterator[SearchDocument]:
        after_id = done = 0
        while True:
            with self.store.reading() as session:
                rows = records.datasets_page(session, after_id=after_id, limit=BATCH, for_index=True)
                documents = self._documents(session, rows)
            if not rows:
                return
            yield from documents
            after_id, done = rows[-1].record.id, done + len(rows)
            if progress:
                progress(done)

    def _split(self, session: Session, entries: list[IndexEntry], mates: Set[int]) -> tuple[list[SearchDocument], list[str], Counter[int]]:
        """What is to be written and to be removed, and how many documents came of each run."""
        queued = {entry.record_id for entry in entries}
        ids = sorted(queued | mates)
        rows = records.datasets(session, ids, for_index=True)
        shown = {row.record.id for row in rows}
        hidden = [record_id for record_id in ids if record_id not in shown]
        gone = [record.ref for record in records.states(session, hidden)] if hidden else []
        of_runs = Counter(row.version.run_id for row in rows if row.version.run_id is not None and row.record.id in queued)
        return self._documents(session, rows), gone, of_runs

    def _documents(self, session: Session, rows: list[DatasetRow]) -> list[SearchDocument]:
        scanned = scans.of_records(session, [row.record for row in rows])
        grouped = groups.groups(session, [row.record.id for row in rows])
        described = groups.described(session, {number for members in grouped.values() for number in members})
        return [
            _document(published, scanned.get(number, ()), [(one, described[one]) for one in grouped.get(number, ())])
            for published in self._published(session, rows)
            for number in (published.row.record.id,)
        ]

    def _published(self, session: Session, rows: list[DatasetRow]) -> list[Published]:
        known = records.aliases(session, [row.record.id for row in rows])
        offered = offers(session, [Asked(row.record, row.version, row.custodian) for row in rows], now=self._clock())
        return [
            Published(row, Dataset.from_json(row.version.canonical), tuple(known.get(row.record.id, ())), offered[row.record.ref])
            for row in rows
        ]


def _document(published: Published, kept: Sequence[Kept], members: Sequence[tuple[int, Described]]) -> SearchDocument:
    """``members`` are the records that are this dataset, the one to show first at the front; none where it is alone."""
    number = published.row.record.id
    others = tuple(Description(one.ref, one.title, one.slug, one.custodian_name, one.known_as) for member, one in members if member != number)
    facts = replace(_facts(published), others=others, is_behind=bool(members) and members[0][0] != number)
    if not kept:
        return search_document(published.dataset, facts)
    dataset, from_scan = to_be_searched(published.dataset, kept)
    return search_document(dataset, replace(facts, from_scan=from_scan))


def _facts(published: Published) -> Facts:
    record, version, custodian = published.row.record, published.row.version, published.row.custodian
    return Facts(
        ref=record.ref,
        pid=record.pid,
        version=record.change_number,
        custodian_slug=custodian.slug if custodian else None,
        custodian_name=custodian.name if custodian else None,
        custodian_category=custodian.category if custodian else None,
        aliases=(record.local_id, *published.aliases),
        first_seen=record.first_seen_at.isoformat(),
        updated=record.last_changed_at.isoformat(),
        request_status=published.offer.status,
        request_reason=published.offer.reason,
        quality=version.quality,
        findings_errors=version.findings_errors,
        is_demonstration=bool(custodian and custodian.is_demonstration),
        spec_version=version.shape,
    )


def _unavailable(error: SearchUnavailable) -> Unavailable:
    return Unavailable(
        "The search index cannot be reached just now.", hint="Nothing is lost. Try again in a moment.",
        retry_after_seconds=error.retry_after_seconds,
    )

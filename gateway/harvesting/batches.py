"""Outcomes on their way into the database: collected, committed a batch at a time, the culprit alone where one is refused."""

from __future__ import annotations

import time
from collections import Counter
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy.exc import DataError, IntegrityError, ProgrammingError

from gateway.harvesting import following
from gateway.harvesting.attempt import Attempt
from gateway.harvesting.outcome_change import change_for
from gateway.judging.siblings import Others
from gateway.store import Transaction, sources
from gateway.store.changes import Change, apply
from harvesters.pipeline import Outcome
from harvesters.source import Mark

log = structlog.get_logger(__name__)
BATCH_RECORDS = 100
BATCH_SECONDS = 2.0
BATCH_BYTES = 4 * 1024 * 1024
REFUSED_BY_DATABASE = (DataError, IntegrityError, ProgrammingError, UnicodeEncodeError)
"""It answers, but does not take a value."""

REPORTED_AS = {
    "unchanged": ("created", "updated", "restored"), "repeated": ("repeated",), "rejected": ("rejected",), "quarantined": ("quarantined",)
}
"""What an earlier attempt may have made of a record that this one meets like this."""


class Batches:
    def __init__(self, attempt: Attempt) -> None:
        self.attempt = attempt
        self.others = Others(attempt.source.id, attempt.source.custodian_id)
        self.batch: list[Outcome] = []
        self.batch_bytes = 0
        self.batch_since = self.saved_at = time.monotonic()
        self.unsaved = 0
        """Records met since the place of the run was last written."""

    def collect(self, outcome: Outcome) -> None:
        self.attempt.check()
        if outcome.kind == "deleted":
            following.take_as_deleted(self.attempt.held, self.attempt.seen, self.attempt.deleted, outcome.local_id)
            return
        self.attempt.deleted.discard(outcome.local_id)
        if outcome.kind == "rejected":
            self.attempt.page_has_failures = True
        if outcome.kind == "done":
            return
        self.batch.append(outcome)
        self.batch_bytes += len(outcome.content.body) if outcome.content else 0
        following.note(self.attempt.held, self.attempt.seen, outcome)
        late = time.monotonic() - self.batch_since > BATCH_SECONDS
        most = 1 if self.attempt.checkpoint.alone else BATCH_RECORDS
        if len(self.batch) >= most or self.batch_bytes >= BATCH_BYTES or late:
            self.flush(None)

    def at_mark(self, mark: Mark) -> None:
        attempt = self.attempt
        attempt.last_mark = mark
        attempt.warnings.update(mark.warnings)
        attempt.note_page(mark)
        attempt.checkpoint.end = mark if mark.complete or (mark.cursor is None and mark.why_incomplete) else None
        attempt.progress.declared_total = mark.declared_total or attempt.progress.declared_total
        if mark.unchanged:
            unchanged = following.see_unchanged(self.attempt.held, self.attempt.seen, mark.local_ids)
            self.attempt.progress.counters["unchanged"] += unchanged
        attempt.seen.update(set(mark.local_ids) - attempt.deleted)
        self.flush(mark)
        self.attempt.page_has_failures = False
        attempt.reported.clear()

    # writing

    def flush(self, mark: Mark | None) -> None:
        """Commit what was collected. Raises :class:`SliceOver` after it where that is due."""
        if self.commit(mark):
            self.attempt.end_slice_where_due()

    def commit(self, mark: Mark | None = None) -> bool:
        """Commit what was collected, and with it where the run is; tells whether there was anything."""
        batch, self.batch, self.batch_bytes = self.batch, [], 0
        self.batch_since = time.monotonic()
        self.unsaved += len(batch)
        stages = self.attempt.stages
        with stages.taking("validate"):
            judged = self._judged_among_others(batch)
        with stages.taking("write"):
            changes = [change_for(outcome, self.attempt.files, self.attempt.clock().date()) for outcome in judged]
        changes = [change for change in changes if not self._is_reported(change)]
        writing = [change for change in changes if self._needs_writing(change)]
        self.attempt.progress.counters["unchanged"] += len(changes) - len(writing)
        page = mark if mark is not None and self._is_page_to_write(mark) else None
        if not (writing or page or self._is_place_to_save(has_records=bool(batch), is_page=mark is not None)):
            return False
        with stages.taking("write"):
            self._commit(writing, page)
        self.saved_at, self.unsaved = time.monotonic(), 0
        self.attempt.watch(self.attempt.progress)
        return True

    def _is_place_to_save(self, *, has_records: bool, is_page: bool) -> bool:
        """Where nothing else is to be written: often enough that a killed worker repeats no more than a batch, and not for a listing
        at its end, whose run is about to be written. After a loss every record counts."""
        checkpoint = self.attempt.checkpoint
        if has_records and (checkpoint.alone or checkpoint.lost):
            return True
        is_late = time.monotonic() - self.saved_at > BATCH_SECONDS and checkpoint.end is None
        return self.unsaved >= BATCH_RECORDS or (is_late and (has_records or is_page))

    def _is_page_to_write(self, mark: Mark) -> bool:
        held = self.attempt.held.page(mark.page_key)
        if held is None:
            return True
        facts = {
            "ordinal": held.ordinal, "etag": held.etag, "last_modified": held.last_modified, "body_hash": held.body_hash,
            "local_ids": list(held.local_ids), "next_cursor": held.cursor,
        }
        return not mark.unchanged and self._page_facts(mark) != facts

    def _judged_among_others(self, batch: list[Outcome]) -> list[Outcome]:
        with self.attempt.store.reading() as session:
            return self.others.judge(session, batch)

    def _needs_writing(self, change: Change) -> bool:
        if change.kind != "unchanged":
            return True
        before = self.attempt.held.record(change.local_id)
        if before is None or before.state != "live" or before.refused_hash is not None:
            return True
        return change.hint is not None and change.hint != before.hint

    def _commit(self, changes: list[Change], mark: Mark | None) -> None:
        """One transaction; where the database refuses it, one for each record, so that only the culprit is rejected."""
        self.attempt.checkpoint = self.attempt.checkpoint.moved_on(records=max(len(changes), 1))
        try:
            self._write(changes, mark)
        except REFUSED_BY_DATABASE as failure:
            log.exception("run.batch_refused", run=self.attempt.run.id, exc_info=failure)
            self._write_one_by_one(changes, mark)

    def _is_reported(self, change: Change) -> bool:
        """Whether an earlier attempt reported just this of the page in hand, which changed meanwhile."""
        outcomes = REPORTED_AS.get(change.kind, ()) if self.attempt.reported else ()
        for outcome in outcomes:
            if self.attempt.reported[change.local_id, outcome]:
                self.attempt.reported[change.local_id, outcome] -= 1
                return True
        return False

    def _write_one_by_one(self, changes: list[Change], mark: Mark | None) -> None:
        """In one transaction all the same: the checkpoint speaks for all of them."""
        now, attempt = self.attempt.clock(), self.attempt
        counted = Counter(attempt.progress.counters)
        with attempt.store.transaction() as tx:
            attempt.check_in(tx)
            for change in changes:
                counted.update(self._apply_alone(tx, change, now))
            self._write_place(tx, mark, counted, now)
        attempt.progress.counters = counted

    def _apply_alone(self, tx: Transaction, change: Change, now: datetime) -> list[str]:
        try:
            with tx.session.begin_nested():
                return self._apply(tx, [change], now)
        except REFUSED_BY_DATABASE:
            refused = Change(kind="rejected", local_id=change.local_id, reason="not-storable", hint=change.hint)
            return self._apply(tx, [refused], now)

    def _write(self, changes: list[Change], mark: Mark | None) -> None:
        now, attempt = self.attempt.clock(), self.attempt
        counted = Counter(attempt.progress.counters)
        with attempt.store.transaction() as tx:
            attempt.check_in(tx)
            counted.update(self._apply(tx, changes, now))
            self._write_place(tx, mark, counted, now)
        attempt.progress.counters = counted

    def _apply(self, tx: Transaction, changes: list[Change], now: datetime) -> list[str]:
        return [one.outcome for one in apply(tx.session, self.attempt.source, self.attempt.run, changes, now=now)]

    def _write_place(self, tx: Transaction, mark: Mark | None, counters: Counter[str], now: datetime) -> None:
        if mark is not None:
            sources.write_page(tx.session, self.attempt.source.id, mark.page_key, self._page_facts(mark))
        self.attempt.write_event(tx, now)
        self.attempt.save_checkpoint(tx, counters, now=now)

    def _page_facts(self, mark: Mark) -> dict[str, Any]:
        """A page on which a record could not be read is remembered without validators, so that it is read again."""
        trusted = not self.attempt.page_has_failures
        return {
            "ordinal": self.attempt.page_ordinals[mark.page_key], "etag": mark.etag if trusted else None,
            "last_modified": mark.last_modified if trusted else None, "body_hash": mark.body_hash if trusted else None,
            "local_ids": list(mark.local_ids), "next_cursor": mark.cursor,
        }

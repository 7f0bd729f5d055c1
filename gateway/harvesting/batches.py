"""Outcomes on their way into the database: collected, committed a batch at a time, the culprit alone where one is refused."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

import structlog
from sqlalchemy.exc import DataError, IntegrityError, ProgrammingError

from gateway.harvesting.attempt import Attempt
from gateway.harvesting.outcome_change import change_for
from gateway.store import sources
from gateway.store.changes import Change, apply
from harvesters.pipeline import Outcome
from harvesters.source import HeldRecord, Mark

log = structlog.get_logger(__name__)
BATCH_RECORDS = 100
BATCH_SECONDS = 2.0
BATCH_BYTES = 4 * 1024 * 1024
REFUSED_BY_DATABASE = (DataError, IntegrityError, ProgrammingError, UnicodeEncodeError)
"""It answers, but does not take a value."""


class Batches:
    def __init__(self, attempt: Attempt) -> None:
        self.attempt = attempt
        self.batch: list[Outcome] = []
        self.batch_bytes = 0
        self.batch_since = time.monotonic()
        self.page_has_failures = False

    def collect(self, outcome: Outcome) -> None:
        if outcome.kind == "deleted":
            self._take_as_deleted(outcome.local_id)
            return
        self.attempt.deleted.discard(outcome.local_id)
        if outcome.local_id:
            self.attempt.seen.add(outcome.local_id)
        if outcome.kind == "rejected":
            self.page_has_failures = True
        self.batch.append(outcome)
        self.batch_bytes += len(outcome.content.body) if outcome.content else 0
        self._note_held(outcome)
        late = time.monotonic() - self.batch_since > BATCH_SECONDS
        if len(self.batch) >= BATCH_RECORDS or self.batch_bytes >= BATCH_BYTES or late:
            self.flush(None)

    def _take_as_deleted(self, local_id: str) -> None:
        """Judged at the end with all that are missing: a deletion skips the grace, not the threshold."""
        record = self.attempt.held.record(local_id)
        known_as = record.local_id if record else local_id
        self.attempt.deleted.add(known_as)
        self.attempt.seen.discard(known_as)

    def _note_held(self, outcome: Outcome) -> None:
        """Let a later state of the same record in this run meet what this one brought."""
        if outcome.kind not in ("accepted", "older") or outcome.content_hash is None:
            return
        before = self.attempt.held.record(outcome.local_id)
        known = (before.known_hashes if before else frozenset()) | {outcome.content_hash}
        if outcome.kind == "older" and before is not None:
            now_held = HeldRecord(
                before.local_id, before.state, before.content_hash, before.refused_hash, before.hint, before.modified, known
            )
        else:
            modified = outcome.record.modified if outcome.record else None
            now_held = HeldRecord(outcome.local_id, "live", outcome.content_hash, None, outcome.hint, modified, known)
        self.attempt.seen.add(now_held.local_id)
        self.attempt.held.note(now_held, outcome.former_ids)

    def at_mark(self, mark: Mark) -> None:
        self.attempt.last_mark = mark
        self.attempt.page_keys.append(mark.page_key)
        self.attempt.progress.declared_total = mark.declared_total or self.attempt.progress.declared_total
        if mark.unchanged:
            self._take_as_unchanged(mark.local_ids)
        self.flush(mark)
        self.page_has_failures = False

    def _take_as_unchanged(self, local_ids: Iterable[str]) -> None:
        """A record that several pages name, or one under its former identifiers too, counts once."""
        for local_id in local_ids:
            record = self.attempt.held.record(local_id)
            known_as = record.local_id if record else local_id
            self.attempt.progress.counters["unchanged"] += known_as not in self.attempt.seen
            self.attempt.seen.add(known_as)

    # writing

    def flush(self, mark: Mark | None) -> None:
        batch, self.batch, self.batch_bytes = self.batch, [], 0
        self.batch_since = time.monotonic()
        changes = [change_for(outcome, self.attempt.files, self.attempt.clock().date()) for outcome in batch]
        writing = [change for change in changes if self._needs_writing(change)]
        self.attempt.progress.counters["unchanged"] += len(changes) - len(writing)
        page_changed = mark is not None and not mark.unchanged
        if writing or page_changed or batch:
            self._commit(writing, mark if page_changed else None)
        self.attempt.watch(self.attempt.progress)

    def _needs_writing(self, change: Change) -> bool:
        if change.kind != "unchanged":
            return True
        before = self.attempt.held.record(change.local_id)
        if before is None or before.state != "live" or before.refused_hash is not None:
            return True
        return change.hint is not None and change.hint != before.hint

    def _commit(self, changes: list[Change], mark: Mark | None) -> None:
        """One transaction; where the database refuses it, one for each record, so that only the culprit is rejected."""
        try:
            self._write(changes, mark)
        except REFUSED_BY_DATABASE as failure:
            log.exception("run.batch_refused", run=self.attempt.run.id, exc_info=failure)
            for change in changes:
                self._write_alone(change)
            self._write([], mark)

    def _write_alone(self, change: Change) -> None:
        try:
            self._write([change], None)
        except REFUSED_BY_DATABASE:
            refused = Change(kind="rejected", local_id=change.local_id, reason="not-storable", hint=change.hint)
            self._write([refused], None)

    def _write(self, changes: list[Change], mark: Mark | None) -> None:
        now = self.attempt.clock()
        with self.attempt.store.transaction() as tx:
            self.attempt.check_in(tx, now)
            applied = apply(tx.session, self.attempt.source, self.attempt.run, changes, now=now)
            if mark is not None:
                sources.write_page(tx.session, self.attempt.source.id, mark.page_key, self._page_facts(mark))
            self.attempt.write_event(tx, now)
        self.attempt.progress.counters.update(one.outcome for one in applied)

    def _page_facts(self, mark: Mark) -> dict[str, Any]:
        """A page on which a record could not be read is remembered without validators, so that it is read again."""
        trusted = not self.page_has_failures
        return {
            "ordinal": len(self.attempt.page_keys), "etag": mark.etag if trusted else None,
            "last_modified": mark.last_modified if trusted else None, "body_hash": mark.body_hash if trusted else None,
            "local_ids": list(mark.local_ids), "next_cursor": mark.cursor,
        }

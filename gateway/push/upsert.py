"""Write one dataset that its custodian sent, while the sender waits.

The document is judged before the transaction, which may take long, and written in one that first looks whether the record
still is what it was judged against; otherwise it is judged anew. So of two requests with the same ``If-Match`` one wins.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from gateway.errors import BadRequest, Conflict, Unprocessable
from gateway.harvesting.batches import REFUSED_BY_DATABASE
from gateway.harvesting.outcome_change import change_for
from gateway.models import Custodian, Record, Version
from gateway.push.judging import judged, require_readable
from gateway.push.preconditions import Preconditions
from gateway.store import Store, holds, pushes, records, runs
from gateway.store.changes import Change, apply
from gateway.store.files import Files
from harvesters.reasons import REASONS
from harvesters.source import HeldRecord, RawRecord

TRIES = 10


@dataclass(frozen=True, slots=True)
class Pushed:
    """``outcome`` is created, updated, restored, unchanged or quarantined; ``version`` is the one shown, if any is."""

    outcome: str
    record: Record
    version: Version | None
    run_id: int | None
    findings: list[Any]


class Pushes:
    """Writes what custodians send. ``after_change`` rings the bell for the index, and for the search for the same dataset in other
    sources, which the sender need not wait for; it is given the number of the run, or None where nothing new came."""

    def __init__(self, store: Store, files: Files, *, after_change: Callable[[int | None], object], clock: Callable[[], datetime]) -> None:
        self.store = store
        self.files = files
        self.after_change = after_change
        self.clock = clock

    def upsert(self, custodian: Custodian, raw: RawRecord, conditions: Preconditions) -> Pushed:
        """Raises :class:`BadRequest` for what cannot be read (nothing is stored), :class:`PreconditionFailed`, and
        :class:`Conflict` for a withheld dataset. What has blocking findings is stored and given back as *quarantined*."""
        for _ in range(TRIES):
            before = self._held(custodian, raw.local_id)
            change = self._judged(custodian, raw, before)
            try:
                pushed = self._written(custodian, raw.local_id, before, change, conditions)
            except REFUSED_BY_DATABASE:
                raise BadRequest(REASONS["not-storable"].sentence, hint=REASONS["not-storable"].hint) from None
            if pushed is not None:
                self.after_change(pushed.run_id)
                return pushed
        raise Conflict("Other programs change this dataset all the time.", hint="Try again, and let one program write it.")

    def _held(self, custodian: Custodian, local_id: str) -> HeldRecord | None:
        with self.store.reading() as session:
            source = pushes.find_source(session, custodian.id)
            return pushes.held(session, source.id if source else None, [local_id]).record(local_id)

    def _judged(self, custodian: Custodian, raw: RawRecord, before: HeldRecord | None) -> Change:
        held, today = records.HeldView({}, {raw.local_id: before} if before else {}, {}), self.clock().date()
        with self.store.reading() as session:
            source = pushes.find_source(session, custodian.id)
            outcome = judged(session, raw, held, custodian=custodian, source=source, today=today)
        require_readable(outcome)
        return change_for(outcome, self.files, today)

    def _written(
        self, custodian: Custodian, local_id: str, before: HeldRecord | None, change: Change, conditions: Preconditions
    ) -> Pushed | None:
        """None where the record is not any more what the document was judged against."""
        started, now = time.perf_counter(), self.clock()
        with self.store.transaction() as tx:
            source = pushes.source(tx.session, custodian, now=now)
            record = pushes.record(tx.session, source.id, local_id)
            if (records.as_held(record) if record else None) != before:
                return None
            current = _current_version(tx.session, record)
            conditions.check(record, current.canonical if current else None, change.canonical)
            if record is not None and record.state == "withheld":
                raise Conflict(REASONS["withheld"].sentence, hint=REASONS["withheld"].hint)
            if record is not None and change.kind == "unchanged" and record.state == "live" and record.refused_hash is None:
                source.last_success_at = now
                return Pushed("unchanged", record, current, None, current.findings if current else [])
            run = pushes.add_run(tx.session, source, now=now)
            applied = apply(tx.session, source, run, [change], now=now)[0]
            holds.settle(tx.session, source.id, is_back=lambda one: one == local_id, now=now)
            run.state = "partial" if applied.outcome == "quarantined" else "succeeded"
            run.counters = {applied.outcome: 1}
            run.wants_links = runs.wants_links(run.counters)
            run.timings_ms = {"total": round((time.perf_counter() - started) * 1000)}
            assert applied.record is not None
            version = _current_version(tx.session, applied.record)
            return Pushed(applied.outcome, applied.record, version, run.id, change.findings or (version.findings if version else []))


def _current_version(session: Session, record: Record | None) -> Version | None:
    return records.version_by_id(session, record.current_version_id) if record is not None and record.current_version_id else None


def require_accepted(pushed: Pushed) -> None:
    """Raises :class:`Unprocessable` with all findings for what was stored but is not shown."""
    if pushed.outcome != "quarantined":
        return
    served = "The last good version stays visible." if pushed.version else "It is not shown until they are mended."
    raise Unprocessable(
        "The dataset was stored, but has findings that keep it from being shown.", hint=f"{served} Mend the findings and send it again.",
        extra={"findings": pushed.findings, "ref": pushed.record.ref, "run": pushed.run_id, "outcome": "quarantined"},
    )

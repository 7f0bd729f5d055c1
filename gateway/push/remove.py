"""Take a dataset off the catalogue because its custodian says so: no grace, but the threshold of S3.

Deletions of one day are judged together: a program that deletes everything, one by one, is stopped where a listing that
had left out everything would be.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gateway.errors import Conflict, NotFound
from gateway.models import Custodian, Record, Source
from gateway.push.preconditions import Preconditions
from gateway.push.upsert import Pushes
from gateway.store import Transaction, holds, pushes, records, removals
from gateway.store.records import VISIBLE
from harvesters import plan

WHY = "Its custodian deleted it."


@dataclass(frozen=True, slots=True)
class Removal:
    """``hold_id`` names the hold where the deletion waits for a human; ``why`` says why."""

    record: Record
    hold_id: int | None = None
    why: str = ""


def remove(services: Pushes, custodian: Custodian, local_id: str, conditions: Preconditions) -> Removal:
    """Raises :class:`NotFound` for a dataset that never was, :class:`PreconditionFailed`, and :class:`Conflict` where people
    decided that it stays. Deleting twice is no error."""
    now = services.clock()
    with services.store.transaction() as tx:
        source = pushes.source(tx.session, custodian, now=now)
        record = pushes.record(tx.session, source.id, local_id)
        if record is None:
            raise NotFound(f"{custodian.name} has pushed no dataset {local_id!r}.", hint="The list of its datasets names all.")
        if record.state in ("removed", "withheld"):
            return Removal(record)
        current = records.version_by_id(tx.session, record.current_version_id) if record.current_version_id else None
        conditions.check(record, current.canonical if current else None, None)
        waiting = pushes.open_hold_of(tx.session, source.id, record.local_id)
        if waiting is not None:
            return Removal(record, waiting.id, waiting.why)
        if record.local_id in holds.exempt_ids(tx.session, source.id):
            raise Conflict("Its removal was turned down, or nobody confirmed it in time.", hint="Ask the operator of this catalogue.")
        removal = _removed(tx, source, record, now)
    services.after_change(None)
    return removal


def _removed(tx: Transaction, source: Source, record: Record, now: datetime) -> Removal:
    if record.state not in VISIBLE:
        removals.entomb(tx.session, record, why=WHY, now=now)
        return Removal(record)
    recent = pushes.recent_removals(tx.session, source.id, now=now)
    verdict = plan.removals(
        live=pushes.visible_ids(tx.session, source.id) | recent, seen=frozenset(), complete=False, why_incomplete=None,
        already_missing={}, now=now, deleted=recent | {record.local_id},
    )
    run = pushes.add_run(tx.session, source, now=now)
    if verdict.held:
        run.state, run.reason = "held", verdict.reason
        run.error = "Many datasets were deleted within a day. This one stays until somebody confirms that it is meant."
        return Removal(record, pushes.hold_back(tx.session, run, record.local_id, why=run.error, now=now), run.error)
    removals.remove(tx.session, run, [record.local_id], why=WHY, now=now)
    run.counters = {"removed": 1}
    return Removal(record)

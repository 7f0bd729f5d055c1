"""Deciding on removals that wait for a human (S3): approve, reject, or let them expire."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gateway.models import Hold
from gateway.store import Store, holds, removals, runs


@dataclass(frozen=True, slots=True)
class Decision:
    hold: Hold
    removed: int = 0


def approve(store: Store, hold_id: int, *, by: str, now: datetime) -> Decision:
    """Remove the records that the hold lists and the source has not shown again. Raises :class:`Conflict` where it is over.

    The removal belongs to the run that was held, so undoing that run brings the records back.
    """
    with store.transaction() as tx:
        hold = holds.require_decidable(tx.session, hold_id, now=now)
        run = runs.by_id(tx.session, hold.run_id)
        why = f"No longer listed by its source; the removal was approved by {by} on {now:%-d %B %Y}."
        removed = removals.remove(tx.session, run, hold.local_ids, why=why, now=now)
        holds.conclude(tx.session, hold, "approved", by=by, now=now)
        tx.session.flush()
        run.counters = {**run.counters, **runs.reported_counts(tx.session, run.id)}
    return Decision(hold, removed)


def reject(store: Store, hold_id: int, *, by: str, now: datetime) -> Decision:
    """Keep the records. They stay as they are until the source lists them again, or the removal is approved after all."""
    with store.transaction() as tx:
        hold = holds.require_decidable(tx.session, hold_id, now=now)
        holds.conclude(tx.session, hold, "rejected", by=by, now=now)
    return Decision(hold)


def expire_due(store: Store, *, now: datetime) -> int:
    """Holds that nobody decided on for 14 days end as if they had been rejected; returns how many."""
    with store.reading() as session:
        if not holds.has_expiring(session, now=now):
            return 0
    with store.transaction() as tx:
        return holds.expire(tx.session, now=now)

"""Records that are no longer listed: missing for a while, then tombstones. Each is reported with what it was before."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.models import Outcome, Record, Run
from gateway.store import webhooks
from gateway.store.former_state import Snapshot, difference, snapshot
from gateway.store.records import VISIBLE, touch_index


def missing(session: Session, source_id: int) -> dict[str, tuple[int, datetime]]:
    """local id -> (complete passes that did not see it, since when) of the records that are missing now."""
    query = select(Record.local_id, Record.missing_passes, Record.missing_since).where(
        Record.source_id == source_id, Record.state == "missing"
    )
    return {local_id: (passes, since) for local_id, passes, since in session.execute(query) if since is not None}


def set_missing(session: Session, run: Run, local_ids: Iterable[str], *, now: datetime) -> int:
    """Note that a complete pass did not list them. They stay visible; returns how many."""
    rows = _visible(session, run.source_id, local_ids)
    for record in rows:
        before = snapshot(record)
        record.missing_passes += 1
        if record.state == "live":
            record.state, record.missing_since = "missing", now
            touch_index(session, record, now=now)
        _report(session, run, record, "missing", before=before, now=now)
    return len(rows)


def remove(session: Session, run: Run, local_ids: Iterable[str], *, why: str, now: datetime) -> int:
    """Turn visible records into tombstones: the index drops them, their page answers 410, their history stays."""
    rows = _visible(session, run.source_id, local_ids)
    for record in rows:
        before = snapshot(record)
        entomb(session, record, why=why, now=now)
        _report(session, run, record, "removed", before=before, now=now)
    webhooks.announce_records(session, run, [("removed", record) for record in rows], now=now)
    return len(rows)


def entomb(session: Session, record: Record, *, why: str, now: datetime) -> None:
    record.state, record.removal_reason, record.last_changed_at = "removed", why, now
    touch_index(session, record, now=now)


def _visible(session: Session, source_id: int, local_ids: Iterable[str]) -> list[Record]:
    wanted = list(local_ids)
    query = select(Record).where(Record.source_id == source_id, Record.state.in_(VISIBLE), Record.local_id.in_(wanted))
    return list(session.scalars(query)) if wanted else []


def _report(
    session: Session, run: Run, record: Record, outcome: str, *, before: Snapshot, now: datetime
) -> None:
    session.add(
        Outcome(
            run_id=run.id, record_id=record.id, local_id=record.local_id, title=record.title, outcome=outcome, reason=None,
            detail=None, findings=[], before=difference(before, record), at=now,
        )
    )

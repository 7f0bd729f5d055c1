"""The runs of sources whose time has come. One whose schedule cannot be read fails alone, where its operator sees it (J23)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import structlog

from gateway.harvesting.telling import Telling
from gateway.models import Run, Source
from gateway.sources.schedule import is_audit_due, missed, next_due
from gateway.store import Store, Transaction, runs, sources, webhooks

TRIED_AGAIN_AFTER: Final = timedelta(days=1)
"""A source whose schedule does not say when."""
log = structlog.get_logger(__name__)


def queue_due(store: Store, telling: Telling | None, *, now: datetime) -> list[int]:
    """Queue a run for every source that is due, and set when it is due next. Missed times collapse into one run."""
    with store.reading() as session:
        if not sources.due(session, now=now):
            return []
    with store.transaction() as tx:
        queued = [_queued(tx, source, telling, now) for source in sources.due(tx.session, now=now, locked=True)]
    return [run_id for run_id in queued if run_id is not None]


def _queued(tx: Transaction, source: Source, telling: Telling | None, now: datetime) -> int | None:
    try:
        with tx.session.begin_nested():
            return _queue(tx, source, now).id
    except Exception:
        log.exception("schedule.failed", source=source.slug)
        _note_failure(tx, source, telling, now)
        return None


def _queue(tx: Transaction, source: Source, now: datetime) -> Run:
    due = source.next_due_at
    audited = runs.last_audit(tx.session, source.id) or source.created_at
    wanted = "audit" if is_audit_due(source.kind, last=audited, now=now) else "incremental"
    run = runs.queue(tx.session, source, trigger="schedule", wanted=wanted, now=now, due_at=due)
    run.missed_ticks += missed(source.schedule, source.timezone, source_slug=source.slug, due=due, now=now) if due else 0
    source.next_due_at = next_due(source.schedule, source.timezone, source_slug=source.slug, after=now)
    return run


def _note_failure(tx: Transaction, source: Source, telling: Telling | None, now: datetime) -> None:
    """As a run that failed, told like any other."""
    source.next_due_at = now + TRIED_AGAIN_AFTER
    source.consecutive_failures += 1
    error = f"No run could be started by the schedule {source.schedule!r} in the time zone {source.timezone!r}. Give it another schedule."
    run = runs.add_failed(tx.session, source, trigger="schedule", reason="wrong-configuration", error=error, now=now)
    if telling is not None:
        telling.failed(tx.session, source, run.id, reason=run.reason, error=error, now=now)
    webhooks.announce_run(tx.session, run, source, run.state, now=now)

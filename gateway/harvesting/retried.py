"""A retry: a run that fetches again the records that failed in an earlier one, each by its identifier, and nothing else (C3)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from gateway.errors import Conflict
from gateway.harvesting.attempt import Attempt
from gateway.models import Run, Source
from gateway.store import Store, runs, sources
from harvesters.registry import KINDS
from harvesters.singly import SingleRecords, reads_singly
from harvesters.source import Source as Feed

WHOLE_ONLY: Final = "A source of this kind cannot be asked for one record: its records come with the listing."
NEXT_RUN: Final = "The next run of the source reads them again."


def retried(attempt: Attempt, feed: Feed) -> Feed:
    """The feed itself for any other run. A retry that is taken up again leaves out what it has reported on."""
    failed = attempt.run.retries_run_id
    if failed is None:
        return feed
    if not reads_singly(feed):
        raise Conflict(WHOLE_ONLY, hint=NEXT_RUN)
    with attempt.store.reading() as session:
        done = runs.ids_with_outcome(session, attempt.run.id)
        return SingleRecords(feed, [local_id for local_id in runs.failed_ids(session, failed) if local_id not in done])


def why_not(source: Source, run: Run, *, has_failed: bool) -> str | None:
    """Why what failed in the run cannot be fetched again; None where it can."""
    if run.state in runs.ACTIVE:
        return f"Run {run.id} is not over yet."
    if not has_failed:
        return f"No record of run {run.id} failed that has an identifier."
    return None if KINDS[source.kind].reads_singly else WHOLE_ONLY


def queue_retry(store: Store, run_id: int, *, now: datetime) -> int:
    """Queue a run for what failed, and return its number. Raises :class:`Conflict` where that cannot be, and :class:`NotFound`."""
    with store.transaction() as tx:
        run = runs.by_id(tx.session, run_id)
        source = sources.by_id(tx.session, run.source_id)
        runs.require_tried(source)
        reason = why_not(source, run, has_failed=runs.has_failed_records(tx.session, run_id))
        if reason is not None:
            raise Conflict(reason, hint=NEXT_RUN)
        return runs.queue_retry(tx.session, source, run, now=now).id

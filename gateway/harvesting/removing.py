"""What was not seen: judged at the end of a run, and written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from gateway.harvesting.attempt import Attempt
from gateway.store import records, runs
from harvesters.plan import RemovalVerdict, removals
from harvesters.source import SourceError


def judge_removals(attempt: Attempt, error: SourceError | None) -> RemovalVerdict:
    mark = attempt.last_mark
    return removals(
        live=attempt.held.by_state("live", "missing"), seen=frozenset(_seen_as_held(attempt)),
        complete=error is None and mark is not None and mark.complete,
        why_incomplete=error.reason if error else attempt.why_incomplete,
        already_missing=_already_missing(attempt),
        now=attempt.clock(),
    )


def _seen_as_held(attempt: Attempt) -> Iterator[str]:
    for local_id in attempt.seen:
        record = attempt.held.record(local_id)
        yield record.local_id if record else local_id


def _already_missing(attempt: Attempt) -> dict[str, tuple[int, datetime]]:
    with attempt.store.reading() as session:
        return records.missing(session, attempt.source.id)


def commit_removals(attempt: Attempt, verdict: RemovalVerdict) -> None:
    if not (verdict.missing or verdict.removed or verdict.held):
        return
    now, source_id, run = attempt.clock(), attempt.source.id, attempt.run
    with attempt.store.transaction() as tx:
        runs.renew(tx.session, run, now=now)
        for record in records.set_missing(tx.session, source_id, verdict.missing, now=now):
            records.report(tx.session, run, record, outcome="missing", reason=None, now=now)
        for record in records.remove(tx.session, source_id, verdict.removed, why=verdict.why, now=now):
            records.report(tx.session, run, record, outcome="removed", reason=None, now=now)
        if verdict.held:
            runs.dissolve_holds(tx.session, source_id, now=now)
            runs.add_hold(tx.session, run, why=verdict.why, local_ids=sorted(verdict.held), now=now)
    attempt.progress.counters["missing"] += len(verdict.missing)
    attempt.progress.counters["removed"] += len(verdict.removed)

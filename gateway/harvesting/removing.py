"""What was not seen: judged at the end of a run, and written."""

from __future__ import annotations

from gateway.harvesting.attempt import Attempt
from gateway.store import holds, removals, runs
from harvesters import plan
from harvesters.plan import RemovalVerdict
from harvesters.source import SourceError


def judge_removals(attempt: Attempt, error: SourceError | None) -> RemovalVerdict:
    """Records whose removal was rejected count as seen, until they are."""
    mark, source_id = attempt.last_mark, attempt.source.id
    with attempt.store.reading() as session:
        already_missing = removals.missing(session, source_id)
        exempt = holds.exempt_ids(session, source_id)
    seen = seen_as_held(attempt)
    return plan.removals(
        live=attempt.held.by_state("live", "missing") - (exempt - seen), seen=seen,
        complete=error is None and mark is not None and mark.complete,
        why_incomplete=error.reason if error else attempt.why_incomplete, already_missing=already_missing,
        deleted=frozenset(attempt.deleted), now=attempt.clock(),
    )


def seen_as_held(attempt: Attempt) -> frozenset[str]:
    found = ((local_id, attempt.held.record(local_id)) for local_id in attempt.seen)
    return frozenset(record.local_id if record else local_id for local_id, record in found)


def commit_removals(attempt: Attempt, verdict: RemovalVerdict) -> None:
    now, source_id, run = attempt.clock(), attempt.source.id, attempt.run
    with attempt.store.reading() as session:
        waits = bool(holds.of_source(session, source_id, *holds.CARRY_RECORDS))
    if not (verdict.missing or verdict.removed or verdict.held or waits):
        return
    seen = seen_as_held(attempt)
    with attempt.store.transaction() as tx:
        runs.renew(tx.session, run, now=now)
        holds.settle(tx.session, source_id, is_back=lambda local_id: _is_back(attempt, local_id, seen), now=now)
        missing = removals.set_missing(tx.session, run, verdict.missing, now=now)
        removed = removals.remove(tx.session, run, verdict.removed, why=verdict.why, now=now)
        if verdict.held:
            holds.raise_or_extend(tx.session, run, why=verdict.why, local_ids=sorted(verdict.held), now=now)
    attempt.progress.counters["missing"] += missing
    attempt.progress.counters["removed"] += removed


def _is_back(attempt: Attempt, local_id: str, seen: frozenset[str]) -> bool:
    """A record that goes on under another identifier is back as well."""
    record = attempt.held.record(local_id)
    return (record.local_id if record else local_id) in seen

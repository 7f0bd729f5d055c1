"""What was not seen: judged at the end of a run, and written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from gateway.harvesting.attempt import Attempt
from gateway.store import holds, removals
from harvesters import plan
from harvesters.plan import RemovalVerdict
from harvesters.source import SourceError

REMOVALS_AT_ONCE = 100


def judge_removals(attempt: Attempt, error: SourceError | None) -> RemovalVerdict:
    """Records whose removal was rejected count as seen, until they are. What an earlier attempt decided stands."""
    if kept := _kept_verdict(attempt):
        return kept
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
    """The verdict is kept before the first removal, and each batch says how far it got: a run taken up again goes on there."""
    with attempt.store.reading() as session:
        waits = bool(holds.of_source(session, attempt.source.id, *holds.CARRY_RECORDS))
    if not (verdict.missing or verdict.removed or verdict.held or waits):
        return
    if attempt.checkpoint.verdict is None:
        _keep_verdict(attempt, verdict)
    going = [("missing", local_id) for local_id in sorted(verdict.missing)]
    going += [("removed", local_id) for local_id in sorted(verdict.removed)]
    for start in range(attempt.checkpoint.removals_done, len(going), REMOVALS_AT_ONCE):
        _remove(attempt, going[start : start + REMOVALS_AT_ONCE], why=verdict.why)


def _keep_verdict(attempt: Attempt, verdict: RemovalVerdict) -> None:
    now, source_id, seen = attempt.clock(), attempt.source.id, seen_as_held(attempt)
    attempt.checkpoint.verdict = {
        "missing": sorted(verdict.missing), "removed": sorted(verdict.removed), "why": verdict.why, "reason": verdict.reason
    }
    with attempt.store.transaction() as tx:
        attempt.check_in(tx)
        holds.settle(tx.session, source_id, is_back=lambda local_id: _is_back(attempt, local_id, seen), now=now)
        if verdict.held:
            holds.raise_or_extend(tx.session, attempt.run, why=verdict.why, local_ids=sorted(verdict.held), now=now)
        attempt.save_checkpoint(tx, attempt.progress.counters, now=now)


def _kept_verdict(attempt: Attempt) -> RemovalVerdict | None:
    kept = attempt.checkpoint.verdict
    if kept is None:
        return None
    with attempt.store.reading() as session:
        raised = [hold.local_ids for hold in holds.of_source(session, attempt.source.id, "open") if hold.run_id == attempt.run.id]
    return RemovalVerdict(
        frozenset(kept["missing"]), frozenset(kept["removed"]), frozenset(raised[0] if raised else ()), kept["why"], kept["reason"]
    )


def _remove(attempt: Attempt, going: Sequence[tuple[str, str]], *, why: str) -> None:
    now, run = attempt.clock(), attempt.run
    counted = Counter(attempt.progress.counters)
    attempt.checkpoint.removals_done += len(going)
    with attempt.store.transaction() as tx:
        attempt.check_in(tx)
        missing = removals.set_missing(tx.session, run, [local_id for what, local_id in going if what == "missing"], now=now)
        removed = removals.remove(tx.session, run, [local_id for what, local_id in going if what == "removed"], why=why, now=now)
        counted.update(missing=missing, removed=removed)
        attempt.save_checkpoint(tx, counted, now=now)
    attempt.progress.counters = counted


def _is_back(attempt: Attempt, local_id: str, seen: frozenset[str]) -> bool:
    """A record that goes on under another identifier is back as well."""
    record = attempt.held.record(local_id)
    return (record.local_id if record else local_id) in seen

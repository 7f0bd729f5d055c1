"""The end of a run: its state, its report, and what it means for its source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import structlog

from gateway.harvesting.attempt import Attempt
from gateway.harvesting.checkpoint import MAX_WAITS
from gateway.sources.registering import fetch_statistics
from gateway.store import Transaction, holds, runs, sources, webhooks
from harvesters.fetched import merged
from harvesters.plan import RemovalVerdict, is_mass_change
from harvesters.source import SourceError

LONG_RUN: Final = timedelta(hours=24)
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ended. ``reason`` is a code of ``REASONS``, ``error`` a sentence for people."""

    state: str
    reason: str | None = None
    error: str | None = None
    not_before: datetime | None = None


def pause_is_allowed(attempt: Attempt, failure: SourceError) -> bool:
    """A turn that is awaited comes; a server that asks for one pause after another, and gives nothing between them, is down."""
    return failure.reason == "host-busy" or attempt.checkpoint.waits < MAX_WAITS


def waiting_for(attempt: Attempt, failure: SourceError) -> Ending:
    attempt.checkpoint.waits += failure.reason != "host-busy"
    not_before = attempt.clock() + timedelta(seconds=failure.retry_after_seconds or 0.0)
    return Ending("waiting", failure.reason, str(failure), not_before)


def ending_after(attempt: Attempt, verdict: RemovalVerdict, error: SourceError | None) -> Ending:
    state = "failed" if error else "held" if verdict.held else "partial" if _has_problems(attempt) else "succeeded"
    reason = error.reason if error else verdict.reason or attempt.why_incomplete
    message = str(error) if error else verdict.why if verdict.held or reason else None
    return Ending(state, reason, message)


def _has_problems(attempt: Attempt) -> bool:
    return bool(attempt.why_incomplete) or any(attempt.progress.counters[name] for name in ("quarantined", "rejected"))


def finish(attempt: Attempt, ending: Ending, *, seconds: float) -> None:
    if ending.state in ("queued", "waiting"):
        _release(attempt, ending, seconds=seconds)
        return
    now, progress = attempt.clock(), attempt.progress
    progress.state, progress.stage = ending.state, "finished"
    with attempt.store.transaction() as tx:
        counters = {name: count for name, count in progress.counters.items() if count}
        counters |= runs.reported_counts(tx.session, attempt.run.id)
        wants_links, standing = _links_wanted(attempt, tx, counters)
        runs.save(
            tx.session, attempt.run, state=ending.state, reason=ending.reason, error=ending.error, ended_at=now,
            lease_until=None, counters=counters, http=runs.with_shared(_http(attempt), standing),
            timings_ms=_timings(attempt, tx, seconds), is_mass_change=is_mass_change(counters, attempt.live_before), wants_links=wants_links,
        )
        _note_on_source(attempt, tx, ending.state, now)
        _tell(attempt, tx, ending, counters, now)
        webhooks.announce_run(tx.session, attempt.run, attempt.source, ending.state, now=now)
        attempt.write_event(tx, now, is_last=True)
    progress.note = ending.error or ""
    attempt.watch(progress)


def _links_wanted(attempt: Attempt, tx: Transaction, counters: dict[str, int]) -> tuple[bool, dict[str, int]]:
    """Whether links are to be looked for after this run; where not, the identifiers that the run before told several records of the source to
    share: they still do, and are told again."""
    if runs.wants_links(counters):
        return True, {}
    before = runs.run_before(tx.session, attempt.run)
    return (before.wants_links, dict(before.http.get("shared_identifiers", {}))) if before else (False, {})


def _tell(attempt: Attempt, tx: Transaction, ending: Ending, counters: dict[str, int], now: datetime) -> None:
    source, telling = sources.by_id(tx.session, attempt.source.id), attempt.telling
    if telling is None or ending.state == "cancelled":
        return
    if ending.state == "failed":
        telling.failed(tx.session, source, attempt.run.id, reason=ending.reason, error=ending.error, now=now)
    else:
        telling.done(tx.session, source, attempt.run.id, state=ending.state, counters=counters, error=ending.error, now=now)


def _release(attempt: Attempt, ending: Ending, *, seconds: float) -> None:
    """Give the worker free; whoever claims the run goes on where its checkpoint says."""
    now = attempt.clock()
    attempt.progress.state, attempt.progress.stage, attempt.progress.note = ending.state, ending.state, ending.error or ""
    with attempt.store.transaction() as tx:
        attempt.write_event(tx, now)
        runs.save(
            tx.session, attempt.run, state=ending.state, not_before=ending.not_before or now, lease_until=None, lease_owner=None,
            reason=ending.reason, error=ending.error, cursor=attempt.checkpoint.as_json(), page_ordinal=attempt.page_ordinal,
            counters={name: count for name, count in attempt.progress.counters.items() if count}, http=_http(attempt),
            timings_ms=_timings(attempt, tx, seconds),
        )
    attempt.watch(attempt.progress)


def _http(attempt: Attempt) -> dict[str, Any]:
    """Over all attempts at the run; with the codes of what was odd about the listing, where anything was."""
    before, now = dict(attempt.run.http), fetch_statistics(attempt.fetcher) if attempt.fetcher else {}
    if attempt.run.started_at is not None and attempt.clock() - attempt.run.started_at > LONG_RUN:
        attempt.warnings.add("long-run")
        log.warning("run.long", run=attempt.run.id, source=attempt.source.slug)
    warned = sorted({*before.pop("warnings", ()), *attempt.warnings})
    counted = merged(before, now)
    return {**counted, "warnings": warned} if warned else counted


def _timings(attempt: Attempt, tx: Transaction, seconds: float) -> dict[str, Any]:
    """Over all attempts at the run, and with what the index took for it so far."""
    before, now = runs.timings(tx.session, attempt.run.id), {"total": seconds, **attempt.stages.seconds}
    return {**before, **{stage: before.get(stage, 0) + round(spent * 1000) for stage, spent in now.items()}}


def _note_on_source(attempt: Attempt, tx: Transaction, state: str, now: datetime) -> None:
    if attempt.run.trigger in ("replay", "retry"):
        return
    source = sources.by_id(tx.session, attempt.source.id)
    if state != "cancelled":
        source.consecutive_failures = source.consecutive_failures + 1 if state == "failed" else 0
    if state in ("succeeded", "partial", "held"):
        source.last_success_at = now
    if attempt.last_mark is not None and attempt.last_mark.complete and state in ("succeeded", "partial"):
        source.last_complete_pass_at = now
        holds.dissolve_open(tx.session, source.id, now=now)
        sources.forget_pages_beyond(tx.session, source.id, attempt.page_ordinals)

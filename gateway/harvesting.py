"""Run a source: from the claim to the report.

::

    queue_run -> claim -> outcomes(source) in batches -> apply -> commit -> index
                                             \\-> at the end: what is missing, and whether that may be believed

The run row is the truth. A worker renews its lease every 15 seconds and writes nothing once it has lost it; a run whose
worker died is claimed again and goes through the listing anew, which what is already held makes cheap.
"""

from __future__ import annotations

import os
import secrets
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.exc import DataError, IntegrityError, ProgrammingError

from gateway.errors import GatewayError
from gateway.files import Files
from gateway.models import Run, Source
from gateway.schedule import next_due
from gateway.sources import build_source, fetch_statistics
from gateway.store import Store, Transaction, records, runs, sources
from gateway.store.changes import Change, apply
from gateway.store.database import utc_now
from gateway.store.records import HeldView
from harvesters.fetch import Fetcher
from harvesters.pipeline import Outcome, outcomes
from harvesters.plan import RemovalVerdict, removals
from harvesters.registry import WrongConfiguration
from harvesters.source import HeldRecord, Mark, SourceError
from schemas.quality import score

log = structlog.get_logger(__name__)
BATCH_RECORDS = 100
BATCH_SECONDS = 2.0
BATCH_BYTES = 4 * 1024 * 1024
HEARTBEAT_SECONDS = 15.0
REFUSED_BY_DATABASE = (DataError, IntegrityError, ProgrammingError, UnicodeEncodeError)
"""It answers, but does not take a value."""
EVENTS_AFTER = timedelta(seconds=2)
"""Shorter runs are over before anybody looks at their progress."""
THIS_WORKER = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
"""The last part tells a worker from one that had the same process number before a restart."""


class Cancelled(Exception):
    """Somebody asked the run to stop."""


@dataclass
class Progress:
    """Where a run is; handed to whoever watches it after every batch."""

    run_id: int
    source: str
    stage: str = "reading"
    counters: Counter[str] = field(default_factory=Counter)
    declared_total: int | None = None
    state: str = "running"
    note: str = ""

    @property
    def done(self) -> int:
        return sum(self.counters.values())


Watch = Callable[[Progress], None]


class Harvesting:
    def __init__(
        self, store: Store, files: Files, open_secret: Callable[[str], str], *, user_agent: str,
        after_change: Callable[[], object], clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.store = store
        self.files = files
        self.open_secret = open_secret
        self.user_agent = user_agent
        self.after_change = after_change
        self.clock = clock

    def queue_run(self, slug: str, *, trigger: str = "manual", wanted: str = "incremental") -> int:
        """Queue a run of the source and return its number. A run that waits to start, or was broken off, is that run."""
        self.release_dead()
        with self.store.transaction() as tx:
            source = sources.by_slug(tx.session, slug)
            run = runs.queue(tx.session, source, trigger=trigger, wanted=wanted, now=self.clock())
        return run.id

    def queue_due(self) -> list[int]:
        """Queue a run for every source that is due, and set when it is due next. Missed times collapse into one run."""
        now = self.clock()
        with self.store.reading() as session:
            if not sources.due(session, now=now):
                return []
        queued = []
        with self.store.transaction() as tx:
            for source in sources.due(tx.session, now=now):
                run = runs.queue(
                    tx.session, source, trigger="schedule", wanted="incremental", now=now, due_at=source.next_due_at
                )
                source.next_due_at = next_due(source.schedule, source.timezone, source_slug=source.slug, after=now)
                queued.append(run.id)
        return queued

    def claimable(self) -> list[int]:
        self.release_dead()
        with self.store.reading() as session:
            return runs.claimable(session, now=self.clock())

    def release_dead(self) -> None:
        """Free the runs of workers on this machine that are no longer alive, without waiting for their leases."""
        with self.store.reading() as session:
            owners = runs.owners(session)
        dead = [owner for owner in owners if _is_dead(owner)]
        if dead:
            with self.store.transaction() as tx:
                for owner in dead:
                    runs.release_of_dead_owner(tx.session, owner, now=self.clock())

    def run(self, run_id: int, *, watch: Watch | None = None) -> Run:
        """Work off one run. A run that another worker has, or that is over, is given back as it is."""
        with self.store.transaction() as tx:
            run = runs.claim(tx.session, run_id, owner=THIS_WORKER, now=self.clock())
            source = sources.by_id(tx.session, run.source_id) if run else None
            if run and source:
                source.last_attempt_at = self.clock()
        if run is not None and source is not None:
            with _heartbeat(self.store, run, self.clock):
                _Execution(self, run, source, watch).execute()
            self.after_change()
        with self.store.reading() as session:
            return runs.by_id(session, run_id)

    def cancel(self, run_id: int) -> None:
        with self.store.transaction() as tx:
            run = runs.require_cancellable(tx.session, run_id, now=self.clock())
            if run.state in ("queued", "waiting"):
                run.state, run.ended_at = "cancelled", self.clock()


@dataclass(frozen=True, slots=True)
class _Ending:
    """How a run ended. ``reason`` is a code of ``REASONS``, ``error`` a sentence for people."""

    state: str
    reason: str | None = None
    error: str | None = None


class _Execution:
    """One attempt at one run."""

    def __init__(self, harvesting: Harvesting, run: Run, source: Source, watch: Watch | None) -> None:
        self.harvesting = harvesting
        self.store, self.files, self.clock = harvesting.store, harvesting.files, harvesting.clock
        self.run, self.source = run, source
        self.watch = watch or (lambda _: None)
        self.progress = Progress(run.id, source.name)
        self.started_at = self.clock()
        self.fetcher: Fetcher | None = None
        self.held = HeldView({}, {}, {})
        self.seen: set[str] = set()
        self.page_keys: list[str] = []
        self.batch: list[Outcome] = []
        self.batch_bytes = 0
        self.batch_since = time.monotonic()
        self.last_mark: Mark | None = None
        self.page_has_failures = False
        self.last_event = 0.0
        self.events = 0

    def execute(self) -> None:
        """Whatever goes wrong ends this run only. A run that another worker has taken over is left to it."""
        started = time.perf_counter()
        try:
            ending = self._ending()
            self._finish(ending, seconds=time.perf_counter() - started)
        except runs.LeaseLostError:
            log.warning("run.lease_lost", run=self.run.id)
        finally:
            if self.fetcher is not None:
                self.fetcher.close()

    def _ending(self) -> _Ending:
        try:
            return self._work()
        except Cancelled:
            return _Ending("cancelled", error="Stopped by request; what was committed stays.")
        except (GatewayError, WrongConfiguration) as failure:
            return _Ending("failed", "wrong-configuration", str(failure))
        except runs.LeaseLostError:
            raise
        except Exception as failure:
            log.exception("run.failed", run=self.run.id, source=self.source.slug)
            return _Ending("failed", "parser-killed", f"The harvester failed: {type(failure).__name__}.")

    def _work(self) -> _Ending:
        error: SourceError | None = None
        try:
            self._read()
        except SourceError as failure:
            error = failure
            self._flush(None)
        verdict = self._removals(error)
        self._commit_removals(verdict)
        state = "failed" if error else "held" if verdict.held else "partial" if self._has_problems() else "succeeded"
        reason = error.reason if error else verdict.reason or self._why_incomplete()
        message = str(error) if error else verdict.why if verdict.held or reason else None
        return _Ending(state, reason, message)

    # reading

    def _read(self) -> None:
        feed, self.fetcher = build_source(self.source, self.harvesting.open_secret, user_agent=self.harvesting.user_agent)
        with self.store.reading() as session:
            self.held = records.held(session, self.source, with_history=feed.holds_history)
            self.events = runs.last_event_number(session, self.run.id)
        source = feed.build(self.fetcher, self.held, self.run.wanted_pass)
        knows_custodian = self.source.custodian_id is not None
        for item in outcomes(source, self.held, custodian_known=knows_custodian, wanted=self.run.wanted_pass):
            if isinstance(item, Mark):
                self._at_mark(item)
            else:
                self._collect(item)

    def _collect(self, outcome: Outcome) -> None:
        if outcome.local_id:
            self.seen.add(outcome.local_id)
        if outcome.kind == "rejected":
            self.page_has_failures = True
        self.batch.append(outcome)
        self.batch_bytes += len(outcome.content.body) if outcome.content else 0
        self._note_held(outcome)
        late = time.monotonic() - self.batch_since > BATCH_SECONDS
        if len(self.batch) >= BATCH_RECORDS or self.batch_bytes >= BATCH_BYTES or late:
            self._flush(None)

    def _note_held(self, outcome: Outcome) -> None:
        """Let a later state of the same record in this run meet what this one brought."""
        if outcome.kind not in ("accepted", "older") or outcome.content_hash is None:
            return
        before = self.held.record(outcome.local_id)
        known = (before.known_hashes if before else frozenset()) | {outcome.content_hash}
        if outcome.kind == "older" and before is not None:
            now_held = HeldRecord(
                before.local_id, before.state, before.content_hash, before.refused_hash, before.hint, before.modified, known
            )
        else:
            modified = outcome.record.modified if outcome.record else None
            now_held = HeldRecord(outcome.local_id, "live", outcome.content_hash, None, outcome.hint, modified, known)
        self.seen.add(now_held.local_id)
        self.held.note(now_held, outcome.former_ids)

    def _at_mark(self, mark: Mark) -> None:
        self.last_mark = mark
        self.page_keys.append(mark.page_key)
        self.progress.declared_total = mark.declared_total or self.progress.declared_total
        if mark.unchanged:
            self._take_as_unchanged(mark.local_ids)
        self._flush(mark)
        self.page_has_failures = False

    def _take_as_unchanged(self, local_ids: Iterable[str]) -> None:
        """A record that several pages name, or one under its former identifiers too, counts once."""
        for local_id in local_ids:
            record = self.held.record(local_id)
            known_as = record.local_id if record else local_id
            self.progress.counters["unchanged"] += known_as not in self.seen
            self.seen.add(known_as)

    # writing

    def _flush(self, mark: Mark | None) -> None:
        batch, self.batch, self.batch_bytes = self.batch, [], 0
        self.batch_since = time.monotonic()
        changes = [_change(outcome, self.files, self.clock().date()) for outcome in batch]
        writing = [change for change in changes if self._needs_writing(change)]
        self.progress.counters["unchanged"] += len(changes) - len(writing)
        page_changed = mark is not None and not mark.unchanged
        if writing or page_changed or batch:
            self._commit(writing, mark if page_changed else None)
        self.watch(self.progress)

    def _needs_writing(self, change: Change) -> bool:
        if change.kind != "unchanged":
            return True
        before = self.held.record(change.local_id)
        if before is None or before.state != "live" or before.refused_hash is not None:
            return True
        return change.hint is not None and change.hint != before.hint

    def _commit(self, changes: list[Change], mark: Mark | None) -> None:
        """One transaction; where the database refuses it, one for each record, so that only the culprit is rejected."""
        try:
            self._write(changes, mark)
        except REFUSED_BY_DATABASE as failure:
            log.exception("run.batch_refused", run=self.run.id, exc_info=failure)
            for change in changes:
                self._write_alone(change)
            self._write([], mark)

    def _write_alone(self, change: Change) -> None:
        try:
            self._write([change], None)
        except REFUSED_BY_DATABASE:
            refused = Change(kind="rejected", local_id=change.local_id, reason="not-storable", hint=change.hint)
            self._write([refused], None)

    def _write(self, changes: list[Change], mark: Mark | None) -> None:
        now = self.clock()
        with self.store.transaction() as tx:
            self._check_in(tx, now)
            applied = apply(tx.session, self.source, self.run, changes, now=now)
            if mark is not None:
                sources.write_page(tx.session, self.source.id, mark.page_key, self._page_facts(mark))
            self._write_event(tx, now)
        self.progress.counters.update(one.outcome for one in applied)

    def _check_in(self, tx: Transaction, now: datetime) -> None:
        runs.renew(tx.session, self.run, now=now)
        if runs.is_cancel_requested(tx.session, self.run.id):
            raise Cancelled

    def _page_facts(self, mark: Mark) -> dict[str, Any]:
        """A page on which a record could not be read is remembered without validators, so that it is read again."""
        trusted = not self.page_has_failures
        return {
            "ordinal": len(self.page_keys), "etag": mark.etag if trusted else None,
            "last_modified": mark.last_modified if trusted else None, "body_hash": mark.body_hash if trusted else None,
            "local_ids": list(mark.local_ids), "next_cursor": mark.cursor,
        }

    def _write_event(self, tx: Transaction, now: datetime, *, is_last: bool = False) -> None:
        is_too_soon = time.monotonic() - self.last_event < 1.0 and not is_last
        if is_too_soon or (now - self.started_at < EVENTS_AFTER and not self.events):
            return
        self.last_event = time.monotonic()
        self.events += 1
        data = {"stage": self.progress.stage, **self.progress.counters}
        runs.add_event(tx.session, self.run.id, seq=self.events, kind=self.progress.stage, data=data, now=now)

    # removals

    def _removals(self, error: SourceError | None) -> RemovalVerdict:
        mark = self.last_mark
        return removals(
            live=self.held.by_state("live", "missing"), seen=frozenset(self._seen_as_held()),
            complete=error is None and mark is not None and mark.complete,
            why_incomplete=error.reason if error else self._why_incomplete(),
            already_missing=self._already_missing(),
            now=self.clock(),
        )

    def _seen_as_held(self) -> Iterator[str]:
        for local_id in self.seen:
            record = self.held.record(local_id)
            yield record.local_id if record else local_id

    def _already_missing(self) -> dict[str, tuple[int, datetime]]:
        with self.store.reading() as session:
            return records.missing(session, self.source.id)

    def _why_incomplete(self) -> str | None:
        return self.last_mark.why_incomplete if self.last_mark and not self.last_mark.complete else None

    def _commit_removals(self, verdict: RemovalVerdict) -> None:
        if not (verdict.missing or verdict.removed or verdict.held):
            return
        now = self.clock()
        with self.store.transaction() as tx:
            runs.renew(tx.session, self.run, now=now)
            for record in records.set_missing(tx.session, self.source.id, verdict.missing, now=now):
                records.report(tx.session, self.run, record, outcome="missing", reason=None, now=now)
            for record in records.remove(tx.session, self.source.id, verdict.removed, why=verdict.why, now=now):
                records.report(tx.session, self.run, record, outcome="removed", reason=None, now=now)
            if verdict.held:
                runs.dissolve_holds(tx.session, self.source.id, now=now)
                runs.add_hold(tx.session, self.run, why=verdict.why, local_ids=sorted(verdict.held), now=now)
        self.progress.counters["missing"] += len(verdict.missing)
        self.progress.counters["removed"] += len(verdict.removed)

    # the end

    def _has_problems(self) -> bool:
        return bool(self._why_incomplete()) or any(self.progress.counters[name] for name in ("quarantined", "rejected"))

    def _finish(self, ending: _Ending, *, seconds: float) -> None:
        now = self.clock()
        self.progress.state, self.progress.stage = ending.state, "finished"
        with self.store.transaction() as tx:
            counters = {name: count for name, count in self.progress.counters.items() if count}
            counters |= runs.reported_counts(tx.session, self.run.id)
            runs.save(
                tx.session, self.run, state=ending.state, reason=ending.reason, error=ending.error, ended_at=now,
                lease_until=None, counters=counters, http=fetch_statistics(self.fetcher) if self.fetcher else {},
                timings_ms={"total": round(seconds * 1000)},
            )
            self._note_on_source(tx, ending.state, now)
            self._write_event(tx, now, is_last=True)
        self.progress.note = ending.error or ""
        self.watch(self.progress)

    def _note_on_source(self, tx: Transaction, state: str, now: datetime) -> None:
        source = sources.by_id(tx.session, self.source.id)
        source.consecutive_failures = source.consecutive_failures + 1 if state == "failed" else 0
        if state in ("succeeded", "partial", "held"):
            source.last_success_at = now
        if self.last_mark is not None and self.last_mark.complete and state in ("succeeded", "partial"):
            source.last_complete_pass_at = now
            runs.dissolve_holds(tx.session, source.id, now=now)
            sources.forget_pages_beyond(tx.session, source.id, self.page_keys)


def _change(outcome: Outcome, files: Files, today: date) -> Change:
    """What the store is to write for an outcome; its bytes go to the files store first."""
    reading, record, content = outcome.reading, outcome.record, outcome.content
    keep_bytes = content is not None and outcome.kind not in ("unchanged", "repeated")
    shape = f"{reading.detected.model} {reading.detected.version}" if reading else None
    return Change(
        kind=outcome.kind, local_id=outcome.local_id, reason=outcome.reason, detail=outcome.detail, hint=outcome.hint,
        title=record.summary.title if record else None,
        content=content if keep_bytes else None,
        raw_sha256=files.put(content.body) if content is not None and keep_bytes else None,
        content_hash=outcome.content_hash,
        canonical=record.as_json() if record else None,
        carried=[carried.as_json() for carried in reading.carried] if reading else [],
        losses=[loss.as_json() for loss in reading.losses] if reading else [],
        findings=[finding.as_json() for finding in outcome.findings or ()],
        findings_errors=sum(finding.severity == "error" for finding in outcome.findings or ()),
        shape=shape, schema_sha256=outcome.findings.schema_sha256 if outcome.findings else None,
        quality=_quality(outcome, today), stated_version=record.version if record else None, stated_modified=record.modified if record else None,
        custodian_name=record.summary.data_custodian.name if record else None,
        aliases=tuple(("identifier", alias) for alias in outcome.aliases), former_ids=outcome.former_ids,
    )


def _quality(outcome: Outcome, today: date) -> float | None:
    if outcome.record is None or outcome.reading is None or outcome.kind not in ("accepted", "older"):
        return None
    return score(outcome.record, outcome.findings or (), today=today, paths=outcome.reading.paths, fix_limit=0).total


@contextmanager
def _heartbeat(store: Store, run: Run, clock: Callable[[], datetime]) -> Iterator[None]:
    """Renew the lease while the run goes on, however slow its source is."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(HEARTBEAT_SECONDS):
            try:
                with store.transaction() as tx:
                    runs.renew(tx.session, run, now=clock())
            except runs.LeaseLostError:
                return
            except Exception:
                log.exception("run.heartbeat_failed", run=run.id)

    thread = threading.Thread(target=beat, name=f"heartbeat-{run.id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _is_dead(owner: str) -> bool:
    """Whether the worker ran on this machine and its process is gone, or is ours now."""
    host, process, _ = owner.rsplit(":", 2) if owner.count(":") >= 2 else ("", "", "")
    if host != socket.gethostname() or not process.isdigit() or owner == THIS_WORKER:
        return False
    if int(process) == os.getpid():
        return True
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False



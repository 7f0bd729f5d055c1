"""Runs: claimed by one worker at a time, fenced by their attempt, and reported with their outcomes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, case, cast, func, literal, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from gateway.errors import Conflict, NotFound
from gateway.models import Custodian, Outcome, Run, RunEvent, Source

LEASE = timedelta(seconds=60)
SEVERITIES = ("reason", "error", "warning", "advice")
ACTIVE = ("queued", "running", "waiting")
FAILED = ("rejected", "quarantined")
"""Outcomes of records that could not be read, or not be shown."""
PASSES = ("incremental", "full", "audit")
"""From the cheapest to the most thorough."""


ACTIVE_PER_CUSTODIAN = 2


class LeaseLostError(Exception):
    """Another worker has taken the run; nothing of this batch may be written."""


def queue(
    session: Session, source: Source, *, trigger: str, wanted: str, now: datetime, due_at: datetime | None = None
) -> Run:
    """Add a run for the source, or give back the one that waits or was broken off. Two tickers make one run.

    ``wanted`` is a pass; a run that is given back does the more thorough one of its own and this.
    """
    may_go_on = (Run.source_id == source.id, _may_start(now) | (Run.state == "waiting"), Run.cancel_requested_at.is_(None))
    alike = Run.trigger == "replay" if trigger == "replay" else Run.trigger.not_in(("replay", "retry"))
    waiting = session.scalar(select(Run).where(*may_go_on, alike).order_by(Run.state != "running", Run.id).limit(1))
    if waiting is not None:
        _deepen(waiting, wanted)
        return waiting
    run = Run(
        source_id=source.id, trigger=trigger, wanted_pass=wanted, state="queued", due_at=due_at, queued_at=now,
        counters={}, timings_ms={}, http={}, configuration_hash=source.configuration_hash,
    )
    try:
        with session.begin_nested():
            session.add(run)
    except IntegrityError:
        twin = session.scalar(select(Run).where(Run.source_id == source.id, Run.due_at == due_at))
        if twin is None:
            raise
        return twin
    return run


def queue_retry(session: Session, source: Source, failed: Run, *, now: datetime) -> Run:
    """Add a run that fetches again what failed in an earlier one, or give back the one that waits to."""
    waiting = session.scalar(select(Run).where(Run.retries_run_id == failed.id, Run.state.in_(ACTIVE), Run.cancel_requested_at.is_(None)).limit(1))
    if waiting is not None:
        return waiting
    run = Run(
        source_id=source.id, trigger="retry", wanted_pass=PASSES[0], state="queued", queued_at=now, counters={}, timings_ms={}, http={},
        configuration_hash=source.configuration_hash, retries_run_id=failed.id,
    )
    session.add(run)
    session.flush()
    return run


def failed_ids(session: Session, run_id: int) -> list[str]:
    """Records that could not be read in the run, or were refused, in the order in which they were met. Those without an identifier are
    left out."""
    failed = Outcome.run_id == run_id, Outcome.outcome.in_(FAILED), Outcome.local_id != ""
    return list(dict.fromkeys(session.scalars(select(Outcome.local_id).where(*failed).order_by(Outcome.id))))


def has_failed_records(session: Session, run_id: int) -> bool:
    failed = Outcome.run_id == run_id, Outcome.outcome.in_(FAILED), Outcome.local_id != ""
    return session.scalar(select(Outcome.id).where(*failed).limit(1)) is not None


def failed_without_id(session: Session, run_id: int) -> int:
    """How many failures of the run name no record: a retry cannot ask for those."""
    failed = Outcome.run_id == run_id, Outcome.outcome.in_(FAILED), Outcome.local_id == ""
    return session.scalar(select(func.count()).select_from(Outcome).where(*failed)) or 0


def ids_with_outcome(session: Session, run_id: int) -> set[str]:
    return set(session.scalars(select(Outcome.local_id).where(Outcome.run_id == run_id)))


def add_failed(session: Session, source: Source, *, trigger: str, reason: str, error: str, now: datetime) -> Run:
    """A run that could not be started, so that its failure has a report."""
    run = Run(
        source_id=source.id, trigger=trigger, wanted_pass=PASSES[0], state="failed", reason=reason, error=error, queued_at=now, ended_at=now,
        counters={}, timings_ms={}, http={}, configuration_hash=source.configuration_hash, due_at=None,
    )
    session.add(run)
    session.flush()
    return run


def last_audit(session: Session, source_id: int) -> datetime | None:
    """When the newest pass was queued that read every record of the source and came to its end."""
    done = Run.wanted_pass == PASSES[-1], Run.trigger.in_(("schedule", "manual")), Run.state.in_(("succeeded", "partial", "held"))
    return session.scalar(select(func.max(Run.queued_at)).where(Run.source_id == source_id, *done))


def _deepen(run: Run, wanted: str) -> None:
    """A run that was broken off in a less thorough pass begins anew."""
    if PASSES.index(wanted) > PASSES.index(run.wanted_pass):
        run.wanted_pass, run.cursor, run.page_ordinal = wanted, None, 0


def require_tried(source: Source) -> None:
    """Raises :class:`Conflict` for a source whose present configuration has not passed a dry run (S9)."""
    if source.state == "unconfirmed":
        raise Conflict(
            f"{source.name} was not switched on since it was added or changed.", hint="Read what its dry run told on its page, then switch it on there."
        )
    if source.state == "untried":
        raise Conflict(
            f"{source.name} was not tried out since it was added or changed.",
            hint=f"A dry run that succeeds switches it on: gateway harvest dry-run {source.slug}",
        )


def _may_start(now: datetime) -> ColumnElement[bool]:
    """Nobody is working on it: queued, waiting and due, or its worker's lease ran out."""
    return or_(
        Run.state == "queued",
        (Run.state == "waiting") & (Run.not_before <= now),
        (Run.state == "running") & (Run.lease_until <= now),
    )


def claim(session: Session, run_id: int, *, owner: str, now: datetime) -> Run | None:
    """Take a run that is queued or whose lease ran out; None where another worker has it or it is over.

    At most one run of a source and two of a custodian are active; an older run of the source goes first.
    """
    run = session.scalar(select(Run).where(Run.id == run_id, _may_start(now)).with_for_update())
    if run is None:
        return None
    if _must_wait(session, run, now=now):
        return None
    if run.state == "running":
        # Whoever had it is gone: if that happens again at the same place, the place is to blame.
        run.cursor = {**(run.cursor or {}), "lost": (run.cursor or {}).get("lost", 0) + 1}
    run.state, run.lease_owner, run.lease_until, run.attempt = "running", owner, now + LEASE, run.attempt + 1
    run.started_at = run.started_at or now
    return run


def _must_wait(session: Session, run: Run, *, now: datetime) -> bool:
    # Two runs claimed at the same moment would each not see the other: the rows of source and custodian are their turnstiles.
    custodian_id = session.scalar(select(Source.custodian_id).where(Source.id == run.source_id).with_for_update(key_share=True))
    sister = (Run.source_id == run.source_id, Run.id != run.id)
    older = (Run.state.in_(("running", "waiting")), Run.id < run.id)
    if session.scalar(select(Run.id).where(*sister, and_(*_is_active(now)) | and_(*older)).limit(1)) is not None:
        return True
    if custodian_id is None:
        return False
    session.scalar(select(Custodian.id).where(Custodian.id == custodian_id).with_for_update(key_share=True))
    active = select(func.count()).select_from(Run).join(Source).where(Source.custodian_id == custodian_id, *_is_active(now))
    return (session.scalar(active) or 0) >= ACTIVE_PER_CUSTODIAN


@dataclass(frozen=True, slots=True)
class Standing:
    """How an attempt stands in the database at this moment."""

    is_ours: bool
    is_cancel_requested: bool


def standing(session: Session, run: Run) -> Standing:
    """Unlocked: a look before work is put into a batch. What is written is fenced all the same."""
    ours = (Run.id == run.id, Run.attempt == run.attempt, Run.state == "running")
    found = session.execute(select(Run.cancel_requested_at).where(*ours)).one_or_none()
    return Standing(found is not None, found is not None and found[0] is not None)


def renew(session: Session, run: Run, *, now: datetime) -> None:
    """Extend the lease. Raises :class:`LeaseLostError` where the attempt is no longer ours (fencing)."""
    _write_as_owner(session, run, {"lease_until": now + LEASE})


def save(session: Session, run: Run, **values: Any) -> None:
    """Write what became of the run. Raises :class:`LeaseLostError` where the attempt is no longer ours (fencing)."""
    _write_as_owner(session, run, values)


def _write_as_owner(session: Session, run: Run, values: dict[str, Any]) -> None:
    changed = session.execute(
        update(Run).where(Run.id == run.id, Run.attempt == run.attempt, Run.state == "running").values(**values)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE's result is a CursorResult
        raise LeaseLostError(f"run {run.id} was taken over")


def timings(session: Session, run_id: int) -> dict[str, int]:
    """Locked: the index adds to them while the run goes on."""
    return dict(session.scalars(select(Run.timings_ms).where(Run.id == run_id).with_for_update()).one())


def note_index_time(session: Session, milliseconds: Mapping[int, float], *, queued_at: datetime) -> None:
    """By run, what the index took for its records. A record that was queued after the end of its run was so for another reason."""
    wanted = Run.id.in_(milliseconds), or_(Run.ended_at.is_(None), Run.ended_at >= queued_at)
    for run in session.scalars(select(Run).where(*wanted).order_by(Run.id).with_for_update()):
        run.timings_ms = {**run.timings_ms, "index": run.timings_ms.get("index", 0) + round(milliseconds[run.id])}


def claimable(session: Session, *, now: datetime) -> list[int]:
    """Runs that nobody is working on, in the order in which they are to be taken: the custodian with the fewest active runs
    first, then what is due the longest. Those that would have to wait for another run are left out."""
    busy = Counter(owner for owner, in session.execute(select(_owner()).select_from(Run).join(Source).where(*_is_active(now))))
    reading = set(session.scalars(select(Run.source_id).where(*_is_active(now))))
    waiting: dict[str, list[int]] = {}
    query = select(Run.id, Run.source_id, _owner()).join(Source, Source.id == Run.source_id).where(_may_start(now)).order_by(_due(), Run.id)
    for run_id, source_id, owner in session.execute(query):
        if source_id not in reading:
            waiting.setdefault(owner, []).append(run_id)
    order = sorted((busy[owner] + turn, position, run_id) for position, (owner, ids) in enumerate(waiting.items()) for turn, run_id in enumerate(ids))
    return [run_id for active, _, run_id in order]


def _due() -> ColumnElement[datetime]:
    return func.coalesce(Run.not_before, Run.due_at, Run.queued_at)


def _owner() -> ColumnElement[str]:
    """The custodian; a source that brings records of many is one of its own."""
    return func.coalesce(cast(Source.custodian_id, Text), literal("source ") + cast(Source.id, Text))


def _is_active(now: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return Run.state == "running", Run.lease_until > now


def release_of_dead_owner(session: Session, owner: str, *, now: datetime) -> int:
    """Expire the leases of a worker that is known to be gone; returns how many."""
    changed = session.execute(
        update(Run).where(Run.state == "running", Run.lease_owner == owner, Run.lease_until > now).values(lease_until=now)
    )
    return int(changed.rowcount)  # type: ignore[attr-defined]  # an UPDATE's result is a CursorResult


def by_id(session: Session, run_id: int) -> Run:
    run = session.get(Run, run_id)
    if run is None:
        raise NotFound(f"There is no run {run_id}.", hint="The source's page lists its runs.")
    return run


def require_cancellable(session: Session, run_id: int, *, now: datetime) -> Run:
    run = by_id(session, run_id)
    if run.state not in ACTIVE:
        raise Conflict(f"Run {run_id} is over ({run.state}).")
    run.cancel_requested_at = now
    return run


def latest(session: Session, source_ids: Sequence[int]) -> dict[int, Run]:
    newest = select(func.max(Run.id)).where(Run.source_id.in_(source_ids)).group_by(Run.source_id)
    return {run.source_id: run for run in session.scalars(select(Run).where(Run.id.in_(newest)))}


def listing(session: Session, *, source_id: int | None = None, before: int | None = None, limit: int = 30) -> list[Run]:
    """Newest first."""
    query = select(Run).order_by(Run.id.desc()).limit(limit)
    if source_id is not None:
        query = query.where(Run.source_id == source_id)
    if before is not None:
        query = query.where(Run.id < before)
    return list(session.scalars(query))


def add_event(session: Session, run_id: int, *, seq: int, kind: str, data: dict[str, Any], now: datetime) -> None:
    session.add(RunEvent(run_id=run_id, seq=seq, at=now, kind=kind, data=data))


def events(session: Session, run_id: int, *, after: int = 0) -> list[RunEvent]:
    query = select(RunEvent).where(RunEvent.run_id == run_id, RunEvent.seq > after).order_by(RunEvent.seq)
    return list(session.scalars(query))


def run_before(session: Session, run: Run) -> Run | None:
    """The newest earlier run of its source that came to an end and took nothing back."""
    earlier = (Run.source_id == run.source_id, Run.id < run.id, Run.state.not_in(ACTIVE), Run.undoes_run_id.is_(None))
    return session.scalar(select(Run).where(*earlier).order_by(Run.id.desc()).limit(1))


@dataclass(frozen=True, slots=True)
class Differing:
    """A record whose outcome is not the same in two runs; None where a run has no row of it: unchanged, or not met."""

    local_id: str
    before: Outcome | None
    after: Outcome | None


def differing(session: Session, before: int, after: int, *, offset: int, limit: int) -> tuple[list[Differing], int]:
    """By identifier, and how many there are. Of a record that a run met twice, the last counts."""
    last = select(func.max(Outcome.id)).where(Outcome.run_id.in_((before, after))).group_by(Outcome.run_id, Outcome.local_id)

    def of(run_id: int, column: Any) -> Any:
        return func.max(case((Outcome.run_id == run_id, column)))

    pairs = (
        select(Outcome.local_id, of(before, Outcome.id).label("former"), of(after, Outcome.id).label("latter"))
        .where(Outcome.id.in_(last)).group_by(Outcome.local_id)
        .having(func.coalesce(of(before, Outcome.outcome), "") != func.coalesce(of(after, Outcome.outcome), "")).subquery()
    )
    total = session.scalar(select(func.count()).select_from(pairs)) or 0
    page = list(session.execute(select(pairs).order_by(pairs.c.local_id).offset(offset).limit(limit)))
    wanted = {number for row in page for number in (row.former, row.latter) if number is not None}
    rows = {row.id: row for row in session.scalars(select(Outcome).where(Outcome.id.in_(wanted)))}
    return [Differing(row.local_id, rows.get(row.former), rows.get(row.latter)) for row in page], total


def last_event(session: Session, run_id: int) -> RunEvent | None:
    return session.scalar(select(RunEvent).where(RunEvent.run_id == run_id).order_by(RunEvent.seq.desc()).limit(1))


def last_event_number(session: Session, run_id: int) -> int:
    return session.scalar(select(func.max(RunEvent.seq)).where(RunEvent.run_id == run_id)) or 0


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason or rule, how many records it concerns in this run, and one of them."""

    code: str
    severity: str
    records: int
    example_id: int
    example_title: str
    message: str = ""
    hint: str = ""
    """Those of the example, for a rule; a reason has its own sentence."""


def outcomes(
    session: Session, run_id: int, *, outcome: str | None = None, after: int = 0, limit: int = 100
) -> list[Outcome]:
    query = select(Outcome).where(Outcome.run_id == run_id, Outcome.id > after).order_by(Outcome.id).limit(limit)
    if outcome:
        query = query.where(Outcome.outcome == outcome)
    return list(session.scalars(query))


def outcomes_page(
    session: Session, run_id: int, *, outcome: str | None, code: str | None, offset: int, limit: int
) -> tuple[list[Outcome], int]:
    """Outcomes in the order in which they were met, and how many there are. ``code`` is a rule or a reason."""
    wanted = [Outcome.run_id == run_id]
    if outcome:
        wanted.append(Outcome.outcome == outcome)
    if code:
        wanted.append((Outcome.reason == code) | _has_finding(code))
    total = session.scalar(select(func.count()).select_from(Outcome).where(*wanted)) or 0
    rows = session.scalars(select(Outcome).where(*wanted).order_by(Outcome.id).offset(offset).limit(limit))
    return list(rows), total


def _has_finding(rule: str) -> ColumnElement[bool]:
    """PostgreSQL shows JSON with a blank behind each colon; SQLite keeps it as it was written, with or without."""
    findings = cast(Outcome.findings, Text)
    return or_(*(findings.contains(f'"rule":{blank}"{rule}"', autoescape=True) for blank in ("", " ")))


def count(session: Session, source_id: int) -> int:
    return session.scalar(select(func.count()).select_from(Run).where(Run.source_id == source_id)) or 0


def outcome(session: Session, run_id: int, outcome_id: int) -> Outcome:
    row = session.get(Outcome, outcome_id)
    if row is None or row.run_id != run_id:
        raise NotFound("That record is not part of this run.")
    return row


def problems(session: Session, run_id: int) -> list[Problem]:
    """Problems of a run grouped by reason and by rule, the worst first, then the most frequent."""
    counts: Counter[tuple[str, str]] = Counter()
    examples: dict[tuple[str, str], tuple[int, str, str, str]] = {}
    query = select(Outcome.id, Outcome.local_id, Outcome.title, Outcome.reason, Outcome.findings).where(Outcome.run_id == run_id)
    for number, local_id, title, reason, findings in session.execute(query).yield_per(500):
        met = {(finding["rule"], finding["severity"]): (finding["message"], finding["hint"]) for finding in reversed(findings)}
        if reason:
            met[reason, "reason"] = ("", "")
        for key, words in met.items():
            counts[key] += 1
            examples.setdefault(key, (number, title or local_id, *words))
    found = [Problem(code, severity, n, *examples[code, severity]) for (code, severity), n in counts.most_common()]
    return sorted(found, key=lambda problem: SEVERITIES.index(problem.severity))


LINKABLE = ("created", "updated", "restored")
OVERUSED_TOLD = 20


def wants_links(counters: Mapping[str, int]) -> bool:
    """Whether records changed in a way that may make them the same dataset as one of another source."""
    return any(counters.get(outcome) for outcome in LINKABLE)


def wanting_links(session: Session, *, limit: int) -> list[int]:
    return list(session.scalars(select(Run.id).where(Run.wants_links).order_by(Run.id).limit(limit)))


def take_linking(session: Session, run_id: int) -> bool:
    """Whether it still is to be done; of two workers one is told so. It is as before where the transaction is rolled back."""
    taken = session.execute(update(Run).where(Run.id == run_id, Run.wants_links).values(wants_links=False))
    return int(taken.rowcount) == 1  # type: ignore[attr-defined]  # an UPDATE's result is a CursorResult


def note_overused(session: Session, run_id: int, overused: Mapping[str, int]) -> None:
    """Tell in the run's report of identifiers under which the source has several records: those with the most, and a few of them (S12)."""
    if not overused:
        return
    run = session.get_one(Run, run_id)
    run.http = with_shared(run.http, dict(sorted(overused.items(), key=lambda one: (-one[1], one[0]))[:OVERUSED_TOLD]))


def with_shared(http: Mapping[str, Any], shared: Mapping[str, int]) -> dict[str, Any]:
    """The facts of a run's report, with identifiers that several records of the source share."""
    told = {"warnings": sorted({*http.get("warnings", ()), "shared-identifier"}), "shared_identifiers": dict(shared)} if shared else {}
    return {**http, **told}


def undone_by(session: Session, run_id: int) -> int | None:
    """The last run that took this one back."""
    return session.scalar(select(func.max(Run.id)).where(Run.undoes_run_id == run_id))


def owners(session: Session) -> list[str]:
    """Who holds the lease of a running run."""
    query = select(Run.lease_owner).where(Run.state == "running", Run.lease_owner.is_not(None)).distinct()
    return [owner for owner in session.scalars(query) if owner]


def last_reported(session: Session, run_id: int, *, limit: int) -> list[tuple[str, str]]:
    """Identifier and outcome of the records that the run reported last."""
    query = select(Outcome.local_id, Outcome.outcome).where(Outcome.run_id == run_id).order_by(Outcome.id.desc()).limit(limit)
    return [(local_id, outcome) for local_id, outcome in session.execute(query)]


def reported_counts(session: Session, run_id: int) -> dict[str, int]:
    """Outcomes of a run as reported, over all its attempts; unchanged records have no row."""
    query = select(Outcome.outcome, func.count()).where(Outcome.run_id == run_id).group_by(Outcome.outcome)
    return {outcome: int(count) for outcome, count in session.execute(query)}

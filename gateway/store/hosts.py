"""Hosts that sources read from: one source at a time, over all workers, and a rest after failures in a row."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from gateway.models import Host, Run
from gateway.store.upserts import insert_into

FAILURES_IN_A_ROW = 5
RESTS = (timedelta(minutes=5), timedelta(minutes=10), timedelta(minutes=20), timedelta(minutes=30))
"""After the fifth failure in a row, and after each one more."""


def take(session: Session, name: str, run: Run, *, now: datetime) -> Host | None:
    """The host, if it is this source's turn; None where another source is being read there, or any is tried out. Nothing is written where
    the source was the last one there anyway."""
    host = _locked(session, name)
    if host.tried_until is not None and host.tried_until > now:
        host.wanted_by = host.wanted_by or run.source_id
        return None
    if host.source_id == run.source_id:
        return None if host.wanted_by is not None and _waits(session, host.wanted_by) else host
    if host.source_id is not None and _is_read(session, host.source_id, now=now):
        host.wanted_by = host.wanted_by or run.source_id
        return None
    if host.wanted_by not in (None, run.source_id) and _waits(session, host.wanted_by):
        return None
    host.source_id, host.wanted_by = run.source_id, None
    return host


def take_for_trial(session: Session, name: str, trial: str, *, now: datetime, until: datetime) -> bool:
    """Whether it is the turn of this dry run, which then keeps the host until that time: no run reads there, no other dry run does, and no run
    that waited got its turn meanwhile. The run of its own source counts like any other: both together would ask twice as often."""
    host = _locked(session, name)
    is_tried = host.tried_by not in (None, trial) and host.tried_until is not None and host.tried_until > now
    is_read = host.source_id is not None and _is_read(session, host.source_id, now=now)
    if is_tried or is_read or (host.tried_by != trial and host.wanted_by is not None and _waits(session, host.wanted_by)):
        return False
    host.tried_by, host.tried_until = trial, until
    return True


def leave_after_trial(session: Session, trial: str) -> None:
    session.execute(update(Host).where(Host.tried_by == trial).values(tried_by=None, tried_until=None))


def note_failure(session: Session, name: str, *, now: datetime) -> datetime | None:
    """One more request failed in a row; gives until when the host is left alone from now on."""
    host = _locked(session, name)
    host.failures += 1
    over = host.failures - FAILURES_IN_A_ROW
    if over >= 0:
        host.resting_until = now + RESTS[min(over, len(RESTS) - 1)]
    return host.resting_until if over >= 0 else None


def note_success(session: Session, name: str) -> None:
    host = _locked(session, name)
    host.failures, host.resting_until = 0, None


def _locked(session: Session, name: str) -> Host:
    """The row, made where there is none; whoever has it decides alone."""
    host = session.get(Host, name, with_for_update=True)
    if host is None:
        session.execute(insert_into(session, Host).values(name=name, failures=0).on_conflict_do_nothing())
        host = session.get_one(Host, name, with_for_update=True)
    return host


def _is_read(session: Session, source_id: int, *, now: datetime) -> bool:
    going = (Run.source_id == source_id, Run.state == "running", Run.lease_until > now)
    return session.scalar(select(Run.id).where(*going).limit(1)) is not None


def _waits(session: Session, source_id: int) -> bool:
    waiting = (Run.source_id == source_id, Run.state == "waiting", Run.reason == "host-busy")
    return session.scalar(select(Run.id).where(*waiting).limit(1)) is not None

"""Removals that wait for a human (S3): raised by a run, decided by a person, or dissolved by records that are seen again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.errors import Conflict, NotFound
from gateway.models import Hold, Record, Run
from gateway.store.records import VISIBLE

LASTS = timedelta(days=14)
REFUSED = ("rejected", "expired")
"""Somebody said no, or nobody said yes in time: the records stay until the source lists them again."""
CARRY_RECORDS = ("open", *REFUSED)


def raise_or_extend(session: Session, run: Run, *, why: str, local_ids: Sequence[str], now: datetime) -> Hold:
    """The source's open hold comes to list these records; its end stays. Without one, a new hold."""
    hold = session.scalar(select(Hold).where(Hold.source_id == run.source_id, Hold.state == "open").order_by(Hold.id.desc()).limit(1))
    if hold is None:
        hold = Hold(source_id=run.source_id, state="open", created_at=now, expires_at=now + LASTS)
        session.add(hold)
    elif hold.run_id != run.id:
        _let_go(session, hold.run_id)
    hold.run_id, hold.why, hold.local_ids = run.id, why, list(local_ids)
    session.flush()
    return hold


def settle(session: Session, source_id: int, *, is_back: Callable[[str], bool], now: datetime) -> None:
    """Let records that were seen again leave their holds."""
    for hold in of_source(session, source_id, *CARRY_RECORDS):
        away = [local_id for local_id in hold.local_ids if not is_back(local_id)]
        if len(away) < len(hold.local_ids):
            hold.local_ids = away
        if not away:
            conclude(session, hold, "dissolved", by=hold.decided_by, now=hold.decided_at or now)


def dissolve_open(session: Session, source_id: int, *, now: datetime) -> None:
    """A later complete pass missed too few records to be held."""
    for hold in of_source(session, source_id, "open"):
        conclude(session, hold, "dissolved", by=None, now=now)


def conclude(session: Session, hold: Hold, state: str, *, by: str | None, now: datetime) -> None:
    hold.state, hold.decided_by, hold.decided_at = state, by, now
    _let_go(session, hold.run_id)


def _let_go(session: Session, run_id: int) -> None:
    """The run that waited goes on to the state it would have had."""
    run = session.get(Run, run_id)
    if run is not None and run.state == "held":
        run.state = "partial" if any(run.counters.get(name) for name in ("quarantined", "rejected")) else "succeeded"
        run.error, run.reason = None, None


def expire(session: Session, *, now: datetime) -> int:
    due = list(session.scalars(select(Hold).where(Hold.state == "open", Hold.expires_at <= now)))
    for hold in due:
        conclude(session, hold, "expired", by=None, now=now)
    return len(due)


def has_expiring(session: Session, *, now: datetime) -> bool:
    return session.scalar(select(Hold.id).where(Hold.state == "open", Hold.expires_at <= now).limit(1)) is not None


def of_source(session: Session, source_id: int, *states: str) -> list[Hold]:
    """Oldest first."""
    return list(session.scalars(select(Hold).where(Hold.source_id == source_id, Hold.state.in_(states)).order_by(Hold.id)))


def exempt_ids(session: Session, source_id: int) -> frozenset[str]:
    """Records that were to be removed and are to stay, until the source lists them again."""
    return frozenset(local_id for hold in of_source(session, source_id, *REFUSED) for local_id in hold.local_ids)


def listing(
    session: Session, *, states: Sequence[str] = (), source_id: int | None = None, before: int | None = None, limit: int = 25
) -> list[Hold]:
    """Newest first."""
    query = select(Hold).order_by(Hold.id.desc()).limit(limit)
    if states:
        query = query.where(Hold.state.in_(states))
    if source_id is not None:
        query = query.where(Hold.source_id == source_id)
    return list(session.scalars(query.where(Hold.id < before) if before else query))


def by_id(session: Session, hold_id: int) -> Hold:
    hold = session.get(Hold, hold_id)
    if hold is None:
        raise NotFound(f"There is no hold {hold_id}.", hint="gateway harvest holds lists those that wait.")
    return hold


def require_decidable(session: Session, hold_id: int, *, now: datetime) -> Hold:
    """Locked for the decision. A refusal may be taken back; an approval and a dissolved hold may not."""
    hold = session.scalar(select(Hold).where(Hold.id == hold_id).with_for_update())
    if hold is None:
        return by_id(session, hold_id)
    if hold.state not in CARRY_RECORDS:
        raise Conflict(f"Hold {hold_id} is over: it was {hold.state}.", hint="gateway harvest holds lists those that wait.")
    if hold.state == "open" and hold.expires_at <= now:
        conclude(session, hold, "expired", by=None, now=now)
    return hold


def records_of(session: Session, hold: Hold) -> list[Record]:
    """The records it lists that are still shown, by title."""
    wanted = Record.source_id == hold.source_id, Record.local_id.in_(hold.local_ids), Record.state.in_(VISIBLE)
    return list(session.scalars(select(Record).where(*wanted).order_by(Record.title, Record.id)))

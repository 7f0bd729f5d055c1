"""Pushes: the source that stands for each custodian's own programs, one record at a time, receipts, and answers kept."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from gateway.errors import NotFound
from gateway.models import (
    Alias,
    Custodian,
    Hold,
    IdempotentAnswer,
    IndexEntry,
    Outcome,
    Receipt,
    Record,
    Run,
    Source,
    Version,
)
from gateway.store import holds, records, runs
from gateway.store.records import HeldView

KIND = "push"
REMOVALS_ADD_UP_FOR = timedelta(days=1)
"""Datasets deleted one by one within a day are judged together, as if one listing had left them out."""


def source(session: Session, custodian: Custodian, *, now: datetime) -> Source:
    """The custodian's push source, made when it is first needed. Pushes of one custodian wait here for each other."""
    session.scalar(select(Custodian.id).where(Custodian.id == custodian.id).with_for_update(key_share=True))
    found = find_source(session, custodian.id)
    if found is None:
        found = Source(
            slug=f"{KIND}-{custodian.slug}", name=f"{custodian.name}, pushed", custodian_id=custodian.id, kind=KIND,
            configuration={}, policy={}, schedule="manual", state="active", next_due_at=None, created_at=now,
            configuration_hash=hashlib.sha256(KIND.encode()).hexdigest(),
        )
        session.add(found)
        session.flush()
    return found


def find_source(session: Session, custodian_id: int) -> Source | None:
    return session.scalar(select(Source).where(Source.custodian_id == custodian_id, Source.kind == KIND))


def record(session: Session, source_id: int, local_id: str) -> Record | None:
    """By its identifier, or by one it had before."""
    found = session.scalar(select(Record).where(Record.source_id == source_id, Record.local_id == local_id))
    if found is not None:
        return found
    former = select(Alias.record_id).where(Alias.source_id == source_id, Alias.kind == "former", Alias.value == local_id)
    number = session.scalar(former)
    return session.get(Record, number) if number is not None else None


def held(session: Session, source_id: int | None, local_ids: Sequence[str]) -> HeldView:
    """What is held of these records alone."""
    rows = {local_id: row for local_id in local_ids if source_id is not None and (row := record(session, source_id, local_id))}
    former = {local_id: row.local_id for local_id, row in rows.items() if local_id != row.local_id}
    numbers = [row.current_version_id for row in rows.values() if row.current_version_id]
    query = select(Version.id, Version.stated_version).where(Version.id.in_(numbers))
    versions: dict[int | None, str | None] = {number: stated for number, stated in session.execute(query)} if numbers else {}  # noqa: C416 (rows are no pairs to mypy)
    found = {row.local_id: records.as_held(row, version=versions.get(row.current_version_id)) for row in rows.values()}
    return HeldView({}, found, former)


def add_run(session: Session, source: Source, *, now: datetime) -> Run:
    """A run that is over when its transaction is."""
    run = Run(
        source_id=source.id, trigger="push", wanted_pass=runs.PASSES[0], state="succeeded", attempt=1, counters={}, timings_ms={},
        http={}, configuration_hash=source.configuration_hash, queued_at=now, started_at=now, ended_at=now, due_at=None,
    )
    session.add(run)
    session.flush()
    source.last_attempt_at = source.last_success_at = now
    return run


def queue_run(session: Session, source: Source, *, wanted: str, now: datetime) -> Run:
    """A run of its own for each bulk push; those of one source are worked off one after another."""
    run = Run(
        source_id=source.id, trigger="push", wanted_pass=wanted, state="queued", queued_at=now, counters={}, timings_ms={}, http={},
        configuration_hash=source.configuration_hash, due_at=None,
    )
    session.add(run)
    session.flush()
    return run


def recent_removals(session: Session, source_id: int, *, now: datetime) -> frozenset[str]:
    """Records that pushes deleted within a day and that did not come back."""
    query = (
        select(Record.local_id)
        .join(Outcome, Outcome.record_id == Record.id)
        .join(Run, Run.id == Outcome.run_id)
        .where(
            Record.source_id == source_id, Record.state == "removed", Outcome.outcome == "removed", Run.trigger == "push",
            Outcome.at > now - REMOVALS_ADD_UP_FOR,
        )
    )
    return frozenset(session.scalars(query))


def visible_ids(session: Session, source_id: int) -> frozenset[str]:
    return frozenset(session.scalars(select(Record.local_id).where(Record.source_id == source_id, Record.state.in_(records.VISIBLE))))


def hold_back(session: Session, run: Run, local_id: str, *, why: str, now: datetime) -> int:
    """Put a deletion before a human, beside those of this source that wait already. Returns the hold's number."""
    waiting = [one for hold in holds.of_source(session, run.source_id, "open") for one in hold.local_ids]
    return holds.raise_or_extend(session, run, why=why, local_ids=list(dict.fromkeys([*waiting, local_id])), now=now).id


def open_hold_of(session: Session, source_id: int, local_id: str) -> Hold | None:
    return next((hold for hold in holds.of_source(session, source_id, "open") if local_id in hold.local_ids), None)


def is_indexed(session: Session, record_id: int) -> bool:
    return session.get(IndexEntry, record_id) is None


def last_refusal(session: Session, record_id: int) -> Outcome | None:
    """The newest outcome that refused what was sent of this record."""
    query = select(Outcome).where(Outcome.record_id == record_id, Outcome.outcome == "quarantined").order_by(Outcome.id.desc())
    return session.scalar(query.limit(1))


def listing(session: Session, source_id: int, *, after: int, limit: int) -> list[Record]:
    query = select(Record).where(Record.source_id == source_id, Record.id > after).order_by(Record.id).limit(limit)
    return list(session.scalars(query))


# receipts


def add_receipt(session: Session, receipt: Receipt) -> None:
    session.add(receipt)
    session.flush()


def receipt(session: Session, public_id: str, *, custodian_id: int | None) -> tuple[Receipt, Run]:
    """Raises :class:`NotFound` alike for one that is another custodian's."""
    query = select(Receipt, Run).join(Run, Run.id == Receipt.run_id).where(Receipt.public_id == public_id)
    row = session.execute(query).one_or_none()
    if row is None or row[0].custodian_id != custodian_id:
        raise NotFound(f"There is no receipt {public_id!r}.", hint="Location of the answer to a bulk push names it.")
    return row[0], row[1]


def receipt_of_run(session: Session, run_id: int) -> Receipt | None:
    return session.scalar(select(Receipt).where(Receipt.run_id == run_id))


def count_waiting(session: Session, key_id: int) -> int:
    query = select(func.count()).select_from(Receipt).join(Run, Run.id == Receipt.run_id)
    return session.scalar(query.where(Receipt.key_id == key_id, Run.state.in_(runs.ACTIVE))) or 0


# answers kept for requests with an Idempotency-Key


def kept_answer(session: Session, key_id: int, name: str) -> IdempotentAnswer | None:
    return session.scalar(select(IdempotentAnswer).where(IdempotentAnswer.key_id == key_id, IdempotentAnswer.name == name))


def begin_answer(session: Session, key_id: int, name: str, *, request_sha256: str, now: datetime) -> None:
    """Raises ``IntegrityError`` where another request began at the same moment."""
    session.add(IdempotentAnswer(key_id=key_id, name=name, request_sha256=request_sha256, status=None, headers={}, body=None, created_at=now))
    session.flush()


def keep_answer(session: Session, key_id: int, name: str, *, status: int, headers: dict[str, Any], body: bytes) -> None:
    row = kept_answer(session, key_id, name)
    if row is not None:
        row.status, row.headers, row.body = status, headers, body


def forget_answer(session: Session, key_id: int, name: str) -> None:
    session.execute(delete(IdempotentAnswer).where(IdempotentAnswer.key_id == key_id, IdempotentAnswer.name == name))


def forget_answers_before(session: Session, moment: datetime) -> None:
    session.execute(delete(IdempotentAnswer).where(IdempotentAnswer.created_at <= moment))


# what programs written for the HDR UK Gateway ask for


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which of a source's records, and in which order: (a name of ``ORDERS``, whether the last comes first)."""

    states: tuple[str, ...] = ()
    title: str = ""
    identifier: str | None = None
    order: tuple[str, bool] = ("created", True)


ORDERS: Final[dict[str, Any]] = {
    "created": Record.first_seen_at, "updated": Record.last_changed_at, "title": Record.title, "label": Record.title, "id": Record.id,
}


def page(session: Session, source_id: int, wanted: Wanted, *, offset: int, limit: int) -> tuple[list[Record], int]:
    """One page of records, and how many there are."""
    which = [Record.source_id == source_id]
    if wanted.states:
        which.append(Record.state.in_(wanted.states))
    if wanted.title:
        which.append(Record.title.icontains(wanted.title, autoescape=True))
    if wanted.identifier is not None:
        which.append((Record.local_id == wanted.identifier) | (Record.pid == wanted.identifier))
    column, is_descending = ORDERS[wanted.order[0]], wanted.order[1]
    rows = select(Record).where(*which).order_by(column.desc() if is_descending else column, Record.id).offset(offset).limit(limit)
    total = session.scalar(select(func.count()).select_from(Record).where(*which)) or 0
    return list(session.scalars(rows)), total


def by_number_or_pid(session: Session, source_id: int, given: str) -> Record | None:
    """By our number, else by the PID, the custodian's identifier or the short public one."""
    if given.isascii() and given.isdigit() and len(given) < 10:
        found = session.scalar(select(Record).where(Record.source_id == source_id, Record.id == int(given)))
        if found is not None:
            return found
    names = (Record.pid == given) | (Record.ref == given)
    return record(session, source_id, given) or session.scalar(select(Record).where(Record.source_id == source_id, names).limit(1))

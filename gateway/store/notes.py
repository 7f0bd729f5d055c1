"""Curators' notes beside records (S14). No harvest reads or writes them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.errors import NotFound
from gateway.models import Note
from gateway.store import explanations


def add(session: Session, dataset: str, *, text: str, by: str, now: datetime) -> Note:
    """``dataset`` is any identifier of it. Raises :class:`NotFound`."""
    record = explanations.find(session, dataset.strip())
    if record is None:
        raise NotFound(f"There is no dataset {dataset!r}.", hint="Use the identifier that its source uses, or that of its page here.")
    note = Note(record_id=record.id, text=text, by=by, at=now)
    session.add(note)
    session.flush()
    return note


def of_record(session: Session, record_id: int) -> list[Note]:
    """Oldest first, without those that were withdrawn."""
    query = select(Note).where(Note.record_id == record_id, Note.withdrawn_at.is_(None)).order_by(Note.id)
    return list(session.scalars(query))


def withdraw_of(session: Session, record_id: int, number: int, *, now: datetime) -> Note:
    """Only one of that record's. Raises :class:`NotFound`."""
    note = session.get(Note, number)
    if note is None or note.record_id != record_id:
        raise NotFound(f"There is no note {number} beside this record.")
    return withdraw(session, number, now=now)


def withdraw(session: Session, number: int, *, now: datetime) -> Note:
    note = session.get(Note, number)
    if note is None:
        raise NotFound(f"There is no note {number}.", hint="gateway note list shows those of a dataset.")
    note.withdrawn_at = note.withdrawn_at or now
    return note

"""What is known of one record, for telling why it is not visible or not current."""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from gateway.models import Alias, IndexEntry, Outcome, Record, Run

OUTCOMES_SHOWN = 10


def find(session: Session, identifier: str) -> Record | None:
    """By any identifier, whatever its state. The address of a page here counts by its first part."""
    ref = identifier.rstrip("/").rpartition("/")[2].partition("-")[0] if "/datasets/" in identifier else identifier
    by_own = or_(Record.ref == ref, Record.local_id == identifier, Record.pid == identifier)
    found = session.scalar(select(Record).where(by_own).order_by(Record.id).limit(1))
    by_alias = select(Record).join(Alias, Alias.record_id == Record.id).where(Alias.value == identifier).order_by(Record.id).limit(1)
    return found or session.scalar(by_alias)


def last_outcomes(session: Session, *, record_id: int | None, local_id: str) -> list[Outcome]:
    """Newest first."""
    met = Outcome.record_id == record_id if record_id is not None else Outcome.local_id == local_id
    return list(session.scalars(select(Outcome).where(met).order_by(Outcome.id.desc()).limit(OUTCOMES_SHOWN)))


def source_of(session: Session, outcome: Outcome) -> int:
    return session.get_one(Run, outcome.run_id).source_id


def waits_for_index(session: Session, record_id: int) -> bool:
    return session.get(IndexEntry, record_id) is not None


def identifiers(session: Session, record: Record) -> set[str]:
    """In lower case."""
    known = session.scalars(select(Alias.value).where(Alias.record_id == record.id))
    return {value.lower() for value in (record.local_id, record.pid, *known)}

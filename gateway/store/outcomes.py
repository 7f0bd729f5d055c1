"""Decisions that one triage officer entered and a second one has not confirmed yet."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from gateway.models import OutcomeProposal


def put(session: Session, row: OutcomeProposal) -> None:
    """In place of one for the same part."""
    session.execute(delete(OutcomeProposal).where(OutcomeProposal.part_id == row.part_id))
    session.add(row)


def of_part(session: Session, part_id: int) -> OutcomeProposal | None:
    return session.scalar(select(OutcomeProposal).where(OutcomeProposal.part_id == part_id))


def take(session: Session, part_id: int) -> OutcomeProposal | None:
    """Gone once the transaction commits."""
    found = of_part(session, part_id)
    if found is not None:
        session.delete(found)
    return found

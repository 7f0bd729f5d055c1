"""What is no longer kept: outcomes, events, and the bytes of documents that nothing refers to (1.2)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from gateway.models import AgreementTemplate, FormTemplate, Outcome, Raw, Receipt, Record, RunEvent, Version

RAW_KEPT: Final = timedelta(days=180)
OUTCOMES_KEPT: Final = timedelta(days=400)
EVENTS_KEPT: Final = timedelta(days=30)


def forget_outcomes(session: Session, *, now: datetime) -> int:
    return _deleted(session, delete(Outcome).where(Outcome.at < now - OUTCOMES_KEPT))


def forget_events(session: Session, *, now: datetime) -> int:
    return _deleted(session, delete(RunEvent).where(RunEvent.at < now - EVENTS_KEPT))


def needed_files(session: Session, *, now: datetime) -> set[str]:
    """SHA-256 of what must stay: everything of the last 180 days, and always the documents of the current and the previous
    version of each record and of what was refused last, and custodians’ own forms and agreements."""
    of_versions = (
        select(Version.raw_id).join(Record, Record.id == Version.record_id)
        .where(or_(Version.id == Record.current_version_id, Version.number >= Record.version_count - 1))
    )
    of_refusals = (
        select(Outcome.raw_id).join(Record, Record.id == Outcome.record_id)
        .where(Record.refused_hash.is_not(None), Outcome.raw_id.is_not(None))
    )
    needed = or_(Raw.fetched_at >= now - RAW_KEPT, Raw.id.in_(of_versions), Raw.id.in_(of_refusals))
    pushed = select(Receipt.sha256).where(Receipt.created_at >= now - RAW_KEPT)
    templates = {(document.get("template") or {}).get("sha256") for document in session.scalars(select(FormTemplate.document))}
    papers = session.scalars(select(AgreementTemplate.sha256))
    return {*session.scalars(select(Raw.sha256).where(needed)), *session.scalars(pushed), *(one for one in templates if one), *papers}


def _deleted(session: Session, statement: Any) -> int:
    return int(session.execute(statement).rowcount)  # type: ignore[attr-defined]  # a DELETE's result is a CursorResult

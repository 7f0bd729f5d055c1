"""Words that are taken out of a part: of an event, of every snapshot's answers."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.models import AuditRow, Request, RequestEvent, RequestPart, Snapshot
from gateway.store import audit


def clear_event(session: Session, part: RequestPart, version: int, names: Sequence[str]) -> None:
    """The event stays, and says that something was taken out of it."""
    event = session.scalars(select(RequestEvent).where(RequestEvent.part_id == part.id, RequestEvent.version == version)).one()
    event.payload = {**{name: value for name, value in event.payload.items() if name not in names}, "is_redacted": True}
    for row in session.scalars(select(AuditRow).where(AuditRow.object == f"part/{part.public_id}/{version}")):
        audit.forget_salt(session, row.stream, row.sequence)


def clear_answer(session: Session, part: RequestPart, key: str, instead: str, *, also_kept: bool) -> None:
    """In all that was sent to this custodian; the digests of what was sent stay. ``also_kept``: in the answers that may be sent later too."""
    for snapshot in session.scalars(select(Snapshot).where(Snapshot.part_id == part.id)):
        if key in snapshot.document["answers"]:
            snapshot.document = {**snapshot.document, "answers": {**snapshot.document["answers"], key: instead}}
    request = session.get_one(Request, part.request_id)
    if also_kept and key in request.answers:
        request.answers = {**request.answers, key: instead}

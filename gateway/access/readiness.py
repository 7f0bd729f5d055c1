"""Whether the people of a request are ready for it to be sent: everybody who will handle data has joined, and all accepted the terms."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from gateway.access import terms
from gateway.errors import Conflict
from gateway.store import accounts, request_members


def require_people_ready(session: Session, request_id: int, *, now: datetime) -> None:
    """Raises :class:`Conflict` naming who is missing."""
    held = request_members.of_request(session, request_id)
    pending = [row.address or "somebody" for row in held if row.joined_at is None and row.needs_access and row.ends_at > now]
    if pending:
        raise Conflict(f"Not everybody who will handle the data has joined: {', '.join(pending)}.", hint="Wait for them, or take the invitation back on the page of people.")
    names = accounts.names(session, [row.subject for row in held if row.subject])
    without = [names.get(row.subject or "", "somebody") for row in held if row.joined_at is not None and row.terms != terms.VERSION]
    if without:
        raise Conflict(f"Not everybody has accepted the terms: {', '.join(without)}.", hint="They do so on the request's page of people.")


def freeze_organisations(session: Session, request_id: int) -> None:
    """As they are when the request is sent: a later move stays visible."""
    for row in request_members.joined(session, request_id):
        account = accounts.by_subject(session, row.subject or "")
        row.organisation = account.organisation if account is not None else row.organisation

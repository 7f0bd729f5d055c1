"""Those who are on a request beside its lead, and those who were invited."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from gateway.models import Request, RequestMember


def add(session: Session, row: RequestMember) -> None:
    session.add(row)
    session.flush()


def of_request(session: Session, request_id: int) -> list[RequestMember]:
    """Joined or invited, in the order in which they were invited; without those who left."""
    query = select(RequestMember).where(RequestMember.request_id == request_id, RequestMember.left_at.is_(None)).order_by(RequestMember.id)
    return list(session.scalars(query))


def joined(session: Session, request_id: int) -> list[RequestMember]:
    return [row for row in of_request(session, request_id) if row.joined_at is not None]


def of_person(session: Session, request_id: int, subject: str) -> RequestMember | None:
    """The person's place on the request, once they joined and until they leave."""
    return next((row for row in joined(session, request_id) if row.subject == subject), None)


def requests_of(subject: str) -> Select[int]:
    """Ids of the requests that the account joined."""
    return select(RequestMember.request_id).where(
        RequestMember.subject == subject, RequestMember.joined_at.is_not(None), RequestMember.left_at.is_(None)
    )


def by_digest(session: Session, digest: str, *, now: datetime, is_locked: bool = False) -> RequestMember | None:
    """The invitation behind a link that works still."""
    query = select(RequestMember).where(RequestMember.digest == digest, RequestMember.left_at.is_(None), RequestMember.ends_at > now)
    return session.scalar(query.with_for_update() if is_locked else query)


def request_of(session: Session, row: RequestMember) -> Request:
    """Locked: whoever changes the people of a request does so one after another."""
    return session.scalars(select(Request).where(Request.id == row.request_id).with_for_update()).one()


def forget_request(session: Session, request_id: int) -> None:
    session.execute(delete(RequestMember).where(RequestMember.request_id == request_id))


def forget_person(session: Session, subject: str, address: str | None, *, now: datetime) -> None:
    """Of an account that closes: the person leaves, and nothing says who it was but the opaque subject."""
    left = {"left_at": now, "digest": None, "address": None, "organisation": None, "offered_by": None, "offer_evidence": None}
    session.execute(update(RequestMember).where(RequestMember.subject == subject).values(**left))
    session.execute(delete(RequestMember).where(RequestMember.address == address, RequestMember.subject.is_(None)))


def forget_invitations(session: Session, *, ended_before: datetime) -> int:
    """Those that nobody took up."""
    gone = session.execute(delete(RequestMember).where(RequestMember.joined_at.is_(None), RequestMember.ends_at < ended_before))
    return int(gone.rowcount)  # type: ignore[attr-defined]  # a DELETE's result counts rows

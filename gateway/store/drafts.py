"""Requests while they are written, and what was typed after a sign-in had ended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from gateway.errors import NotFound
from gateway.models import Custodian, FormTemplate, KeptText, Request, RequestPart, Route
from gateway.store import request_members, uploads


@dataclass(frozen=True, slots=True)
class DraftRow:
    """A part, sent or not, with what is read beside it."""

    part: RequestPart
    custodian: Custodian | None
    route: Route | None
    form: FormTemplate | None


def led(session: Session, reference: str, *, subject: str, is_locked: bool = False) -> Request:
    """The request of this reference that the account leads. Raises :class:`NotFound` for all others, and for one that was deleted."""
    query = select(Request).where(Request.reference == reference, Request.lead_subject == subject)
    return _opened(session.scalar(query.with_for_update() if is_locked else query))


def _opened(found: Request | None) -> Request:
    if found is None or found.bank_version is None:
        raise NotFound("You have no request of this reference.", hint="Your account page lists yours.")
    return found


def shared(session: Session, reference: str, *, subject: str, is_locked: bool = False) -> Request:
    """As :func:`led`, for everybody who is on the request."""
    query = select(Request).where(Request.reference == reference, _is_on(subject))
    return _opened(session.scalar(query.with_for_update() if is_locked else query))


def _is_on(subject: str) -> ColumnElement[bool]:
    return (Request.lead_subject == subject) | Request.id.in_(request_members.requests_of(subject))


def rows_of(session: Session, request_id: int) -> list[DraftRow]:
    """Every part but the deleted ones, in the order in which they were made."""
    query = (
        select(RequestPart, Custodian, Route, FormTemplate)
        .outerjoin(Custodian, Custodian.id == RequestPart.custodian_id)
        .outerjoin(Route, Route.id == RequestPart.route_id)
        .outerjoin(FormTemplate, FormTemplate.id == RequestPart.form_id)
        .where(RequestPart.request_id == request_id, RequestPart.state != "deleted")
        .order_by(RequestPart.id)
    )
    return [DraftRow(*row) for row in session.execute(query)]


def begun_by(session: Session, subject: str) -> list[Request]:
    """Requests of the account with a part that is not sent yet, the newest first."""
    has_draft = select(RequestPart.request_id).where(RequestPart.state == "draft")
    return list(session.scalars(select(Request).where(Request.lead_subject == subject, Request.id.in_(has_draft)).order_by(Request.id.desc())))


def written_by(session: Session, subject: str) -> list[Request]:
    """As :func:`begun_by`, with those that the account joined."""
    has_draft = select(RequestPart.request_id).where(RequestPart.state == "draft")
    return list(session.scalars(select(Request).where(_is_on(subject), Request.id.in_(has_draft)).order_by(Request.id.desc())))


def lock_parts(session: Session, part_ids: Iterable[int]) -> list[RequestPart]:
    """In the order of their numbers, so that two who lock several never wait for each other."""
    query = select(RequestPart).where(RequestPart.id.in_(list(part_ids))).order_by(RequestPart.id).with_for_update()
    return list(session.scalars(query))


def forget_unsent(session: Session, request_id: int) -> None:
    """With the last part of a request goes what was written, and who wrote it."""
    if rows_of(session, request_id):
        return
    request = session.get_one(Request, request_id)
    request.answers, request.answers_notes, request.lead_subject = {}, {}, None
    uploads.forget_of_request(session, request_id)
    request.lead = dict.fromkeys(("name", "email", "organisation"), "")
    request_members.forget_request(session, request_id)


# forms


def newest_forms(session: Session, custodian_ids: Iterable[int]) -> dict[int, FormTemplate]:
    """By custodian, where one was published."""
    query = select(FormTemplate).where(FormTemplate.custodian_id.in_(list(custodian_ids))).order_by(FormTemplate.version)
    return {row.custodian_id: row for row in session.scalars(query)}


def forms_of(session: Session, custodian_id: int) -> Sequence[FormTemplate]:
    """All versions, the newest first."""
    return session.scalars(select(FormTemplate).where(FormTemplate.custodian_id == custodian_id).order_by(FormTemplate.version.desc())).all()


def add_form(session: Session, form: FormTemplate) -> None:
    session.add(form)
    session.flush()


# texts


def keep_text(session: Session, text: KeptText) -> None:
    session.add(text)


def sealed_text(session: Session, digest: str, *, subject: str) -> str | None:
    """None for another's."""
    return session.scalar(select(KeptText.sealed_text).where(KeptText.digest == digest, KeptText.subject == subject))


def take_text(session: Session, digest: str, *, subject: str, after: datetime) -> str | None:
    """Once, and only what is younger; None for another's."""
    found = session.scalar(select(KeptText).where(KeptText.digest == digest, KeptText.subject == subject, KeptText.created_at > after).with_for_update())
    if found is None:
        return None
    session.delete(found)
    return found.sealed_text


def forget_texts(session: Session, *, before: datetime) -> int:
    return int(session.execute(delete(KeptText).where(KeptText.created_at < before)).rowcount)  # type: ignore[attr-defined]  # a DELETE's result is a CursorResult

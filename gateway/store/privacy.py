"""What retention takes away, kind by kind. Each function returns how many rows it changed, and may be repeated."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.orm import Session, aliased

from gateway.models import (
    AccessToken,
    ApiKey,
    AuditRow,
    AuditSalt,
    DataUse,
    Delivery,
    FormerLink,
    IdempotentAnswer,
    OutcomeProposal,
    Purge,
    Receipt,
    Request,
    RequestEvent,
    RequestPart,
    Snapshot,
    WebhookMessage,
)

GONE = "Deleted key"
OVER = ("rejected", "closed", "withdrawn", "revoked", "ended", "deleted")
ANONYMISED = "part.anonymised"


def note_purge(session: Session, kind: str, *, cut_off: datetime, count: int, now: datetime) -> None:
    session.add(Purge(kind=kind, cut_off=cut_off, count=count, at=now))


def purges(session: Session, *, limit: int) -> list[Purge]:
    return list(session.scalars(select(Purge).order_by(Purge.id.desc()).limit(limit)))


def forget_keys(session: Session, *, ended_before: datetime) -> int:
    """Keys that no push names go; of the others the name does, so that the history of pushes still has its key."""
    ended = func.coalesce(ApiKey.revoked_at, ApiKey.expires_at) < ended_before
    ids = list(session.scalars(select(ApiKey.id).where(ended, ApiKey.name != GONE)))
    for table in (AccessToken, IdempotentAnswer):
        session.execute(delete(table).where(table.key_id.in_(ids)))
    named = exists().where(Receipt.key_id == ApiKey.id)
    session.execute(update(ApiKey).where(ApiKey.id.in_(ids), named).values(name=GONE, networks=[]))
    session.execute(delete(ApiKey).where(ApiKey.id.in_(ids), ~named))
    return len(ids)


def forget_webhook_messages(session: Session, *, before: datetime) -> int:
    return _rows(session, delete(WebhookMessage).where(WebhookMessage.state != "queued", WebhookMessage.created_at < before))


def forget_purges(session: Session, *, before: datetime) -> int:
    return _rows(session, delete(Purge).where(Purge.at < before))


def requests_to_anonymise(session: Session, *, declined_before: datetime, approved_before: datetime, limit: int = 200) -> list[Request]:
    """Requests all of whose parts are over and past their time: longer where one was approved."""
    part = RequestPart.request_id == Request.id
    was_approved = exists().where(part, DataUse.part_id == RequestPart.id)
    is_open = exists().where(part, RequestPart.state.not_in(OVER))
    is_young = exists().where(part, RequestPart.updated_at >= declined_before)
    is_kept = was_approved & exists().where(part, RequestPart.updated_at >= approved_before)
    is_done = exists().where(RequestEvent.request_id == Request.id, RequestEvent.event == ANONYMISED)
    due = exists().where(part) & ~is_open & ~is_young & ~is_kept & ~is_done
    return list(session.scalars(select(Request).where(due).order_by(Request.id).limit(limit)))


def idle_drafts(session: Session, *, before: datetime, limit: int = 500) -> Sequence[RequestPart]:
    """Parts of requests that are still written, none of which was touched since."""
    other = aliased(RequestPart)
    is_fresh = exists().where(other.request_id == RequestPart.request_id, other.updated_at >= before)
    query = select(RequestPart).where(RequestPart.state == "draft", ~is_fresh).order_by(RequestPart.id).limit(limit)
    return session.scalars(query.with_for_update()).all()


def parts_of(session: Session, request_id: int) -> Sequence[RequestPart]:
    return session.scalars(select(RequestPart).where(RequestPart.request_id == request_id).with_for_update()).all()


def events_of(session: Session, request_id: int) -> Sequence[RequestEvent]:
    return session.scalars(select(RequestEvent).where(RequestEvent.request_id == request_id).order_by(RequestEvent.id)).all()


def snapshots_of(session: Session, part_ids: Sequence[int]) -> Sequence[Snapshot]:
    return session.scalars(select(Snapshot).where(Snapshot.part_id.in_(part_ids))).all()


def forget_outcomes(session: Session, part_ids: Sequence[int]) -> None:
    session.execute(delete(OutcomeProposal).where(OutcomeProposal.part_id.in_(part_ids)))


def close_deliveries(session: Session, part_ids: Sequence[int]) -> None:
    session.execute(update(Delivery).where(Delivery.part_id.in_(part_ids)).values(sealed_link=None, receipt=None, last_error=None))


def forget_former_links(session: Session, part_ids: Sequence[int]) -> None:
    session.execute(delete(FormerLink).where(FormerLink.part_id.in_(part_ids)))


def forget_salts_of(session: Session, public_id: str) -> None:
    """The audit's rows about a part keep their place in the chain, and say nothing of the payload any more."""
    about = select(AuditRow.sequence).where(AuditRow.stream == AuditSalt.stream, AuditRow.sequence == AuditSalt.sequence, AuditRow.object.like(f"part/{public_id}/%"))
    session.execute(delete(AuditSalt).where(about.exists()))


def _rows(session: Session, statement: Any) -> int:
    return int(session.execute(statement).rowcount)  # type: ignore[attr-defined]  # a DELETE's result is a CursorResult

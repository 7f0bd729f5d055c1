"""The outbox: deliveries to custodians and messages to people, claimed by one worker at a time under a lease."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from gateway.models import Custodian, Delivery, Message, Request, RequestPart, Route, Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedDelivery:
    """Everything that is needed to send, read when the lease was taken. ``attempt`` counts from 1."""

    delivery_id: int
    part_id: int
    route_id: int | None
    attempt: int
    message_id: str
    channel: str
    target: str | None
    """None where the route cannot be used any more."""
    sealed_secret: str | None
    sealed_link: str | None
    reference: str
    part: str
    custodian_slug: str
    custodian_name: str
    document: dict[str, Any]
    snapshot_sha256: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedMessage:
    message_id: int
    attempt: int
    idempotency_key: str
    to_address: str
    subject: str
    sealed_body: str
    created_at: datetime


def has_due(session: Session, *, now: datetime) -> bool:
    """Whether a delivery or a message could be claimed now."""
    return any(session.scalar(select(exists().where(*_due(table, now)))) for table in (Delivery, Message))


def claim_delivery(session: Session, *, now: datetime, lease_until: datetime) -> ClaimedDelivery | None:
    """Lease the delivery that is due longest; workers that ask at the same moment get different ones."""
    row = session.scalar(_next(Delivery, now))
    if row is None:
        return None
    row.lease_until, row.attempts = lease_until, row.attempts + 1
    return _claimed(session, row)


def claim_message(session: Session, *, now: datetime, lease_until: datetime) -> ClaimedMessage | None:
    """As :func:`claim_delivery`, for messages to people."""
    row = session.scalar(_next(Message, now))
    if row is None:
        return None
    row.lease_until, row.attempts = lease_until, row.attempts + 1
    return ClaimedMessage(
        message_id=row.id, attempt=row.attempts, idempotency_key=row.idempotency_key, to_address=row.to_address,
        subject=row.subject, sealed_body=row.sealed_body, created_at=row.created_at,
    )


def delivery(session: Session, delivery_id: int) -> Delivery:
    return session.get_one(Delivery, delivery_id)


def message(session: Session, message_id: int) -> Message:
    return session.get_one(Message, message_id)


def newest_delivery(session: Session, part_id: int) -> Delivery | None:
    return session.scalar(select(Delivery).where(Delivery.part_id == part_id).order_by(Delivery.id.desc()).limit(1))


def delivery_of(session: Session, part_id: int, snapshot_id: int, channel: str) -> Delivery | None:
    where = (Delivery.part_id == part_id, Delivery.snapshot_id == snapshot_id, Delivery.channel == channel)
    return session.scalar(select(Delivery).where(*where))


def give_up_for_good(session: Session, part_id: int) -> None:
    """Deliveries that waited for a person are over: the part goes another way."""
    for row in session.scalars(select(Delivery).where(Delivery.part_id == part_id, Delivery.state == "manual")):
        row.state = "failed"


def route(session: Session, route_id: int) -> Route:
    return session.get_one(Route, route_id)


def has_message(session: Session, idempotency_key: str) -> bool:
    return session.scalar(select(Message.id).where(Message.idempotency_key == idempotency_key)) is not None


def requeue(session: Session, route_id: int, *, now: datetime) -> int:
    """Deliveries of a route that were given up are tried again from the start; returns how many."""
    query = select(Delivery).join(RequestPart, RequestPart.id == Delivery.part_id)
    rows = list(session.scalars(query.where(RequestPart.route_id == route_id, Delivery.state == "manual")))
    for row in rows:
        row.state, row.attempts, row.due_at, row.lease_until = "queued", 0, now, None
    return len(rows)


def _due(table: type[Delivery] | type[Message], now: datetime) -> tuple[Any, ...]:
    return table.state == "queued", table.due_at <= now, or_(table.lease_until.is_(None), table.lease_until <= now)


def _next(table: type[Delivery] | type[Message], now: datetime) -> Any:
    query = select(table).where(*_due(table, now)).order_by(table.due_at, table.id).limit(1)
    return query.with_for_update(skip_locked=True)


def _claimed(session: Session, row: Delivery) -> ClaimedDelivery:
    query = (
        select(RequestPart, Request, Custodian, Snapshot, Route)
        .join(Request, Request.id == RequestPart.request_id)
        .join(Custodian, Custodian.id == RequestPart.custodian_id)
        .join(Snapshot, Snapshot.id == row.snapshot_id)
        .outerjoin(Route, Route.id == RequestPart.route_id)
        .where(RequestPart.id == row.part_id)
    )
    part, request, custodian, snapshot, by = session.execute(query).one()
    is_usable = by is not None and by.health == "healthy" and by.verified_at is not None and by.channel == row.channel
    return ClaimedDelivery(
        delivery_id=row.id, part_id=part.id, route_id=part.route_id, attempt=row.attempts, message_id=row.message_id,
        channel=row.channel, target=by.target if is_usable else None, sealed_secret=by.secret if is_usable else None,
        sealed_link=row.sealed_link, reference=request.reference, part=part.public_id, custodian_slug=custodian.slug,
        custodian_name=custodian.name, document=snapshot.document, snapshot_sha256=snapshot.sha256,
        created_at=row.created_at,
    )

"""The outbox: deliveries to custodians and messages to people, claimed by one worker at a time under a lease."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, or_, select
from sqlalchemy.orm import Session

from gateway.access.parts import OPEN
from gateway.channels.channel import Occasion
from gateway.models import (
    Callback,
    Custodian,
    Delivery,
    Message,
    Request,
    RequestEvent,
    RequestPart,
    Route,
    Snapshot,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedDelivery:
    """Everything that is needed to send, read when the lease was taken. ``attempt`` counts from 1."""

    delivery_id: int
    part_id: int
    route_id: int | None
    attempt: int
    message_id: str
    occasion: Occasion
    channel: str
    target: str | None
    """None where the route cannot be used any more."""
    sealed_secret: str | None
    sealed_former_secret: str | None
    """While both sign."""
    sealed_link: str | None
    reference: str
    part: str
    custodian_slug: str
    custodian_name: str
    document: dict[str, Any]
    snapshot_sha256: str
    created_at: datetime
    settings: dict[str, Any]
    """Of the route."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedMessage:
    """``sealed_bodies`` are several where a digest was due. ``row_id`` is of the first, which stands for all."""

    row_id: int
    attempt: int
    message_id: str
    to_address: str
    recipient: str | None
    topic: str
    subject: str
    sealed_bodies: tuple[str, ...]
    is_digest: bool
    created_at: datetime
    deadline_at: datetime


def has_due(session: Session, *, now: datetime) -> bool:
    """Whether a delivery or a message could be claimed now."""
    return any(session.scalar(select(exists().where(*_due(table, now)))) for table in (Delivery, Message))


def claim_delivery(session: Session, *, now: datetime, lease_until: datetime) -> ClaimedDelivery | None:
    """Lease the delivery that is due longest; workers that ask at the same moment get different ones."""
    row = session.scalar(_next(Delivery, now))
    if row is None:
        return None
    row.lease_until, row.attempts = lease_until, row.attempts + 1
    return _claimed(session, row, now)


def claim_message(session: Session, *, now: datetime, lease_until: datetime) -> ClaimedMessage | None:
    """As :func:`claim_delivery`, for messages to people. All that waits for the same digest of a person is claimed with the first, and
    stays together over all tries: the same Message-ID is the same message."""
    row = session.scalar(_next(Message, now))
    if row is None:
        return None
    together = _bundle(session, row, now)
    for one in together:
        one.state, one.lease_until, one.attempts = "sending", lease_until, one.attempts + 1
    return ClaimedMessage(
        row_id=row.id, attempt=row.attempts, message_id=row.message_id or "", to_address=row.to_address, recipient=row.recipient,
        topic=row.topic, subject=row.subject, sealed_bodies=tuple(one.sealed_body for one in together), is_digest=row.digest is not None,
        created_at=row.created_at, deadline_at=row.deadline_at or row.created_at,
    )


def _bundle(session: Session, first: Message, now: datetime) -> list[Message]:
    if first.digest is None:
        return [first]
    if first.bundle_id is None:
        waiting = (Message.to_address == first.to_address, Message.digest.is_not(None), Message.bundle_id.is_(None))
        for one in session.scalars(select(Message).where(*waiting, Message.state == "pending", Message.due_at <= now)):
            one.bundle_id = first.id
        session.flush()
    return list(session.scalars(select(Message).where(Message.bundle_id == first.bundle_id).order_by(Message.id)))


def claimed_messages(session: Session, claim: ClaimedMessage) -> list[Message]:
    """The rows of a claim, if it still holds; none where another worker took them over, or they are settled."""
    first = session.get_one(Message, claim.row_id, with_for_update=True)
    if first.state != "sending" or first.attempts != claim.attempt:
        return []
    return [first] if first.bundle_id is None else list(session.scalars(select(Message).where(Message.bundle_id == first.bundle_id)))


def delivery(session: Session, delivery_id: int) -> Delivery:
    return session.get_one(Delivery, delivery_id)


def newest_delivery(session: Session, part_id: int) -> Delivery | None:
    return session.scalar(select(Delivery).where(Delivery.part_id == part_id).order_by(Delivery.id.desc()).limit(1))


def delivery_of(session: Session, part_id: int, snapshot_id: int, channel: str) -> Delivery | None:
    where = (Delivery.part_id == part_id, Delivery.snapshot_id == snapshot_id, Delivery.channel == channel)
    return session.scalar(select(Delivery).where(*where))


def part_of_application(session: Session, custodian_id: int, application: int) -> int | None:
    """The part whose delivery made that application in the custodian's REMS."""
    query = (
        select(Delivery.part_id).join(RequestPart, RequestPart.id == Delivery.part_id)
        .where(RequestPart.custodian_id == custodian_id, Delivery.channel == "rems", Delivery.receipt["application_id"].as_integer() == application)
        .order_by(Delivery.id.desc()).limit(1)
    )
    return session.scalar(query)


def give_up_for_good(session: Session, part_id: int) -> None:
    """What was not delivered yet is not delivered any more: the part goes another way, is over, or a newer snapshot takes its place."""
    for row in session.scalars(select(Delivery).where(Delivery.part_id == part_id, Delivery.state.in_(("queued", "manual")))):
        row.state, row.due_at, row.lease_until, row.sealed_link = "failed", None, None, None


def route(session: Session, route_id: int) -> Route:
    return session.get_one(Route, route_id)


def add_once(session: Session, letter: Message) -> bool:
    """Whether it was new: there is one letter under a key, and none twice."""
    is_new = session.scalar(select(Message.id).where(Message.idempotency_key == letter.idempotency_key)) is None
    if is_new:
        session.add(letter)
    return is_new


def written_at(session: Session, idempotency_key: str) -> datetime | None:
    return session.scalar(select(Message.created_at).where(Message.idempotency_key == idempotency_key))


def requeue(session: Session, route_id: int, *, now: datetime) -> int:
    """Deliveries of a route that were given up are tried again from the start; returns how many."""
    query = select(Delivery).join(RequestPart, RequestPart.id == Delivery.part_id)
    rows = list(session.scalars(query.where(RequestPart.route_id == route_id, Delivery.state == "manual")))
    for row in rows:
        row.state, row.attempts, row.due_at, row.lease_until = "queued", 0, now, None
    return len(rows)


def _due(table: type[Delivery] | type[Message], now: datetime) -> tuple[Any, ...]:
    is_waiting = table.state == "queued" if table is Delivery else table.state.in_(("pending", "sending"))
    is_wanted = (Delivery.part_id.in_(select(RequestPart.id).where(RequestPart.state.in_(OPEN))),) if table is Delivery else ()
    is_first = (or_(Message.bundle_id.is_(None), Message.bundle_id == Message.id),) if table is Message else ()
    return is_waiting, table.due_at <= now, or_(table.lease_until.is_(None), table.lease_until <= now), *is_wanted, *is_first


def _next(table: type[Delivery] | type[Message], now: datetime) -> Any:
    query = select(table).where(*_due(table, now)).order_by(table.due_at, table.id).limit(1)
    return query.with_for_update(skip_locked=True)


def _claimed(session: Session, row: Delivery, now: datetime) -> ClaimedDelivery:
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
        delivery_id=row.id, part_id=part.id, route_id=part.route_id, attempt=row.attempts, message_id=row.message_id, occasion=_occasion(session, row, snapshot),
        channel=row.channel, target=by.target if is_usable else None, sealed_secret=by.secret if is_usable else None,
        sealed_former_secret=by.former_secret_at(now) if is_usable else None,
        sealed_link=row.sealed_link, reference=request.reference, part=part.public_id, custodian_slug=custodian.slug,
        custodian_name=custodian.name, document=snapshot.document, snapshot_sha256=snapshot.sha256,
        created_at=row.created_at, settings=(by.settings if by is not None else None) or {},
    )


def _occasion(session: Session, row: Delivery, snapshot: Snapshot) -> Occasion:
    """A custodian that has received nothing yet over this channel receives the request; after that, by the step that made the snapshot."""
    before = (Delivery.part_id == row.part_id, Delivery.channel == row.channel, Delivery.id != row.id, Delivery.sent_at.is_not(None))
    if not session.scalar(select(exists().where(*before))):
        return "submitted"
    answered = (RequestEvent.part_id == row.part_id, RequestEvent.event == "part.resubmitted", RequestEvent.at == snapshot.created_at)
    return "resubmitted" if session.scalar(select(exists().where(*answered))) else "updated"


# what custodians' systems send back


def take_in(session: Session, digest: str, *, now: datetime) -> None:
    """Raises ``IntegrityError`` for one that was taken in before."""
    session.add(Callback(digest=digest, at=now))
    session.flush()


def forget_callbacks(session: Session, *, before: datetime) -> None:
    session.execute(delete(Callback).where(Callback.at < before))

"""Webhooks back to custodians: events become outbox rows in the transaction in which they happen."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Table, delete, exists, insert, or_, select
from sqlalchemy.orm import Session

from gateway.errors import NotFound
from gateway.models import Custodian, Record, Run, Source, SourceContact, WebhookEndpoint, WebhookMessage

EVENT_OF: Final[Mapping[str, str]] = {
    "created": "dataset.published", "updated": "dataset.published", "restored": "dataset.published", "quarantined": "dataset.quarantined",
    "removed": "dataset.removed",
}
"""Outcome of a record -> the event that its custodian is told of."""
RUN_EVENT_OF: Final[Mapping[str, str]] = {"succeeded": "run.completed", "partial": "run.completed", "held": "run.held", "failed": "run.failed"}


@dataclass(frozen=True, slots=True)
class Happened:
    event: str
    custodian_id: int
    data: Mapping[str, Any]


def announce_records(session: Session, run: Run, applied: Iterable[tuple[str, Record | None]], *, now: datetime) -> None:
    """(outcome, record) of everything that one transaction wrote."""
    happened = [
        Happened(EVENT_OF[outcome], record.custodian_id, _about(record, outcome, run))
        for outcome, record in applied
        if record is not None and record.custodian_id is not None and outcome in EVENT_OF
    ]
    announce(session, happened, now=now)


def announce_run(session: Session, run: Run, source: Source, state: str, *, now: datetime) -> None:
    """That a run is over, to the custodian whose source it is; others have no one custodian to tell."""
    if source.custodian_id is not None and state in RUN_EVENT_OF:
        data = {"run": run.id, "source": source.slug, "state": state, "path": f"/api/v1/runs/{run.id}"}
        announce(session, [Happened(RUN_EVENT_OF[state], source.custodian_id, data)], now=now)


def announce_proposals(session: Session, pairs: Sequence[tuple[int, int]], *, now: datetime) -> None:
    """That two records may be one dataset, by their numbers."""
    numbers = {number for pair in pairs for number in pair}
    held = {row.id: row for row in session.scalars(select(Record).where(Record.id.in_(numbers)))} if numbers else {}
    happened = [
        Happened("link.proposed", one.custodian_id, {"dataset": one.ref, "other": other.ref, "path": f"/api/v1/datasets/{one.ref}/links"})
        for one, other in ((held[first], held[second]) for first, second in pairs)
        if one.custodian_id is not None
    ]
    announce(session, happened, now=now)


def announce_digest(session: Session, endpoint_id: int, data: Mapping[str, Any], *, now: datetime) -> None:
    """What came of a run, to one endpoint that was named for its source, whatever else it wants to hear of."""
    wanted = WebhookEndpoint.id == endpoint_id, WebhookEndpoint.state == "active"
    endpoint = session.scalar(select(WebhookEndpoint).where(*wanted).with_for_update())
    if endpoint is not None:
        endpoint.sequence += 1
        session.add(WebhookMessage(**_row(endpoint, Happened("run.digest", endpoint.custodian_id, data), now)))


def announce(session: Session, happened: Sequence[Happened], *, now: datetime) -> None:
    """A row for each active endpoint that wants to hear of it; numbered in the order in which they are written."""
    whose = {one.custodian_id for one in happened}
    if not whose:
        return
    listening = select(WebhookEndpoint).where(WebhookEndpoint.custodian_id.in_(whose), WebhookEndpoint.state == "active")
    rows: list[dict[str, Any]] = []
    for endpoint in session.scalars(listening.order_by(WebhookEndpoint.id).with_for_update()):
        wanted = [one for one in happened if one.custodian_id == endpoint.custodian_id and one.event in endpoint.events]
        for one in wanted:
            endpoint.sequence += 1
            rows.append(_row(endpoint, one, now))
    if rows:
        assert isinstance(WebhookMessage.__table__, Table)
        session.execute(insert(WebhookMessage.__table__), rows)


def _row(endpoint: WebhookEndpoint, one: Happened, now: datetime) -> dict[str, Any]:
    return {
        "endpoint_id": endpoint.id, "message_id": f"msg_{secrets.token_urlsafe(16)}", "event": one.event, "sequence": endpoint.sequence,
        "data": dict(one.data), "state": "queued", "attempts": 0, "due_at": now, "created_at": now,
    }


def _about(record: Record, outcome: str, run: Run) -> dict[str, Any]:
    return {
        "dataset": record.ref, "pid": record.pid, "local_id": record.local_id, "outcome": outcome, "run": run.id,
        "path": f"/api/v1/datasets/{record.ref}",
    }


# endpoints


def add(session: Session, endpoint: WebhookEndpoint) -> None:
    session.add(endpoint)
    session.flush()


def of_custodian(session: Session, custodian_id: int | None) -> list[tuple[WebhookEndpoint, Custodian]]:
    """Those of one custodian, or with None all."""
    query = select(WebhookEndpoint, Custodian).join(Custodian, Custodian.id == WebhookEndpoint.custodian_id).order_by(WebhookEndpoint.id)
    if custodian_id is not None:
        query = query.where(WebhookEndpoint.custodian_id == custodian_id)
    return [(row[0], row[1]) for row in session.execute(query)]


def require(session: Session, public_id: str, *, custodian_id: int | None = None) -> WebhookEndpoint:
    """Raises :class:`NotFound` alike for one that is another custodian's."""
    endpoint = session.scalar(select(WebhookEndpoint).where(WebhookEndpoint.public_id == public_id).with_for_update())
    if endpoint is None or custodian_id not in (None, endpoint.custodian_id):
        raise NotFound(f"There is no webhook {public_id!r}.", hint="The list of webhooks shows all.")
    return endpoint


def remove(session: Session, endpoint: WebhookEndpoint) -> None:
    session.execute(delete(WebhookMessage).where(WebhookMessage.endpoint_id == endpoint.id))
    for contact in session.scalars(select(SourceContact).where(SourceContact.endpoint_id == endpoint.id)):
        session.delete(contact)
    session.delete(endpoint)


def messages(session: Session, endpoint_id: int, *, before: int | None, limit: int) -> list[WebhookMessage]:
    """Newest first."""
    query = select(WebhookMessage).where(WebhookMessage.endpoint_id == endpoint_id).order_by(WebhookMessage.id.desc()).limit(limit)
    return list(session.scalars(query if before is None else query.where(WebhookMessage.id < before)))


def send_again(session: Session, endpoint: WebhookEndpoint, message_id: str, *, now: datetime) -> WebhookMessage:
    """Under the same id, by which the receiver knows it. Raises :class:`NotFound`."""
    where = (WebhookMessage.endpoint_id == endpoint.id, WebhookMessage.message_id == message_id)
    row = session.scalar(select(WebhookMessage).where(*where).with_for_update())
    if row is None:
        raise NotFound("There is no such message.", hint="Messages are kept for 90 days; the list shows them.")
    row.state, row.attempts, row.due_at, row.lease_until, row.last_error = "queued", 0, now, None, None
    return row


# the outbox


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedWebhook:
    """Everything that is needed to send, read when the lease was taken. ``attempt`` counts from 1."""

    row_id: int
    endpoint_id: int
    message_id: str
    event: str
    sequence: int
    data: dict[str, Any]
    custodian: str
    url: str
    sealed_secrets: tuple[str, ...]
    """The present one first."""
    attempt: int
    created_at: datetime


def has_due(session: Session, *, now: datetime) -> bool:
    return bool(session.scalar(select(exists().where(*_due(now)))))


def claim(session: Session, *, now: datetime, lease_until: datetime) -> ClaimedWebhook | None:
    """Lease the message that is due longest; workers that ask at the same moment get different ones."""
    row = session.scalar(select(WebhookMessage).where(*_due(now)).order_by(WebhookMessage.due_at, WebhookMessage.id).limit(1).with_for_update(skip_locked=True))
    if row is None:
        return None
    row.lease_until, row.attempts = lease_until, row.attempts + 1
    endpoint = session.get_one(WebhookEndpoint, row.endpoint_id)
    custodian = session.get_one(Custodian, endpoint.custodian_id)
    former = endpoint.former_secret_at(now)
    return ClaimedWebhook(
        row_id=row.id, endpoint_id=endpoint.id, message_id=row.message_id, event=row.event, sequence=row.sequence, data=row.data,
        custodian=custodian.slug, url=endpoint.url, sealed_secrets=(endpoint.secret, *([former] if former else [])),
        attempt=row.attempts, created_at=row.created_at,
    )


def claimed(session: Session, claim: ClaimedWebhook) -> tuple[WebhookMessage, WebhookEndpoint] | None:
    """The rows of what was claimed, locked; None where another worker has it by now, or the endpoint is gone."""
    endpoint = session.scalar(select(WebhookEndpoint).where(WebhookEndpoint.id == claim.endpoint_id).with_for_update())
    row = session.get(WebhookMessage, claim.row_id)
    if endpoint is None or row is None or row.state != "queued" or row.attempts != claim.attempt:
        return None
    return row, endpoint


def give_up_waiting(session: Session, endpoint_id: int, *, why: str) -> None:
    """What waits for an endpoint that was disabled is not sent."""
    waiting = select(WebhookMessage).where(WebhookMessage.endpoint_id == endpoint_id, WebhookMessage.state == "queued")
    for row in session.scalars(waiting):
        row.state, row.due_at, row.lease_until, row.last_error = "failed", None, None, why


def forget_before(session: Session, moment: datetime) -> None:
    session.execute(delete(WebhookMessage).where(WebhookMessage.state != "queued", WebhookMessage.created_at < moment))


def _due(now: datetime) -> tuple[Any, ...]:
    return (
        WebhookMessage.state == "queued", WebhookMessage.due_at <= now,
        or_(WebhookMessage.lease_until.is_(None), WebhookMessage.lease_until <= now),
    )

"""Rows of attached files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from gateway.accounts.tables import ProfileItem
from gateway.models import RequestPart, Snapshot, Upload

UNSETTLED: Final = ("waiting", "unavailable")
RETRIES_AFTER: Final = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=20), timedelta(hours=1))
"""Pauses between the tries of a scanner; the last one for ever."""


def of_request(session: Session, request_id: int) -> dict[str, Upload]:
    """By public id, in the order in which they were attached."""
    return {row.public_id: row for row in session.scalars(select(Upload).where(Upload.request_id == request_id).order_by(Upload.id))}


def in_request(session: Session, request_id: int, public_id: str) -> Upload | None:
    return session.scalar(select(Upload).where(Upload.request_id == request_id, Upload.public_id == public_id))


def names_sent(session: Session, request_id: int) -> set[str]:
    """Public ids of the files that stand in a snapshot of any part."""
    documents = session.scalars(select(Snapshot.document).join(RequestPart, RequestPart.id == Snapshot.part_id).where(RequestPart.request_id == request_id))
    return {one["id"] for document in documents for one in document.get("files", ())}


def due(session: Session, *, now: datetime, limit: int) -> list[Upload]:
    query = select(Upload).where(Upload.state.in_(UNSETTLED), Upload.due_at <= now).order_by(Upload.due_at, Upload.id).limit(limit)
    return list(session.scalars(query))


def has_due(session: Session, *, now: datetime) -> bool:
    return bool(session.scalar(select(exists().where(Upload.state.in_(UNSETTLED), Upload.due_at <= now))))


def judge(session: Session, public_id: str, state: str, *, now: datetime) -> Upload | None:
    """Note what a scanner said, or that it said nothing. None for a file that is gone."""
    row = session.scalar(select(Upload).where(Upload.public_id == public_id).with_for_update())
    if row is None:
        return None
    row.state = state
    if state == "unavailable":
        row.due_at = now + RETRIES_AFTER[min(row.attempts, len(RETRIES_AFTER) - 1)]
        row.attempts += 1
    else:
        row.due_at, row.scanned_at = None, now
    return row


def copies(session: Session, rows: Mapping[str, Upload], *, request_id: int, names: Mapping[str, str], now: datetime) -> None:
    """The same files for another request, under the names given for theirs. The bytes are kept once."""
    for public_id, row in rows.items():
        kept = ("question", "name", "media_type", "size_bytes", "sha256", "storage_name", "sealed_key", "state", "warnings", "due_at", "scanned_at", "uploaded_by")
        facts: dict[str, Any] = {name: getattr(row, name) for name in kept}
        session.add(Upload(public_id=names[public_id], request_id=request_id, attempts=0, created_at=now, **facts))


def forget_of_request(session: Session, request_id: int) -> None:
    """The bytes go with the next sweep; without the row nobody can read them."""
    for row in session.scalars(select(Upload).where(Upload.request_id == request_id)):
        session.delete(row)


def certificates(session: Session, account_id: int) -> dict[int, Upload]:
    """Of what a person's profile states, by the id of the item."""
    rows = session.scalars(select(Upload).join(ProfileItem, ProfileItem.id == Upload.profile_item_id).where(ProfileItem.account_id == account_id))
    return {row.profile_item_id: row for row in rows if row.profile_item_id is not None}


def forget_certificate(session: Session, item_id: int) -> None:
    """The bytes go with the next sweep; without the row nobody can read them."""
    for row in session.scalars(select(Upload).where(Upload.profile_item_id == item_id)):
        session.delete(row)
    session.flush()


def forget(session: Session, row: Upload) -> None:
    session.delete(row)


def forget_refused(session: Session, *, before: datetime) -> int:
    found = list(session.scalars(select(Upload).where(Upload.state == "refused", Upload.scanned_at < before)))
    for row in found:
        session.delete(row)
    return len(found)


def storage_names(session: Session) -> set[str]:
    return set(session.scalars(select(Upload.storage_name)))


def by_ids(session: Session, public_ids: Sequence[str]) -> dict[str, Upload]:
    return {row.public_id: row for row in session.scalars(select(Upload).where(Upload.public_id.in_(public_ids)).order_by(Upload.id))}

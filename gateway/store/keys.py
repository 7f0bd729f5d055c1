"""API keys: shown once, kept as a hash."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.errors import NotFound
from gateway.models import ApiKey


def add(session: Session, key: ApiKey) -> None:
    session.add(key)
    session.flush()


def listing(session: Session) -> list[ApiKey]:
    return list(session.scalars(select(ApiKey).order_by(ApiKey.id)))


def by_prefix(session: Session, prefix: str) -> ApiKey | None:
    return session.scalar(select(ApiKey).where(ApiKey.prefix == prefix))


def revoke(session: Session, prefix: str, *, now: datetime) -> ApiKey:
    key = by_prefix(session, prefix)
    if key is None:
        raise NotFound(f"There is no key {prefix!r}.", hint="gateway key list shows all keys.")
    key.revoked_at = key.revoked_at or now
    return key


def used(session: Session, key_id: int, *, now: datetime) -> None:
    """Note the last use, at most once a minute."""
    key = session.get(ApiKey, key_id)
    if key is not None and (key.last_used_at is None or now - key.last_used_at > timedelta(minutes=1)):
        key.last_used_at = now

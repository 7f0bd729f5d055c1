"""API keys: shown once, kept as a hash; and the tokens that programs get with them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from gateway.errors import NotFound
from gateway.models import AccessToken, ApiKey
from gateway.store.database import Store


def add(session: Session, key: ApiKey) -> None:
    session.add(key)
    session.flush()


def listing(session: Session, *, custodian_id: int | None = None) -> list[ApiKey]:
    query = select(ApiKey).order_by(ApiKey.id)
    return list(session.scalars(query if custodian_id is None else query.where(ApiKey.custodian_id == custodian_id)))


def by_prefix(session: Session, prefix: str) -> ApiKey | None:
    return session.scalar(select(ApiKey).where(ApiKey.prefix == prefix))


def require(session: Session, prefix: str) -> ApiKey:
    key = by_prefix(session, prefix)
    if key is None:
        raise NotFound(f"There is no key {prefix!r}.", hint="gateway key list shows all keys.")
    return key


def revoke(session: Session, prefix: str, *, now: datetime) -> ApiKey:
    key = require(session, prefix)
    key.revoked_at = key.revoked_at or now
    return key


def used(session: Session, key_id: int, *, now: datetime) -> None:
    """Note the day of the last use."""
    key = session.get(ApiKey, key_id)
    if key is not None and (key.last_used_at is None or key.last_used_at.date() < now.date()):
        key.last_used_at = now.replace(hour=0, minute=0, second=0, microsecond=0)


def add_token(session: Session, key: ApiKey, *, digest: str, scopes: Sequence[str], expires_at: datetime, now: datetime) -> None:
    """A token that stands for the key; those that have ended go."""
    session.execute(delete(AccessToken).where(AccessToken.expires_at <= now))
    session.add(AccessToken(key_id=key.id, token_sha256=digest, scopes=list(scopes), created_at=now, expires_at=expires_at))


def by_token(store: Store, digest: str, *, now: datetime) -> tuple[ApiKey, tuple[str, ...]] | None:
    """The key behind a token that has not ended, and the token's scopes."""
    query = (
        select(ApiKey, AccessToken.scopes)
        .join(AccessToken, AccessToken.key_id == ApiKey.id)
        .where(AccessToken.token_sha256 == digest, AccessToken.expires_at > now)
    )
    with store.reading() as session:
        row = session.execute(query).one_or_none()
    return (row[0], tuple(row[1])) if row else None


def revoke_token(session: Session, digest: str) -> None:
    session.execute(delete(AccessToken).where(AccessToken.token_sha256 == digest))

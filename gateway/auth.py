"""Who is asking: API keys. A key is ``gw_<prefix>_<secret>``; only the hash of the secret is kept.

Scopes: ``harvest`` (start and stop runs), ``sources`` (add and change sources), ``requests`` (read what waits in triage).
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.errors import BadRequest, NotAllowed, NotSignedIn
from gateway.models import ApiKey
from gateway.sealing import token_digest
from gateway.store import Store, keys

SCOPES = ("harvest", "sources", "requests")


@dataclass(frozen=True, slots=True)
class NewKey:
    """The one moment in which the whole key exists."""

    key: str
    row: ApiKey


def create_key(
    store: Store, *, name: str, scopes: tuple[str, ...] = SCOPES, valid_for_days: int | None = 365, now: datetime
) -> NewKey:
    """Raises :class:`BadRequest` on an unknown scope or an empty name."""
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown or not name.strip():
        raise BadRequest(
            f"Unknown scope {unknown[0]!r}." if unknown else "A key needs a name.",
            hint=f"Scopes: {', '.join(SCOPES)}." if unknown else "Name it after the program that will use it.",
        )
    prefix, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
    row = ApiKey(
        prefix=prefix, secret_sha256=token_digest(secret), name=name.strip(), scopes=list(scopes), created_at=now,
        expires_at=now + timedelta(days=valid_for_days) if valid_for_days else None,
    )
    with store.transaction() as tx:
        keys.add(tx.session, row)
    return NewKey(f"gw_{prefix}_{secret}", row)


def check_key(store: Store, presented: str | None, *, scope: str, now: datetime) -> ApiKey:
    """The key's row. Raises :class:`NotSignedIn` without saying which part was wrong, or :class:`NotAllowed`."""
    advice = "Send it as 'Authorization: Bearer gw_…'. An administrator makes one with: gateway key create --name NAME."
    marker, _, rest = (presented or "").partition("_")
    prefix, _, secret = rest.partition("_")
    if marker != "gw" or not secret:
        raise NotSignedIn("This needs an API key.", hint=advice)
    with store.reading() as session:
        row = keys.by_prefix(session, prefix)
    good = row is not None and hmac.compare_digest(row.secret_sha256, token_digest(secret))
    if row is None or not good or row.revoked_at is not None or (row.expires_at and row.expires_at <= now):
        raise NotSignedIn("This API key is unknown, revoked or past its end.", hint=advice)
    if scope not in row.scopes:
        raise NotAllowed(f"This key does not carry the scope {scope!r}.", hint=f"It carries: {', '.join(row.scopes)}.")
    if row.last_used_at is None or now - row.last_used_at > timedelta(minutes=1):
        with store.transaction() as tx:
            keys.used(tx.session, row.id, now=now)
    return row

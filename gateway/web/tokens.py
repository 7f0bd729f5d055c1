"""OAuth 2 client credentials (RFC 6749, section 4.4): a key gets an opaque token of a quarter of an hour with its scopes.

The client's identifier is the public part of a key, its secret the rest. There is no other grant.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.errors import NotSignedIn
from gateway.store import Store, keys
from gateway.store.sealing import new_token, token_digest
from gateway.web.auth import check_key, matching

LIFETIME = timedelta(minutes=15)


class TokenError(Exception):
    """``code`` is an error of RFC 6749, section 5.2."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(description)
        self.code = code
        self.description = description


@dataclass(frozen=True, slots=True)
class Issued:
    token: str
    scopes: tuple[str, ...]
    expires_in: int


def issue(store: Store, *, client_id: str, client_secret: str, scope: str = "", address: str | None, now: datetime) -> Issued:
    """Raises :class:`TokenError`. ``scope`` names fewer scopes than the key carries, separated by blanks."""
    row = matching(store, client_id, client_secret)
    if row is None:
        raise TokenError("invalid_client", "The client is unknown, or its secret is wrong.")
    try:
        credential = check_key(store, f"gwk_{client_id}_{client_secret}", address=address, now=now)
    except NotSignedIn as error:
        raise TokenError("invalid_client", error.message) from error
    wanted = tuple(scope.split()) or credential.scopes
    if beyond := [one for one in wanted if one not in credential.scopes]:
        raise TokenError("invalid_scope", f"The client does not carry {beyond[0]!r}.")
    token = f"gwt_{new_token()}"
    ends = now + LIFETIME if row.expires_at is None else min(row.expires_at, now + LIFETIME)
    with store.transaction() as tx:
        keys.add_token(tx.session, row, digest=token_digest(token), scopes=wanted, expires_at=ends, now=now)
    return Issued(token, wanted, int((ends - now).total_seconds()))


def revoke(store: Store, token: str, *, client_id: str, client_secret: str) -> None:
    """RFC 7009: a token that is not known is no error. Raises :class:`TokenError` for an unknown client."""
    if matching(store, client_id, client_secret) is None:
        raise TokenError("invalid_client", "The client is unknown, or its secret is wrong.")
    with store.transaction() as tx:
        keys.revoke_token(tx.session, token_digest(token))

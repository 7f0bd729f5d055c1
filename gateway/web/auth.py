"""Who is asking: API keys, and the short-lived tokens got with them (gateway/web/tokens.py).

A key is ``gwk_<id>_<secret>``; only the SHA-256 of the secret is kept, and its last six characters are a check sum by which
leak scanners know it. A key belongs to an operator, or to one custodian; it never serves two. Scopes of operators:
``harvest`` (start and stop runs), ``sources`` (add and change sources), ``requests`` (read what waits in triage), ``curate`` (decide
on removals, undo runs, judge links, write notes). Scopes of
a custodian: ``datasets:read``, ``datasets:write``, ``datasets:delete``, ``datasets:validate``, ``runs:read``, and for requests
``parts:read``, ``parts:act``.
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets
import string
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.accounts.key_rights import allowed_scopes, lesser
from gateway.errors import BadRequest, NotAllowed, NotSignedIn
from gateway.models import ApiKey
from gateway.store import Store, accounts, custodians, keys
from gateway.store.sealing import token_digest

OPERATOR_SCOPES = ("harvest", "sources", "requests", "curate")
CUSTODIAN_SCOPES = ("datasets:read", "datasets:write", "datasets:delete", "datasets:validate", "runs:read")
PART_SCOPES = ("parts:read", "parts:act")
"""Of a custodian too, but never by default: they open what applicants wrote."""
SCOPES = OPERATOR_SCOPES + CUSTODIAN_SCOPES + PART_SCOPES
LONGEST_DAYS = 365
OVERLAP = timedelta(days=7)
MARKERS = ("gwk", "gw")
"""``gw`` is how keys began once; those that were made then still work."""
_DIGITS = string.digits + string.ascii_letters
_ADVICE = "Send it as 'Authorization: Bearer gwk_…'. An operator makes one with: gateway key create --name NAME."


@dataclass(frozen=True, slots=True)
class NewKey:
    """The one moment in which the whole key exists."""

    key: str
    row: ApiKey


@dataclass(frozen=True, slots=True)
class Credential:
    """A key, or a token got with it: whose it is and what it may do. ``custodian_id`` is None for an operator's."""

    key_id: int
    name: str
    scopes: tuple[str, ...]
    custodian_id: int | None
    owner: str | None = None
    """The subject of the person whose key it is; None for an operator's and a custodian's own."""

    def require(self, scope: str) -> None:
        """Raises :class:`NotAllowed`."""
        if scope not in self.scopes:
            raise NotAllowed(f"This key does not carry the scope {scope!r}.", hint=f"It carries: {', '.join(self.scopes) or 'nothing that its owner may do'}.")


def create_key(
    store: Store, *, name: str, scopes: Sequence[str] | None = None, custodian: str | None = None, valid_for_days: int = LONGEST_DAYS,
    networks: Sequence[str] = (), owner: str | None = None, now: datetime,
) -> NewKey:
    """An operator's key, or with ``custodian`` (a slug) that custodian's. Default: all scopes of its kind, save those of requests.
    With ``owner`` (a subject) its rights are bounded by that person's roles.

    Raises :class:`BadRequest` naming what cannot be used, :class:`NotFound` for an unknown custodian.
    """
    allowed = CUSTODIAN_SCOPES + PART_SCOPES if custodian else OPERATOR_SCOPES
    wanted = list(dict.fromkeys(scopes or (CUSTODIAN_SCOPES if custodian else OPERATOR_SCOPES)))
    _check_wishes(name, wanted, allowed, valid_for_days)
    row, key = _new(
        name=name.strip(), scopes=wanted, networks=_networks(networks), owner=owner, created_at=now,
        expires_at=now + timedelta(days=valid_for_days),
    )
    with store.transaction() as tx:
        row.custodian_id = custodians.by_slug(tx.session, custodian).id if custodian else None
        keys.add(tx.session, row)
    return NewKey(key, row)


def rotate_key(store: Store, prefix: str, *, overlap: timedelta = OVERLAP, valid_for_days: int = LONGEST_DAYS, now: datetime) -> NewKey:
    """A new key with the same rights; the old one ends after ``overlap``, so that both work while programs change over.

    Raises :class:`NotFound`, and :class:`BadRequest` for a key that has ended already.
    """
    with store.transaction() as tx:
        old = keys.require(tx.session, prefix)
        if old.revoked_at or (old.expires_at and old.expires_at <= now):
            raise BadRequest(f"Key {prefix} has ended; there is nothing to take over.", hint="Make a new one: gateway key create.")
        _check_wishes(old.name, old.scopes, SCOPES, valid_for_days)
        row, key = _new(
            name=old.name, scopes=list(old.scopes), networks=list(old.networks), owner=old.owner, created_at=now,
            expires_at=now + timedelta(days=valid_for_days),
        )
        row.custodian_id = old.custodian_id
        keys.add(tx.session, row)
        old.expires_at = min(old.expires_at or now + overlap, now + overlap)
    return NewKey(key, row)


def check_key(store: Store, presented: str | None, *, scope: str | None = None, address: str | None = None, now: datetime) -> Credential:
    """Whose key or token it is. ``address`` is where the request came from.

    Raises :class:`NotSignedIn` without saying which part was wrong, or :class:`NotAllowed`.
    """
    if (presented or "").startswith("gwt_"):
        found = keys.by_token(store, token_digest(presented or ""), now=now)
        row, scopes = found if found else (None, ())
    else:
        row = _row_of(store, presented)
        scopes = tuple(row.scopes) if row else ()
    if row is None or row.revoked_at is not None or (row.expires_at and row.expires_at <= now) or not _may_come_from(row, address):
        raise NotSignedIn("This API key is unknown, revoked or past its end, or may not be used from here.", hint=_ADVICE)
    credential = Credential(row.id, row.name, _within_roles(store, row, scopes), row.custodian_id, row.owner)
    if scope:
        credential.require(scope)
    if row.last_used_at is None or row.last_used_at.date() < now.date():
        with store.transaction() as tx:
            keys.used(tx.session, row.id, now=now)
    return credential


def _within_roles(store: Store, row: ApiKey, scopes: Sequence[str]) -> tuple[str, ...]:
    """Raises :class:`NotSignedIn` where the owner may not sign in any more."""
    if row.owner is None:
        return tuple(scopes)
    with store.reading() as session:
        account = accounts.by_subject(session, row.owner)
        if account is None or account.state != "active" or row.custodian_id is None:
            raise NotSignedIn("The owner of this API key has no account that can be used.", hint=_ADVICE)
        held, has_factor = accounts.held(session, account.id), accounts.has_second_factor(session, account)
        custodian = custodians.by_ids(session, {row.custodian_id})[row.custodian_id].slug
    return lesser(scopes, allowed_scopes(held, custodian=custodian, has_second_factor=has_factor))


def revoke_exposed(store: Store, key: str, *, now: datetime) -> bool:
    """End a key that was sent where others can read it; False where it is none of ours."""
    _, prefix, secret = key.split("_", 2)
    if matching(store, prefix, secret) is None:
        return False
    with store.transaction() as tx:
        keys.revoke(tx.session, prefix, now=now)
    return True


def _row_of(store: Store, presented: str | None) -> ApiKey | None:
    marker, _, rest = (presented or "").partition("_")
    prefix, _, secret = rest.partition("_")
    if marker not in MARKERS or not secret:
        raise NotSignedIn("This needs an API key.", hint=_ADVICE)
    return matching(store, prefix, secret)


def matching(store: Store, prefix: str, secret: str) -> ApiKey | None:
    """The key of that public id, if the secret is its own."""
    with store.reading() as session:
        row = keys.by_prefix(session, prefix)
    good = hmac.compare_digest(row.secret_sha256 if row else "0" * 64, token_digest(secret))
    return row if good else None


def _new(**facts: object) -> tuple[ApiKey, str]:
    prefix, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
    checked = secret + check_part(f"{prefix}_{secret}")
    return ApiKey(prefix=prefix, secret_sha256=token_digest(checked), **facts), f"gwk_{prefix}_{checked}"


def check_part(text: str) -> str:
    """Six characters of base 62 over the CRC-32: a scanner can tell a key from a string that looks like one."""
    number, digits = zlib.crc32(text.encode()), ""
    while number:
        number, digit = divmod(number, 62)
        digits = _DIGITS[digit] + digits
    return digits.rjust(6, "0")


def _check_wishes(name: str, wanted: Sequence[str], allowed: Sequence[str], valid_for_days: int) -> None:
    unknown = [scope for scope in wanted if scope not in allowed]
    if not name.strip():
        raise BadRequest("A key needs a name.", hint="Name it after the program that will use it.")
    if unknown and unknown[0] in SCOPES:
        whose = "one custodian: give --custodian" if unknown[0] in CUSTODIAN_SCOPES + PART_SCOPES else "operators: leave --custodian out"
        raise BadRequest(f"The scope {unknown[0]!r} is for a key of {whose}.", hint=f"Scopes here: {', '.join(allowed)}.")
    if unknown:
        raise BadRequest(f"Unknown scope {unknown[0]!r}.", hint=f"Scopes: {', '.join(allowed)}.")
    if not 1 <= valid_for_days <= LONGEST_DAYS:
        raise BadRequest(f"A key is valid for 1 to {LONGEST_DAYS} days.", hint="Rotate it before it ends: gateway key rotate.")


def _networks(given: Sequence[str]) -> list[str]:
    try:
        return [str(ipaddress.ip_network(one.strip(), strict=False)) for one in given]
    except ValueError as error:
        raise BadRequest(f"This is no network: {error}.", hint="Write 192.0.2.0/24 or 2001:db8::/32.") from None


def _may_come_from(row: ApiKey, address: str | None) -> bool:
    if not row.networks:
        return True
    try:
        came_from = ipaddress.ip_address(address or "")
    except ValueError:
        return False
    mapped = getattr(came_from, "ipv4_mapped", None)
    return any((mapped or came_from) in ipaddress.ip_network(network) for network in row.networks)

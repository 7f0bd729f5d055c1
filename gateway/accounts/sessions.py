"""Sessions on the server: the cookie holds 256 random bits, the database their hash.

Idle for 30 minutes or 12 hours old, a session is over; an account has ten at most. Signing in, showing a second factor and
changing a password make a new one; a change of roles gives it a new id.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from gateway.accounts.people import Person
from gateway.accounts.tables import Account, AccountSession
from gateway.errors import NotAllowed
from gateway.store import Store, accounts
from gateway.store.sealing import new_token, token_digest

IDLE: Final = timedelta(minutes=30)
LONGEST: Final = timedelta(hours=12)
AT_ONCE: Final = 10
SEEN_EVERY: Final = timedelta(minutes=1)
"""How exactly the last use is kept; a page view need not write."""


def begin(
    session: Session, account: Account, *, now: datetime, is_complete: bool, browser: str | None = None,
    second_factor_at: datetime | None = None, instead_of: str | None = None,
) -> str:
    """The new session's token. ``instead_of`` is the digest of the session that it replaces."""
    if instead_of is not None:
        accounts.end_session(session, instead_of, now=now)
    token = new_token()
    accounts.add_session(
        session,
        AccountSession(
            digest=token_digest(token), account_id=account.id, is_complete=is_complete, browser=(browser or "")[:200] or None,
            created_at=now, seen_at=now, renewed_at=now, second_factor_at=second_factor_at,
        ),
    )
    session.flush()
    if is_complete:
        account.last_signed_in_at = now
    for surplus in accounts.open_sessions(session, account.id, idle_since=now - IDLE, begun_since=now - LONGEST)[AT_ONCE:]:
        surplus.ended_at = now
    return token


def who(store: Store, token: str | None, *, now: datetime) -> Person | None:
    """The person that a complete session belongs to; None for everybody else."""
    found = _open(store, token, now=now)
    if found is None or not found[0].is_complete:
        return None
    assert token is not None
    row, account = found
    with store.reading() as session:
        held, has_factor = accounts.held(session, account.id), accounts.has_second_factor(session, account)
    if now - row.seen_at > SEEN_EVERY:
        with store.transaction() as tx:
            accounts.seen(tx.session, row.digest, now=now)
    return Person(
        account_id=account.id, subject=account.subject, name=account.name or "", address=account.address or "",
        organisation=account.organisation, held=held, has_second_factor=has_factor or row.second_factor_at is not None,
        has_own_factor=has_factor, has_app=account.totp_secret is not None, second_factor_at=row.second_factor_at, session_digest=row.digest, csrf=form_token(token),
        is_stale=account.roles_changed_at is not None and row.renewed_at < account.roles_changed_at,
    )


def renew(store: Store, person: Person, *, now: datetime) -> str | None:
    """The same sign-in under a new id, as old as before; None where it ended meanwhile."""
    token = new_token()
    with store.transaction() as tx:
        renewed = accounts.rename_session(tx.session, person.session_digest, to=token_digest(token), now=now)
    return token if renewed else None


def half_way(store: Store, token: str | None, *, now: datetime) -> tuple[AccountSession, Account] | None:
    """A session that still lacks its second factor."""
    found = _open(store, token, now=now)
    return found if found is not None and not found[0].is_complete else None


def form_token(session_token: str) -> str:
    """What the forms of a session carry; it cannot be made without the cookie, and does not give it away."""
    return hmac.new(session_token.encode(), b"form", hashlib.sha256).hexdigest()


def require_form_token(person: Person, presented: str) -> None:
    """Raises :class:`NotAllowed` for a post that did not come from a form of this session."""
    if not hmac.compare_digest(person.csrf.encode(), presented.encode("utf-8", "replace")):
        raise NotAllowed("This form belongs to another sign-in.", hint="Open the page again and send the form once more.")


def is_form_token(session_token: str, presented: str) -> bool:
    """Whether a form was made for this session, be it over or not."""
    return hmac.compare_digest(form_token(session_token).encode(), presented.encode("utf-8", "replace"))


def owner(store: Store, token: str) -> str | None:
    """The subject whose session this is or was."""
    with store.reading() as session:
        found = accounts.session_of(session, token_digest(token))
    return found[1].subject if found is not None and found[0].is_complete else None


def _open(store: Store, token: str | None, *, now: datetime) -> tuple[AccountSession, Account] | None:
    if not token:
        return None
    with store.reading() as session:
        found = accounts.session_of(session, token_digest(token))
    if found is None:
        return None
    row, account = found
    is_over = row.ended_at is not None or now - row.seen_at >= IDLE or now - row.created_at >= LONGEST
    return None if is_over or account.state != "active" else found

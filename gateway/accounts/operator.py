"""What an operator does to somebody's account from the command line, and an administrator from a page."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from gateway.accounts import letters
from gateway.accounts.tables import Account
from gateway.errors import Conflict, NotFound
from gateway.store import Store, accounts, passkeys
from gateway.store.sealing import Sealer


def suspend(store: Store, address: str, *, now: datetime) -> None:
    """Raises :class:`NotFound`."""
    with store.transaction() as tx:
        row = _account(tx.session, address)
        row.state = "suspended"
        accounts.end_sessions(tx.session, row.id, now=now)


def resume(store: Store, address: str) -> None:
    """Raises :class:`NotFound`."""
    with store.transaction() as tx:
        _account(tx.session, address).state = "active"


def end_sessions(store: Store, address: str, *, now: datetime) -> None:
    """Raises :class:`NotFound`."""
    with store.transaction() as tx:
        accounts.end_sessions(tx.session, _account(tx.session, address).id, now=now)


def remove_factor(store: Store, sealer: Sealer, address: str, *, now: datetime) -> None:
    """Raises :class:`NotFound`, and :class:`Conflict` where there is none."""
    with store.transaction() as tx:
        row = _account(tx.session, address)
        if not accounts.has_second_factor(tx.session, row):
            raise Conflict("This account has no second factor.", hint="The person can choose a new password at /forgotten.")
        row.totp_secret = None
        passkeys.remove_all(tx.session, row.id)
        accounts.replace_recovery_codes(tx.session, row.id, ())
        accounts.end_sessions(tx.session, row.id, now=now)
        what = "An operator removed the authenticator app and the passkeys from your account."
        tx.session.add(letters.something_changed(sealer, to=row.address or "", what=what, now=now))


def _account(session: Session, address: str) -> Account:
    found = accounts.by_address(session, address)
    if found is None:
        raise NotFound("There is no account with this address.", hint="gateway account list shows all.")
    return found

"""Signing in: the password, then the second factor where the account has one. Unknown accounts cost and answer the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from gateway.access.addresses import check_address
from gateway.accounts import letters, links, sessions
from gateway.accounts.factors import accepted_step, plain_recovery_code
from gateway.accounts.passwords import check_password, hash_password, is_outdated, is_password
from gateway.accounts.tables import Account, AccountSession
from gateway.errors import NotSignedIn, Unprocessable
from gateway.limits import Limiter
from gateway.store import Store, accounts
from gateway.store.sealing import Sealer, token_digest

WRONG: Final = "The address or the password is not right."


@dataclass(frozen=True, slots=True)
class SignedIn:
    """``token`` goes into the cookie. ``is_complete`` is False while the second factor is to come."""

    token: str
    is_complete: bool


def with_password(
    store: Store, sealer: Sealer, limits: Limiter, *, address: str, password: str, network: str, browser: str | None, now: datetime,
    instead_of: str | None = None,
) -> SignedIn:
    """Raises :class:`Unprocessable` without saying which part was wrong, :class:`TooMany`, :class:`Unavailable`.

    A place is taken before the password is looked at, so that many tries at the same moment are no more than the limit.
    """
    key = accounts.address_key(address)
    place = limits.take("sign-in", account=key, pair=f"{key} {network}", network=network, now=now)
    with store.reading() as session:
        account = accounts.by_address(session, address)
    if not is_password(account.password_hash if account else None, password) or account is None or account.state != "active":
        _warn(store, sealer, limits, account, key=key, now=now)
        raise Unprocessable(WRONG, fields={"password": WRONG})
    limits.give_back(place, now=now)
    renewed = hash_password(password) if is_outdated(account.password_hash or "") else None
    with store.transaction() as tx:
        row = accounts.existing(tx.session, account.id)
        row.password_hash = renewed or row.password_hash
        is_complete = not accounts.has_second_factor(tx.session, row)
        token = sessions.begin(tx.session, row, now=now, is_complete=is_complete, browser=browser, instead_of=instead_of)
    return SignedIn(token, is_complete)


def _warn(store: Store, sealer: Sealer, limits: Limiter, account: Account | None, *, key: str, now: datetime) -> None:
    """Tell the owner, once a day at most, when fifty passwords were wrong. What nobody owns is counted all the same: it must take no less time."""
    counted = account.subject if account is not None else key
    if limits.has_taken("sign-in-warning", account=counted, now=now) or not limits.has_taken("sign-in-warned", account=counted, now=now):
        return
    if account is None or account.address is None:
        return
    with store.transaction() as tx:
        what = "Somebody typed a wrong password for your account fifty times within a day. Nobody got in by that. A passkey signs you in meanwhile."
        tx.session.add(letters.something_changed(sealer, to=account.address, what=what, now=now))


def with_code(store: Store, sealer: Sealer, limits: Limiter, *, account: Account, session_row: AccountSession, code: str, now: datetime) -> str:
    """The token of the complete session that replaces this one: at sign-in, and when a person shows the factor again.

    ``code`` is of the authenticator app, or a recovery code. Raises :class:`Unprocessable`, :class:`TooMany`.
    """
    place = limits.take("second-factor", account=account.subject, now=now)
    with store.transaction() as tx:
        if _is_accepted(tx.session, sealer, account, code, now):
            limits.give_back(place, now=now)
            return sessions.begin(
                tx.session, accounts.existing(tx.session, account.id), now=now, is_complete=True, browser=session_row.browser, second_factor_at=now,
                instead_of=session_row.digest,
            )
    sentence = "This code is not right, was used before, or is too old. Wait for the next one and check the clock of your phone."
    raise Unprocessable("The code was not accepted.", fields={"code": sentence})


def with_link(store: Store, token: str, *, browser: str | None, now: datetime) -> str:
    """The session for a link that an operator or the demonstration printed; it counts as both factors."""
    with store.transaction() as tx:
        link = links.use_up(tx.session, "sign-in", token, now=now)
        assert link.account_id is not None
        account = accounts.existing(tx.session, link.account_id)
        if account.state != "active":
            raise NotSignedIn("This account cannot be used.", hint="Ask the operator.")
        return sessions.begin(tx.session, account, now=now, is_complete=True, browser=browser, second_factor_at=now)


def ask_for_reset(store: Store, sealer: Sealer, limits: Limiter, *, address: str, network: str, now: datetime) -> None:
    """Mail a link that sets a new password; where there is no such account, one that makes it. Both are as much work, and answered alike.

    Raises :class:`Unprocessable` for what is no address, :class:`TooMany`.
    """
    check_address(address)
    limits.take("registration", network=network, now=now)
    key = accounts.address_key(address)
    if not (limits.has_taken("mail", address=key, now=now) and limits.has_taken("reset", account=key, now=now)):
        return
    with store.transaction() as tx:
        account = accounts.by_address(tx.session, address)
        if account is None:
            path = links.give_out(tx.session, "register", address=address, now=now)
            tx.session.add(letters.no_account(sealer, to=address, path=path, now=now))
            return
        path = links.give_out(tx.session, "reset", account_id=account.id, now=now)
        to, is_usable = account.address or address, account.state == "active"
        tx.session.add(letters.reset_password(sealer, to=to, path=path, now=now) if is_usable else letters.unusable_account(sealer, to=to, now=now))


def reset(store: Store, sealer: Sealer, *, token: str, password: str, now: datetime) -> None:
    """Set a new password and end all sessions. The second factor stays as it is."""
    with store.reading() as session:
        account = _of_link(session, token, now)
    check_password(password, own_words=(account.name or "", account.organisation or "", account.address or ""))
    password_hash = hash_password(password)
    with store.transaction() as tx:
        links.use_up(tx.session, "reset", token, now=now)
        row = accounts.existing(tx.session, account.id)
        row.password_hash = password_hash
        accounts.end_sessions(tx.session, row.id, now=now)
        tx.session.add(letters.something_changed(sealer, to=row.address or "", what="The password of your account was changed.", now=now))


def can_reset(store: Store, token: str, *, now: datetime) -> None:
    """Raises :class:`NotFound` for a link that does not work."""
    with store.reading() as session:
        _of_link(session, token, now)


def sign_out(store: Store, token: str | None, *, now: datetime) -> None:
    if token:
        with store.transaction() as tx:
            accounts.end_session(tx.session, token_digest(token), now=now)


def _of_link(session: Session, token: str, now: datetime) -> Account:
    link = links.look_up(session, "reset", token, now=now)
    assert link.account_id is not None
    return accounts.existing(session, link.account_id)


def _is_accepted(session: Session, sealer: Sealer, account: Account, code: str, now: datetime) -> bool:
    row = accounts.existing(session, account.id)
    if row.totp_secret is not None:
        step = accepted_step(sealer.open(row.totp_secret), code, last_step=row.totp_last_step, now=now)
        if step is not None:
            return accounts.use_totp_step(session, row.id, step)
    return accounts.use_recovery_code(session, row.id, token_digest(plain_recovery_code(code)), now=now)

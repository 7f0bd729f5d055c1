"""For who lost password, devices, recovery codes and perhaps the mailbox: two people who know them confirm, and two days pass.

An administrator of the person's team and one of the gateway confirm (two of the gateway's for people of no team), never oneself.
The old address is told at once and can stop it; the link at the new one works 48 hours after the second word, for seven days.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from gateway.access.addresses import check_address
from gateway.accounts import letters
from gateway.accounts.members import is_team_admin
from gateway.accounts.passwords import check_password, hash_password
from gateway.accounts.people import Person
from gateway.accounts.roles import Action, Held
from gateway.accounts.tables import Account, Recovery
from gateway.errors import Conflict, NotFound
from gateway.limits import Limiter
from gateway.store import Store, accounts, identities, passkeys, recoveries
from gateway.store.recoveries import Recovering
from gateway.store.sealing import Sealer, new_token, token_digest

DELAY: Final = timedelta(hours=48)
WORKS_FOR: Final = timedelta(days=7)
WAITS_FOR: Final = timedelta(days=14)
"""So long two people may take to confirm."""


@dataclass(frozen=True, slots=True)
class Progress:
    """``ripe_at`` is None until both have confirmed."""

    ripe_at: datetime | None
    is_ripe: bool


def ask(store: Store, sealer: Sealer, limits: Limiter, *, address: str, reach: str, network: str, now: datetime) -> None:
    """Begin. The answer, and the letter to ``reach``, are the same whether there is such an account.

    Raises :class:`Unprocessable` for what is no address, :class:`TooMany`.
    """
    check_address(address)
    check_address(reach)
    limits.take("registration", network=network, now=now)
    if not all(limits.has_taken("mail", address=accounts.address_key(one), now=now) for one in dict.fromkeys((address, reach))):
        return
    token, stop = new_token(), new_token()
    with store.transaction() as tx:
        account = accounts.by_address(tx.session, address)
        tx.session.add(letters.recovery_begun(sealer, to=reach, path=f"/lost/{token}", now=now))
        if account is None or account.state != "active" or account.address is None:
            return
        row = Recovery(
            account_id=account.id, address=reach.strip(), digest=token_digest(token), stop_digest=token_digest(stop), asked_at=now,
            ends_at=now + WAITS_FOR,
        )
        recoveries.begin(tx.session, row, now=now)
        tx.session.add(letters.recovery_asked(sealer, to=account.address, path=f"/lost/stop/{stop}", now=now))


def waiting(store: Store, person: Person, custodian: str | None, *, now: datetime) -> list[Recovering]:
    """Those that the person may confirm: of a team, or (None) all, for the gateway's administrators."""
    with store.reading() as session:
        return [one for one in recoveries.open_ones(session, custodian=custodian, now=now) if one.account.id != person.account_id]


def confirm(store: Store, sealer: Sealer, person: Person, custodian: str | None, number: int, *, now: datetime) -> None:
    """Say that it is them. Raises :class:`NotFound`, and :class:`Conflict` for a second word of the same person."""
    with store.transaction() as tx:
        found = _known(tx.session, person, custodian, number, now)
        row, account = recoveries.locked(tx.session, found.row), found.account
        if person.subject in (row.confirmed_by, row.also_confirmed_by):
            raise Conflict("You confirmed it already.", hint="Somebody else has to as well.")
        _note(row, accounts.held(tx.session, account.id), person, custodian)
        if row.confirmed_by and row.also_confirmed_by:
            row.ripe_at, row.ends_at = now + DELAY, now + DELAY + WORKS_FOR
            for address in dict.fromkeys((account.address or "", row.address)):
                tx.session.add(letters.recovery_confirmed(sealer, to=address, now=now))


def refuse(store: Store, person: Person, custodian: str | None, number: int, *, now: datetime) -> None:
    """Raises :class:`NotFound`."""
    with store.transaction() as tx:
        _known(tx.session, person, custodian, number, now).row.ended_at = now


def stop(store: Store, token: str, *, now: datetime) -> None:
    """By the old address. Raises :class:`NotFound`."""
    with store.transaction() as tx:
        _require(recoveries.by_stop(tx.session, token_digest(token), now=now)).ended_at = now


def can_stop(store: Store, token: str, *, now: datetime) -> None:
    """Raises :class:`NotFound`."""
    with store.reading() as session:
        _require(recoveries.by_stop(session, token_digest(token), now=now))


def progress(store: Store, token: str, *, now: datetime) -> Progress:
    """Of the link at the new address; one that belongs to no account waits as any other."""
    with store.reading() as session:
        row = recoveries.by_token(session, token_digest(token), now=now)
    return Progress(row.ripe_at if row else None, row is not None and _is_ripe(row, now))


def finish(store: Store, sealer: Sealer, *, token: str, password: str, now: datetime) -> None:
    """New password and address; every factor, session and key goes. Raises :class:`NotFound`, :class:`Unprocessable`, :class:`Conflict`."""
    with store.reading() as session:
        row = _ripe(session, token, now)
        account = accounts.existing(session, row.account_id)
    check_password(password, own_words=(account.name or "", account.organisation or "", row.address))
    password_hash = hash_password(password)
    with store.transaction() as tx:
        row = _ripe(tx.session, token, now)
        account, before = accounts.existing(tx.session, row.account_id), account.address or ""
        other = accounts.by_address(tx.session, row.address)
        if other is not None and other.id != account.id:
            raise Conflict("The address that you gave belongs to another account.", hint="Ask again, with another address.")
        row.ended_at = now
        account.password_hash, account.totp_secret = password_hash, None
        account.address, account.address_key = row.address, accounts.address_key(row.address)
        _forget_factors(tx.session, account, now)
        for address in dict.fromkeys((before, row.address)):
            what = "Your account was recovered: it has a new password, and no passkeys, app and keys any more. Its address may be new."
            tx.session.add(letters.something_changed(sealer, to=address, what=what, now=now))


def _forget_factors(session: Session, account: Account, now: datetime) -> None:
    passkeys.remove_all(session, account.id)
    identities.remove_all(session, account.id)
    accounts.replace_recovery_codes(session, account.id, ())
    accounts.end_sessions(session, account.id, now=now)
    accounts.end_keys(session, account.subject, now=now)


def _note(row: Recovery, held: tuple[Held, ...], person: Person, custodian: str | None) -> None:
    """The team's word and the gateway's, each in its place; people of no team need two of the gateway's."""
    of_team = any(one.custodian for one in held)
    if custodian is not None:
        if row.confirmed_by is not None:
            raise Conflict("The team has confirmed already.", hint="An administrator of the gateway has to as well.")
        row.confirmed_by = person.subject
    elif row.also_confirmed_by is None:
        row.also_confirmed_by = person.subject
    elif not of_team:
        row.confirmed_by = person.subject
    else:
        raise Conflict("The gateway has confirmed already.", hint="An administrator of the person's team has to as well.")


def _known(session: Session, person: Person, custodian: str | None, number: int, now: datetime) -> Recovering:
    may = is_team_admin(person, custodian) if custodian is not None else person.may(Action.ADMINISTER)
    found = next((one for one in recoveries.open_ones(session, custodian=custodian, now=now) if one.row.id == number), None) if may else None
    if found is None or found.account.id == person.account_id:
        raise NotFound("This is settled, or too old.")
    return found


def _is_ripe(row: Recovery, now: datetime) -> bool:
    return row.ripe_at is not None and now >= row.ripe_at


def _ripe(session: Session, token: str, now: datetime) -> Recovery:
    row = _require(recoveries.by_token(session, token_digest(token), now=now))
    if not _is_ripe(row, now):
        raise NotFound("This link does not work yet.", hint="Two people have to confirm, and 48 hours to pass.")
    return row


def _require(row: Recovery | None) -> Recovery:
    if row is None:
        raise NotFound("This link does not work any more.", hint="It may have been used, stopped, or be too old.")
    return row

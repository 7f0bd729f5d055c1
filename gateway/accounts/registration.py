"""From an address to an account. Nothing is written about a person before the address is confirmed, and nobody learns from the
answers whether an address has an account."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Final

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from gateway.access.addresses import check_address
from gateway.accounts import letters, links
from gateway.accounts.passwords import check_password, hash_password
from gateway.accounts.tables import Account
from gateway.errors import Conflict, Unprocessable
from gateway.limits import Limiter
from gateway.store import Store, accounts
from gateway.store.sealing import Sealer

TERMS_VERSION: Final = "2026-11"
LONGEST_NAME: Final = 200


def ask(store: Store, sealer: Sealer, limits: Limiter, *, address: str, network: str, now: datetime) -> None:
    """Mail a confirmation link, or, where the address has an account, say so to its owner alone.

    Raises :class:`Unprocessable` for what is no address, :class:`TooMany`.
    """
    check_address(address)
    limits.take("registration", network=network, now=now)
    if not limits.has_taken("mail", address=accounts.address_key(address), now=now):
        return  # The page says the same either way, or it would tell who has an account.
    with store.transaction() as tx:
        account = accounts.by_address(tx.session, address)
        path = links.give_out(tx.session, "register", address=address, now=now)  # also where nobody is sent it: both must be as much work
        is_new = account is None
        tx.session.add(letters.confirm_address(sealer, to=address, path=path, now=now) if is_new else letters.account_exists(sealer, to=address, now=now))


def address_of(store: Store, token: str, *, now: datetime) -> str:
    """The address that a confirmation link is for. Raises :class:`NotFound`."""
    with store.reading() as session:
        return links.look_up(session, "register", token, now=now).address or ""


def confirm(store: Store, *, token: str, name: str, organisation: str, password: str, is_adult: bool, agrees: bool, now: datetime) -> Account:
    """Make the account. Raises :class:`Unprocessable` naming the fields, :class:`NotFound`, :class:`Conflict`."""
    address = address_of(store, token, now=now)
    check_details(name=name, organisation=organisation, is_adult=is_adult, agrees=agrees, password=password, address=address)
    password_hash = hash_password(password)
    try:
        with store.transaction() as tx:
            links.use_up(tx.session, "register", token, now=now)
            return add_account(tx.session, address=address, name=name, organisation=organisation, password_hash=password_hash, now=now)
    except IntegrityError:
        raise Conflict("This address has an account already.", hint="Sign in, or choose a new password.") from None


def check_details(*, name: str, organisation: str, is_adult: bool, agrees: bool, password: str | None, address: str) -> None:
    """Raises :class:`Unprocessable` with every field to mend at once. ``password`` is None where a provider vouches instead."""
    faults = {}
    for field, text, words in (("name", name, "your name"), ("organisation", organisation, "your organisation")):
        if not text.strip():
            faults[field] = f"Enter {words}."
        elif len(text) > LONGEST_NAME or not text.isprintable():
            faults[field] = f"Enter {words} with at most {LONGEST_NAME} characters, on one line."
    if not is_adult:
        faults["is_adult"] = "Accounts are for people of 18 years or over."
    if not agrees:
        faults["agrees"] = "Read the terms and the privacy notice, and agree to them."
    try:
        if password is not None:
            check_password(password, own_words=(name, organisation, address))
    except Unprocessable as error:
        faults |= error.fields
    if faults:
        raise Unprocessable("The account cannot be made yet.", fields=faults)


def add_account(session: Session, *, address: str, name: str, organisation: str, password_hash: str | None, now: datetime) -> Account:
    account = Account(
        subject=secrets.token_hex(12), address=address.strip(), address_key=accounts.address_key(address), name=name.strip(),
        organisation=organisation.strip() or None, password_hash=password_hash, state="active", terms_version=TERMS_VERSION, created_at=now,
        totp_last_step=0,
    )
    return accounts.add(session, account)

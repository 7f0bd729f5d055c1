"""A person's identities at providers: added after signing in here, removed, and accounts that begin with one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy.exc import IntegrityError

from gateway.accounts import letters, sessions
from gateway.accounts.oidc.id_token import Claims
from gateway.accounts.oidc.provider import IdentityProvider
from gateway.accounts.people import Person
from gateway.accounts.registration import add_account, check_details
from gateway.accounts.tables import Identity
from gateway.errors import Conflict, NotFound
from gateway.store import Store, accounts, identities, passkeys
from gateway.store.sealing import Sealer

LASTS: Final = timedelta(minutes=30)


class Pending(BaseModel):
    """An identity that a provider vouched for and that belongs to no account yet. Sealed, the browser keeps it in its cookie."""

    model_config = ConfigDict(frozen=True)

    issuer: str
    subject: str
    provider_name: str
    name: str
    address: str | None
    address_is_verified: bool
    level: str | None
    signed_in_at: datetime
    is_second_factor: bool
    at: datetime

    @property
    def label(self) -> str:
        return self.address or self.name or self.subject

    def sealed(self, sealer: Sealer) -> str:
        return sealer.seal(self.model_dump_json())


def pending(claims: Claims, provider: IdentityProvider, *, now: datetime) -> Pending:
    return Pending(
        issuer=claims.issuer, subject=claims.subject, provider_name=provider.name, name=claims.name, address=claims.address,
        address_is_verified=claims.address_is_verified, level=claims.level, signed_in_at=claims.signed_in_at,
        is_second_factor=claims.is_second_factor, at=now,
    )


def opened(cookie: str | None, sealer: Sealer, *, now: datetime) -> Pending:
    """Raises :class:`NotFound` where nothing waits in this browser."""
    try:
        found = Pending.model_validate_json(sealer.open(cookie or ""))
    except (Conflict, ValidationError):
        found = None
    if found is None or now - found.at > LASTS:
        raise NotFound("No sign-in of a provider waits in this browser.", hint="Start again from the sign-in page.")
    return found


def has_account(store: Store, waiting: Pending) -> bool:
    """Whether the address that the provider vouches for has an account. Never asked for an address that it does not vouch for."""
    with store.reading() as session:
        return bool(waiting.address_is_verified and waiting.address and accounts.by_address(session, waiting.address))


def add(store: Store, sealer: Sealer, person: Person, waiting: Pending, *, now: datetime) -> None:
    """Raises :class:`Conflict` where the identity belongs to an account already."""
    try:
        with store.transaction() as tx:
            identities.add(tx.session, _row(waiting, person.account_id, now))
            what = f"You can now sign in to your account with {waiting.provider_name}."
            tx.session.add(letters.something_changed(sealer, to=person.address, what=what, now=now))
    except IntegrityError:
        raise Conflict("This sign-in belongs to an account already.", hint="Remove it there first.") from None


def new_account(
    store: Store, waiting: Pending, *, name: str, organisation: str, is_adult: bool, agrees: bool, browser: str | None, now: datetime
) -> str:
    """An account without a password; returns the token of its first session.

    Raises :class:`Unprocessable` naming the fields, and :class:`Conflict` where the provider does not vouch for the address, or an
    account has it.
    """
    if not waiting.address_is_verified or not waiting.address:
        raise Conflict("The provider does not vouch for your address.", hint="Make an account with your address, then add this sign-in to it.")
    check_details(name=name, organisation=organisation, is_adult=is_adult, agrees=agrees, password=None, address=waiting.address)
    try:
        with store.transaction() as tx:
            account = add_account(
                tx.session, address=waiting.address, name=name, organisation=organisation, password_hash=None, now=now
            )
            identities.add(tx.session, _row(waiting, account.id, now))
            return sessions.begin(
                tx.session, account, now=now, is_complete=True, browser=browser,
                second_factor_at=min(waiting.signed_in_at, now) if waiting.is_second_factor else None,
            )
    except IntegrityError:
        raise Conflict("There is an account with this address already.", hint="Sign in to it, then add this sign-in.") from None


def of_person(store: Store, person: Person) -> list[Identity]:
    with store.reading() as session:
        return identities.of_account(session, person.account_id)


def remove(store: Store, sealer: Sealer, person: Person, identity_id: int, *, now: datetime) -> None:
    """Other sessions end. Raises :class:`NotFound`, and :class:`Conflict` for the last way in."""
    with store.transaction() as tx:
        account = accounts.existing(tx.session, person.account_id)
        removed = identities.remove(tx.session, account.id, identity_id)
        if removed is None:
            raise NotFound("Your account has no such sign-in.", hint="Open your security page again.")
        tx.session.flush()
        others = identities.of_account(tx.session, account.id) or passkeys.of_account(tx.session, account.id)
        if account.password_hash is None and not others:
            raise Conflict("This is your only way to sign in.", hint="Set a password on your security page first.")
        accounts.end_sessions(tx.session, account.id, now=now, but=person.session_digest)
        what = f"Your account can no longer be opened with {removed.provider_name}."
        tx.session.add(letters.something_changed(sealer, to=person.address, what=what, now=now))


def _row(waiting: Pending, account_id: int, now: datetime) -> Identity:
    return Identity(
        account_id=account_id, issuer=waiting.issuer, subject=waiting.subject, provider_name=waiting.provider_name, label=waiting.label,
        level=waiting.level, linked_at=now, last_used_at=now,
    )

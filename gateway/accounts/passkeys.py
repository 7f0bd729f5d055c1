"""Passkeys of a person: made, used to sign in alone, shown again for what needs a fresh factor, removed.

A passkey counts as two factors, what one has and what one knows or is: the authenticator must have verified the person.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from webauthn import generate_authentication_options, generate_registration_options, options_to_json
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from gateway.accounts import letters, sessions
from gateway.accounts.factors import new_recovery_codes, recovery_digests
from gateway.accounts.party import Party
from gateway.accounts.passkey_proofs import LASTS, made, new_challenge, proven
from gateway.accounts.people import Person
from gateway.accounts.tables import Account, Passkey
from gateway.errors import Conflict, NotFound, Unprocessable
from gateway.store import Store, accounts, passkeys
from gateway.store.sealing import Sealer

MOST: Final = 20
LONGEST_NAME: Final = 100
MILLISECONDS: Final = int(LASTS.total_seconds() * 1000)
VERIFIED: Final = UserVerificationRequirement.REQUIRED


def listed(store: Store, person: Person) -> list[Passkey]:
    with store.reading() as session:
        return passkeys.of_account(session, person.account_id)


def offer_new(store: Store, party: Party, person: Person, *, now: datetime) -> str:
    """What the browser needs to make a passkey, as JSON. Raises :class:`Conflict` where there are twenty."""
    held = listed(store, person)
    if len(held) >= MOST:
        raise Conflict(f"An account has {MOST} passkeys at most.", hint="Remove one that you do not use.")
    return options_to_json(
        generate_registration_options(
            rp_id=party.host, rp_name=party.name, user_id=person.subject.encode(), user_name=person.address, user_display_name=person.name,
            challenge=new_challenge(store, "register", account_id=person.account_id, now=now), timeout=MILLISECONDS,
            exclude_credentials=_descriptors(held),
            authenticator_selection=AuthenticatorSelectionCriteria(resident_key=ResidentKeyRequirement.REQUIRED, user_verification=VERIFIED),
        )
    )


def register(
    store: Store, sealer: Sealer, party: Party, person: Person, *, answer: str, name: str, now: datetime
) -> tuple[str, tuple[str, ...]]:
    """Keep the new passkey. Returns the token of the session that replaces this one, and ten recovery codes if there were none.

    Raises :class:`Unprocessable` naming the field, :class:`Conflict` for a passkey that belongs to an account already.
    """
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise Unprocessable("The passkey was not set up.", fields={"name": f"Give it a name of at most {LONGEST_NAME} characters, on one line."})
    credential = made(store, party, answer, account_id=person.account_id, now=now)
    row = Passkey(
        account_id=person.account_id, credential_id=bytes_to_base64url(credential.credential_id), sign_count=credential.sign_count,
        name=name.strip(), public_key=bytes_to_base64url(credential.credential_public_key), created_at=now,
    )
    try:
        with store.transaction() as tx:
            passkeys.add(tx.session, row)
            account = accounts.existing(tx.session, person.account_id)
            codes = _first_recovery_codes(tx.session, account)
            accounts.end_sessions(tx.session, account.id, now=now)
            _tell(tx.session, sealer, account, f"The passkey “{row.name}” was added to your account.", now)
            return sessions.begin(tx.session, account, now=now, is_complete=True, second_factor_at=now), codes
    except IntegrityError:
        raise Conflict("This passkey belongs to an account already.", hint="Use another device, or sign in with it.") from None


def offer_sign_in(store: Store, party: Party, *, now: datetime) -> str:
    """What the browser needs to find a passkey, as JSON; it names nobody."""
    return _offer(party, new_challenge(store, "sign-in", account_id=None, now=now))


def offer_again(store: Store, party: Party, person: Person, *, now: datetime) -> str:
    """The same for somebody who is signed in: their own passkeys."""
    usable = [one for one in listed(store, person) if one.blocked_at is None]
    return _offer(party, new_challenge(store, "again", account_id=person.account_id, now=now), usable)


def sign_in(
    store: Store, sealer: Sealer, party: Party, *, answer: str, browser: str | None, now: datetime, instead_of: str | None = None
) -> str:
    """The token of a complete session. Raises :class:`Unprocessable`: nobody learns whether there is such a passkey."""
    passkey = proven(store, sealer, party, answer, purpose="sign-in", account_id=None, now=now)
    return _begin(store, passkey.account_id, browser=browser, instead_of=instead_of, now=now)


def confirm(store: Store, sealer: Sealer, party: Party, person: Person, *, answer: str, browser: str | None, now: datetime) -> str:
    """The token of the session that replaces this one, with the factor fresh. Raises :class:`Unprocessable`."""
    proven(store, sealer, party, answer, purpose="again", account_id=person.account_id, now=now)
    return _begin(store, person.account_id, browser=browser, instead_of=person.session_digest, now=now)


def remove(store: Store, sealer: Sealer, person: Person, passkey_id: int, *, now: datetime) -> None:
    """Raises :class:`NotFound`, and :class:`Conflict` where a role needs the last factor. Other sessions end."""
    with store.transaction() as tx:
        held = passkeys.of_account(tx.session, person.account_id)
        account = accounts.existing(tx.session, person.account_id)
        gone = next((one for one in held if one.id == passkey_id), None)
        if gone is None:
            raise NotFound("You have no such passkey.", hint="Your security page lists those you have.")
        if len(held) == 1 and account.totp_secret is None:
            person.require_no_role_with_factor()
            accounts.replace_recovery_codes(tx.session, account.id, ())
        passkeys.remove(tx.session, gone.id)
        accounts.end_sessions(tx.session, account.id, now=now, but=person.session_digest)
        _tell(tx.session, sealer, account, f"The passkey “{gone.name}” was removed from your account.", now)


def _offer(party: Party, challenge: bytes, allowed: Sequence[Passkey] = ()) -> str:
    options = generate_authentication_options(
        rp_id=party.host, challenge=challenge, timeout=MILLISECONDS, user_verification=VERIFIED, allow_credentials=_descriptors(allowed)
    )
    return options_to_json(options)


def _begin(store: Store, account_id: int, *, browser: str | None, instead_of: str | None, now: datetime) -> str:
    with store.transaction() as tx:
        account = accounts.existing(tx.session, account_id)
        return sessions.begin(tx.session, account, now=now, is_complete=True, browser=browser, second_factor_at=now, instead_of=instead_of)


def _first_recovery_codes(session: Session, account: Account) -> tuple[str, ...]:
    if accounts.count_recovery_codes(session, account.id):
        return ()
    codes = new_recovery_codes()
    accounts.replace_recovery_codes(session, account.id, recovery_digests(codes))
    return codes


def _descriptors(held: Sequence[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(one.credential_id)) for one in held]


def _tell(session: Session, sealer: Sealer, account: Account, what: str, now: datetime) -> None:
    session.add(letters.something_changed(sealer, to=account.address or "", what=what, now=now))

"""What an authenticator's answer proves (WebAuthn level 3, sections 7.1 and 7.2).

The counter is compared after the signature, or anybody could have somebody's passkey blocked with a made-up answer.
"""

from __future__ import annotations

import json
import secrets
from datetime import datetime, timedelta
from typing import Any, Final

from webauthn import verify_authentication_response, verify_registration_response
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.registration.verify_registration_response import VerifiedRegistration

from gateway.accounts import letters
from gateway.accounts.party import Party
from gateway.accounts.tables import Challenge, Passkey
from gateway.errors import Unprocessable
from gateway.store import Store, accounts, passkeys
from gateway.store.sealing import Sealer, token_digest

LASTS: Final = timedelta(minutes=5)
CHALLENGE_BYTES: Final = 32
NOT_ACCEPTED: Final = "The passkey was not accepted. Try again, or sign in another way."
NOT_MADE: Final = "What the device answered could not be used. Try again."
BLOCKED: Final = "This passkey is blocked: it may have been copied. Sign in another way, remove it, and set up a new one."
UNUSABLE: Final = (WebAuthnException, ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError, RecursionError)
"""What the library raises for answers that are wrong, and for those that no authenticator ever sent."""


class _Refused(ValueError):
    pass


def new_challenge(store: Store, purpose: str, *, account_id: int | None, now: datetime) -> bytes:
    challenge = secrets.token_bytes(CHALLENGE_BYTES)
    row = Challenge(digest=_digest(challenge), purpose=purpose, account_id=account_id, ends_at=now + LASTS)
    with store.transaction() as tx:
        passkeys.add_challenge(tx.session, row, now=now)
    return challenge


def made(store: Store, party: Party, answer: str, *, account_id: int, now: datetime) -> VerifiedRegistration:
    """A new credential. Raises :class:`Unprocessable`."""
    try:
        credential = _read(answer)
        return verify_registration_response(
            credential=credential, expected_challenge=_used_challenge(store, credential, "register", account_id, now),
            expected_rp_id=party.host, expected_origin=party.origin, require_user_verification=True,
        )
    except UNUSABLE:
        raise Unprocessable("The passkey was not set up.", fields={"passkey": NOT_MADE}) from None


def proven(
    store: Store, sealer: Sealer, party: Party, answer: str, *, purpose: str, account_id: int | None, now: datetime
) -> Passkey:
    """The passkey that signed the challenge, with its counter noted. Raises :class:`Unprocessable`, the same for all faults."""
    try:
        credential = _read(answer)
        challenge = _used_challenge(store, credential, purpose, account_id, now)
        passkey = _known(store, credential, account_id)
        verified = verify_authentication_response(
            credential=credential, expected_challenge=challenge, expected_rp_id=party.host, expected_origin=party.origin,
            credential_public_key=base64url_to_bytes(passkey.public_key), credential_current_sign_count=0, require_user_verification=True,
        )
    except UNUSABLE:
        raise Unprocessable(NOT_ACCEPTED, fields={"passkey": NOT_ACCEPTED}) from None
    if passkey.blocked_at is not None or not _counted(store, sealer, passkey, verified.new_sign_count, now):
        raise Unprocessable(BLOCKED, fields={"passkey": BLOCKED})
    return passkey


def _read(answer: str) -> dict[str, Any]:
    credential = json.loads(answer)
    if not isinstance(credential, dict):
        raise _Refused
    return credential


def _used_challenge(store: Store, credential: dict[str, Any], purpose: str, account_id: int | None, now: datetime) -> bytes:
    """The challenge that the answer names, if we gave it out for this; it is used up whatever comes of it."""
    client = json.loads(base64url_to_bytes(credential["response"]["clientDataJSON"]))
    challenge = base64url_to_bytes(client["challenge"])
    with store.transaction() as tx:
        is_ours = passkeys.use_challenge(tx.session, _digest(challenge), purpose=purpose, account_id=account_id, now=now)
    if not is_ours:
        raise _Refused
    return challenge


def _known(store: Store, credential: dict[str, Any], account_id: int | None) -> Passkey:
    with store.reading() as session:
        passkey = passkeys.by_credential(session, str(credential["id"]))
        if passkey is None or account_id not in (None, passkey.account_id):
            raise _Refused
        account = accounts.existing(session, passkey.account_id)
    handle = credential["response"].get("userHandle")
    if account.state != "active" or (handle is not None and base64url_to_bytes(handle) != account.subject.encode()):
        raise _Refused
    return passkey


def _counted(store: Store, sealer: Sealer, passkey: Passkey, sign_count: int, now: datetime) -> bool:
    """Note the use. A counter that does not rise blocks the passkey, and its owner is told."""
    with store.transaction() as tx:
        if passkeys.used(tx.session, passkey, sign_count=sign_count, now=now):
            return True
        passkeys.block(tx.session, passkey, now=now)
        what = (
            f"The passkey “{passkey.name}” answered with a counter that went back: somebody may have a copy of it. It is blocked. "
            "Sign in another way, remove it, and set up a new one."
        )
        account = accounts.existing(tx.session, passkey.account_id)
        tx.session.add(letters.something_changed(sealer, to=account.address or "", what=what, now=now))
    return False


def _digest(challenge: bytes) -> str:
    return token_digest(bytes_to_base64url(challenge))

"""What a person does to their own account: authenticator app, recovery codes, password, sessions, closing it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from gateway.access.leaving import withdraw_all
from gateway.accounts import letters, sessions
from gateway.accounts.factors import accepted_step, new_recovery_codes, new_secret, recovery_digests
from gateway.accounts.passwords import check_password, hash_password, is_password
from gateway.accounts.people import Person
from gateway.accounts.tables import Account, AccountSession
from gateway.errors import Conflict, NotFound, Unprocessable
from gateway.models import Message
from gateway.privacy.anonymising import forget_drafts_of
from gateway.store import Store, accounts, mail, passkeys
from gateway.store.sealing import Sealer

OFFER_LASTS: Final = timedelta(minutes=30)
LAST_ONE_STAYS: Final = ("admin", "team_admin")


@dataclass(frozen=True, slots=True)
class Offer:
    """A secret that is offered for an authenticator app; ``sealed`` goes through the form and back."""

    secret: str
    sealed: str


def offer_secret(sealer: Sealer, *, subject: str, now: datetime) -> Offer:
    secret = new_secret()
    return Offer(secret, sealer.seal(json.dumps({"secret": secret, "subject": subject, "at": now.isoformat()})))


def opened_offer(sealer: Sealer, sealed: str, *, subject: str, now: datetime) -> Offer:
    """Raises :class:`Conflict` for an offer to somebody else, or one older than 30 minutes."""
    held = json.loads(sealer.open(sealed))
    if held["subject"] != subject or now - datetime.fromisoformat(held["at"]) > OFFER_LASTS:
        raise Conflict("This page is too old.", hint="Open it again; it shows a new code to scan.")
    return Offer(held["secret"], sealed)


def first_step(secret: str, code: str, *, now: datetime) -> int:
    """Raises :class:`Unprocessable` where the code does not belong to the secret: nobody is locked out by a wrong scan."""
    step = accepted_step(secret, code, last_step=0, now=now)
    if step is None:
        sentence = "This code does not belong to what you scanned. Type the six digits that the app shows now; check the clock of your phone."
        raise Unprocessable("The code was not accepted.", fields={"code": sentence})
    return step


def enrol(store: Store, sealer: Sealer, person: Person, *, offer: Offer, code: str, now: datetime) -> tuple[str, tuple[str, ...]]:
    """Keep the secret. Returns the token of the session that replaces this one, and ten recovery codes, shown this once."""
    step = first_step(offer.secret, code, now=now)
    codes = new_recovery_codes()
    with store.transaction() as tx:
        row = accounts.existing(tx.session, person.account_id)
        row.totp_secret, row.totp_last_step = sealer.seal(offer.secret), step
        accounts.replace_recovery_codes(tx.session, row.id, recovery_digests(codes))
        accounts.end_sessions(tx.session, row.id, now=now)
        token = sessions.begin(tx.session, row, now=now, is_complete=True, second_factor_at=now)
        tx.session.add(_told(sealer, row, "An authenticator app was added to your account.", now))
    return token, codes


def remove_factor(store: Store, sealer: Sealer, person: Person, *, now: datetime) -> None:
    """Raises :class:`Conflict` where it is the last factor and a role needs one."""
    with store.transaction() as tx:
        row = accounts.existing(tx.session, person.account_id)
        row.totp_secret = None
        if not passkeys.of_account(tx.session, row.id):
            person.require_no_role_with_factor()
            accounts.replace_recovery_codes(tx.session, row.id, ())
        accounts.end_sessions(tx.session, row.id, now=now, but=person.session_digest)
        tx.session.add(_told(sealer, row, "The authenticator app was removed from your account.", now))


def renew_recovery_codes(store: Store, sealer: Sealer, person: Person, *, now: datetime) -> tuple[str, ...]:
    """Ten new ones; the old ones stop working."""
    codes = new_recovery_codes()
    with store.transaction() as tx:
        row = accounts.existing(tx.session, person.account_id)
        accounts.replace_recovery_codes(tx.session, row.id, recovery_digests(codes))
        tx.session.add(_told(sealer, row, "New recovery codes were made for your account.", now))
    return codes


def change_password(store: Store, sealer: Sealer, person: Person, *, old: str, new: str, now: datetime) -> str:
    """The token of the session that replaces this one; all others end. Raises :class:`Unprocessable` naming the field."""
    with store.reading() as session:
        password_hash = accounts.existing(session, person.account_id).password_hash
    if password_hash is not None and not is_password(password_hash, old):
        raise Unprocessable("The password was not changed.", fields={"old": "This is not your password of today."})
    check_password(new, own_words=(person.name, person.organisation or "", person.address))
    renewed = hash_password(new)
    with store.transaction() as tx:
        row = accounts.existing(tx.session, person.account_id)
        row.password_hash = renewed
        accounts.end_sessions(tx.session, row.id, now=now)
        tx.session.add(_told(sealer, row, "The password of your account was changed.", now))
        return sessions.begin(tx.session, row, now=now, is_complete=True, second_factor_at=person.second_factor_at)


def change_details(store: Store, person: Person, *, name: str, organisation: str) -> None:
    """Raises :class:`Unprocessable` naming the field."""
    faults = {field: "Enter 1 to 200 characters on one line." for field, text in (("name", name), ("organisation", organisation))
              if not text.strip() or len(text) > 200 or not text.isprintable()}
    if faults:
        raise Unprocessable("The details were not saved.", fields=faults)
    with store.transaction() as tx:
        row = accounts.existing(tx.session, person.account_id)
        row.name, row.organisation = name.strip(), organisation.strip()


def open_sessions(store: Store, person: Person, *, now: datetime) -> list[AccountSession]:
    with store.reading() as session:
        return accounts.open_sessions(session, person.account_id, idle_since=now - sessions.IDLE, begun_since=now - sessions.LONGEST)


def end_other_sessions(store: Store, person: Person, *, now: datetime) -> None:
    with store.transaction() as tx:
        accounts.end_sessions(tx.session, person.account_id, now=now, but=person.session_digest)


def end_session(store: Store, person: Person, key: str, *, now: datetime) -> bool:
    """End the person's session whose hash begins with ``key``; whether it was the one that asks. Raises :class:`NotFound`."""
    found = next((row for row in open_sessions(store, person, now=now) if len(key) >= 16 and row.digest.startswith(key)), None)
    if found is None:
        raise NotFound("This sign-in is over already.", hint="Your security page lists those that are open.")
    with store.transaction() as tx:
        accounts.end_session(tx.session, found.digest, now=now)
    return found.digest == person.session_digest


def close(store: Store, sealer: Sealer, person: Person, *, now: datetime) -> None:
    """Remove everything that says who the person is; the opaque subject stays. Requests under way are withdrawn. Raises :class:`Conflict`
    for the last of a role, and while the person leads a request with open access."""
    with store.transaction() as tx:
        for one in person.held:
            if one.role in LAST_ONE_STAYS and accounts.count_holding(tx.session, one.role, accounts.custodian_id_of(tx.session, one)) < 2:
                raise Conflict(f"You are the last {one.words}.", hint="Give the role to somebody else first.")
        row = accounts.existing(tx.session, person.account_id)
        withdraw_all(tx.session, sealer, person, now=now)
        forget_drafts_of(tx.session, row.subject, now=now)
        mail.forget_person(tx.session, row.subject, row.address)
        accounts.erase(tx.session, row, now=now)


def _told(sealer: Sealer, row: Account, what: str, now: datetime) -> Message:
    return letters.something_changed(sealer, to=row.address or "", what=what, now=now)

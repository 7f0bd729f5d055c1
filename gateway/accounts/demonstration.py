"""Accounts of the demonstration: one of each kind of person, entered by a link that is printed at start. They have no password,
and a second factor that nobody knows, so the link is the only way in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.accounts import links
from gateway.accounts.factors import new_secret
from gateway.accounts.people import Person
from gateway.accounts.registration import add_account
from gateway.store import Store, accounts, custodians
from gateway.store.sealing import Sealer


@dataclass(frozen=True, slots=True)
class DemonstrationPerson:
    """``role`` and ``custodian`` (a slug) are None for a researcher and for the gateway's own people."""

    who: str
    role: str | None
    custodian: str | None

    @property
    def address(self) -> str:
        return f"{self.who.lower().replace(' ', '-')}@demonstration.example"


PEOPLE: Final = (
    DemonstrationPerson("Researcher", None, None),
    DemonstrationPerson("Team administrator", "team_admin", "hfea"),
    DemonstrationPerson("Request handler", "handler", "hfea"),
    DemonstrationPerson("Decision maker", "decider", "hfea"),
    DemonstrationPerson("Triage officer", "triage", None),
    DemonstrationPerson("Gateway administrator", "admin", None),
)


def settle(store: Store, sealer: Sealer, *, custodian: str | None, now: datetime) -> None:
    """Make the people of one custodian, or (None) those of the gateway and the researcher, where they are not there yet."""
    with store.transaction() as tx:
        place = custodians.by_slug(tx.session, custodian).id if custodian else None
        for person in (one for one in PEOPLE if one.custodian == custodian):
            row = accounts.by_address(tx.session, person.address)
            if row is None:
                row = add_account(
                    tx.session, address=person.address, name=f"Demonstration {person.who.lower()}", organisation="Demonstration",
                    password_hash=None, now=now,
                )
                row.totp_secret = sealer.seal(new_secret())
            if person.role is not None:
                accounts.grant(tx.session, row.id, person.role, place, granted_by="setup", now=now)


def researcher(store: Store) -> Person | None:
    """Who asks for data in the demonstration, as the drafts know them; None before :func:`settle`."""
    with store.reading() as session:
        row = accounts.by_address(session, PEOPLE[0].address)
    if row is None:
        return None
    return Person(
        account_id=row.id, subject=row.subject, name=row.name or "", address=row.address or "", organisation=row.organisation, held=(),
        has_second_factor=True, has_app=True, second_factor_at=None, session_digest="", csrf="",
    )


def entrances(store: Store, *, now: datetime) -> list[tuple[str, str]]:
    """Who, and the path of a link that signs in as them once. Links of the last start stop working."""
    found = []
    with store.transaction() as tx:
        for person in PEOPLE:
            row = accounts.by_address(tx.session, person.address)
            if row is not None:
                where = f"{person.who} of {person.custodian}" if person.custodian else person.who
                found.append((where, links.give_out(tx.session, "sign-in", account_id=row.id, now=now)))
    return found

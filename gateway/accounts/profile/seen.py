"""A profile as its custodians see it: beside a request of the person's to them, and nowhere else. What they check there, they verify."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy.orm import Session

from gateway.accounts.people import Person
from gateway.accounts.profile.groups import SANCTION_REASONS
from gateway.accounts.profile.items import Item, judged, profile, verify
from gateway.accounts.tables import Account, Identity, ProfileItem, Sanction
from gateway.errors import NotFound, Unprocessable
from gateway.store import Store, custodians, identities, profiles

NOTHING: Final = "There is nothing at this address."


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """``sanctions`` with the name of the custodian: of all for the person, of one for that custodian."""

    name: str
    address: str
    items: tuple[Item, ...]
    identities: tuple[Identity, ...]
    sanctions: tuple[tuple[Sanction, str], ...]


def own_card(store: Store, person: Person, *, today: date) -> Card:
    with store.reading() as session:
        return Card(
            name=person.name, address=person.address, items=profile(session, person.account_id, today=today),
            identities=tuple(identities.of_account(session, person.account_id)), sanctions=tuple(profiles.sanctions(session, person.account_id)),
        )


def card(store: Store, subject: str | None, *, custodian: str, today: date) -> Card:
    """For the custodian's people. Raises :class:`NotFound` where no account leads the request."""
    with store.reading() as session:
        account = _account(session, subject)
        return Card(
            name=account.name or "", address=account.address or "", items=profile(session, account.id, today=today),
            identities=tuple(identities.of_account(session, account.id)),
            sanctions=tuple(profiles.sanctions(session, account.id, custodian=custodian)),
        )


def item(store: Store, subject: str | None, item_id: int, *, today: date) -> Item:
    """Raises :class:`NotFound` for an item of somebody else."""
    with store.reading() as session:
        return judged(_row(session, subject, item_id), today=today)


def verify_item(store: Store, subject: str | None, item_id: int, *, custodian_name: str, until: str, now: datetime) -> None:
    """Raises :class:`NotFound`, and :class:`Unprocessable` (field ``until``)."""
    ends = _day(until, "until") if until.strip() else None
    with store.transaction() as tx:
        verify(_row(tx.session, subject, item_id), by=custodian_name, until=ends, now=now)


def sanction(store: Store, subject: str | None, typed: Mapping[str, str], *, custodian: str, by: Person, now: datetime) -> None:
    """Raises :class:`NotFound`, and :class:`Unprocessable` naming the fields."""
    reason = typed.get("reason", "")
    if reason not in SANCTION_REASONS:
        raise Unprocessable("The sanction was not entered.", fields={"reason": "Choose a reason."})
    begins = _day(typed.get("begins_on", ""), "begins_on")
    ends = _day(typed["ends_on"], "ends_on") if typed.get("ends_on", "").strip() else None
    if ends is not None and ends < begins:
        raise Unprocessable("The sanction was not entered.", fields={"ends_on": "It ends before it begins."})
    with store.transaction() as tx:
        account = _account(tx.session, subject)
        place = custodians.by_slug(tx.session, custodian).id
        profiles.add_sanction(tx.session, Sanction(
            account_id=account.id, custodian_id=place, reason=reason, begins_on=begins, ends_on=ends, created_by=by.subject, created_at=now,
        ))


def _account(session: Session, subject: str | None) -> Account:
    found = profiles.account_of_subject(session, subject) if subject else None
    if found is None:
        raise NotFound(NOTHING, hint="The applicant has no account, or closed it.")
    return found


def _row(session: Session, subject: str | None, item_id: int) -> ProfileItem:
    found = profiles.find(session, _account(session, subject).id, item_id)
    if found is None:
        raise NotFound(NOTHING, hint="The person may have removed it.")
    return found


def _day(text: str, field: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Unprocessable("This was not kept.", fields={field: "Give a date as year, month and day: 2027-12-31."}) from None

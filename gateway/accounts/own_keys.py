"""Keys that people make for their programs. Who manages the team sees and ends all of them, everybody else their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.accounts.key_rights import allowed_scopes
from gateway.accounts.members import manages
from gateway.accounts.people import Person
from gateway.errors import BadRequest, NotAllowed, NotFound, Unprocessable
from gateway.models import ApiKey, Custodian
from gateway.store import Store, accounts, custodians, keys
from gateway.web.auth import NewKey, create_key, rotate_key


@dataclass(frozen=True, slots=True)
class TeamKeys:
    """``allowed`` maps an owner to the scopes that their roles allow now; ``mine`` are those of the person who asks."""

    custodian: Custodian
    rows: Sequence[ApiKey]
    names: Mapping[str, str]
    allowed: Mapping[str, tuple[str, ...]]
    mine: tuple[str, ...]


def team_keys(store: Store, person: Person, custodian: str) -> TeamKeys:
    """Raises :class:`NotFound` for everybody outside the team."""
    with store.reading() as session:
        place = _place(custodians.by_slug(session, custodian), person)
        rows = [row for row in keys.listing(session, custodian_id=place.id) if _may_see(person, custodian, row)]
        owners = {row.owner for row in rows if row.owner}
        found = {subject: account for subject in owners if (account := accounts.by_subject(session, subject)) is not None}
        allowed = {
            subject: allowed_scopes(
                accounts.held(session, account.id), custodian=custodian, has_second_factor=accounts.has_second_factor(session, account)
            )
            for subject, account in found.items()
        }
        return TeamKeys(place, rows, accounts.names(session, sorted(owners)), allowed, _own_scopes(person, custodian))


def make_key(
    store: Store, person: Person, custodian: str, *, name: str, scopes: Sequence[str], days: str, networks: str, now: datetime
) -> NewKey:
    """Raises :class:`Unprocessable` naming the field, :class:`NotFound` for everybody outside the team."""
    own = team_keys(store, person, custodian).mine
    faults = {}
    if not name.strip() or len(name) > 100 or not name.isprintable():
        faults["name"] = "Name the program that will use it, with at most 100 characters."
    if not scopes or any(scope not in own for scope in scopes):
        faults["scope"] = "Choose what the key may do."
    if not days.strip().isascii() or not days.strip().isdigit() or not 1 <= int(days) <= 365:
        faults["days"] = "Enter a number of days from 1 to 365."
    if faults:
        raise Unprocessable("The key was not made.", fields=faults)
    try:
        return create_key(
            store, name=name, scopes=scopes, custodian=custodian, valid_for_days=int(days), owner=person.subject, now=now,
            networks=[one for one in networks.replace(",", " ").split() if one],
        )
    except BadRequest as error:
        raise Unprocessable("The key was not made.", fields={"networks": f"{error.message} {error.hint}"}) from None


def rotate(store: Store, person: Person, custodian: str, prefix: str, *, now: datetime) -> NewKey:
    """Raises :class:`NotFound`, :class:`NotAllowed` for somebody else's key: its secret would be shown, :class:`BadRequest`."""
    row = _known(store, person, custodian, prefix)
    if row.owner not in (None, person.subject):
        raise NotAllowed("This key belongs to somebody else, who alone may see its successor.", hint="You can revoke it.")
    return rotate_key(store, prefix, now=now)


def revoke(store: Store, person: Person, custodian: str, prefix: str, *, now: datetime) -> None:
    """Raises :class:`NotFound`."""
    _known(store, person, custodian, prefix)
    with store.transaction() as tx:
        keys.revoke(tx.session, prefix, now=now)


def _known(store: Store, person: Person, custodian: str, prefix: str) -> ApiKey:
    found = next((row for row in team_keys(store, person, custodian).rows if row.prefix == prefix), None)
    if found is None:
        raise NotFound("There is no such key.", hint="The page of keys lists all that you may see.")
    return found


def _own_scopes(person: Person, custodian: str) -> tuple[str, ...]:
    return allowed_scopes(person.held, custodian=custodian, has_second_factor=person.has_second_factor)


def _place(place: Custodian, person: Person) -> Custodian:
    if not any(one.custodian == place.slug for one in person.held):
        raise NotFound("There is nothing at this address.")
    return place


def _may_see(person: Person, custodian: str, row: ApiKey) -> bool:
    return row.owner == person.subject or manages(person, custodian)

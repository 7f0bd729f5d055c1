"""The people of a custodian: who holds which role, who is invited, and what waits for a second person.

Roles that decide or administer (``TWO_PERSONS``) are proposed by one person and confirmed by another; a gateway that is not
public waives that, and its pages say so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from gateway.access.addresses import check_address
from gateway.accounts import granting, letters
from gateway.accounts.people import Person
from gateway.accounts.roles import ROLES, TWO_PERSONS, Action
from gateway.accounts.tables import Account, Invitation, Proposal
from gateway.errors import Conflict, NotAllowed, NotFound, Unprocessable
from gateway.models import Custodian
from gateway.store import Store, accounts, custodians, members
from gateway.store.accounts import Listed
from gateway.store.members import Invited, Proposed
from gateway.store.sealing import Sealer, new_token, token_digest

LASTS: Final = timedelta(days=7)
TEAM_ROLES: Final = tuple(name for name, role in ROLES.items() if not role.of_gateway)


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """``roles`` are those that the person who asks may give."""

    custodian: Custodian
    people: Sequence[Listed]
    invitations: Sequence[Invited]
    proposals: Sequence[Proposed]
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """An invitation as its receiver sees it."""

    role: str
    custodian: Custodian
    needs_second: bool


@dataclass(frozen=True, slots=True)
class Members:
    """``waives_second`` is True on a gateway that is not public."""

    store: Store
    sealer: Sealer
    waives_second: bool

    def team(self, person: Person, custodian: str, *, now: datetime) -> Team:
        """Raises :class:`NotFound` for everybody but those who manage the team."""
        with self.store.reading() as session:
            place = _place(session, person, custodian)
            return Team(
                custodian=place, people=accounts.team(session, custodian), roles=_may_give(session, person, place),
                invitations=members.open_invitations(session, place.id, now=now), proposals=members.proposals(session, place.id, now=now),
            )

    def invite(self, person: Person, custodian: str, *, address: str, role: str, now: datetime) -> None:
        """Mail a link. Raises :class:`Unprocessable` naming the field, :class:`Conflict` with the rule."""
        check_address(address)
        token = new_token()
        with self.store.transaction() as tx:
            place = _place(tx.session, person, custodian)
            _check_role(role, _may_give(tx.session, person, place))
            if accounts.address_key(address) == accounts.address_key(person.address):
                raise Conflict("Nobody grants a role to themselves.", hint="Ask another administrator.")
            letter = letters.invitation(
                self.sealer, to=address, path=f"/invitations/{token}", custodian=place.name, role=ROLES[role].can, now=now
            )
            tx.session.add(letter)
            row = Invitation(
                digest=token_digest(token), custodian_id=place.id, address=accounts.address_key(address), role=role, invited_by=person.subject,
                message_key=letter.idempotency_key, created_at=now, ends_at=now + LASTS,
            )
            members.add_invitation(tx.session, row, now=now)

    def take_back(self, person: Person, custodian: str, invitation: int, *, now: datetime) -> None:
        """Raises :class:`NotFound`."""
        with self.store.transaction() as tx:
            place = _place(tx.session, person, custodian)
            known = {one.row.id for one in members.open_invitations(tx.session, place.id, now=now)}
            if invitation not in known or not members.use_invitation(tx.session, invitation, now=now):
                raise NotFound("This invitation is not open any more.")

    def offered(self, person: Person, token: str, *, now: datetime) -> Offer:
        """Raises :class:`NotFound` for a link that does not work, also for anybody but whom it was sent to."""
        with self.store.reading() as session:
            row = _invitation(session, person, token, now)
            return Offer(row.role, custodians.by_ids(session, {row.custodian_id})[row.custodian_id], self._needs_second(row.role))

    def accept(self, person: Person, token: str, *, now: datetime) -> Offer:
        """Take the role, or have it wait for a second person. Raises as :meth:`offered`, and :class:`Conflict` with the rule."""
        with self.store.transaction() as tx:
            row = _invitation(tx.session, person, token, now)
            if not members.use_invitation(tx.session, row.id, now=now):
                raise NotFound("This invitation was used a moment ago.")
            place = custodians.by_ids(tx.session, {row.custodian_id})[row.custodian_id]
            account = accounts.existing(tx.session, person.account_id)
            self._propose(tx.session, account, row.role, place, by=row.invited_by, now=now)
            return Offer(row.role, place, self._needs_second(row.role))

    def give(self, person: Person, custodian: str, *, subject: str, role: str, now: datetime) -> None:
        """A further role for somebody of the team. Raises :class:`Unprocessable`, :class:`NotFound`, :class:`Conflict`."""
        with self.store.transaction() as tx:
            place = _place(tx.session, person, custodian)
            _check_role(role, _may_give(tx.session, person, place))
            account = _member(tx.session, custodian, subject)
            self._propose(tx.session, account, role, place, by=person.subject, now=now)

    def end(self, person: Person, custodian: str, *, subject: str, role: str, now: datetime) -> None:
        """Raises :class:`NotFound`, :class:`NotAllowed` for others than the team's own administrators, and :class:`Conflict` for the
        last administrator or handler."""
        with self.store.transaction() as tx:
            place = _place(tx.session, person, custodian)
            if not is_team_admin(person, custodian):
                raise NotAllowed("The team's own administrators end its roles.", hint="You can suspend an account.")
            account = _member(tx.session, custodian, subject)
            if not granting.take(tx.session, account, role, place.id, now=now):
                raise NotFound("This role has ended already.")
            self._tell(tx.session, account, f"Your role in {place.name} ended: {ROLES[role].words}.", now)

    def confirm(self, person: Person, custodian: str, proposal: int, *, now: datetime) -> None:
        """Raises :class:`NotFound`, and :class:`Conflict` for who proposed it and who would get it."""
        with self.store.transaction() as tx:
            place = _place(tx.session, person, custodian)
            row = _proposal(tx.session, place, proposal, now)
            if person.subject == row.proposed_by:
                raise Conflict("You proposed this role.", hint="Another administrator of the team, or of the gateway, confirms it.")
            account = accounts.existing(tx.session, row.account_id)
            granting.require_may_hold(tx.session, account, row.role, granted_by=person.subject)
            if not members.take_proposal(tx.session, row.id):
                raise NotFound("This proposal was settled a moment ago.")
            self._grant(tx.session, account, row.role, place, by=f"{row.proposed_by} {person.subject}", now=now)

    def refuse(self, person: Person, custodian: str, proposal: int, *, now: datetime) -> None:
        """Raises :class:`NotFound`."""
        with self.store.transaction() as tx:
            row = _proposal(tx.session, _place(tx.session, person, custodian), proposal, now)
            members.take_proposal(tx.session, row.id)

    def _needs_second(self, role: str) -> bool:
        return role in TWO_PERSONS and not self.waives_second

    def _propose(self, session: Session, account: Account, role: str, place: Custodian, *, by: str, now: datetime) -> None:
        granting.require_may_hold(session, account, role, granted_by=by)
        if not self._needs_second(role):
            self._grant(session, account, role, place, by=by, now=now)
            return
        row = Proposal(account_id=account.id, custodian_id=place.id, role=role, proposed_by=by, proposed_at=now, ends_at=now + LASTS)
        members.propose(session, row)

    def _grant(self, session: Session, account: Account, role: str, place: Custodian, *, by: str, now: datetime) -> None:
        if granting.give(session, account, role, place.id, granted_by=by, now=now):
            self._tell(session, account, f"You have a new role in {place.name}: {ROLES[role].words}.", now)

    def _tell(self, session: Session, account: Account, what: str, now: datetime) -> None:
        session.add(letters.something_changed(self.sealer, to=account.address or "", what=what, now=now))


def manages(person: Person, custodian: str) -> bool:
    return person.may(Action.MEMBERS, custodian=custodian)


def is_team_admin(person: Person, custodian: str) -> bool:
    return any(one.role == "team_admin" and one.custodian == custodian for one in person.held)


def _place(session: Session, person: Person, custodian: str) -> Custodian:
    if not manages(person, custodian):
        raise NotFound("There is nothing at this address.")
    return custodians.by_slug(session, custodian)


def _may_give(session: Session, person: Person, place: Custodian) -> tuple[str, ...]:
    """Every role of the team for its own administrators; the gateway's see to its first one, and confirm."""
    if is_team_admin(person, place.slug):
        return TEAM_ROLES
    return () if accounts.count_holding(session, "team_admin", place.id) else ("team_admin",)


def _check_role(role: str, may_give: tuple[str, ...]) -> None:
    if role not in may_give:
        raise Unprocessable("Choose a role.", fields={"role": "Choose one of the roles that you may give."})


def _member(session: Session, custodian: str, subject: str) -> Account:
    found = next((one.account for one in accounts.team(session, custodian) if one.account.subject == subject), None)
    if found is None:
        raise NotFound("This person is not of the team any more.")
    return found


def _invitation(session: Session, person: Person, token: str, now: datetime) -> Invitation:
    found = members.usable_invitation(session, token_digest(token), now=now)
    if found is None or found.address != accounts.address_key(person.address):
        raise NotFound(
            "This invitation does not work.", hint="It may have been used, be older than seven days, or be for another address than your account's."
        )
    return found


def _proposal(session: Session, place: Custodian, proposal: int, now: datetime) -> Proposal:
    found = next((one.row for one in members.proposals(session, place.id, now=now) if one.row.id == proposal), None)
    if found is None:
        raise NotFound("This proposal is settled, or too old.")
    return found

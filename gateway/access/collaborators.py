"""Those who write a request together: invited by its lead, joined with an account of their own, handed the lead, removed.

A collaborator reads the whole request, changes answers, names evidence, and writes to custodians. Sending, datasets, people, agreements
and endings are the lead's.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.orm import Session

from gateway.access import notices, terms
from gateway.access.addresses import check_address
from gateway.access.commands import Command, perform_in, tell_handlers
from gateway.access.machine import allowed, fold
from gateway.access.participants import ROLES
from gateway.access.parts import Role
from gateway.accounts.people import Person
from gateway.accounts.tables import Account
from gateway.errors import Conflict, NotFound, Unprocessable
from gateway.models import Request, RequestMember
from gateway.store import Store, accounts, drafts, request_members, requests
from gateway.store.sealing import Sealer, new_token, token_digest

LASTS: Final = timedelta(days=7)
AT_MOST: Final = 50
"""People on one request, those invited among them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Collaborator:
    """``name`` and ``address`` are empty for who has not joined, but for the invited address. ``waits``: the lead must confirm the address."""

    id: int
    subject: str | None
    name: str
    address: str
    organisation: str
    role: str
    needs_access: bool
    has_joined: bool
    waits: bool
    has_accepted_terms: bool
    until: datetime
    is_offered_lead: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """``is_lead``: of who asks. ``own`` is their own row; ``offer`` says who asks them to lead the request: ``lead``, ``administrator``."""

    reference: str
    lead_name: str
    lead_organisation: str
    lead_subject: str | None
    is_lead: bool
    own: Collaborator | None
    offer: str | None
    others: tuple[Collaborator, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """An invitation as its receiver sees it. The project's title is not told before they join."""

    reference: str
    lead_name: str
    role: str
    needs_access: bool
    is_for_address: bool


def people(store: Store, person: Person, reference: str) -> People:
    """Raises :class:`NotFound` for everybody who is not on the request."""
    with store.reading() as session:
        request = drafts.shared(session, reference, subject=person.subject)
        rows = request_members.of_request(session, request.id)
        found = tuple(_told(session, row) for row in rows)
    own = next((row for row in rows if row.subject == person.subject and row.joined_at), None)
    return People(
        reference=reference, lead_name=request.lead["name"], lead_organisation=request.lead["organisation"], lead_subject=request.lead_subject,
        is_lead=request.lead_subject == person.subject, own=next((one for one in found if own and one.id == own.id), None),
        offer=own.offered_by.split()[0] if own and own.offered_by else None, others=found,
    )


def invite(
    store: Store, sealer: Sealer, person: Person, reference: str, *, address: str, role: str, needs_access: bool, now: datetime
) -> None:
    """Mail a link that works once, for seven days. Raises :class:`NotFound`, :class:`Unprocessable` naming the field, :class:`Conflict`."""
    address = address.strip()
    check_address(address)
    if role not in ROLES:
        raise Unprocessable("The invitation was not sent.", fields={"role": "Choose what this person does."})
    key = accounts.address_key(address)
    with store.transaction() as tx:
        request = drafts.led(tx.session, reference, subject=person.subject, is_locked=True)
        held = request_members.of_request(tx.session, request.id)
        _require_new(tx.session, held, person, key)
        for row in held:
            if row.address == key and row.joined_at is None:
                row.left_at, row.digest, row.address = now, None, None
        token = new_token()
        row = RequestMember(
            request_id=request.id, address=key, role=role, needs_access=needs_access, digest=token_digest(token), invited_at=now, ends_at=now + LASTS
        )
        request_members.add(tx.session, row)
        _Changing(tx.session, sealer, request, now).each("invite_member", "lead", person.subject, {"member": str(row.id)})
        letter = notices.invited(sealer, reference=reference, key=f"join.{secrets.token_hex(12)}", path=f"/join/{token}", to_address=address, now=now)
        tx.session.add(letter)


def take_back(store: Store, person: Person, reference: str, member: int, *, now: datetime) -> None:
    """An invitation, or the request of somebody with another address. Raises :class:`NotFound`."""
    with store.transaction() as tx:
        request = drafts.led(tx.session, reference, subject=person.subject, is_locked=True)
        row = _member(tx.session, request, member)
        if row.joined_at is not None:
            raise NotFound("This invitation is not open any more.")
        row.left_at, row.digest, row.address = now, None, None


def invited(store: Store, person: Person, token: str, *, now: datetime) -> Invited:
    """Raises :class:`NotFound` for a link that does not work."""
    with store.reading() as session:
        row = _invitation(session, token, now)
        request = session.get_one(Request, row.request_id)
        return Invited(
            reference=request.reference, lead_name=request.lead["name"], role=ROLES[row.role], needs_access=row.needs_access, is_for_address=_is_for(row, person),
        )


def join(store: Store, sealer: Sealer, person: Person, token: str, *, accepted: str, now: datetime, may_be_named: bool = False) -> bool:
    """Whether the person is on the request now; else the lead must confirm their address. ``accepted`` is the version of the terms that
    was shown, ``may_be_named`` whether the public register may name them. Raises :class:`NotFound`, :class:`Unprocessable` (field ``terms``), :class:`Conflict` without a second factor."""
    if not person.has_second_factor:
        raise Conflict("Your account needs a second step at sign-in first.", hint="Set up a passkey or an authenticator app on your security page, then open the link again.")
    _require_terms(accepted)
    with store.transaction() as tx:
        row = _invitation(tx.session, token, now, is_locked=True)
        request = request_members.request_of(tx.session, row)
        if request.lead_subject == person.subject or request_members.of_person(tx.session, request.id, person.subject):
            raise Conflict("You are on this request already.")
        row.subject, row.digest, row.terms, row.organisation = person.subject, None, accepted, person.organisation
        row.may_be_named = may_be_named
        if _is_for(row, person):
            _Changing(tx.session, sealer, request, now).enter(row)
        return row.joined_at is not None


def confirm(store: Store, sealer: Sealer, person: Person, reference: str, member: int, *, now: datetime) -> None:
    """Let somebody in whose address is another than the invited one. Raises :class:`NotFound`, :class:`Conflict`."""
    with store.transaction() as tx:
        request = drafts.led(tx.session, reference, subject=person.subject, is_locked=True)
        row = _member(tx.session, request, member)
        if row.subject is None or row.joined_at is not None:
            raise NotFound("Nobody waits for this.")
        _Changing(tx.session, sealer, request, now).enter(row)


def accept_terms(store: Store, sealer: Sealer, person: Person, reference: str, *, accepted: str, now: datetime) -> None:
    """Raises :class:`NotFound`, :class:`Unprocessable` (field ``terms``), :class:`Conflict`."""
    _require_terms(accepted)
    with store.transaction() as tx:
        request = drafts.shared(tx.session, reference, subject=person.subject, is_locked=True)
        row = request_members.of_person(tx.session, request.id, person.subject)
        if row is None:
            raise NotFound("The lead accepts the terms with the declarations of the request.")
        row.terms = accepted
        _Changing(tx.session, sealer, request, now).each("accept_terms", "collaborator", person.subject, {"terms": accepted})


def remove(store: Store, sealer: Sealer, person: Person, reference: str, member: int, *, now: datetime) -> None:
    """The person's access to the request ends at once; custodians that have a part of it are told. Raises :class:`NotFound`, :class:`Conflict`."""
    with store.transaction() as tx:
        request = drafts.led(tx.session, reference, subject=person.subject, is_locked=True)
        row = _member(tx.session, request, member)
        if row.joined_at is None or row.subject is None:
            raise NotFound("This person has not joined.", hint="Take the invitation back instead.")
        changing = _Changing(tx.session, sealer, request, now)
        row.left_at, row.address, row.offered_by, row.offer_evidence = now, None, None, None
        changing.each("remove_member", "lead", person.subject, {"person": row.subject})
        changing.tell_custodians("A person was removed from the request", f"left.{row.id}")


def offer_lead(store: Store, sealer: Sealer, person: Person, reference: str, member: int, *, now: datetime) -> None:
    """Ask a member to lead the request; it changes once they accept. Raises :class:`NotFound`, :class:`Conflict`."""
    with store.transaction() as tx:
        request = drafts.led(tx.session, reference, subject=person.subject, is_locked=True)
        _Changing(tx.session, sealer, request, now).offer(_member(tx.session, request, member), f"lead {person.subject}", None)


def offer_lead_for_organisation(store: Store, sealer: Sealer, person: Person, reference: str, *, address: str, evidence: str, now: datetime) -> None:
    """By an administrator, where the lead cannot do it any more and the organisation asks. Raises :class:`NotFound` for an unknown
    reference, :class:`Unprocessable` naming the field."""
    faults = {} if evidence.strip() else {"evidence": "Say what the organisation wrote, who signed it, and when."}
    with store.transaction() as tx:
        request = _by_reference(tx.session, reference)
        account = accounts.by_address(tx.session, address)
        row = request_members.of_person(tx.session, request.id, account.subject) if account else None
        if row is None:
            faults["address"] = "Nobody with this address is on the request. The new lead must be a member."
        if faults or row is None:
            raise Unprocessable("Nobody was asked.", fields=faults)
        _Changing(tx.session, sealer, request, now).offer(row, f"administrator {person.subject}", evidence.strip())


def decline_lead(store: Store, person: Person, reference: str) -> None:
    """By who was asked. Raises :class:`NotFound`."""
    with store.transaction() as tx:
        request = drafts.shared(tx.session, reference, subject=person.subject, is_locked=True)
        row = _offered(tx.session, request, person)
        row.offered_by = row.offer_evidence = None


def accept_lead(store: Store, sealer: Sealer, person: Person, reference: str, *, now: datetime) -> None:
    """By who was asked. The former lead stays as a collaborator; their private link ends. Raises :class:`NotFound`, :class:`Conflict`."""
    with store.transaction() as tx:
        request = drafts.shared(tx.session, reference, subject=person.subject, is_locked=True)
        row = _offered(tx.session, request, person)
        if row.terms != terms.VERSION:
            raise Conflict("Accept the terms first.", hint="They stand on this page.")
        role, asked_by = _offered_by(row)
        payload = {"person": person.subject, "is_accepted": True, **({"evidence": row.offer_evidence} if row.offer_evidence else {})}
        changing = _Changing(tx.session, sealer, request, now)
        changing.each("change_lead", role, asked_by, payload)
        former = request.lead_subject
        _hand_over(request, row, person, now)
        if former is not None:
            account = accounts.by_subject(tx.session, former)
            request_members.add(tx.session, _former_lead(request, former, account, now))
        changing.tell_custodians("Somebody else leads the request now", f"lead.{row.id}")
        if role == "administrator":
            changing.tell_of_administrator(f"lead.{row.id}")


def _hand_over(request: Request, row: RequestMember, person: Person, now: datetime) -> None:
    """What names the lead follows; what was sent stays as it was sent."""
    row.left_at, row.offered_by, row.offer_evidence, row.address = now, None, None, None
    request.lead_subject, request.follow_token_sha256 = person.subject, token_digest(new_token())
    request.lead = {"name": person.name, "email": person.address, "organisation": person.organisation or request.lead["organisation"]}
    named = {
        "people.lead.name": person.name, "people.lead.email": person.address, "people.lead.needs_access": "yes" if row.needs_access else "no",
        "outputs.register_names": "yes" if row.may_be_named else "no",
    }
    version = request.answers_version + 1
    request.answers, request.answers_version = {**request.answers, **named}, version
    request.answers_notes = {**request.answers_notes, **{key: {"at": version} for key in named}}


def _former_lead(request: Request, subject: str, account: Account | None, now: datetime) -> RequestMember:
    return RequestMember(
        request_id=request.id, subject=subject, role="collaborator", needs_access=False, organisation=account.organisation if account else None,
        invited_at=now, ends_at=now, joined_at=now,
    )


class _Changing:
    """Does to every part what is done to the people of a request, and tells whom it concerns."""

    def __init__(self, session: Session, sealer: Sealer, request: Request, now: datetime) -> None:
        self.session, self.sealer, self.request, self.now = session, sealer, request, now

    def each(self, command: str, role: Role, actor: str, payload: Mapping[str, Any]) -> None:
        """On every part whose state allows it. Raises :class:`Conflict` where none does."""
        done = False
        for row in drafts.rows_of(self.session, self.request.id):
            part = requests.part_for_update(self.session, row.part.id)
            if command in allowed(fold(requests.history(self.session, part.id)), role):
                perform_in(self.session, self.sealer, part, Command(name=command, role=role, actor=actor, payload=payload), self.now)
                done = True
        if not done:
            raise Conflict(
                "This is not possible at this stage of the request.", hint="People are invited while it is written, or while a custodian has asked you something."
            )

    def enter(self, row: RequestMember) -> None:
        assert row.subject is not None
        row.joined_at, row.address = self.now, None
        self.each("accept_invitation", "collaborator", row.subject, {})
        self.each("accept_terms", "collaborator", row.subject, {"terms": row.terms})

    def offer(self, row: RequestMember, by: str, evidence: str | None) -> None:
        account = accounts.by_subject(self.session, row.subject) if row.subject and row.joined_at else None
        if account is None or account.address is None:
            raise NotFound("This person has not joined.")
        for other in request_members.of_request(self.session, self.request.id):
            other.offered_by = other.offer_evidence = None
        row.offered_by, row.offer_evidence = by, evidence
        path = f"/account/requests/{self.request.reference}/people"
        self._write("You are asked to lead it", f"offer.{row.id}.{self.now.isoformat()}", path, account.address)

    def tell_custodians(self, sentence: str, key: str) -> None:
        for row in requests.parts_of(self.session, self.request.id):
            tell_handlers(self.session, self.sealer, row, key=f"people.{row.part.public_id}.{key}", sentence=sentence, now=self.now)

    def tell_of_administrator(self, key: str) -> None:
        """Those whom an administrator's step concerns: everybody on the request, and the privacy officers."""
        subjects = [one.subject for one in request_members.joined(self.session, self.request.id)]
        people = [accounts.by_subject(self.session, subject) for subject in (*subjects, self.request.lead_subject) if subject]
        for account in (*people, *accounts.holding(self.session, "privacy_officer")):
            if account is not None and account.address:
                path = "/audit" if account not in people else f"/account/requests/{self.request.reference}"
                self._write("An administrator handed the lead over, as the organisation asked", f"people.{key}.{account.subject}", path, account.address)

    def _write(self, sentence: str, key: str, path: str, address: str) -> None:
        letter = notices.people_changed(
            self.sealer, key=key, reference=self.request.reference, sentence=sentence, path=path, to_address=address, now=self.now
        )
        self.session.add(letter)


def _offered(session: Session, request: Request, person: Person) -> RequestMember:
    row = request_members.of_person(session, request.id, person.subject)
    if row is None or row.offered_by is None:
        raise NotFound("Nobody asks you to lead this request.")
    return row


def _offered_by(row: RequestMember) -> tuple[Role, str]:
    role, subject = (row.offered_by or "").split()
    return ("administrator" if role == "administrator" else "lead"), subject


def _told(session: Session, row: RequestMember) -> Collaborator:
    account = accounts.by_subject(session, row.subject) if row.subject else None
    return Collaborator(
        id=row.id, subject=row.subject, name=(account.name if account else None) or "", address=(account.address if account else row.address) or "",
        organisation=row.organisation or "", role=ROLES[row.role], needs_access=row.needs_access, has_joined=row.joined_at is not None,
        waits=row.subject is not None and row.joined_at is None, has_accepted_terms=row.terms == terms.VERSION, until=row.ends_at,
        is_offered_lead=row.offered_by is not None,
    )


def _require_new(session: Session, held: Sequence[RequestMember], person: Person, key: str) -> None:
    account = accounts.by_address(session, key)
    is_there = account is not None and any(row.subject == account.subject for row in held)
    if key == accounts.address_key(person.address) or is_there:
        raise Unprocessable("The invitation was not sent.", fields={"email": "This person is on the request already."})
    if len(held) >= AT_MOST:
        raise Conflict(f"A request has room for {AT_MOST} people.", hint="Remove somebody first.")


def _require_terms(accepted: str) -> None:
    if accepted != terms.VERSION:
        raise Unprocessable("The terms were not accepted.", fields={"terms": "Read the terms, and tick that you accept them."})


def _member(session: Session, request: Request, member: int) -> RequestMember:
    found = next((row for row in request_members.of_request(session, request.id) if row.id == member), None)
    if found is None:
        raise NotFound("This person is not on the request any more.")
    return found


def _invitation(session: Session, token: str, now: datetime, *, is_locked: bool = False) -> RequestMember:
    row = request_members.by_digest(session, token_digest(token), now=now, is_locked=is_locked)
    if row is None:
        raise NotFound("This invitation does not work.", hint="It may have been used, taken back, or be older than seven days.")
    return row


def _is_for(row: RequestMember, person: Person) -> bool:
    return row.address == accounts.address_key(person.address)


def _by_reference(session: Session, reference: str) -> Request:
    request = requests.by_reference(session, reference.strip())
    if request is None or request.lead_subject is None:
        raise NotFound("There is no request of this reference.")
    return request

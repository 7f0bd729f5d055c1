"""An administrator reads one part of a request in an emergency: with a reason, for an hour, reading only. The custodian and the privacy
officers are told at once; where nobody but the administrator would be told, it stays closed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from gateway.access import notices
from gateway.access.commands import Command, perform_in
from gateway.access.keeping_out import on_request
from gateway.access.machine import fold
from gateway.access.parts import LABELS, Event
from gateway.access.recipients import recipients
from gateway.access.workspace import PartDetail, emergency_detail
from gateway.accounts.people import Person
from gateway.errors import Conflict, NotFound, Unprocessable
from gateway.store import Store, accounts, requests
from gateway.store.clocks import Ticking
from gateway.store.requests import PartRow
from gateway.store.sealing import Sealer

OPEN_FOR: Final = timedelta(hours=1)
EVENT: Final = "access.break_glass"
SENTENCE: Final = "An administrator opened it in an emergency, for one hour, to read; the reason stands in its history"


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """What an administrator sees of a part: the route's name and the state. ``open_until`` where they opened it."""

    part: str
    custodian: str | None
    state: str
    open_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    detail: PartDetail
    until: datetime
    reason: str


def parts_of(store: Store, person: Person, reference: str, *, now: datetime) -> tuple[Closed, ...]:
    """Of the request of this reference. Raises :class:`NotFound`."""
    with store.reading() as session:
        request = requests.by_reference(session, reference.strip())
        if request is None or request.sent_at is None:
            raise NotFound("There is no request of this reference.")
        found = [(row, requests.history(session, row.part.id)) for row in requests.parts_of(session, request.id)]
    return tuple(
        Closed(
            part=row.part.public_id, custodian=row.custodian.name if row.custodian else None, state=LABELS[fold(events).state],
            open_until=_until(_opening(events, person, now)),
        )
        for row, events in found
    )


def break_glass(store: Store, sealer: Sealer, person: Person, public_id: str, *, reason: str, now: datetime) -> None:
    """Raises :class:`NotFound`, :class:`Unprocessable` (field ``reason``), and :class:`Conflict` where no second person would be told,
    or for somebody who is on the request."""
    if not reason.strip():
        raise Unprocessable("It stays closed.", fields={"reason": "Say why it must be read. The custodian reads this."})
    with store.transaction() as tx:
        part = requests.locked_by_public_id(tx.session, public_id)
        row = requests.part(tx.session, part.id)
        if person.subject in on_request(tx.session, part.request_id):
            raise Conflict("You are on this request yourself.", hint="Another administrator can open it.")
        told = dict(_second_persons(tx.session, row, person))
        if not told:
            raise Conflict("Nobody else would be told of it.", hint="Give somebody the role of privacy officer first.")
        command = Command(name="break_glass_view", role="administrator", actor=person.subject, payload={"reason": reason.strip()})
        state = perform_in(tx.session, sealer, part, command, now)
        for address, path in told.items():
            key = f"glass.{public_id}.{state.version}.{accounts.address_key(address)}"
            tx.session.add(
                notices.people_changed(sealer, reference=row.request.reference, key=key, sentence=SENTENCE, path=path, to_address=address, now=now)
            )


def opened(store: Store, person: Person, public_id: str, *, now: datetime) -> Opened:
    """Raises :class:`NotFound` unless this very person opened it within the last hour."""
    with store.reading() as session:
        part_id = requests.part_id_by_public_id(session, public_id)
        opening = _opening(requests.history(session, part_id), person, now) if part_id is not None else None
    if opening is None:
        raise NotFound("There is nothing at this address.", hint="Look the request up, and open it with the reason.")
    return Opened(detail=emergency_detail(store, public_id), until=opening.at + OPEN_FOR, reason=str(opening.payload.get("reason", "")))


def _opening(events: list[Event], person: Person, now: datetime) -> Event | None:
    own = [event for event in events if event.event == EVENT and event.actor == person.subject and event.at + OPEN_FOR > now]
    return own[-1] if own else None


def _until(opening: Event | None) -> datetime | None:
    return opening.at + OPEN_FOR if opening is not None else None


def _second_persons(session: Session, row: PartRow, person: Person) -> Iterator[tuple[str, str]]:
    """Addresses and pages: the custodian's handlers, or those above them there; and the privacy officers."""
    workspace = f"/w/{row.custodian.slug}/" if row.custodian else ""
    state = requests.state_of(session, row.part.id)
    for one in recipients(session, Ticking.of(row, row.request), state, "handlers"):
        is_of_custodian = one.path is None or (workspace and one.path.startswith(workspace))
        if is_of_custodian and one.label != person.subject:
            yield one.address, one.path or "/help"
    for account in accounts.holding(session, "privacy_officer"):
        if account.address and account.subject != person.subject:
            yield account.address, "/audit"

"""Decisions of custodians that have no workspace: one triage officer enters what the custodian's letter says, a second one compares it
with the letter and confirms. Only then is it recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from gateway.access.actions import ACTIONS, Action, Field, action, payload
from gateway.access.commands import Command, perform_in
from gateway.access.guards import conditional_needs_conditions
from gateway.access.keeping_out import on_request
from gateway.access.machine import fold
from gateway.access.parts import Facts, PartState
from gateway.accounts.people import Person
from gateway.errors import Conflict, NotFound, Unprocessable
from gateway.models import OutcomeProposal, RequestPart
from gateway.store import Store, accounts, outcomes, requests
from gateway.store.requests import PartRow
from gateway.store.sealing import Sealer

_RECORD: Final = action(ACTIONS, "record_outcome")
LETTER: Final = Action(
    command="record_outcome", label="Enter the decision", explains="A second officer confirms it.",
    fields=(*_RECORD.fields, Field(name="letter", label="The custodian’s letter", hint="Its date, its reference, who signed it, and where it is kept.")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Awaiting:
    """A part whose decision the gateway's staff may record. ``entered`` waits for a second officer."""

    part: str
    reference: str
    custodian: str | None
    datasets: tuple[str, ...]
    since: datetime
    entered: Mapping[str, Any] | None
    entered_by: str | None


def awaiting(store: Store) -> tuple[Awaiting, ...]:
    """Oldest first."""
    with store.reading() as session:
        return tuple(_told(session, row) for row in requests.parts_in_state(session, "redirected") if not _has_workspace(session, row))


def one(store: Store, public_id: str) -> Awaiting:
    """Raises :class:`NotFound` for a part that is the custodian's own to decide."""
    with store.reading() as session:
        return _told(session, _row(session, public_id))


def enter(store: Store, person: Person, public_id: str, posted: Mapping[str, str], *, now: datetime) -> None:
    """Raises :class:`NotFound`, :class:`Unprocessable` naming the fields, and :class:`Conflict` for somebody who is on the request."""
    values = payload(LETTER, posted, state=PartState())
    problem = conditional_needs_conditions(PartState(), Facts(role="triage", actor=person.subject, at=now, payload=values))
    if problem is not None:
        field = "reason" if values["outcome"] == "rejected" else "conditions"
        raise Unprocessable("The decision was not entered.", fields={field: f"{problem[0].upper()}{problem[1:]}."})
    with store.transaction() as tx:
        row = _row(tx.session, public_id)
        if person.subject in on_request(tx.session, row.request.id):
            raise Conflict("You are on this request yourself.", hint="Two other officers enter and confirm its decision.")
        outcomes.put(tx.session, OutcomeProposal(part_id=row.part.id, payload=values, entered_by=person.subject, entered_at=now))


def drop(store: Store, public_id: str) -> None:
    """Raises :class:`NotFound`."""
    with store.transaction() as tx:
        outcomes.take(tx.session, _row(tx.session, public_id).part.id)


def confirm(store: Store, sealer: Sealer, person: Person, public_id: str, *, now: datetime) -> None:
    """Raises :class:`NotFound`, and :class:`Conflict` for who entered it."""
    with store.transaction() as tx:
        part: RequestPart = requests.locked_by_public_id(tx.session, public_id)
        _row(tx.session, public_id)
        held = outcomes.take(tx.session, part.id)
        if held is None:
            raise NotFound("This decision was settled a moment ago.")
        if held.entered_by == person.subject:
            raise Conflict("You entered this decision.", hint="Another officer compares it with the letter, and confirms it.")
        command = Command(name="record_outcome", role="triage", actor=held.entered_by, payload={**held.payload, "second_officer": person.subject})
        perform_in(tx.session, sealer, part, command, now)


def _row(session: Session, public_id: str) -> PartRow:
    row = requests.part_by_public_id(session, public_id)
    if row is None or row.part.state != "redirected" or _has_workspace(session, row):
        raise NotFound("No decision is to be recorded here.", hint="A custodian with a workspace records its own.")
    return row


def _has_workspace(session: Session, row: PartRow) -> bool:
    held = (one.role for member in accounts.team(session, row.custodian.slug) for one in member.held) if row.custodian else ()
    return any(role in ("handler", "decider") for role in held)


def _told(session: Session, row: PartRow) -> Awaiting:
    held = outcomes.of_part(session, row.part.id)
    return Awaiting(
        part=row.part.public_id, reference=row.request.reference, custodian=row.custodian.name if row.custodian else None,
        datasets=tuple(row.part.dataset_refs), since=fold(requests.history(session, row.part.id)).since or row.part.created_at,
        entered=held.payload if held else None, entered_by=held.entered_by if held else None,
    )

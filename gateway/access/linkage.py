"""Several custodians of one request: who may know of whom, what is needed together, and what a decision of one means for the others."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from gateway.access import notices
from gateway.access.handlers import write_to_handlers
from gateway.access.parts import LABELS, POSITIVE, UNDECIDED, Event, PartState, State
from gateway.access.telling import SENTENCES
from gateway.errors import Unprocessable
from gateway.models import Request, RequestPart
from gateway.store import drafts, requests
from gateway.store.clocks import Ticking
from gateway.store.drafts import DraftRow
from gateway.store.sealing import Sealer

SATISFIED: Final[frozenset[State]] = frozenset({"approved", "active", "ended"})
NOTES: Final[Mapping[str, str]] = {"dependency.at_risk": "note_risk", "linkage.satisfied": "note_linkage"}
"""Event of the whole request -> the command under which the audit keeps it."""
_LIVE: Final = UNDECIDED | POSITIVE


def choose(session: Session, request: Request, *, discloses: bool, linked: Collection[str]) -> None:
    """What the lead ticked while sending. Raises :class:`Unprocessable` (fields ``discloses``, ``linked``): custodians whose data are needed
    together must know of each other."""
    rows = [row.part for row in drafts.rows_of(session, request.id)]
    together = [part for part in rows if part.public_id in linked or (part.is_linked and part.state != "draft")]
    if len(together) == 1:
        raise Unprocessable("The request was not sent.", fields={"linked": "Choose at least two that are needed together, or none."})
    if together and not discloses:
        raise Unprocessable(
            "The request was not sent.", fields={"discloses": "Custodians whose data are needed together must learn of each other: tick this too."}
        )
    request.discloses = discloses
    for part in rows:
        part.is_linked = part in together


def others(session: Session, request: Request, part: RequestPart) -> tuple[tuple[str, bool], ...]:
    """Names of the request's other custodians and whether their data are needed together with the part's. Empty, whatever there is,
    unless the lead let custodians learn of each other."""
    if not request.discloses:
        return ()
    rows = requests.parts_of(session, request.id)
    return tuple((row.custodian.name, part.is_linked and row.part.is_linked) for row in rows if row.part.id != part.id and row.custodian)


def unapproved(session: Session, part: RequestPart) -> tuple[str, ...]:
    """What a part is needed together with and is not approved: the custodian and where it stands, in words."""
    if not part.is_linked:
        return ()
    return tuple(
        f"{row.custodian.name if row.custodian else 'Custodian not known'} ({LABELS[state]})" for row, state in _linked(session, part.request_id)
        if row.part.id != part.id and state not in SATISFIED
    )


def follow_up(session: Session, sealer: Sealer, part: RequestPart, state: PartState, now: datetime) -> None:
    """After a decision: tell the lead what it puts at risk, and everybody concerned when all that is needed together is approved."""
    request = session.get_one(Request, part.request_id)
    if state.state == "rejected":
        live = [row for row in requests.parts_of(session, request.id) if row.part.id != part.id and row.part.state in _LIVE]
        if live:
            _note(session, sealer, request, "dependency.at_risk", payload={"part": part.public_id}, now=now)
    elif state.state == "approved" and part.is_linked:
        linked = _linked(session, request.id)
        if all(one in SATISFIED for _, one in linked):
            _note(session, sealer, request, "linkage.satisfied", payload={}, now=now)
            for row, _ in linked:
                key = f"linked.{row.part.public_id}.{now.isoformat()}"
                write_to_handlers(session, sealer, Ticking.of(row, request), key=key, sentence=SENTENCES["linkage.satisfied"], now=now)


def _linked(session: Session, request_id: int) -> Sequence[tuple[DraftRow, State]]:
    """Parts that are needed together, sent or not; one that the lead took back is needed no more."""
    found = [(row, requests.state_of(session, row.part.id).state) for row in drafts.rows_of(session, request_id) if row.part.is_linked]
    return [(row, state) for row, state in found if state != "withdrawn"]


def _note(session: Session, sealer: Sealer, request: Request, name: str, *, payload: Mapping[str, Any], now: datetime) -> None:
    """An event of the whole request, which its custodians do not see, and a letter to the lead."""
    version = requests.count_events_of_request(session, request.id) + 1
    event = Event(command=NOTES[name], event=name, version=version, at=now, role="system", actor="gateway", payload=payload)
    session.add(requests.event_row(event, request_id=request.id, part_id=None))
    letter = notices.people_changed(
        sealer, reference=request.reference, key=f"request.{request.reference}.{version}", sentence=SENTENCES[name],
        path=f"/account/requests/{request.reference}", to_address=request.lead["email"], now=now,
    )
    session.add(letter)



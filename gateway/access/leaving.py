"""Somebody who leads requests closes their account: what is under way is withdrawn; open access must be in other hands first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from gateway.access.commands import Command, perform_in
from gateway.access.parts import OPEN
from gateway.accounts.people import Person
from gateway.errors import Conflict
from gateway.models import Request
from gateway.store import Store, requests
from gateway.store.requests import PartRow
from gateway.store.sealing import Sealer

NOBODY: Final = "A custodian that is not known"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftBehind:
    """A request that somebody leads: the custodians that work on it, and those whose data they have access to."""

    reference: str
    title: str
    under_way: tuple[str, ...]
    active: tuple[str, ...]


def left_behind(store: Store, person: Person) -> tuple[LeftBehind, ...]:
    """What would be without a lead, the newest first."""
    with store.reading() as session:
        found = [_told(request, requests.parts_of(session, request.id)) for request in _led(session, person)]
    return tuple(one for one in found if one.under_way or one.active)


def withdraw_all(session: Session, sealer: Sealer, person: Person, *, now: datetime) -> None:
    """Take back what is under way. Raises :class:`Conflict` while the person leads a request with open access."""
    rows = [row for request in _led(session, person) for row in requests.parts_of(session, request.id)]
    active = sorted({row.request.reference for row in rows if row.part.state == "active"})
    if active:
        raise Conflict(
            f"You have access to data by {', '.join(active)}.", hint="Hand the request over to somebody of your team, or end the access, and come back."
        )
    for row in sorted(rows, key=lambda row: row.part.id):
        if row.part.state in OPEN:
            withdraw = Command(name="withdraw", role="lead", actor=person.subject, payload={})
            perform_in(session, sealer, requests.locked_by_public_id(session, row.part.public_id), withdraw, now)


def _led(session: Session, person: Person) -> list[Request]:
    return requests.led_by(session, subject=person.subject, address=person.address)


def _told(request: Request, rows: list[PartRow]) -> LeftBehind:
    def custodians(*states: str) -> tuple[str, ...]:
        return tuple(row.custodian.name if row.custodian else NOBODY for row in rows if row.part.state in states)

    return LeftBehind(
        reference=request.reference, title=str(request.answers.get("project.title") or request.reference), under_way=custodians(*OPEN), active=custodians("active"),
    )

"""To whom a notice about a part goes: the applicant, those who handle it, those above them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from gateway.access.parts import PartState
from gateway.access.timetable import Audience
from gateway.store import accounts, requests
from gateway.store.clocks import Ticking

TRIAGE: Final = "/triage"


@dataclass(frozen=True, slots=True)
class Recipient:
    """``label`` tells the letters of one notice apart; ``path`` is the page to open, None for the applicant's private one."""

    label: str
    address: str
    path: str | None

    @property
    def is_officer(self) -> bool:
        """Whether what has no desk can be read by them, and not only by somebody to whom they give the role."""
        return self.path == TRIAGE


def recipients(session: Session, row: Ticking, state: PartState, audience: Audience) -> tuple[Recipient, ...]:
    """Where nobody holds the role, those above are told instead: handlers, team administrator, triage, gateway administrator."""
    if audience == "applicant":
        return (Recipient("applicant", requests.lead_address(session, row.request.id), None),)
    found: tuple[Recipient, ...] = ()
    if audience == "handlers":
        found = tuple(handlers(session, row, state)) or recipients(session, row, state, "team")
    elif audience == "team":
        found = tuple(holders(session, row, "team_admin")) or recipients(session, row, state, "triage")
    elif audience == "triage":
        found = officers(session)
    elif audience == "administrator":
        found = tuple(_gateway(session, "admin", "/account")) or officers(session)
    return found


def officers(session: Session) -> tuple[Recipient, ...]:
    """Who passes on what has no desk; the gateway's administrators where nobody does."""
    return tuple(_gateway(session, "triage", TRIAGE)) or tuple(_gateway(session, "admin", "/account"))


def handlers(session: Session, row: Ticking, state: PartState) -> Iterator[Recipient]:
    """The one who has it; else all of them; else the mailbox to which the request went."""
    every = list(holders(session, row, "handler"))
    own = [one for one in every if one.label == state.handler]
    if every or row.route is None or row.part.channel != "mailbox":
        yield from own or every
    else:
        yield Recipient("mailbox", row.route.target, None)


def holders(session: Session, row: Ticking, role: str) -> Iterator[Recipient]:
    """Those of the custodian's team that hold the role."""
    return _of_team(session, row, lambda one: any(held.role == role for held in one.held))


def person(session: Session, row: Ticking, subject: str) -> Iterator[Recipient]:
    """Somebody of the custodian's team; nothing once they have left it."""
    return _of_team(session, row, lambda one: one.account.subject == subject)


def _of_team(session: Session, row: Ticking, is_wanted: Callable[[accounts.Listed], bool]) -> Iterator[Recipient]:
    if row.custodian is None:
        return
    for one in accounts.team(session, row.custodian.slug):
        if one.account.address and is_wanted(one):
            yield Recipient(one.account.subject, one.account.address, f"/w/{row.custodian.slug}/requests/{row.part.public_id}")


def _gateway(session: Session, role: str, path: str) -> Iterator[Recipient]:
    for account in accounts.holding(session, role):
        if account.address:
            yield Recipient(account.subject, account.address, path)

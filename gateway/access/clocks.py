"""Whose time it is: a part's events folded into intervals without gap or overlap. Pure: the caller says what time it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal

from gateway.access.machine import fold, folded
from gateway.access.parts import Event, PartState, State
from gateway.access.working_days import LONDON, Calendar, working_days

Owner = Literal["applicant", "custodian", "nobody", "external"]
OWNERS: Final[Mapping[State, tuple[Owner, str]]] = {
    "draft": ("applicant", "draft"), "submitted": ("custodian", "acknowledge"), "redirected": ("external", "own_system"),
    "screening": ("custodian", "screening"), "returned": ("applicant", "answer"), "in_review": ("custodian", "decision"),
    "on_hold": ("nobody", "hold"), "approved_conditionally": ("applicant", "conditions"), "approved": ("custodian", "activation"),
    "active": ("nobody", "access"), "rejected": ("nobody", "reopen"), "closed": ("nobody", "reopen"),
}
"""Whose time a state is, and which clock runs. States that are not here are the end of a part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """``end`` is not part of it. ``reason`` is the clock that ran: acknowledge, screening, decision, answer, …"""

    owner: Owner
    start: datetime
    end: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Whose turn it is, since when, and how many working days that has lasted; ``until`` is the day up to which they were counted."""

    owner: Owner
    reason: str
    since: datetime
    working_days: int
    until: date


def intervals(events: Iterable[Event], *, now: datetime) -> tuple[Interval, ...]:
    """From a part's first event to ``now``, or to its end. What lasted no time leaves no interval."""
    found: list[Interval] = []
    held: tuple[Owner, str] | None = None
    since: datetime | None = None
    is_sent = False
    for event, state in folded(events):
        moment = event.at if since is None else max(event.at, since)
        is_sent = _is_sent(event, is_sent=is_sent)
        _extend(found, held, since, min(moment, now))
        held, since = _owner(state, is_sent=is_sent), moment
    _extend(found, held, since, now)
    return tuple(found)


def turn(events: Iterable[Event], *, calendar: Calendar, now: datetime) -> Turn | None:
    """None once the part is over."""
    history = list(events)
    found = intervals(history, now=now)
    if not found or fold(history).state not in OWNERS:
        return None
    last = found[-1]
    return Turn(owner=last.owner, reason=last.reason, since=last.start, working_days=working_days(last.start, now, calendar), until=now.astimezone(LONDON).date())


def _is_sent(event: Event, *, is_sent: bool) -> bool:
    """Whether the custodian has it: a delivery succeeded, and the part was not passed on since."""
    if event.event in ("delivery.sent", "part.acknowledged", "part.redirected"):
        return True
    return is_sent and event.event != "part.rerouted"


def _owner(state: PartState, *, is_sent: bool) -> tuple[Owner, str] | None:
    if state.state == "submitted" and not is_sent:
        return "nobody", "delivery"
    if state.state == "approved" and state.agreement is not None and "applicant" not in state.signed:
        return "applicant", "activation"
    return OWNERS.get(state.state)


def _extend(found: list[Interval], held: tuple[Owner, str] | None, start: datetime | None, end: datetime) -> None:
    if held is None or start is None or end <= start:
        return
    if found and (found[-1].owner, found[-1].reason, found[-1].end) == (*held, start):
        start = found.pop().start
    found.append(Interval(owner=held[0], reason=held[1], start=start, end=end))

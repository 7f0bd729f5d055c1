"""How many requests there are, what becomes of them, and how long it takes: worked out from events alone. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from gateway.access.clocks import Interval, intervals
from gateway.access.guards import CLOSE_REASONS
from gateway.access.machine import DECISIONS
from gateway.access.parts import Event
from gateway.access.suppression import FEWEST, Sum, shown
from gateway.access.working_days import Calendar, working_days

PERIOD: Final = timedelta(days=365)
OVERALL: Final = ""
"""The scope of everybody; the others are custodians' short names."""
TIMED: Final = ("acknowledgement", "decision", "access")
COUNTED: Final = (
    "submitted", "acknowledged", "decided", "approved", "declined", "withdrawn", "closed", *(f"closed.{reason}" for reason in CLOSE_REASONS), "redirected",
    *(f"timed.{name}" for name in TIMED),
)
"""What is counted; the last three are the parts behind the times."""
STAGES: Final = ("acknowledge", "screening", "decision", "answer", "conditions", "activation")
"""Stages of which a usual length is told."""
Scoped = tuple[str, str]
"""A scope and what is counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Working days by nearest rank. ``median`` and ``ninetieth`` are the custodian's own time; the others run from beginning to end."""

    parts: int
    median: int
    ninetieth: int
    elapsed_median: int
    elapsed_ninetieth: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Of one scope. None is "too few to show"."""

    counts: Mapping[str, int | None]
    times: Mapping[str, Times | None]


@dataclass(frozen=True, slots=True)
class History:
    """A part's events with whose it is."""

    scope: str
    calendar: Calendar
    events: Sequence[Event]


def figures(histories: Iterable[History], *, now: datetime) -> dict[str, Figures]:
    """By scope, over the last twelve months, the whole under :data:`OVERALL`. Small numbers are hidden, also by subtraction."""
    facts = [(one.scope, _facts(one, now)) for one in histories]
    scopes = sorted({scope for scope, _ in facts})
    cells: dict[Scoped, int] = {
        (scope, name): sum(name in found.counted for where, found in facts if scope in (OVERALL, where)) for scope in (OVERALL, *scopes) for name in COUNTED
    }
    told = shown(cells, _sums(scopes))
    return {
        scope: Figures(
            counts={name: told[scope, name] for name in COUNTED},
            times={
                name: _times([found.days[name] for where, found in facts if scope in (OVERALL, where) and name in found.days])
                if told[scope, f"timed.{name}"] is not None else None
                for name in TIMED
            },
        )
        for scope in (OVERALL, *scopes)
    }


def _sums(scopes: Sequence[str]) -> list[Sum[Scoped]]:
    """The total of all custodians for each count; within each scope, outcomes and reasons."""
    across: list[Sum[Scoped]] = [((OVERALL, name), tuple((scope, name) for scope in scopes)) for name in COUNTED] if scopes else []
    within: list[Sum[Scoped]] = []
    for scope in (OVERALL, *scopes):
        within.append(((scope, "decided"), ((scope, "approved"), (scope, "declined"))))
        within.append(((scope, "closed"), tuple((scope, f"closed.{reason}") for reason in CLOSE_REASONS)))
    return across + within


@dataclass(frozen=True, slots=True)
class _Facts:
    """``days`` are the custodian's own and all working days of what was finished in the period."""

    counted: frozenset[str]
    days: Mapping[str, tuple[int, int]]


def _facts(one: History, now: datetime) -> _Facts:
    def first(*names: str) -> Event | None:
        return next((event for event in one.events if event.event in names), None)

    submitted, acknowledged, decided = first("part.submitted"), first("part.acknowledged"), first(*DECISIONS)
    closed, redirected = first("part.closed"), first("part.redirected")
    moments = {
        "submitted": submitted, "acknowledged": acknowledged, "decided": decided, "withdrawn": first("part.withdrawn"), "closed": closed, "redirected": redirected,
    }
    counted = {name for name, event in moments.items() if event is not None and _is_recent(event, now)}
    if decided is not None and "decided" in counted:
        counted.add("declined" if decided.event == "part.rejected" or decided.payload.get("outcome") == "rejected" else "approved")
    if closed is not None and "closed" in counted:
        counted.add(f"closed.{closed.payload['reason']}")
    spans = {} if redirected is not None else {
        "acknowledgement": (submitted, acknowledged), "decision": (submitted, decided),
        "access": (first("part.approved", "conditions.met"), first("access.activated")),
    }
    days = {name: _days(one, start, end) for name, (start, end) in spans.items() if start is not None and end is not None and _is_recent(end, now)}
    return _Facts(frozenset(counted | {f"timed.{name}" for name in days}), days)


def _is_recent(event: Event, now: datetime) -> bool:
    return now - PERIOD <= event.at <= now


def _days(one: History, start: Event, end: Event) -> tuple[int, int]:
    before = [event for event in one.events if event.at <= end.at]
    own = sum(
        working_days(max(found.start, start.at), found.end, one.calendar)
        for found in intervals(before, now=end.at) if found.owner == "custodian" and found.end > start.at
    )
    return own, working_days(start.at, end.at, one.calendar)


def _times(days: Sequence[tuple[int, int]]) -> Times | None:
    if len(days) < FEWEST:
        return None
    own, elapsed = [one for one, _ in days], [one for _, one in days]
    return Times(
        parts=len(days), median=nearest_rank(own, 50), ninetieth=nearest_rank(own, 90), elapsed_median=nearest_rank(elapsed, 50),
        elapsed_ninetieth=nearest_rank(elapsed, 90),
    )


def nearest_rank(values: Sequence[int], percent: int) -> int:
    """The smallest value that at least so many per cent of the values do not exceed."""
    return sorted(values)[math.ceil(len(values) * percent / 100) - 1]


def usual_days(histories: Iterable[History], *, now: datetime) -> dict[str, int]:
    """By stage, the median of the working days that parts spent in it and left within the year; none with fewer than five parts."""
    spent: dict[str, list[int]] = {stage: [] for stage in STAGES}
    for one in histories:
        found = intervals(one.events, now=now)
        for stage in STAGES:
            inside = [span for span in found if span.reason == stage]
            if inside and inside[-1].end < now and now - inside[-1].end <= PERIOD:
                spent[stage].append(sum(_length(span, one.calendar) for span in inside))
    return {stage: nearest_rank(days, 50) for stage, days in spent.items() if len(days) >= FEWEST}


def _length(span: Interval, calendar: Calendar) -> int:
    return working_days(span.start, span.end, calendar)

"""How long decisions take: figures of a custodian's parts, worked out from their events. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from gateway.access.clocks import intervals
from gateway.access.machine import DECISIONS
from gateway.access.parts import Event
from gateway.access.working_days import Calendar, working_days

PERIOD: Final = timedelta(days=365)
FEWEST: Final = 5
"""Parts behind a figure that is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionDays:
    """Working days of the first decisions of a year, by nearest rank. ``median`` and ``ninetieth`` are the custodian's own time,
    ``elapsed_median`` and ``elapsed_ninetieth`` run from the first submission."""

    parts: int
    median: int
    ninetieth: int
    elapsed_median: int
    elapsed_ninetieth: int


def decision_days(histories: Iterable[Sequence[Event]], *, calendar: Calendar, now: datetime) -> DecisionDays | None:
    """None where fewer than five parts were decided within the last twelve months. Parts that went on in the custodian's own
    system are left out."""
    found = [one for events in histories if (one := _days(events, calendar, now)) is not None]
    if len(found) < FEWEST:
        return None
    own, elapsed = [one for one, _ in found], [one for _, one in found]
    return DecisionDays(
        parts=len(found), median=nearest_rank(own, 50), ninetieth=nearest_rank(own, 90), elapsed_median=nearest_rank(elapsed, 50),
        elapsed_ninetieth=nearest_rank(elapsed, 90),
    )


def nearest_rank(values: Sequence[int], percent: int) -> int:
    """The smallest value that at least so many per cent of the values do not exceed."""
    return sorted(values)[math.ceil(len(values) * percent / 100) - 1]


def _days(events: Sequence[Event], calendar: Calendar, now: datetime) -> tuple[int, int] | None:
    decided = next((event.at for event in events if event.event in DECISIONS), None)
    sent = next((event.at for event in events if event.event == "part.submitted"), None)
    is_counted = decided is not None and sent is not None and now - PERIOD <= decided <= now
    if decided is None or sent is None or not is_counted or any(event.event == "part.redirected" for event in events):
        return None
    before = [event for event in events if event.at <= decided]
    own = sum(working_days(one.start, one.end, calendar) for one in intervals(before, now=decided) if one.owner == "custodian")
    return own, working_days(sent, decided, calendar)

"""Working days of the three calendars of the United Kingdom's bank holidays.

A working day belongs to whoever holds the matter at 17:00 in London, so that days can be shared out without one being counted twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Final, Literal
from zoneinfo import ZoneInfo

import holidays

Calendar = Literal["england-and-wales", "scotland", "northern-ireland"]
CALENDARS: Final[dict[Calendar, str]] = {"england-and-wales": "ENG", "scotland": "SCT", "northern-ireland": "NIR"}
PUBLISHED_THROUGH: Final = 2027
"""The last year whose holidays the governments have published; later ones follow the rules and are provisional."""
LONDON: Final = ZoneInfo("Europe/London")
END_OF_DAY: Final = time(17)


def calendar_of(nations: Iterable[str]) -> Calendar:
    """A custodian of one nation keeps its calendar; all others keep that of England and Wales."""
    named = {nation.casefold().replace("-", " ") for nation in nations}
    if named == {"scotland"}:
        return "scotland"
    return "northern-ireland" if named == {"northern ireland"} else "england-and-wales"


def is_working_day(day: date, calendar: Calendar) -> bool:
    return day.weekday() < 5 and day not in _holidays(calendar, day.year)


def is_provisional(day: date) -> bool:
    """Whether the holidays of its year may still change."""
    return day.year > PUBLISHED_THROUGH


def working_days(start: datetime, end: datetime, calendar: Calendar) -> int:
    """Working days whose 17:00 lies at or after ``start`` and before ``end``."""
    day, last = start.astimezone(LONDON).date(), end.astimezone(LONDON).date()
    count = 0
    while day <= last:
        count += is_working_day(day, calendar) and start <= _closing(day) < end
        day += timedelta(days=1)
    return count


def after_working_days(start: datetime, days: int, calendar: Calendar) -> datetime:
    """The midnight in London that ends the last of so many working days from ``start``; ``days`` is at least 1."""
    day = start.astimezone(LONDON).date()
    while True:
        if is_working_day(day, calendar) and _closing(day) >= start:
            days -= 1
        day += timedelta(days=1)
        if days < 1:
            return datetime.combine(day, time(), LONDON).astimezone(UTC)


def _closing(day: date) -> datetime:
    return datetime.combine(day, END_OF_DAY, LONDON).astimezone(UTC)


@cache
def _holidays(calendar: Calendar, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("GB", subdiv=CALENDARS[calendar], years=year))

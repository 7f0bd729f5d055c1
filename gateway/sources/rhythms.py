"""A schedule as people say it: every day at half past four. Pure; what a schedule may be is judged in ``schedule.py``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from gateway.errors import Unprocessable
from gateway.sources.schedule import BY_HAND, NAMED

Every = Literal["hour", "day", "week", "cron", "hand"]
WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_TIME = re.compile(r"([01]?[0-9]|2[0-3])[:.]([0-5][0-9])")
_DAILY = re.compile(r"([0-9]{1,2}) ([0-9]{1,2}) \* \* (\*|[1-7])")


@dataclass(frozen=True, slots=True)
class Rhythm:
    """``time`` counts for days and weeks, ``weekday`` (1 is Monday) for weeks, ``cron`` for schedules of one's own."""

    every: str = "day"
    time: str = "02:00"
    weekday: str = "1"
    cron: str = ""

    def schedule(self) -> str:
        """Raises :class:`Unprocessable` naming the field, by the names of this class."""
        if self.every == "hand":
            return BY_HAND
        if self.every == "cron":
            return " ".join(self.cron.split())
        if self.every not in ("hour", "day", "week"):
            raise Unprocessable("Choose how often it is read.", fields={"every": "Choose how often it is read."})
        text = NAMED["@hourly"] if self.every == "hour" else self._at_time()
        return next((name for name, cron in NAMED.items() if cron == text), text)

    def _at_time(self) -> str:
        found = _TIME.fullmatch(self.time.strip())
        if found is None:
            sentence = "Enter the time as hours and minutes, such as 04:30."
            raise Unprocessable(sentence, fields={"time": sentence})
        if self.every == "week" and self.weekday not in tuple("1234567"):
            raise Unprocessable("Choose the day of the week.", fields={"weekday": "Choose the day of the week."})
        return f"{int(found[2])} {int(found[1])} * * {self.weekday if self.every == 'week' else '*'}"


def rhythm_of(schedule: str) -> Rhythm:
    if schedule == BY_HAND:
        return Rhythm("hand")
    if schedule == "@hourly" or schedule == NAMED["@hourly"]:
        return Rhythm("hour")
    found = _DAILY.fullmatch(NAMED.get(schedule, schedule))
    if found is None:
        return Rhythm("cron", cron=schedule)
    time = f"{int(found[2]):02}:{int(found[1]):02}"
    return Rhythm("day", time) if found[3] == "*" else Rhythm("week", time, found[3])


def said(schedule: str, timezone: str) -> str:
    """``Every Monday at 04:30 (Europe/London)``."""
    rhythm = rhythm_of(schedule)
    if rhythm.every in ("hour", "hand"):
        return {"hour": "Every hour", "hand": "When somebody starts it"}[rhythm.every]
    if rhythm.every == "cron":
        return f"At the times {schedule} ({timezone})"
    often = "day" if rhythm.every == "day" else WEEKDAYS[int(rhythm.weekday) - 1]
    return f"Every {often} at {rhythm.time} ({timezone})"

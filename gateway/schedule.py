"""When a source is due next."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gateway.errors import Unprocessable

SCHEDULES = {"@hourly": timedelta(hours=1), "@daily": timedelta(days=1), "@weekly": timedelta(weeks=1), "manual": None}
NIGHT_HOUR = 2


def check(schedule: str, timezone: str) -> None:
    """Raises :class:`Unprocessable` naming what may be given."""
    if schedule not in SCHEDULES:
        raise Unprocessable(
            f"{schedule!r} is not a schedule.", hint=f"Choose one of {', '.join(SCHEDULES)}.", fields={"schedule": "unknown"}
        )
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError):
        raise Unprocessable(f"{timezone!r} is not a time zone.", hint="For example Europe/London.", fields={"timezone": "unknown"}) from None


def next_due(schedule: str, timezone: str, *, source_slug: str, after: datetime) -> datetime | None:
    """The next due time after ``after`` by local wall time; None for a source that only runs by hand.

    Daily and weekly feeds are read at night. A stable jitter of up to ten minutes keeps feeds from starting together.
    """
    step = SCHEDULES[schedule]
    if step is None:
        return None
    zone = ZoneInfo(timezone)
    local = after.astimezone(zone)
    start = local.replace(minute=0, second=0, microsecond=0)
    if schedule != "@hourly":
        start = start.replace(hour=NIGHT_HOUR)
    if schedule == "@weekly":
        start -= timedelta(days=start.weekday())
    jitter = timedelta(seconds=int.from_bytes(hashlib.sha256(source_slug.encode()).digest()[:4], "big") % 600)
    due = (start + jitter).astimezone(after.tzinfo)
    while due <= after:
        start += step
        due = (start + jitter).astimezone(after.tzinfo)
    return due

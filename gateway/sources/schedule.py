"""When a source is due: cron times on the clock of its zone, made into moments.

Why this exists: local wall time decides, and twice a year it jumps. A time that is skipped in spring counts at the first moment
after the gap; one that occurs twice in autumn counts once, the first time. Every source is late by a constant part of ten
minutes of its own, so that a thousand nightly feeds do not start together.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from gateway.errors import Unprocessable

NAMED = {"@hourly": "0 * * * *", "@daily": "0 2 * * *", "@weekly": "0 2 * * 1"}
"""Daily and weekly feeds are read at night."""
BY_HAND = "manual"
CRON_FIELDS = 5
JITTER_SECONDS = 600
LEAST_PERIOD = timedelta(minutes=5)
LONGEST_PERIOD = timedelta(days=5 * 366)
LOOKED_AT = 500
"""So many times of a schedule are looked at for two that are too close: more than a day of the densest that is allowed."""
LATE = timedelta(minutes=5)
"""A run that starts later than this has missed its time."""
MOST_MISSED = 10_000
AUDIT_EVERY = timedelta(days=7)
SELDOM_AUDITED = {"oai-pmh": timedelta(days=28), "datacite": timedelta(days=28)}
EARLY = timedelta(hours=1)
"""So that every run of a weekly source is an audit, though one started a little sooner than the one before."""


def check(schedule: str, timezone: str) -> None:
    """Raises :class:`Unprocessable` naming what may be given."""
    hint = f"Choose {', '.join(NAMED)}, {BY_HAND}, or five cron fields such as '30 4 * * 1-5' (half past four on weekdays)."
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Unprocessable(f"{timezone!r} is not a time zone.", hint="For example Europe/London.", fields={"timezone": "unknown"}) from None
    if schedule == BY_HAND:
        return
    if schedule not in NAMED and len(schedule.split()) != CRON_FIELDS:
        raise Unprocessable(f"{schedule!r} is not a schedule.", hint=hint, fields={"schedule": "unknown"})
    try:
        times = list(islice(_wall_times(schedule, datetime.now()), LOOKED_AT))  # noqa: DTZ005  # wall time of no zone
    except CronSimError as error:
        raise Unprocessable(f"{schedule!r} is not a schedule: {str(error).lower()}.", hint=hint, fields={"schedule": "unknown"}) from None
    _require_sensible(schedule, times)


def _require_sensible(schedule: str, times: list[datetime]) -> None:
    if not times or times[0] - datetime.now() > LONGEST_PERIOD:  # noqa: DTZ005  # wall time of no zone
        raise Unprocessable(
            f"{schedule!r} comes less than once in five years.", hint="Choose a date that exists.", fields={"schedule": "too seldom"}
        )
    if min((later - earlier for earlier, later in pairwise(times)), default=LEAST_PERIOD) < LEAST_PERIOD:
        raise Unprocessable(
            f"{schedule!r} comes more often than every five minutes.", hint="For example '*/15 * * * *'.", fields={"schedule": "too often"}
        )


def next_due(schedule: str, timezone: str, *, source_slug: str, after: datetime) -> datetime | None:
    """The first due time after ``after``; None for a source that only runs by hand, and for a schedule that has no more."""
    return next(due_times(schedule, timezone, source_slug=source_slug, after=after), None)


def due_times(schedule: str, timezone: str, *, source_slug: str, after: datetime) -> Iterator[datetime]:
    """All due times after ``after``, each later than the one before."""
    if schedule == BY_HAND:
        return
    zone, late_by = ZoneInfo(timezone), jitter(source_slug)
    local = (after - late_by).astimezone(zone).replace(tzinfo=None)
    last = after
    # A wall time that was skipped lies before the moment it counts at, by as much as the clock jumped.
    for wall in _wall_times(schedule, local - timedelta(hours=2)):
        due = _moment(wall, zone) + late_by
        if due > last:
            last = due
            yield due


def missed(schedule: str, timezone: str, *, source_slug: str, due: datetime, now: datetime) -> int:
    """How many due times from ``due`` on went by without a run."""
    if due > now - LATE:
        return 0
    count = 1
    for time in due_times(schedule, timezone, source_slug=source_slug, after=due):
        if time > now - LATE or count >= MOST_MISSED:
            break
        count += 1
    return count


def jitter(source_slug: str) -> timedelta:
    return timedelta(seconds=int.from_bytes(hashlib.sha256(source_slug.encode()).digest()[:4], "big") % JITTER_SECONDS)


def _wall_times(schedule: str, after: datetime) -> Iterator[datetime]:
    """Raises :class:`CronSimError`. Without a zone, so that no rule for clock changes but ours applies."""
    return CronSim(NAMED.get(schedule, schedule), after)


def _moment(wall: datetime, zone: ZoneInfo) -> datetime:
    """The first moment at which clocks of the zone show this time, or the first after it where they never do."""
    first = wall.replace(tzinfo=zone, fold=0)
    if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == wall:
        return first.astimezone(UTC)
    before, after = first.utcoffset(), wall.replace(tzinfo=zone, fold=1).utcoffset()
    assert before is not None
    assert after is not None
    # In a gap fold=0 counts with the offset before the jump and fold=1 with the one after it: between the two lies the jump.
    return _end_of_gap(wall, zone, after - before)


def _end_of_gap(wall: datetime, zone: ZoneInfo, width: timedelta) -> datetime:
    earliest, latest = (wall - width).replace(tzinfo=zone).astimezone(UTC), (wall + width).replace(tzinfo=zone).astimezone(UTC)
    shown_before = earliest.astimezone(zone).utcoffset()
    while latest - earliest > timedelta(seconds=1):
        middle = earliest + (latest - earliest) / 2
        earliest, latest = (middle, latest) if middle.astimezone(zone).utcoffset() == shown_before else (earliest, middle)
    return latest.replace(microsecond=0)


def is_audit_due(kind: str, *, last: datetime, now: datetime) -> bool:
    """Whether every record is to be read again, whatever the listing says of changes (C2). ``last`` is when that was done."""
    return now - last >= SELDOM_AUDITED.get(kind, AUDIT_EVERY) - EARLY

"""Whether the dates of a sitemap say anything about when pages were changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

ALWAYS_NOW = timedelta(hours=12)


def is_trusted(dates: Sequence[str | None], *, now: datetime) -> bool:
    """Not where any is missing or no date, where several pages all bear one date, or where all were changed just now."""
    moments = [moment_of(date) for date in dates]
    known = [moment for moment in moments if moment is not None]
    if not known or len(known) < len(moments):
        return False
    if len(known) == 1:
        return now - known[0] > ALWAYS_NOW
    return min(known) != max(known) and now - min(known) > ALWAYS_NOW


def moment_of(date: str | None) -> datetime | None:
    """A date or a moment in the profile of ISO 8601 that sitemaps use; midnight UTC where no time or zone is given."""
    if date is None or len(date) > 40:
        return None
    text = date.strip()
    text = f"{text}-01-01" if len(text) == 4 else f"{text}-01" if len(text) == 7 else text
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

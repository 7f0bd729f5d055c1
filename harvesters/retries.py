"""When to try again, and after how long."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from harvesters.fetch_policy import FetchPolicy
from harvesters.source import FetchDeferred, SourceError

PAUSES = frozenset({"host-busy", "host-resting"})
RETRIED = frozenset({"timeout", "unreachable", "server-error", "rate-limited", "truncated"})
_TRIES = {"truncated": 2}
LONG_PAUSE_SECONDS = 30.0
"""What a server may ask for without ending the run for now."""
_DAY_SECONDS = 86_400.0


def is_pause(failure: SourceError) -> bool:
    """Whether the whole source is to be left alone for a while and to be gone on with then."""
    wish = failure.retry_after_seconds or 0.0
    return isinstance(failure, FetchDeferred) and (failure.reason in PAUSES or wish > LONG_PAUSE_SECONDS)


def pause_before_retry(
    failure: FetchDeferred, *, tried: int, policy: FetchPolicy, jitter: Callable[[], float]
) -> float | None:
    """Seconds to wait before the next try, ``None`` when there is to be none.

    The server's own wish counts where it is short enough to be obeyed in place; otherwise exponential back-off with full
    jitter (``jitter`` gives a number from 0 to 1).
    """
    if failure.reason not in RETRIED or tried >= min(policy.attempts, _TRIES.get(failure.reason, policy.attempts)):
        return None
    wish = failure.retry_after_seconds
    if wish is not None:
        return wish if wish <= policy.max_wait_in_place_seconds else None
    longest = min(policy.max_backoff_seconds, policy.backoff_seconds * 2.0 ** (tried - 1))
    return jitter() * longest


def wished_pause(headers: Mapping[str, str], *, now: datetime) -> float | None:
    """What ``Retry-After`` (seconds or a date) or ``RateLimit-Reset`` asks for, in seconds, at most a day."""
    for name in ("retry-after", "ratelimit-reset", "x-ratelimit-reset"):
        value = headers.get(name, "").strip()
        seconds = _seconds(value, now) if value else None
        if seconds is not None:
            return min(max(seconds, 0.0), _DAY_SECONDS)
    return None


def _seconds(value: str, now: datetime) -> float | None:
    if value.isascii() and value.isdigit():
        number = int(value[:20])
        is_point_in_time = number > 1_000_000_000
        return number - now.timestamp() if is_point_in_time else float(number)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - now).total_seconds()

"""Takes a place in every window of an action, or says how long to wait.

The counter of this process always counts too. So when Redis is lost it takes over with what this process has seen; nothing opens.
"""

from __future__ import annotations

import hashlib
import math
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeVar

import redis
import structlog

from gateway.errors import TooMany
from gateway.limits.counters import Counter, InProcessCounter, RedisCounter, Window
from gateway.limits.table import LIMITS, Limit

log = structlog.get_logger(__name__)
LEFT_ALONE: Final = timedelta(seconds=10)
"""So long a server that did not answer is not asked again."""
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Place:
    """What was taken; it can be given back."""

    windows: tuple[Window, ...]
    hit: str


class Limiter:
    def __init__(self, shared: RedisCounter | None = None) -> None:
        self._own: Counter = InProcessCounter()
        self._shared = shared
        self._left_alone_until: datetime | None = None

    def take(self, action: str, *, now: datetime, **whom: str) -> Place:
        """Raises :class:`TooMany`. ``whom`` names what the action's limits count by; those that are not named do not count."""
        place, wait = self._try(action, now, whom)
        if wait:
            seconds = max(1, math.ceil(wait))
            raise TooMany(_sentence(action, whom), hint=f"Try again in {_words(seconds)}.", retry_after_seconds=seconds)
        return place

    def has_taken(self, action: str, *, now: datetime, **whom: str) -> bool:
        """The same for what must look alike either way: whether there was room."""
        return not self._try(action, now, whom)[1]

    def give_back(self, place: Place, *, now: datetime) -> None:
        """For what turned out to count for nothing."""
        self._own.give_back(place.windows, hit=place.hit)
        self._with_shared(lambda shared: shared.give_back(place.windows, hit=place.hit), now)

    def forget(self, action: str, *, now: datetime, **whom: str) -> None:
        keys = [window.key for window in _windows(action, whom)]
        self._own.forget(keys)
        self._with_shared(lambda shared: shared.forget(keys), now)

    def close(self) -> None:
        if self._shared is not None:
            self._shared.close()

    def _try(self, action: str, now: datetime, whom: dict[str, str]) -> tuple[Place, float]:
        place, at = Place(_windows(action, whom), secrets.token_hex(8)), now.timestamp()
        wait = self._own.take(place.windows, at=at, hit=place.hit)
        if wait or not place.windows:
            return place, wait
        shared_wait = self._with_shared(lambda shared: shared.take(place.windows, at=at, hit=place.hit), now) or 0.0
        if shared_wait:
            self._own.give_back(place.windows, hit=place.hit)
        return place, shared_wait

    def _with_shared(self, ask: Callable[[RedisCounter], Result], now: datetime) -> Result | None:
        """None where there is no shared counter, or it does not answer."""
        if self._shared is None or (self._left_alone_until is not None and now < self._left_alone_until):
            return None
        try:
            answer = ask(self._shared)
        except redis.RedisError as error:
            self._left_alone_until = now + LEFT_ALONE
            log.warning("limits.counted_in_process", error=str(error)[:200])
            return None
        self._left_alone_until = None
        return answer


def _windows(action: str, whom: dict[str, str]) -> tuple[Window, ...]:
    limits: Sequence[Limit] = LIMITS[action]
    named = {"all": "all", **whom}
    return tuple(
        Window(f"{action}.{limit.by}.{int(limit.within.total_seconds())}.{_hashed(named[limit.by])}", limit.times, limit.within.total_seconds())
        for limit in limits if limit.by in named
    )


def _hashed(text: str) -> str:
    """Counters hold no addresses."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]


def _sentence(action: str, whom: dict[str, str]) -> str:
    limit = next((one for one in LIMITS[action] if one.by == "key" and "key" in whom), None)
    return f"This key may ask {limit.times} times a minute here." if limit else "This was tried too often."


def _words(seconds: int) -> str:
    if seconds < 120:
        return f"{seconds} seconds"
    return f"{-(-seconds // 60)} minutes" if seconds < 7200 else f"{-(-seconds // 3600)} hours"

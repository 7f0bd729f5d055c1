"""Moving windows: every hit of the last so many seconds is kept, so that no burst falls between two fixed windows."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import redis

REMEMBERED: Final = 100_000
"""Keys in this process; the one not hit for longest is forgotten first."""
PREFIX: Final = "gateway:limit:"
PATIENCE_SECONDS: Final = 0.25
TAKE: Final = """
for number, key in ipairs(KEYS) do
  local times, within = tonumber(ARGV[number * 2 + 1]), tonumber(ARGV[number * 2 + 2])
  redis.call('ZREMRANGEBYSCORE', key, '-inf', tonumber(ARGV[1]) - within)
  if redis.call('ZCARD', key) >= times then
    local oldest = redis.call('ZRANGE', key, -times, -times, 'WITHSCORES')
    return tostring(tonumber(oldest[2]) + within - tonumber(ARGV[1]))
  end
end
for number, key in ipairs(KEYS) do
  redis.call('ZADD', key, ARGV[1], ARGV[2] .. ':' .. number)
  redis.call('PEXPIRE', key, math.ceil(tonumber(ARGV[number * 2 + 2]) * 1000))
end
return '0'
"""
"""All windows are looked at before any is hit, in one step that nothing else comes between."""


@dataclass(frozen=True, slots=True)
class Window:
    """At most ``times`` hits of ``key`` within so many seconds."""

    key: str
    times: int
    within_seconds: float


class Counter(Protocol):
    """``at`` is a time in seconds; ``hit`` names this one among others, so that it can be given back."""

    def take(self, windows: Sequence[Window], *, at: float, hit: str) -> float:
        """Hit all windows and answer 0, or hit none and answer the seconds after which there is room."""
        ...

    def give_back(self, windows: Sequence[Window], *, hit: str) -> None: ...

    def forget(self, keys: Sequence[str]) -> None: ...


class InProcessCounter:
    """Each web process counts for itself."""

    def __init__(self) -> None:
        self._hits: OrderedDict[str, list[tuple[float, str]]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, windows: Sequence[Window], *, at: float, hit: str) -> float:
        with self._lock:
            for window in windows:
                recent = [one for one in self._hits.get(window.key, []) if one[0] > at - window.within_seconds]
                if len(recent) >= window.times:
                    return recent[-window.times][0] + window.within_seconds - at
                self._hits[window.key] = recent
            for window in windows:
                self._hits[window.key].append((at, hit))
                self._hits.move_to_end(window.key)
            while len(self._hits) > REMEMBERED:
                self._hits.popitem(last=False)
        return 0.0

    def give_back(self, windows: Sequence[Window], *, hit: str) -> None:
        with self._lock:
            for window in windows:
                self._hits[window.key] = [one for one in self._hits.get(window.key, []) if one[1] != hit]

    def forget(self, keys: Sequence[str]) -> None:
        with self._lock:
            for key in keys:
                self._hits.pop(key, None)


class RedisCounter:
    """All web processes count together. Raises ``redis.RedisError`` where the server does not answer in a quarter of a second."""

    def __init__(self, url: str) -> None:
        self._redis = redis.Redis.from_url(
            url, socket_timeout=PATIENCE_SECONDS, socket_connect_timeout=PATIENCE_SECONDS, decode_responses=True, retry=None
        )
        self._take = self._redis.register_script(TAKE)

    def take(self, windows: Sequence[Window], *, at: float, hit: str) -> float:
        numbers = [number for window in windows for number in (window.times, window.within_seconds)]
        return float(self._take(keys=[PREFIX + window.key for window in windows], args=[repr(at), hit, *numbers]))

    def give_back(self, windows: Sequence[Window], *, hit: str) -> None:
        pipeline = self._redis.pipeline()
        for number, window in enumerate(windows, 1):
            pipeline.zrem(PREFIX + window.key, f"{hit}:{number}")
        pipeline.execute()

    def forget(self, keys: Sequence[str]) -> None:
        self._redis.delete(*(PREFIX + key for key in keys))

    def close(self) -> None:
        self._redis.close()

"""How often one credential may ask: a bucket for each, filled steadily, that holds a burst.

The buckets are in this process. Where several web processes serve, each keeps its own, so that the sum is allowed.
"""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from gateway.errors import TooMany

REMEMBERED = 10_000
"""Credentials; the one not seen for longest is forgotten first, and its bucket is full by then."""


class RateLimit:
    def __init__(self, *, a_second: float = 10.0, burst: int = 50, clock: Callable[[], float] = time.monotonic) -> None:
        self._a_second, self._burst, self._clock = a_second, burst, clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, whose: str) -> None:
        """Raises :class:`TooMany` with the seconds after which the next request will be taken."""
        with self._lock:
            now = self._clock()
            left, since = self._buckets.pop(whose, (float(self._burst), now))
            left = min(self._burst, left + (now - since) * self._a_second)
            is_empty = left < 1
            self._buckets[whose] = (left if is_empty else left - 1, now)
            if len(self._buckets) > REMEMBERED:
                self._buckets.popitem(last=False)
        if is_empty:
            wait = max(1, math.ceil((1 - left) / self._a_second))
            raise TooMany(
                f"This key may make {self._a_second:g} requests a second, and {self._burst} at once.",
                hint="Wait as Retry-After says. Many datasets go in one call: datasets:bulk.", retry_after_seconds=wait,
            )

"""How long answers took: counted in steps of a fifth, so that a run of a million requests keeps some dozens of numbers."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

STEP: Final = 1.2
SLOWEST_KEPT: Final = 5
LONGEST_ADDRESS: Final = 300


class ResponseTimes:
    """``counts`` are answers by their step, which ends at ``STEP ** step`` milliseconds; ``slowest`` the longest time of an address."""

    def __init__(self) -> None:
        self.counts: Counter[int] = Counter()
        self.longest_ms = 0.0
        self.slowest: dict[str, float] = {}

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> ResponseTimes:
        """As :meth:`as_json` told them."""
        found, times = cls(), told.get("response_ms", {})
        found.counts = Counter({int(step): count for step, count in times.get("counts", {}).items()})
        found.longest_ms = times.get("max", 0.0)
        found.slowest = {one["url"]: one["ms"] for one in told.get("slowest", ())}
        return found

    def note(self, address: str, seconds: float) -> None:
        """``address`` without anything secret."""
        milliseconds = seconds * 1000
        self.counts[max(0, math.ceil(math.log(max(milliseconds, 1.0), STEP)))] += 1
        self.longest_ms = max(self.longest_ms, milliseconds)
        self._keep(address[:LONGEST_ADDRESS], milliseconds)

    def add(self, other: ResponseTimes) -> None:
        self.counts.update(other.counts)
        self.longest_ms = max(self.longest_ms, other.longest_ms)
        for address, milliseconds in other.slowest.items():
            self._keep(address, milliseconds)

    def _keep(self, address: str, milliseconds: float) -> None:
        self.slowest[address] = max(milliseconds, self.slowest.get(address, 0.0))
        if len(self.slowest) > SLOWEST_KEPT:
            del self.slowest[min(self.slowest, key=self.slowest.__getitem__)]

    def within(self, share: float) -> float:
        """Milliseconds within which this share of the answers came, at most a fifth too much."""
        wanted = share * self.counts.total()
        for step in sorted(self.counts):
            wanted -= self.counts[step]
            if wanted <= 0:
                return float(min(STEP**step, self.longest_ms))
        return self.longest_ms

    def as_json(self) -> dict[str, Any]:
        """Nothing where nothing was asked."""
        if not self.counts:
            return {}
        counts = {str(step): self.counts[step] for step in sorted(self.counts)}
        slowest = sorted(self.slowest.items(), key=lambda one: -one[1])
        return {
            "response_ms": {"p50": round(self.within(0.5), 1), "p95": round(self.within(0.95), 1), "max": round(self.longest_ms, 1), "counts": counts},
            "slowest": [{"url": address, "ms": round(milliseconds, 1)} for address, milliseconds in slowest],
        }

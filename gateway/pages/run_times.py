"""Where the time of a run went, as its page tells it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from frontend.views.sources import TimeSpent
from gateway.models import Run

STAGES: Final = {
    "list": "Reading the listing", "fetch": "Fetching records", "translate": "Reading and translating them", "validate": "Checking them",
    "write": "Writing to the catalogue", "index": "Writing to the search index, after the run",
}
WAITS: Final = {
    "waited_seconds": "Pauses between requests", "dns_seconds": "Finding names", "connect_seconds": "Connecting", "first_byte_seconds": "Until answers began",
    "body_seconds": "Receiving answers",
}
ANSWERS: Final = {"p50": "Half of the answers came within", "p95": "19 of 20 came within", "max": "The slowest took"}
ODD: Final = {"not_modified": "Answered as not changed", "retries": "Tried again", "rate_limited": "Refused as too many"}


def time_spent(row: Run) -> TimeSpent | None:
    """None where nothing was timed, as in runs of earlier versions."""
    stages = tuple((name, row.timings_ms[stage] / 1000) for stage, name in STAGES.items() if stage in row.timings_ms)
    if not stages:
        return None
    http: Mapping[str, Any] = row.http if row.http.get("requests") else {}
    times = http.get("response_ms", {})
    return TimeSpent(
        stages=stages, waits=tuple((name, http[key]) for key, name in WAITS.items() if http.get(key)),
        answers=tuple((name, times[key] / 1000) for key, name in ANSWERS.items() if key in times),
        slowest=tuple((one["url"], one["ms"] / 1000) for one in http.get("slowest", ())), decoded_bytes=http.get("decoded_bytes"),
        odd_requests=tuple((name, http[key]) for key, name in ODD.items() if http.get(key)),
    )

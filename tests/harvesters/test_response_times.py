"""How long answers took is told to a fifth, whatever their number, and added up over the attempts at a run."""

from __future__ import annotations

import json
import math

from hypothesis import given
from hypothesis import strategies as some

from harvesters.fetched import FetchStatistics, merged
from harvesters.response_times import LONGEST_ADDRESS, SLOWEST_KEPT, STEP, ResponseTimes

seconds = some.lists(some.floats(0.001, 600), min_size=1, max_size=200)


@given(seconds)
def test_percentiles_are_at_most_a_fifth_too_much(taken: list[float]) -> None:
    times = ResponseTimes()
    for one in taken:
        times.note("https://a.example/x", one)
    for share in (0.5, 0.95):
        true = sorted(taken)[math.ceil(share * len(taken)) - 1] * 1000
        assert true * 0.999 <= times.within(share) <= true * STEP * 1.001
    assert times.as_json()["response_ms"]["max"] == round(max(taken) * 1000, 1)


@given(seconds, seconds)
def test_two_attempts_are_told_as_one(first: list[float], second: list[float]) -> None:
    def told(*parts: list[float]) -> dict[str, object]:
        statistics = FetchStatistics()
        for one in (one for part in parts for one in part):
            statistics.add(requests=1)
            statistics.answered(f"https://a.example/{one}", one)
        return statistics.as_json()

    both = merged(json.loads(json.dumps(told(first))), told(second))
    whole = told(first, second)
    assert (both["requests"], both["response_ms"]["counts"]) == (whole["requests"], whole["response_ms"]["counts"])  # type: ignore[index]  # as it is told
    assert {one["url"] for one in both["slowest"]} == {one["url"] for one in whole["slowest"]}  # type: ignore[attr-defined]  # as above


def test_the_slowest_are_five_addresses_each_with_its_longest_time() -> None:
    times = ResponseTimes()
    for number in range(9):
        times.note(f"https://a.example/{number}", number / 10)
        times.note("https://a.example/8", 0.2)
    times.note("https://a.example/" + "x" * 1000, 9)
    slowest = times.as_json()["slowest"]
    assert len(slowest) == SLOWEST_KEPT
    assert [one["ms"] for one in slowest] == [9000, 800, 700, 600, 500]
    assert len(slowest[0]["url"]) == LONGEST_ADDRESS


def test_nothing_is_told_of_a_run_without_requests() -> None:
    assert merged({}, {}) == {}
    assert "response_ms" not in FetchStatistics().as_json()

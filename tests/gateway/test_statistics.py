"""How long decisions take, and when that is said."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.access.parts import Event
from gateway.access.statistics import decision_days, nearest_rank
from tests.gateway.test_clocks import START, history

NOW = START + timedelta(days=300)


def decided(days: int, pause: int = 0) -> list[Event]:
    return history(
        ("submit", 0), ("record_sent", 0), ("acknowledge", 0), ("accept_for_review", 0), ("hold", 0), ("release", 24 * pause), ("approve_conditionally", 24 * days),
    )


def test_a28_the_median_is_that_of_the_custodians_own_working_days() -> None:
    found = decision_days([decided(weeks * 7, pause=14) for weeks in (1, 2, 3, 4, 9, 20)], calendar="scotland", now=NOW)
    assert found is not None
    assert (found.parts, found.median, found.ninetieth) == (6, 15, 96)
    assert found.elapsed_median == found.median + 9, "27 March to 9 April less Good Friday"


def test_a28_fewer_than_five_decisions_of_a_year_are_not_told() -> None:
    four = [decided(7)] * 4
    open_one, redirected = history(("submit", 0)), [*decided(7), *history(("submit", 0), ("redirect", 0))[1:]]
    assert decision_days([*four, open_one, redirected], calendar="scotland", now=NOW) is None
    assert decision_days([*four, decided(7)], calendar="scotland", now=NOW) is not None
    assert decision_days([*four, decided(7)], calendar="scotland", now=NOW + timedelta(days=365)) is None


@pytest.mark.parametrize(("values", "percent", "found"), [([5], 50, 5), ([1, 2], 50, 1), ([3, 1, 2], 50, 2), (list(range(1, 11)), 90, 9), (list(range(1, 12)), 90, 10)])
def test_a28_ranks_are_the_nearest(values: list[int], percent: int, found: int) -> None:
    assert nearest_rank(values, percent) == found

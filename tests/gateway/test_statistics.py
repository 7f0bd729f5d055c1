"""How many requests, what became of them, how long it takes; and what is not told because too few are behind it."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.access.clocks import intervals
from gateway.access.parts import Event
from gateway.access.statistics import (
    COUNTED,
    OVERALL,
    PERIOD,
    TIMED,
    Figures,
    History,
    figures,
    nearest_rank,
    usual_days,
)
from gateway.access.suppression import FEWEST, determined, shown
from gateway.access.working_days import Calendar, working_days
from tests.gateway.test_clocks import START, history
from tests.gateway.test_reminders import happened

NOW = START + timedelta(days=300)
REVIEWED = (("submit", 0), ("record_sent", 0), ("acknowledge", 0), ("accept_for_review", 0))


def decided(days: int, pause: int = 0) -> list[Event]:
    return history(*REVIEWED, ("hold", 0), ("release", 24 * pause), ("approve_conditionally", 24 * days))


def all_of(*events: list[Event], scope: str = "alpha", calendar: Calendar = "scotland") -> list[History]:
    return [History(scope, calendar, one) for one in events]


def of(found: dict[str, Figures], scope: str = "alpha") -> Figures:
    return found[scope]


def test_A28_the_median_is_that_of_the_custodians_own_working_days() -> None:
    found = of(figures(all_of(*[decided(weeks * 7, pause=14) for weeks in (1, 2, 3, 4, 9, 20)]), now=NOW)).times["decision"]
    assert found is not None
    assert (found.parts, found.median, found.ninetieth) == (6, 15, 96)
    assert found.elapsed_median == found.median + 9, "27 March to 9 April less Good Friday"


def test_A28_fewer_than_five_decisions_of_a_year_are_not_told() -> None:
    four = [decided(7)] * 4
    open_one, redirected = history(("submit", 0)), [*decided(7), *history(("submit", 0), ("redirect", 0))[1:]]
    assert of(figures(all_of(*four, open_one, redirected), now=NOW)).times["decision"] is None
    assert of(figures(all_of(*four, decided(7)), now=NOW)).times["decision"] is not None
    assert of(figures(all_of(*four, decided(7)), now=NOW + timedelta(days=365))).times["decision"] is None


def test_A28_reopened_parts_count_once_and_reported_outcomes_not_at_all() -> None:
    sent = (("submit", 0), ("record_sent", 0), ("acknowledge", 0, {"delivery": "d"}), ("accept_for_review", 0))
    reopened = happened(*sent, ("reject", 1), ("reopen", 1, {"to": "screening"}), ("accept_for_review", 1), ("approve", 1), start=START)
    reported = happened(("submit", 0), ("redirect", 0), ("report_outcome", 1, {"outcome": "approved"}), start=START)
    both = [reopened] * 6, [happened(*sent, ("approve", 1), start=START)] * 7
    found = of(figures(all_of(*both[0], *both[1], *[reported] * 5), now=NOW)).counts
    assert (found["decided"], found["declined"], found["approved"], found["redirected"]) == (13, 6, 7, 5)
    assert found["timed.decision"] == 13
    assert found["submitted"] == 18


@pytest.mark.parametrize(("values", "percent", "found"), [([5], 50, 5), ([1, 2], 50, 1), ([3, 1, 2], 50, 2), (list(range(1, 11)), 90, 9), (list(range(1, 12)), 90, 10)])
def test_A28_ranks_are_the_nearest(values: list[int], percent: int, found: int) -> None:
    assert nearest_rank(values, percent) == found


STEP = st.tuples(st.sampled_from(["acknowledge", "accept_for_review", "hold", "release", "return", "resubmit"]), st.integers(0, 400))
END = st.sampled_from(["approve_conditionally", "reject", "withdraw", "close", "approve"])
PARTS = st.lists(
    st.tuples(st.sampled_from(["alpha", "beta", "gamma"]), st.lists(STEP, max_size=5), END, st.integers(0, 2000)), max_size=45,
)


def lived(steps: list[tuple[str, int]], end: str, hours: int) -> list[Event]:
    needs = {"acknowledge": {"delivery": "d"}, "hold": {"reason": "fee"}, "release": {"to": "in_review"}, "close": {"reason": "duplicate"}}
    done = [(name, length / 24, needs.get(name, {})) for name, length in (("submit", 0), ("record_sent", 0), *steps, (end, hours))]
    return happened(*done, start=START)


@settings(max_examples=60, deadline=None)
@given(PARTS)
def test_A28_figures_equal_a_recomputation_and_nothing_small_can_be_worked_out(parts: list[tuple[str, list[tuple[str, int]], str, int]]) -> None:
    histories = [
        History(scope, "england-and-wales", lived(steps, end, hours)) for scope, steps, end, hours in parts
    ]
    found = figures(histories, now=NOW)
    recounted = Counter[tuple[str, str]]()
    for one in histories:
        ends = [event for event in one.events if event.event.startswith(("part.approved", "part.rejected"))]
        if ends and NOW - PERIOD <= ends[0].at <= NOW:
            for scope in (one.scope, OVERALL):
                recounted[scope, "decided"] += 1
                recounted[scope, "declined" if ends[0].event == "part.rejected" else "approved"] += 1
    for scope, told in found.items():
        for name in ("decided", "approved", "declined"):
            assert told.counts[name] in (None, recounted[scope, name])
            assert told.counts[name] is None or recounted[scope, name] >= FEWEST
        for kind in TIMED:
            if told.times[kind] is not None:
                assert told.counts[f"timed.{kind}"] == told.times[kind].parts >= FEWEST  # type: ignore[union-attr]
        mine = [one for one in histories if scope in (OVERALL, one.scope)]
        if (times := told.times["decision"]) is not None:
            elapsed = sorted(
                working_days(one.events[0].at, end.at, one.calendar)
                for one in mine if (end := next((event for event in one.events if event.event.startswith(("part.approved", "part.rejected"))), None)) and end.at <= NOW
            )
            assert times.elapsed_median == nearest_rank(elapsed, 50)
            own = [
                sum(working_days(span.start, span.end, one.calendar) for span in intervals(one.events, now=end.at) if span.owner == "custodian")
                for one in mine if (end := next((event for event in one.events if event.event.startswith(("part.approved", "part.rejected"))), None)) and end.at <= NOW
            ]
            assert times.median == nearest_rank(own, 50)
    assert set(found) - {OVERALL} == {scope for scope, *_ in parts}
    assert all(set(one.counts) == set(COUNTED) for one in found.values())


TABLES = st.integers(1, 5).flatmap(lambda columns: st.lists(st.lists(st.integers(0, 12), min_size=columns, max_size=columns), min_size=1, max_size=6))


@settings(max_examples=300, deadline=None)
@given(TABLES)
def test_A28_no_hidden_cell_follows_from_totals(table: list[list[int]]) -> None:
    """An attacker who knows every sum and everything that is told solves the equations; no hidden cell comes out."""
    rows, columns = range(len(table)), range(len(table[0]))
    cells = {(r, c): table[r][c] for r in rows for c in columns}
    cells |= {(r, -1): sum(table[r]) for r in rows} | {(-1, c): sum(table[r][c] for r in rows) for c in columns} | {(-1, -1): sum(map(sum, table))}
    sums = [((r, -1), tuple((r, c) for c in columns)) for r in (*rows, -1)] + [((-1, c), tuple((r, c) for r in rows)) for c in (*columns, -1)]
    told = shown(cells, sums)
    hidden = {cell for cell, value in told.items() if value is None}
    assert {cell for cell, value in cells.items() if value < FEWEST} <= hidden
    assert determined(hidden, sums) == set()
    for total, addends in sums:
        covered = [cells[cell] for cell in addends if cell in hidden]
        if total not in hidden and covered:
            assert sum(covered) >= FEWEST
            assert len(covered) > 1
    if all(value >= FEWEST for value in cells.values()):
        assert hidden == set(), "nothing is hidden without need"


def test_the_usual_length_of_a_stage_needs_five_parts() -> None:
    screened = [history(("submit", 0), ("record_sent", 0), ("acknowledge", 0), ("accept_for_review", 24 * days)) for days in (3, 7, 7, 14, 21)]
    assert usual_days(all_of(*screened), now=NOW)["screening"] == 5
    assert "screening" not in usual_days(all_of(*screened[1:]), now=NOW)
    assert "decision" not in usual_days(all_of(*screened), now=NOW), "nobody has left it yet"

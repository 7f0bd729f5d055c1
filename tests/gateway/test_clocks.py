"""Whose time it is, and how working days are counted."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.access.clock_words import counted_day, deadlines, sentence
from gateway.access.clocks import intervals, turn
from gateway.access.machine import fold
from gateway.access.parts import Event
from gateway.access.reminders import Reminder
from gateway.access.timetable import Running, clocks
from gateway.access.transitions import ROWS
from gateway.access.working_days import (
    CALENDARS,
    Calendar,
    after_working_days,
    calendar_of,
    is_provisional,
    is_working_day,
    working_days,
)
from gateway.pages.turns import turn_words

START = datetime(2026, 3, 27, 12, tzinfo=UTC)
"""The Friday before clocks go forward."""
STEPS = ("submit", "record_sent", "acknowledge", "return", "resubmit", "accept_for_review", "hold", "release", "approve_conditionally", "withdraw")
TARGETS = {"release": "in_review"}


def event(command: str, version: int, at: datetime) -> Event:
    row = ROWS[command]
    payload = {"reason": "fee", "conditions": [], "delivery": "d", **({"to": TARGETS[command]} if row.chosen else {})}
    return Event(command=command, event=row.event, version=version, at=at, role="system", actor="x", payload=payload)


def history(*steps: tuple[str, int]) -> list[Event]:
    """Commands with the hours since the one before."""
    at, events = START, []
    for number, (command, hours) in enumerate(steps, 1):
        at += timedelta(hours=hours)
        events.append(event(command, number, at))
    return events


@given(st.lists(st.tuples(st.sampled_from(STEPS[:-1]), st.integers(0, 2000)), min_size=1, max_size=15), st.integers(0, 5000))
@settings(max_examples=150, deadline=None)
def test_a25_intervals_cover_the_life_of_a_part_without_gap_or_overlap(steps: list[tuple[str, int]], later: int) -> None:
    events = history(*steps)
    now = events[-1].at + timedelta(hours=later)
    found = intervals(events, now=now)
    assert all(before.end == after.start for before, after in pairwise(found))
    assert sum((one.end - one.start for one in found), timedelta()) == now - events[0].at
    assert all((one.owner, one.reason) != (two.owner, two.reason) for one, two in pairwise(found))
    for calendar in CALENDARS:
        assert sum(working_days(one.start, one.end, calendar) for one in found) == working_days(events[0].at, now, calendar)


def test_a25_an_hour_that_the_clocks_skip_is_not_counted() -> None:
    found = intervals(history(("submit", 0), ("record_sent", 0), ("acknowledge", 72), ("withdraw", 24)), now=START + timedelta(days=400))
    assert [(one.owner, one.reason, one.end - one.start) for one in found] == [
        ("custodian", "acknowledge", timedelta(hours=72)), ("custodian", "screening", timedelta(hours=24)),
    ]


def test_time_of_delivery_pause_and_answer_is_not_the_custodians() -> None:
    events = history(
        ("submit", 0), ("record_sent", 5), ("acknowledge", 48), ("return", 24), ("resubmit", 240), ("accept_for_review", 24), ("hold", 24), ("release", 100),
    )
    found = intervals(events, now=events[-1].at + timedelta(hours=3))
    assert [(one.owner, one.reason) for one in found] == [
        ("nobody", "delivery"), ("custodian", "acknowledge"), ("custodian", "screening"), ("applicant", "answer"), ("custodian", "screening"),
        ("custodian", "decision"), ("nobody", "hold"), ("custodian", "decision"),
    ]
    assert fold(events).state == "in_review"


def test_the_turn_says_whose_since_when_and_how_many_working_days() -> None:
    events = history(("submit", 0), ("record_sent", 0))
    found = turn(events, calendar="england-and-wales", now=datetime(2026, 4, 8, 12, tzinfo=UTC))
    assert found is not None
    assert (found.owner, found.since, found.working_days) == ("custodian", START, 6)
    assert turn([*events, event("withdraw", 3, START + timedelta(days=1))], calendar="scotland", now=START + timedelta(days=2)) is None


@pytest.mark.parametrize(
    ("day", "off"),
    [
        (date(2026, 1, 2), {"scotland"}), (date(2026, 11, 30), {"scotland"}), (date(2026, 3, 17), {"northern-ireland"}),
        (date(2026, 7, 13), {"northern-ireland"}), (date(2027, 7, 12), {"northern-ireland"}), (date(2026, 4, 6), {"england-and-wales", "northern-ireland"}),
        (date(2027, 1, 4), {"scotland"}), (date(2026, 12, 28), set(CALENDARS)), (date(2027, 12, 27), set(CALENDARS)), (date(2026, 4, 3), set(CALENDARS)),
        (date(2026, 6, 10), set()), (date(2026, 6, 13), set(CALENDARS)),
    ],
)
def test_a26_each_calendar_has_its_own_holidays(day: date, off: set[Calendar]) -> None:
    assert {calendar for calendar in CALENDARS if not is_working_day(day, calendar)} == off


def test_a26_the_same_time_is_counted_differently_under_three_calendars() -> None:
    start, end = datetime(2026, 3, 16, 9, tzinfo=UTC), datetime(2026, 4, 8, 9, tzinfo=UTC)
    assert {calendar: working_days(start, end, calendar) for calendar in CALENDARS} == {"england-and-wales": 15, "scotland": 16, "northern-ireland": 14}
    assert is_provisional(date(2031, 1, 1))
    assert not is_provisional(date(2027, 12, 31))


def told(at: datetime, *steps: tuple[str, int]) -> tuple[str, ...]:
    """The deadlines of a part that was sent then, in words."""
    past = [event(command, number, at + timedelta(hours=hours)) for number, (command, hours) in enumerate(steps, 1)]
    return deadlines(clocks(past, Running(), now=at + timedelta(days=1)))


@pytest.mark.parametrize("steps", [(("submit", 0), ("record_sent", 0)), (("submit", 0), ("record_sent", 0), ("acknowledge", 1))])
def test_a26_a_date_in_a_year_without_published_holidays_says_that_it_is_provisional(steps: tuple[tuple[str, int], ...]) -> None:
    why = " (provisional: the bank holidays of 2028 are not published yet)"
    (deadline,) = told(datetime(2027, 12, 24, 9, tzinfo=UTC), *steps)
    assert why in deadline
    assert deadline.endswith(f"{why}.")
    (deadline,) = told(datetime(2026, 12, 23, 9, tzinfo=UTC), *steps)
    assert "provisional" not in deadline


def test_the_last_day_in_time_is_a_day_in_london() -> None:
    assert counted_day(after_working_days(datetime(2026, 7, 1, 9, tzinfo=UTC), 1, "england-and-wales")) == "1 July 2026"
    assert counted_day(after_working_days(datetime(2026, 12, 1, 9, tzinfo=UTC), 1, "england-and-wales")) == "1 December 2026"


def test_a26_reminders_and_turns_say_that_they_are_provisional() -> None:
    at = datetime(2028, 1, 4, tzinfo=UTC)
    late = Reminder(key="k", clock="screening", step="late", to=("handlers",), due=at)
    assert "by 3 January 2028 (provisional: the bank holidays of 2028 are not published yet)" in sentence(late)
    by_days = Reminder(key="k", clock="answer", step="late", to=("applicant",), due=at)
    assert "by 3 January 2028 the request" in sentence(by_days), "sixty days are sixty days, whatever the holidays"
    past = history(("submit", 0), ("record_sent", 0))
    far = datetime(2028, 2, 1, tzinfo=UTC)
    for now, is_marked in ((START + timedelta(days=3), False), (far, True)):
        words = turn_words(turn(past, calendar="scotland", now=now), side="applicant", usual=4)
        assert words is not None
        assert ("so far (provisional: the bank holidays of 2028" in words) is is_marked


def test_a_deadline_ends_at_midnight_in_london() -> None:
    assert after_working_days(START, 1, "scotland") == datetime(2026, 3, 28, 0, tzinfo=UTC)
    assert after_working_days(START, 2, "scotland") == datetime(2026, 3, 30, 23, tzinfo=UTC)
    assert after_working_days(START + timedelta(hours=6), 1, "scotland") == datetime(2026, 3, 30, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("nations", "calendar"),
    [(["Scotland"], "scotland"), (["Northern Ireland"], "northern-ireland"), (["England", "Scotland"], "england-and-wales"), ([], "england-and-wales")],
)
def test_a_custodian_keeps_the_calendar_of_its_nation(nations: list[str], calendar: Calendar) -> None:
    assert calendar_of(nations) == calendar

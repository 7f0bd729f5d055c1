"""Questions in the published statistics: counted by custodian and for all, and never a small number."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.access.statistics import OVERALL, PERIOD
from gateway.access.suppression import FEWEST
from gateway.enquiries.statistics import COUNTED, Asked, question_figures

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


def asked(scope: str = "alpha", *, kind: str = "general", state: str = "with_custodian", days_ago: int = 3, close_reason: str | None = None, is_answered: bool = False) -> Asked:
    return Asked(
        scope=scope, kind=kind, at=NOW - timedelta(days=days_ago), state=state, close_reason=close_reason, is_acknowledged=is_answered, is_answered=is_answered,
    )


def test_questions_of_a_year_are_counted_by_what_became_of_them() -> None:
    rows = [asked(is_answered=True, state="answered")] * 6 + [asked(is_answered=True, state="converted")] * 5 + [asked(state="closed", close_reason="no_answer")] * 5
    rows += [asked(days_ago=PERIOD.days + 1)] * 9 + [asked(state="closed", close_reason="spam")] * 9
    told = question_figures(rows, now=NOW)[OVERALL]
    assert (told["asked"], told["answered"], told["acknowledged"], told["converted"], told["closed"]) == (16, 11, 11, 5, 5)


def test_A28_small_numbers_of_questions_are_hidden_also_by_subtraction() -> None:
    told = question_figures([asked()] * 8 + [asked("beta")] * 3, now=NOW)
    assert told["beta"]["asked"] is None
    assert told["alpha"]["asked"] is None or told[OVERALL]["asked"] is None, "eleven less eight would be three"
    kinds = question_figures([asked()] * 9 + [asked(kind="feasibility")] * 2, now=NOW)[OVERALL]
    assert kinds["feasibility"] is None
    assert kinds["general"] is None or kinds["asked"] is None
    assert question_figures([], now=NOW)[OVERALL] == dict.fromkeys(COUNTED)


@given(st.lists(st.builds(
    asked, st.sampled_from(["alpha", "beta", "gamma"]), kind=st.sampled_from(["general", "feasibility"]), is_answered=st.booleans(),
    state=st.sampled_from(["with_custodian", "answered", "converted", "closed"]),
), max_size=60))
@settings(max_examples=60, deadline=None)
def test_A28_no_hidden_number_of_questions_follows_from_what_is_told(rows: list[Asked]) -> None:
    told = question_figures(rows, now=NOW)
    scopes = [scope for scope in told if scope != OVERALL]
    for name in COUNTED:
        for scope, figures in told.items():
            true = sum(name in one.counted() for one in rows if scope in (OVERALL, one.scope))
            assert figures[name] in (None, true)
            assert figures[name] is None or true >= FEWEST
        if told[OVERALL][name] is not None and scopes:
            assert sum(told[scope][name] is None for scope in scopes) != 1

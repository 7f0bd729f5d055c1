"""What may be taken for gone, and what an outcome changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from harvesters.pipeline import Outcome, OutcomeKind
from harvesters.plan import RemovalVerdict, change, removals
from harvesters.source import HeldRecord

NOW = datetime(2024, 5, 1, tzinfo=UTC)
IDS = [f"d{number}" for number in range(60)]


def judge(live: set[str], seen: set[str], **options: object) -> RemovalVerdict:
    settings: dict[str, object] = {"complete": True, "why_incomplete": None, "already_missing": {}, "now": NOW}
    return removals(live=live, seen=seen, **(settings | options))  # type: ignore[arg-type]


def test_nothing_is_missing_when_all_was_seen() -> None:
    assert judge({"a", "b"}, {"a", "b", "c"}) == RemovalVerdict()


def test_an_incomplete_pass_removes_nothing_and_says_why() -> None:
    verdict = judge({"a", "b"}, {"a"}, complete=False, why_incomplete="paging-ignored")
    assert (verdict.missing, verdict.removed, verdict.held) == (frozenset(), frozenset(), frozenset())
    assert "not read to its end" in verdict.why
    assert "first one" in verdict.why


@pytest.mark.parametrize("live", [1, 3, 60])
def test_an_empty_listing_is_always_held(live: int) -> None:
    verdict = judge(set(IDS[:live]), set())
    assert verdict.held == set(IDS[:live])
    assert not verdict.missing | verdict.removed
    assert "no dataset" in verdict.why


def test_s1_a_listing_of_nothing_but_deletions_is_held_where_it_leaves_out_a_live_record() -> None:
    verdict = judge(set(IDS[:5]), set(), deleted={IDS[0]})
    assert (verdict.held, verdict.reason) == (set(IDS[:5]), "empty-listing")
    assert not verdict.missing | verdict.removed
    assert judge(set(IDS[:3]), set(), deleted=set(IDS[:3])).removed == set(IDS[:3]), "each of them was deleted by name"


def test_an_empty_source_with_nothing_live_is_fine() -> None:
    assert judge(set(), set()) == RemovalVerdict()


@pytest.mark.parametrize(("live", "absent", "is_held"), [(60, 5, False), (60, 6, False), (60, 7, True), (20, 5, False), (20, 6, True), (6, 5, False)])
def test_more_than_five_and_a_tenth_are_held(live: int, absent: int, is_held: bool) -> None:
    verdict = judge(set(IDS[:live]), set(IDS[absent:live]))
    assert (verdict.held if is_held else verdict.missing) == set(IDS[:absent])
    assert bool(verdict.held) is is_held
    assert ("10%" in verdict.why) is is_held


def test_eleven_of_a_hundred_are_held() -> None:
    hundred = {str(number) for number in range(100)}
    assert len(judge(hundred, hundred - {str(number) for number in range(11)}).held) == 11


@pytest.mark.parametrize(("passes", "days", "is_removed"), [(1, 30, False), (2, 6.9, False), (2, 7, True), (5, 1, False), (9, 90, True)])
def test_s4_a_missing_record_goes_after_two_further_passes_and_seven_days(passes: int, days: float, is_removed: bool) -> None:
    verdict = judge({"a", "b"}, {"b"}, already_missing={"a": (passes, NOW - timedelta(days=days))})
    assert verdict.removed == ({"a"} if is_removed else set())
    assert verdict.missing == (set() if is_removed else {"a"})
    assert verdict.why


def test_s3_s4_announced_deletions_skip_the_grace_but_not_the_threshold() -> None:
    assert judge({"a", "b"}, {"a", "b"}, deleted={"a"}).removed == {"a"}
    assert judge({"a"}, set(), deleted={"a"}).removed == {"a"}
    assert judge({"a", "b"}, {"a"}, complete=False, deleted={"a"}).removed == {"a"}
    verdict = judge(set(IDS), set(IDS), deleted=set(IDS[:7]))
    assert (verdict.held, verdict.removed) == (set(IDS[:7]), frozenset())


ids = some.sets(some.sampled_from(IDS))


@given(
    live=ids, seen=ids, deleted=ids, complete=some.booleans(),
    missed=some.dictionaries(some.sampled_from(IDS), some.tuples(some.integers(1, 9), some.integers(0, 30))),
)
def test_removals_keep_the_safety_rules(
    live: set[str], seen: set[str], deleted: set[str], complete: bool, missed: dict[str, tuple[int, int]]
) -> None:
    already = {key: (passes, NOW - timedelta(days=days)) for key, (passes, days) in missed.items()}
    verdict = judge(live, seen, complete=complete, deleted=deleted, already_missing=already)
    touched = verdict.missing | verdict.removed | verdict.held
    assert touched <= live
    assert not (touched & seen) - deleted
    assert len(touched) == len(verdict.missing) + len(verdict.removed) + len(verdict.held)
    assert not (verdict.held and verdict.missing | verdict.removed)
    if not complete:
        assert touched <= deleted
    if complete and not verdict.held:
        assert touched == live & (deleted | (live - seen))
    going = len(verdict.missing | verdict.removed)
    assert going <= 5 or going <= len(live) / 10
    assert all(already[gone][0] >= 2 and already[gone][1] <= NOW - timedelta(days=7) for gone in verdict.removed - deleted)
    assert bool(verdict.why) or (not touched and complete)
    if complete and not seen and live - deleted:
        assert verdict.held == live


def held(state: str, **facts: object) -> HeldRecord:
    known: dict[str, object] = {"content_hash": "h", "refused_hash": None, "hint": None, "modified": None}
    return HeldRecord("a", state, **(known | facts))  # type: ignore[arg-type]


@pytest.mark.parametrize(("kind", "record", "expected"), [
    ("accepted", None, "created"), ("accepted", held("live"), "updated"), ("accepted", held("missing"), "updated"), ("accepted", held("removed"), "restored"),
    ("accepted", held("withheld"), "withheld"), ("accepted", held("unpublished"), "created"), ("older", held("live"), "repeated"), ("older", None, "created"),
    ("older", held("withheld"), "withheld"), ("unchanged", held("live"), "unchanged"), ("unchanged", held("missing"), "restored"),
    ("unchanged", held("withheld"), "unchanged"), ("repeated", held("live"), "repeated"), ("quarantined", None, "quarantined"), ("rejected", held("live"), "rejected"),
    ("deleted", held("live"), "removed"),
])
def test_each_outcome_has_its_change(kind: OutcomeKind, record: HeldRecord | None, expected: str) -> None:
    assert change(Outcome("a", kind), record) == expected

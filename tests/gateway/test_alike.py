"""Titles with nearly the same words are found as if each was compared with each."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as some

from gateway.store.alike import ALIKE, KEPT_OF_EACH, Alike, likeness, words_of

WORDS = [f"w{number}" for number in range(24)]
titles = some.lists(some.lists(some.sampled_from(WORDS), max_size=24).map(" ".join), max_size=KEPT_OF_EACH)
long_titles = some.lists(some.sets(some.sampled_from(WORDS), min_size=19).map(lambda words: " ".join(sorted(words))), max_size=KEPT_OF_EACH)


@given(some.one_of(titles, long_titles), some.one_of(titles, long_titles))
@settings(deadline=None)
def test_none_is_missed_and_none_is_added(mine: list[str], others: list[str]) -> None:
    alike = Alike(enumerate(mine))
    for number, title in enumerate(others):
        alike.meet(number, title)
    wanted = {
        (one, other) for one, title in enumerate(mine) for other, beside in enumerate(others) if likeness(words_of(title), words_of(beside)) >= ALIKE
    }
    assert {(one, other) for one, other, _ in alike.pairs()} == wanted
    assert alike.left_out == 0


def test_of_many_that_are_alike_the_most_alike_are_kept_and_then_the_oldest() -> None:
    words = " ".join(WORDS)
    alike = Alike([(1, words), (2, words)])
    for number in range(100, 100 + KEPT_OF_EACH + 5):
        alike.meet(number, f"{words} more")
    alike.meet(900, words)
    kept = [other for one, other, _ in alike.pairs() if one == 2]
    assert sorted(kept) == [*range(100, 100 + KEPT_OF_EACH - 1), 900]
    assert alike.left_out == 6

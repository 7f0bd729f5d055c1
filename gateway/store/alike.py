"""Titles with nearly the same words, found without comparing each with each.

Two titles that have nine tenths of their words in common share one of the few rarest words of each, so only titles that meet in
such a word are compared: none is missed. Equal titles are compared once, however many records have them.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

ALIKE: Final = 0.9
KEPT_OF_EACH: Final = 20
"""A title that resembles more others than this says little; the most alike are kept, the oldest first."""
WORD: Final = re.compile(r"\w+")
Words = frozenset[str]


class _Match(NamedTuple):
    """In the order in which they are kept."""

    unlikeness: float
    record_id: int
    title: str


class Alike:
    """Records by the words of their titles, to be met by others one after another."""

    def __init__(self, titled: Iterable[tuple[int, str]]) -> None:
        self.left_out = 0
        self._records: dict[Words, list[int]] = defaultdict(list)
        for record_id, title in titled:
            if words := words_of(title):
                self._records[words].append(record_id)
        self._count = Counter(word for words in self._records for word in words)
        self._by_word: dict[str, list[Words]] = defaultdict(list)
        for words in self._records:
            for word in self._rarest(words):
                self._by_word[word].append(words)
        self._matches: dict[Words, list[_Match]] = defaultdict(list)

    def meet(self, record_id: int, title: str) -> None:
        words = words_of(title)
        near = {one for word in self._rarest(words) for one in self._by_word.get(word, ())}
        for one in near:
            if (found := likeness(one, words)) >= ALIKE:
                self._keep(one, _Match(1 - found, record_id, title))

    def pairs(self) -> Iterator[tuple[int, int, str]]:
        """Each record with one that it resembles, and the title of that."""
        for words, matches in self._matches.items():
            for record_id in self._records[words]:
                for match in matches:
                    yield record_id, match.record_id, match.title

    def _keep(self, words: Words, match: _Match) -> None:
        kept = self._matches[words]
        kept.append(match)
        if len(kept) > KEPT_OF_EACH:
            kept.sort()
            kept.pop()
            self.left_out += 1

    def _rarest(self, words: Words) -> list[str]:
        """As many as two titles may differ in and still be alike, and one more."""
        order = sorted(words, key=lambda word: (self._count[word], word))
        return order[: len(words) - int(ALIKE * len(words)) + 1]


def words_of(title: str) -> Words:
    return frozenset(WORD.findall(title.casefold()))


def likeness(one: Words, other: Words) -> float:
    return len(one & other) / len(one | other) if one and other else 0.0

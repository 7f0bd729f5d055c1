"""Forgiveness: a word that no document holds is replaced by the nearest one that some do.

The distance grows with the length: none under four letters, one up to seven, two from eight on (a transposition is one step).
The first letter is mostly typed right: one step may change it, two steps leave it alone.
Among words equally near, the one that stands beside its neighbours in the query wins, then the one found in most documents.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from search.analysis import stem
from search.clauses import Run
from search.index_words import IndexWords
from search.language import STOP_WORDS, normalise, parts_of
from search.query import Group, plain_words
from search.vocabulary import Vocabulary

SHORTEST: Final = 4
TWO_STEPS_FROM: Final = 8
MOST_CANDIDATES: Final = 8
SHORTEST_MEANT: Final = 5
MOST_HELD: Final = 3
TIMES_KNOWN: Final = 10
"""A word of so many letters in at most so many documents may be meant for one that is in so many times as many."""


@dataclass(slots=True)
class Spelling:
    index: IndexWords
    vocabulary: Vocabulary

    def expected(self, meaning: Group) -> set[tuple[str, str]]:
        """The terms whose numbers of documents :meth:`corrected` asks for."""
        return set(self._expected(meaning))

    def _expected(self, meaning: Group) -> Iterator[tuple[str, str]]:
        for word in plain_words(meaning):
            parts = parts_of(word)
            yield "all", stem("".join(parts))
            for part in parts:
                yield "all", stem(part)
                yield "words", part

    def corrected(self, text: str, meaning: Group) -> str | None:
        """The text with its unknown words replaced; None where nothing is to be replaced."""
        typed = plain_words(meaning)
        words = [piece for word in typed for piece in self._pieces(word)]
        replaced = {
            word: near
            for place, word in enumerate(words)
            if self._is_unknown(word) and (near := self._nearest(word, words[max(place - 1, 0) : place] + words[place + 1 : place + 2]))
        }
        return _replaced(normalise(text), replaced) if replaced else None

    def meant(self, text: str, meaning: Group) -> str | None:
        """The text with its words that hardly any document holds replaced by near ones that many hold; None where there are none."""
        typed = plain_words(meaning)
        replaced = {word: near for word in dict.fromkeys(piece for other in typed for piece in self._pieces(other)) if (near := self._far_better_known(word))}
        return _replaced(normalise(text), replaced) if replaced else None

    def _far_better_known(self, word: str) -> str | None:
        if len(word) < SHORTEST_MEANT or not word.isalpha() or word in STOP_WORDS or self.vocabulary.knows(word):
            return None
        held = self.index.documents("words", word)
        if not 0 < held <= MOST_HELD:
            return None
        near = [
            (count, term)
            for term, count in self.index.near(word, 1)
            if term.isalpha() and count >= held * TIMES_KNOWN and stem(term) != stem(word) and distance(word, term, 1) == 1
        ]
        return max(near)[1] if near else None

    def _pieces(self, word: str) -> tuple[str, ...]:
        """The parts of a word of which the index does not know the whole."""
        parts = parts_of(word)
        return () if len(parts) > 1 and self.index.documents("all", stem("".join(parts))) else parts

    def _is_unknown(self, word: str) -> bool:
        if len(word) < SHORTEST or word in STOP_WORDS or not word.isalpha() or self.vocabulary.knows(word):
            return False
        return self.index.documents("all", stem(word)) == 0 and self.index.documents("words", word) == 0

    def _nearest(self, word: str, neighbours: Sequence[str]) -> str | None:
        most = 2 if len(word) >= TWO_STEPS_FROM else 1
        near = [
            (steps, count, term)
            for term, count in self.index.near(word, most)
            if term.isalpha() and (steps := distance(word, term, most)) <= most and (steps < 2 or term[0] == word[0])
        ]
        if not near:
            return None
        least = min(steps for steps, _, _ in near)
        best = sorted(((count, term) for steps, count, term in near if steps == least), reverse=True)[:MOST_CANDIDATES]
        beside = self._beside([term for _, term in best], neighbours)
        return max(best, key=lambda found: (beside[found[1]], found[0], found[1]))[1]

    def _beside(self, words: Sequence[str], neighbours: Sequence[str]) -> dict[str, int]:
        """In how many documents each word stands near a neighbour."""
        if len(words) < 2 or not neighbours:
            return dict.fromkeys(words, 0)
        others = [stem(other) for other in neighbours]
        asked = [
            (word, Run("all", pair, 1))
            for word in words for other in others if other != stem(word)
            for pair in ((stem(word), other), (other, stem(word)))
        ]  # fmt: skip
        found = dict.fromkeys(words, 0)
        for (word, _), count in zip(asked, self.index.count([clause for _, clause in asked]), strict=True):
            found[word] += count
        return found


def _replaced(text: str, words: Mapping[str, str]) -> str:
    for word, near in words.items():
        text = re.sub(rf"(?<![^\W_]){re.escape(word)}(?![^\W_])", near, text, flags=re.IGNORECASE)
    return text


def distance(first: str, second: str, most: int) -> int:
    """Steps from one word to the other (insert, leave out, replace, exchange neighbours), or ``most + 1`` where it takes more. A step
    changes two letters at most of those that only one of them has."""
    if abs(len(first) - len(second)) > most or len(set(first) ^ set(second)) > 2 * most:
        return most + 1
    before: list[int] = []
    last = list(range(len(second) + 1))
    for i, a in enumerate(first, 1):
        row = [i]
        for j, b in enumerate(second, 1):
            steps = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == second[j - 2] and first[i - 2] == b:
                steps = min(steps, before[j - 2] + 1)
            row.append(steps)
        if min(row) > most:
            return most + 1
        before, last = last, row
    return last[-1]

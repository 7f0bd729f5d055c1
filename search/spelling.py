"""Forgiveness: a word that no document holds is replaced by the nearest one that some do.

The distance grows with the length: none under four letters, one up to seven, two from eight on (a transposition is one step).
Among words equally near, the one that stands beside its neighbours in the query wins, then the one found in most documents.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tantivy import Query, Schema, Searcher

from search.language import STOP_WORDS, normalise, parts_of
from search.mapping import counted, stem
from search.query import Group, plain_words
from search.vocabulary import Vocabulary

SHORTEST: Final = 4
TWO_STEPS_FROM: Final = 8
MOST_CANDIDATES: Final = 8


@dataclass(slots=True)
class Spelling:
    schema: Schema
    searcher: Searcher
    vocabulary: Vocabulary

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

    def _pieces(self, word: str) -> tuple[str, ...]:
        """The parts of a word of which the index does not know the whole."""
        parts = parts_of(word)
        return () if len(parts) > 1 and self.searcher.doc_freq("all", stem("".join(parts))) else parts

    def _is_unknown(self, word: str) -> bool:
        if len(word) < SHORTEST or word in STOP_WORDS or not word.isalpha() or self.vocabulary.knows(word):
            return False
        return self.searcher.doc_freq("all", stem(word)) == 0 and self.searcher.doc_freq("words", word) == 0

    def _nearest(self, word: str, neighbours: Sequence[str]) -> str | None:
        most = 2 if len(word) >= TWO_STEPS_FROM else 1
        near = [(steps, count, term) for term, count in self._terms(word) if (steps := distance(word, term, most)) <= most]
        if not near:
            return None
        least = min(steps for steps, _, _ in near)
        best = sorted(((count, term) for steps, count, term in near if steps == least), reverse=True)[:MOST_CANDIDATES]
        return max(best, key=lambda found: (self._beside(found[1], neighbours), found[0], found[1]))[1]

    def _terms(self, word: str) -> list[tuple[str, int]]:
        """Words of the index that begin alike: with the same letter, or with the first two exchanged."""
        starts = dict.fromkeys((word[0], word[1]))
        found = [term for start in starts for term in self.searcher.terms_with_prefix("words", start)]
        return [(term, count) for term, count in found if abs(len(term) - len(word)) <= 2 and term.isalpha()]

    def _beside(self, word: str, neighbours: Sequence[str]) -> int:
        """In how many documents the word stands near a neighbour."""
        mine = stem(word)
        pairs = [pair for other in map(stem, neighbours) for pair in ([mine, other], [other, mine]) if other != mine]
        return sum(counted(self.searcher.search(Query.phrase_query(self.schema, "all", list(pair), 1), 1)) for pair in pairs)


def _replaced(text: str, words: Mapping[str, str]) -> str:
    for word, near in words.items():
        text = re.sub(rf"(?<![^\W_]){re.escape(word)}(?![^\W_])", near, text, flags=re.IGNORECASE)
    return text


def distance(first: str, second: str, most: int) -> int:
    """Steps from one word to the other (insert, leave out, replace, exchange neighbours), or ``most + 1`` where it takes more."""
    if abs(len(first) - len(second)) > most:
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

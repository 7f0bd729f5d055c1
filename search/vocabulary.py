"""The vocabulary: what else a word may be called. The words themselves stand in vocabulary.txt, edited by people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

from search.language import words_of

FILE: Final = Path(__file__).with_name("vocabulary.txt")
LONGEST_SPAN: Final = 7
SPANS_KEPT: Final = 10_000
"""Sequences of words whose spans are remembered; most are single words, asked for many times in one search."""
Stem = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Span:
    """Consecutive words of a query, ``start`` to ``end`` (excluded), that the vocabulary knows. ``names`` are what the thing is called,
    themselves among them and the same whichever was typed; ``others`` are found too, but are not it."""

    start: int
    end: int
    names: tuple[str, ...]
    others: tuple[str, ...]


class Vocabulary:
    """``stem`` makes forms of a word equal; spellings are compared by their stems run together, so that ``x-ray``,
    ``x ray`` and ``xrays`` are one."""

    def __init__(self, lines: Iterable[str], stem: Stem) -> None:
        self._stem = stem
        self._kept_spans = lru_cache(maxsize=SPANS_KEPT)(self._spans)
        self._names: dict[str, dict[str, None]] = {}
        self._others: dict[str, dict[str, None]] = {}
        for left, right in _rules(lines):
            kept = self._names if left == right else self._others
            for form in left:
                for key in self._keys(words_of(form)):
                    kept.setdefault(key, {}).update(dict.fromkeys(right))

    def spans(self, words: Sequence[str]) -> tuple[Span, ...]:
        """The known spans in a sequence of folded words, longest first from the left, without overlap."""
        return self._kept_spans(tuple(words))

    def _spans(self, words: tuple[str, ...]) -> tuple[Span, ...]:
        found: list[Span] = []
        start = 0
        while start < len(words):
            for end in range(min(len(words), start + LONGEST_SPAN), start, -1):
                keys = self._keys(words[start:end])
                names, others = self._held(self._names, keys), self._held(self._others, keys)
                if names or others:
                    found.append(Span(start, end, names, others))
                    start = end - 1
                    break
            start += 1
        return tuple(found)

    def _held(self, table: dict[str, dict[str, None]], keys: Sequence[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(form for key in keys for form in table.get(key, ())))

    def knows(self, word: str) -> bool:
        return self._key([word]) in self._names or self._key([word]) in self._others

    def _keys(self, words: Sequence[str]) -> list[str]:
        """By the stems run together, and by the stem of what they are run together: a compound comes as one word or as several."""
        return list(dict.fromkeys((self._key(words), self._stem("".join(words)))))

    def _key(self, words: Iterable[str]) -> str:
        return "".join(self._stem(word) for word in words)


def _rules(lines: Iterable[str]) -> Iterator[tuple[list[str], list[str]]]:
    """``a = b`` gives both ways, ``a > b = c`` one way, ``a = b > c`` one way from each of a and b, which are equal."""
    for number, line in enumerate(lines, 1):
        text = line.split("#")[0].strip()
        if not text:
            continue
        sides = [[form.strip() for form in side.split("=")] for side in text.split(">")]
        if len(sides) > 2 or not all(form for side in sides for form in side) or (len(sides) == 1 and len(sides[0]) < 2):
            raise ValueError(f"Line {number} of the vocabulary cannot be read: {text!r}. Write a = b, or a > b.")
        if len(sides) == 2:
            yield sides[0], sides[1]
        if len(sides[0]) > 1:
            yield sides[0], sides[0]


@cache
def lines() -> tuple[str, ...]:
    return tuple(FILE.read_text(encoding="utf-8").splitlines())

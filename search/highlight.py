"""Why a dataset was found: the texts with the matched words marked, and the fields and pieces that hold them.

A piece of text matches where its words have the stems that were looked for; nothing is marked that the engine would not match.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from search.analysis import stem
from search.engine import Fragment
from search.language import fold
from search.shape import Shape

EXCERPT: Final = 260
PIECES: Final = 3
MARKED_TEXTS: Final = ("title", "name", "abstract", "description")
WHOLE_TEXTS: Final = ("title", "name")
MOST_BETWEEN: Final = 3
"""Characters between the words of one run: a hyphen, a blank, ``' & ``."""
_BREAK: Final = "\n" * (MOST_BETWEEN + 1)
"""Between texts that are searched as one: no run goes on behind it."""
_WORD: Final = re.compile(r"[^\W_]+")
_NOT_ASCII: Final = re.compile(r"[^\x00-\x7f]")
_SENTENCE_END: Final = re.compile(r"[.!?;:]\s+|\n")
_CAMEL_WORD: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+|[^\W_]+")


@dataclass(frozen=True, slots=True)
class Sought:
    """What was looked for: sequences of stems, and beginnings of words. ``typed`` are the sequences that are not other words for them."""

    sequences: frozenset[tuple[str, ...]]
    prefixes: tuple[str, ...] = ()
    typed: frozenset[tuple[str, ...]] = frozenset()


class Finder:
    """Finds what was sought in texts. Made once for a page of results."""

    def __init__(self, sought: Sought) -> None:
        self._singles = {sequence[0] for sequence in sought.sequences if len(sequence) == 1}
        self._runs: dict[str, list[tuple[str, ...]]] = {}
        for sequence in sought.sequences:
            if len(sequence) > 1:
                self._runs.setdefault(sequence[0], []).append(sequence)
                self._singles.add("".join(sequence))
        self._prefixes = sought.prefixes
        self.typed = Finder(Sought(sought.typed, sought.prefixes)) if sought.typed and sought.typed != sought.sequences else None
        """Finds what was typed alone, where other words for it were looked for too."""
        self._typed_pieces: dict[str, bool] = {}
        self._words: dict[str, tuple[bool, Sequence[tuple[str, ...]]]] = {}
        self._candidate = _words_that_begin({_start(word) for word in (*self._singles, *self._runs)} | set(sought.prefixes))

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where the text matches, in order, without overlap."""
        return list(self._found(text))

    def is_in(self, text: str) -> bool:
        return any(self._found(text))

    def first_other(self, text: str, spans: Iterable[tuple[int, int]]) -> str | None:
        """The first words of a text that were found, where nothing that was typed stands in it."""
        other = None
        for start, end in spans:
            if self.is_typed(text[start:end]):
                return None
            other = other or text[start:end]
        return other

    def is_typed(self, piece: str) -> bool:
        """Whether what was found holds what was typed."""
        known = self._typed_pieces.get(piece)
        if known is None:
            known = self._typed_pieces[piece] = self.typed is None or self.typed.is_in(piece)
        return known

    def pieces(self, texts: Sequence[str]) -> Iterator[tuple[int, str]]:
        """The places of the texts that match, some more than once, in order, with the words found there; one search for all of them."""
        place, end, whole = -1, -len(_BREAK), _BREAK.join(texts)
        for start, stop in self._found(whole):
            while start > end:
                place += 1
                end += len(_BREAK) + len(texts[place])
            yield place, whole[start:stop]

    def _found(self, text: str) -> Iterator[tuple[int, int]]:
        if self._candidate is None:
            return
        folded = _folded_alike(text)
        passed = 0
        for match in self._candidate.finditer(folded):
            start, end = match.span()
            if start < passed or (start and folded[start - 1].isalnum()):
                continue
            if found := self._end(folded, end, match[0]):
                yield start, found
                passed = found

    def _end(self, text: str, position: int, word: str) -> int | None:
        """Where what begins with a word that ends here ends; None where that is nothing that was sought."""
        known = self._words.get(word)
        if known is None:
            known = self._words[word] = self._known(word)
        is_sought, runs = known
        ends = [end for run in runs if (end := _run_end(text, position, run[1:]))] if runs else None
        return max(ends) if ends else position if is_sought else None

    def _known(self, word: str) -> tuple[bool, Sequence[tuple[str, ...]]]:
        """Whether it was sought by itself, and the runs that begin with it."""
        mine = stem(word)
        return mine in self._singles or word.startswith(self._prefixes), self._runs.get(mine, ())


def _words_that_begin(starts: set[str]) -> re.Pattern[str] | None:
    """The words of a folded text by their beginnings, and what in other words is like them. Grouped by first letter, so that most places
    are passed by without a try."""
    if not starts:
        return None
    rests: dict[str, list[str]] = {}
    for start in starts:
        if not any(start.startswith(other) for other in starts if other != start):
            rests.setdefault(start[0], []).append(re.escape(start[1:]))
    ways = (f"{re.escape(first)}(?:{'|'.join(others)})" for first, others in rests.items())
    return re.compile(rf"(?:{'|'.join(ways)})[^\W_]*")


def _run_end(text: str, position: int, rest: Sequence[str]) -> int | None:
    """Where the words of a run that follow its first one end; None where others follow."""
    for wanted in rest:
        match = _WORD.search(text, position, position + 60)
        if not match or match.start() - position > MOST_BETWEEN or stem(match[0]) != wanted:
            return None
        position = match.end()
    return position


@dataclass(frozen=True, slots=True)
class Explained:
    """``highlights``: the title whole, and of the abstract, or else the description, the passage with most matches. ``matched_in``: up to
    three of the pieces that match, none for a text that matches as a whole. ``by_synonym``: the words found where nothing typed is."""

    highlights: dict[str, tuple[Fragment, ...]]
    matched_in: dict[str, tuple[str, ...]]
    by_synonym: dict[str, str]


def explained(texts: Mapping[str, Any], finder: Finder, shape: Shape) -> Explained:
    marks: dict[str, tuple[Fragment, ...]] = {}
    found: dict[str, tuple[str, ...]] = {}
    others: dict[str, str] = {}
    for name in shape.shown:
        value = texts.get(name)
        if not value:
            continue
        is_marked = name in MARKED_TEXTS and not (name == "description" and "abstract" in marks)
        spans = finder.spans(value) if is_marked else ()
        if spans:
            marks[name] = marked(value, spans) if name in WHOLE_TEXTS else excerpt(value, spans)
        elif is_marked and name not in shape.names:
            continue
        matching = _Matching((), finder.first_other(value, spans)) if spans else _matching(name, value, finder, shape)
        if matching:
            found[name] = matching.pieces
            if matching.other:
                others[name] = matching.other
    return Explained(marks, found, others)


@dataclass(frozen=True, slots=True)
class _Matching:
    """The pieces of a value that match, none where it matches as a whole; ``other`` words found where nothing typed is."""

    pieces: tuple[str, ...]
    other: str | None


def _matching(name: str, value: Any, finder: Finder, shape: Shape) -> _Matching | None:
    """In one search of a value, no longer than tells; None where it does not match."""
    is_whole = isinstance(value, str) or name == "table_descriptions"
    texts: Sequence[str] = [value] if isinstance(value, str) else value
    found: dict[str, None] = {}
    other, is_typed = None, finder.typed is None
    for place, words in finder.pieces(list(map(_apart, texts)) if name in shape.names else texts):
        if len(found) < PIECES:
            found[texts[place]] = None
        other, is_typed = other or words, is_typed or finder.is_typed(words)
        if is_typed and (is_whole or len(found) == PIECES):
            break
    return _Matching(() if is_whole else tuple(found), None if is_typed else other) if found else None


def _apart(name: str) -> str:
    return " ".join(_CAMEL_WORD.findall(name))


def marked(text: str, spans: Sequence[tuple[int, int]]) -> tuple[Fragment, ...]:
    """The whole text in pieces."""
    pieces: list[Fragment] = []
    position = 0
    for start, end in spans:
        if start > position:
            pieces.append(Fragment(text[position:start], marked=False))
        pieces.append(Fragment(text[start:end], marked=True))
        position = end
    if position < len(text):
        pieces.append(Fragment(text[position:], marked=False))
    return tuple(pieces)


def excerpt(text: str, spans: Sequence[tuple[int, int]], length: int = EXCERPT) -> tuple[Fragment, ...]:
    """The passage with most matches, from the start of its sentence; ``…`` stands for what is left out."""
    if len(text) <= length:
        return marked(text, spans)
    start = _best_start(text, spans, length)
    end = min(len(text), start + length)
    if end < len(text):
        end = max(text.rfind(" ", start, end), start + length // 2)
    inside = [(max(a, start), min(b, end)) for a, b in spans if a < end and b > start]
    pieces = marked(text[start:end], [(a - start, b - start) for a, b in inside])
    before = (Fragment("… ", marked=False),) if start else ()
    after = (Fragment(" …", marked=False),) if end < len(text) else ()
    return (*before, *pieces, *after)


def _best_start(text: str, spans: Sequence[tuple[int, int]], length: int) -> int:
    words = [text[start:end].lower() for start, end in spans]
    ends = [end for _, end in spans]
    held = ((len(set(words[place : bisect_right(ends, start + length)])), -start) for place, (start, _) in enumerate(spans))
    best = -max(held)[1]
    back = max(0, best - length // 3)
    sentences = [match.end() for match in _SENTENCE_END.finditer(text, back, best)]
    if sentences:
        return sentences[-1]
    return 0 if back == 0 else text.find(" ", back, best) + 1 or best


def _start(word: str) -> str:
    """How every form of a stem begins; stems differ from the word in their last letter at most."""
    return word[: max(2, len(word) - 1)] if len(word) > 3 else word[:2] if len(word) > 2 else word


def _folded_alike(text: str) -> str:
    """The text in lower case without accents, each character in its place."""
    lower = text.lower()
    if lower.isascii():
        return lower
    return _NOT_ASCII.sub(lambda match: _folded_character(match[0]), lower) if len(lower) == len(text) else "".join(map(_folded_character, text))


@lru_cache(maxsize=5_000)
def _folded_character(char: str) -> str:
    folded = fold(char)
    return folded if len(folded) == 1 else char

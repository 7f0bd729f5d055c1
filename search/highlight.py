"""Why a dataset was found: the texts with the matched words marked, and the fields and pieces that hold them.

A piece of text matches where its words have the stems that were looked for; nothing is marked that the engine would not match.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from search.engine import Fragment
from search.language import fold
from search.mapping import SHOWN, stem

EXCERPT: Final = 260
PIECES: Final = 3
MARKED_TEXTS: Final = ("title", "abstract", "description")
LISTS: Final = ("aliases", "keywords", "tables", "columns")
_WORD: Final = re.compile(r"[^\W_]+")
_SENTENCE_END: Final = re.compile(r"[.!?;:]\s+|\n")
_CAMEL_WORD: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+|[^\W_]+")


@dataclass(frozen=True, slots=True)
class Sought:
    """What was looked for: sequences of stems, and beginnings of words."""

    sequences: frozenset[tuple[str, ...]]
    prefixes: tuple[str, ...] = ()

class Finder:
    """Finds what was sought in texts. Made once for a page of results."""

    def __init__(self, sought: Sought) -> None:
        self._singles = {sequence[0] for sequence in sought.sequences if len(sequence) == 1}
        self._runs = [sequence for sequence in sought.sequences if len(sequence) > 1]
        self._prefixes = sought.prefixes
        starts = {_start(stem_) for stem_ in self._singles} | {_start(run[0]) for run in self._runs} | set(sought.prefixes)
        joined = {_start("".join(run)) for run in self._runs}
        beginnings = "|".join(sorted(map(re.escape, starts | joined), key=len, reverse=True))
        self._candidate = re.compile(rf"(?<![^\W_])(?:{beginnings})[^\W_]*", re.IGNORECASE) if beginnings else None
        self._joined = {"".join(run) for run in self._runs}

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where the text matches, in order, without overlap."""
        if self._candidate is None:
            return []
        folded = _folded_alike(text)
        found: list[tuple[int, int]] = []
        position = 0
        while match := self._candidate.search(folded, position):
            end = self._end(folded, match.start(), match.end())
            if end:
                found.append((match.start(), end))
            position = end or match.end()
        return found

    def is_in(self, text: str) -> bool:
        return bool(self.spans(text))

    def _end(self, text: str, start: int, end: int) -> int | None:
        word = text[start:end].lower()
        mine = stem(word)
        runs = [at for run in self._runs if (at := self._run_end(text, start, run))]
        if runs:
            return max(runs)
        if mine in self._singles or mine in self._joined or (self._prefixes and word.startswith(self._prefixes)):
            return end
        return None

    @staticmethod
    def _run_end(text: str, start: int, run: Sequence[str]) -> int | None:
        position = start
        for place, wanted in enumerate(run):
            match = _WORD.search(text, position)
            if not match or (place and match.start() - position > 3):
                return None
            if stem(match[0].lower()) != wanted:
                return None
            position = match.end()
        return position


def highlights(texts: Mapping[str, Any], finder: Finder) -> dict[str, tuple[Fragment, ...]]:
    """The title whole, and of abstract and description the passage with most matches; only what matched."""
    found: dict[str, tuple[Fragment, ...]] = {}
    for name in MARKED_TEXTS:
        text = texts.get(name)
        if not text or (name == "description" and "abstract" in found):
            continue
        spans = finder.spans(text)
        if spans:
            found[name] = marked(text, spans) if name == "title" else excerpt(text, spans)
    return found


def matched_in(texts: Mapping[str, Any], finder: Finder) -> dict[str, tuple[str, ...]]:
    """Field -> up to three of the pieces that match; empty for a text that matches as a whole."""
    found: dict[str, tuple[str, ...]] = {}
    for name in SHOWN:
        value = texts.get(name)
        if not value:
            continue
        if isinstance(value, str):
            if finder.is_in(value):
                found[name] = ()
        elif name in ("table_descriptions", "column_descriptions"):
            _note_described(found, name, texts, finder)
        else:
            pieces = _pieces(value, finder, is_name=name in ("columns", "tables"))
            if pieces:
                found[name] = pieces
    return found


def _pieces(values: Iterable[str], finder: Finder, *, is_name: bool) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for value in values:
        if value and value not in found and finder.is_in(" ".join(_CAMEL_WORD.findall(value)) if is_name else value):
            found[value] = None
            if len(found) == PIECES:
                break
    return tuple(found)


def _note_described(found: dict[str, tuple[str, ...]], name: str, texts: Mapping[str, Any], finder: Finder) -> None:
    """Columns are named where it is their description that matched; tables are not told apart."""
    descriptions = texts[name]
    if not finder.is_in("\n".join(descriptions)):
        return
    names = texts.get("columns", ()) if name == "column_descriptions" else ()
    matching = (label for label, text in zip(names, descriptions, strict=False) if label and text and finder.is_in(text))
    kept: list[str] = []
    for label in matching:
        if label not in kept:
            kept.append(label)
        if len(kept) == PIECES:
            break
    found[name] = tuple(kept)


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
    starts = [start for start, _ in spans]
    best = max(starts, key=lambda start: (len({text[a:b].lower() for a, b in spans if start <= a and b <= start + length}), -start))
    back = max(0, best - length // 3)
    ends = [match.end() for match in _SENTENCE_END.finditer(text, back, best)]
    if ends:
        return ends[-1]
    return 0 if back == 0 else text.find(" ", back, best) + 1 or best


def _start(word: str) -> str:
    """How every form of a stem begins; stems differ from the word in their last letter at most."""
    return word[: max(2, len(word) - 1)] if len(word) > 3 else word[:2] if len(word) > 2 else word


def _folded_alike(text: str) -> str:
    """The text without accents, each character in its place."""
    if text.isascii():
        return text
    return "".join(char if char.isascii() else _folded_character(char) for char in text)


@lru_cache(maxsize=5_000)
def _folded_character(char: str) -> str:
    folded = fold(char)
    return folded if len(folded) == 1 else char

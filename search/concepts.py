"""The ideas of a query: what was typed for one thing, and what the vocabulary says it is called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from search import weights
from search.analysis import stem
from search.language import words_of
from search.vocabulary import SPANS_KEPT, Span

Parts = tuple[str, ...]
SOFT_STEMS: Final = frozenset(stem(word) for word in weights.SOFT_WORDS)


@dataclass(frozen=True, slots=True)
class Concept:
    """One idea of a query: ``words`` as typed, each in its parts. ``names`` are all the names of the thing, the same whichever was
    typed, where the vocabulary knows any; ``others`` are found too."""

    words: tuple[Parts, ...]
    names: tuple[Parts, ...] = ()
    others: tuple[Parts, ...] = ()

    @property
    def run(self) -> Parts:
        return tuple(part for parts in self.words for part in parts)


def concept_of(words: Sequence[Parts], span: Span | None) -> Concept:
    if span is None:
        return Concept(tuple(words))
    return Concept(tuple(words), _apart(span.names), _apart(span.others))


@lru_cache(maxsize=SPANS_KEPT)
def _apart(forms: tuple[str, ...]) -> tuple[Parts, ...]:
    """What the vocabulary writes, in its words; the same whatever the index."""
    return tuple(tuple(words_of(form)) for form in forms)


def is_soft(concept: Concept) -> bool:
    return len(concept.run) == 1 and stem(concept.run[0]) in SOFT_STEMS


def spellings(parts: Parts) -> list[Parts]:
    return [parts, ("".join(parts),)] if len(parts) > 1 else [parts]

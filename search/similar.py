"""Datasets like another, and why: what they share of keywords, kinds, title, summary, vocabularies, places and columns.

What few datasets have tells more than what many have (by BM25's rarity), and each kind of likeness has its share of that.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from search.analysis import analyzer, stem
from search.clauses import Both, Clause, Fixed, Nothing, Term
from search.concepts import SOFT_STEMS
from search.engine import Likeness
from search.filters import STANDS_BEHIND
from search.index_words import IndexWords
from search.language import STOP_WORDS, title_key

SHARES: Final = {"keywords": 1.0, "title": 0.8, "dtype": 0.4, "model": 0.3, "vocab": 0.2, "custodian": 0.3, "abstract": 0.3}
"""How much of its rarity a likeness counts."""
WORDS_TAKEN: Final = 12
REASONS: Final = 3
NAMED: Final = 3
_FACETS: Final = {"keywords": "facet_keyword", "dtype": "facet_dtype", "model": "facet_model", "vocab": "facet_vocab", "custodian": "facet_custodian"}


@dataclass(frozen=True, slots=True)
class Described:
    """What an index keeps of a dataset: its card and its shown texts."""

    card: Mapping[str, Any]
    texts: Mapping[str, Any]

    def values(self, name: str) -> list[str]:
        found = self.card.get("custodian_name" if name == "custodian" else name) or ()
        return [found] if isinstance(found, str) else list(found)

    def stems(self, name: str) -> list[str]:
        """The telling stems of a text, each once."""
        words = analyzer(stemmed=False).analyze(str(self.card.get(name) or ""))
        found = (stem(word) for word in words if word not in STOP_WORDS and len(word) > 2)
        return [one for one in dict.fromkeys(found) if one not in SOFT_STEMS]


def likeness(index: IndexWords, id_: str, dataset: Described) -> Clause:
    """Scores the other datasets by what they share with this one."""
    wanted = list(_terms(dataset))
    index.expect((field, text) for _, field, text in wanted)
    rare = [(name, field, text, _rarity(index, field, text)) for name, field, text in wanted]
    telling = [entry for entry in rare if entry[3] > 0]
    taken = [entry for entry in telling if entry[0] != "abstract"]
    taken += sorted((entry for entry in telling if entry[0] == "abstract"), key=lambda entry: (-entry[3], entry[2]))[:WORDS_TAKEN]
    shared = tuple(Fixed(Term(field, text), SHARES[name] * rarity) for name, field, text, rarity in taken)
    same = (id_, *(one["ref"] for one in dataset.card.get("also_described", ())))
    return Both((Both(should=shared),), must_not=(*(Term("id", ref) for ref in same), STANDS_BEHIND)) if shared else Nothing()


def reasons(one: Described, other: Described) -> tuple[Likeness, ...]:
    """What two datasets share, the most telling kind first."""
    found = list(_reasons(one, other))
    return tuple(found[:REASONS])


def _terms(dataset: Described) -> Iterator[tuple[str, str, str]]:
    """(kind of likeness, field, term)."""
    for name, field in _FACETS.items():
        yield from ((name, field, value) for value in dataset.values(name))
    for name in ("title", "abstract"):
        yield from ((name, name, word) for word in dataset.stems(name))


def _rarity(index: IndexWords, field: str, text: str) -> float:
    """0 for what no other dataset has."""
    documents = index.documents(field, text)
    return math.log(1 + (index.size - documents + 0.5) / (documents + 0.5)) if documents > 1 else 0.0


def _reasons(one: Described, other: Described) -> Iterator[Likeness]:
    for name in ("keywords", "title", "dtype", "model", "custodian", "vocab"):
        if name == "title":
            words = _common(one.stems("title"), other.stems("title"))
            named = [word for word in title_key(str(one.card.get("title") or "")).split() if stem(word) in words]
            shared = list(dict.fromkeys(named))
        else:
            shared = _common(one.values(name), other.values(name))
        if shared:
            yield Likeness(name, tuple(shared[:NAMED]))
    words = _common(one.stems("abstract"), other.stems("abstract"))
    if words:
        yield Likeness("abstract")


def _common(mine: Iterable[str], theirs: Iterable[str]) -> list[str]:
    keys = {title_key(value) for value in theirs}
    return [value for value in dict.fromkeys(mine) if title_key(value) in keys]

"""Which columns of the datasets found hold the words of a query: how many of each dataset, and the names of the first few.

A column matches where it holds any of the words, as a dataset does; those that hold all of them are named first, then those that
come first in the dataset. Asked of the index of variables, after the datasets of a page are known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from search.absorbed import absorbed
from search.clauses import AnyOf, Both, Clause, Fixed
from search.engine import Hit
from search.prepared_variables import VARIABLES
from search.query import Group, In, Node, Phrase, Prefix, Required, Words
from search.ranking import Ranking

NAMED: Final = 3
READ: Final = 6
"""Columns read to name some, as several tables may have one of the same name."""


@dataclass(frozen=True, slots=True)
class Columns:
    """``matching`` columns hold one of the words, ``whole`` all of them. Neither scores."""

    matching: Clause
    whole: Clause

    def of(self, refs: Iterable[str]) -> Clause:
        """Those of some datasets; the ones that hold all the words score 1, the others 0."""
        within = AnyOf("facet_dataset", tuple(refs))
        return Both((Fixed(within, 0.0), Fixed(self.matching, 0.0)), (Fixed(self.whole, 1.0),))


@dataclass(frozen=True, slots=True)
class Matched:
    """How many columns of a dataset match, and the names of up to READ of them, best first."""

    count: int
    names: tuple[str, ...]


def columns(ranking: Ranking, meaning: Group) -> Columns | None:
    """None where a query has no words that a column may hold."""
    parts = tuple(_sought(meaning))
    if not parts:
        return None
    plain = replace(ranking, shape=VARIABLES)
    return Columns(absorbed(Both(should=tuple(map(plain.node, parts)))), absorbed(Both(must=tuple(map(plain.every, parts)))))


def with_columns(hits: Iterable[Hit], found: Mapping[str, Matched]) -> tuple[Hit, ...]:
    return tuple(_with(hit, found[hit.id]) if hit.id in found else hit for hit in hits)


def _with(hit: Hit, matched: Matched) -> Hit:
    names = tuple(dict.fromkeys(name for name in matched.names if name))[:NAMED]
    return replace(hit, matched_in={**hit.matched_in, "columns": names}, matched_columns=matched.count)


def _sought(node: Node) -> Iterable[Words | Phrase | Prefix]:
    """What may stand in a column: plain words, and what was asked of tables and columns."""
    match node:
        case Words() | Phrase() | Prefix():
            yield node
        case In(field="structure"):
            yield node.node
        case Required():
            yield from _sought(node.node)
        case Group():
            for part in node.parts:
                yield from _sought(part)

"""Which columns of the datasets found hold the words of a query: how many of each dataset, and the names of the first few.

A column matches where it holds any of the words, as a dataset does; those that hold all of them are named first, then those that
come first in the dataset. Asked of the index of variables, after the datasets of a page are known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from search.absorbed import absorbed
from search.clauses import AnyOf, Both, Clause, Fixed
from search.engine import Hit
from search.prepared_variables import VARIABLES
from search.query import Group, In, Node, Phrase, Prefix, Required, Words
from search.ranking import NO_OTHER_WORDS, Ranking

NAMED: Final = 3
READ: Final = 6
"""Columns read to name some, as several tables may have one of the same name."""


@dataclass(frozen=True, slots=True)
class Columns:
    """``matching`` columns hold one of the words, ``whole`` all of them, ``typed`` one of the words as typed, where they were searched
    by other words too. None scores."""

    matching: Clause
    whole: Clause
    typed: Clause | None = None

    def of(self, refs: Iterable[str]) -> Clause:
        """Those of some datasets; the ones that hold all the words score 1, the others 0."""
        within = AnyOf("facet_dataset", tuple(refs))
        return Both((Fixed(within, 0.0), Fixed(self.matching, 0.0)), (Fixed(self.whole, 1.0),))


_Part = Words | Phrase | Prefix
Place = tuple[str, str]
"""The name of a column and that of its table, each empty where it has none."""


@dataclass(frozen=True, slots=True)
class Matched:
    """How many columns of a dataset match, up to READ of them, best first, and whether they do by other words alone."""

    count: int
    places: tuple[Place, ...]
    is_by_synonym: bool = False


def place_of(card: Mapping[str, Any]) -> Place:
    return card.get("name", ""), card.get("table", "")


def columns(ranking: Ranking, meaning: Group) -> Columns | None:
    """None where a query has no words that a column may hold."""
    parts = tuple(_sought(meaning))
    if not parts:
        return None
    plain = ranking.over(VARIABLES)
    ways = [absorbed(way) for part in parts for way in plain.found_by(part)]
    return Columns(absorbed(Both(should=tuple(ways))), absorbed(Both(must=tuple(ways))), _typed(plain, parts) if ranking.also(meaning) else None)


def _typed(plain: Ranking, parts: Iterable[_Part]) -> Clause:
    as_typed = plain.over(VARIABLES, NO_OTHER_WORDS)
    return absorbed(Both(should=tuple(way for part in parts for way in as_typed.found_by(part))))


def with_any(hits: Iterable[Hit]) -> list[str]:
    """The datasets of a page that list columns."""
    return [hit.id for hit in hits if hit.stored.get("column_count")]


def with_columns(hits: Iterable[Hit], found: Mapping[str, Matched]) -> tuple[Hit, ...]:
    return tuple(_with(hit, found[hit.id]) if hit.id in found else hit for hit in hits)


def _with(hit: Hit, matched: Matched) -> Hit:
    tables: dict[str, str] = {}
    for name, table in matched.places:
        if name:
            tables.setdefault(name, table)
    named = dict(list(tables.items())[:NAMED])
    by_synonym = {**hit.by_synonym, "columns": ""} if matched.is_by_synonym else hit.by_synonym
    return replace(
        hit, matched_in={**hit.matched_in, "columns": tuple(named)}, column_tables=tuple(named.values()), matched_columns=matched.count, by_synonym=by_synonym,
    )


def _sought(node: Node) -> Iterable[_Part]:
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

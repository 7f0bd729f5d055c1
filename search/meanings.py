"""What texts mean to the embedded index as it is at one moment, ready to be asked: worked out once for all the pages, filters and twins of a
search. Another commit is another moment, and begins anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

import tantivy

from search.answer_words import TantivyWords
from search.engine import Hit, Query, Sort
from search.filters import filter_clauses
from search.mapping import tantivy_query
from search.shape import Shape
from search.understanding import Understood, understand

KEPT: Final = 128
LONGEST_KEPT: Final = 200
"""Characters of a text whose meaning is kept; what is longer is hardly asked twice, and large."""


@dataclass(frozen=True, slots=True)
class Meant:
    """``ranked`` orders by relevance where the query asks for that. ``matching`` matches the same, without scores. Filters stand beside."""

    understood: Understood
    ranked: tantivy.Query
    matching: tantivy.Query
    shown: dict[tuple[int, int], Hit] = field(default_factory=dict)
    """Hits made ready before, by their place in the index."""


class Meanings:
    def __init__(self, searcher: tantivy.Searcher, shape: Shape) -> None:
        self.searcher = searcher
        self.shape = shape
        self._kept = lru_cache(maxsize=KEPT)(self._made)

    def of(self, query: Query) -> Meant:
        return (self._kept if len(query.text) <= LONGEST_KEPT else self._made)(query.text, query.sort, highlight=query.highlight, exact=query.exact)

    def filters(self, query: Query) -> Mapping[str, tantivy.Query]:
        return {name: tantivy_query(clause, self.shape) for name, clause in filter_clauses(query, self.shape).items()}

    def _made(self, text: str, sort: Sort, *, highlight: bool, exact: bool) -> Meant:
        asked = Query(text=text, sort=sort, highlight=highlight, exact=exact)
        understood = understand(TantivyWords(self.searcher, self.shape), asked, self.shape)
        matching = tantivy_query(understood.matching, self.shape)
        return Meant(understood, tantivy_query(understood.scored, self.shape) if understood.by_score else matching, matching)

"""What ranking and spelling ask of an embedded index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from string import ascii_lowercase

from tantivy import Searcher

from search.clauses import Clause
from search.mapping import counted, tantivy_query
from search.prepared import DATASETS
from search.shape import Shape


@dataclass(slots=True)
class TantivyWords:
    """Implements ``search.index_words.IndexWords``."""

    searcher: Searcher
    shape: Shape = DATASETS
    size: int = field(init=False)
    _documents: dict[tuple[str, str], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.size = self.searcher.num_docs

    def expect(self, terms: object) -> None:
        """The index is at hand; nothing is gained by fetching ahead."""

    def documents(self, field: str, term: str) -> int:
        key = field, term
        found = self._documents.get(key)
        if found is None:
            found = self._documents[key] = self.searcher.doc_freq(field, term)
        return found

    def count(self, clauses: Sequence[Clause]) -> list[int]:
        return [counted(self.searcher.search(tantivy_query(clause, self.shape), 1)) for clause in clauses]

    def near(self, word: str, steps: int) -> list[tuple[str, int]]:
        """By the first two letters from the list of words; with another letter at the start, or one more, each by itself."""
        starts = dict.fromkeys((word[0], word[1]))
        found = (entry for start in starts for entry in self.searcher.terms_with_prefix("words", start))
        near = [(term, count) for term, count in found if abs(len(term) - len(word)) <= steps]
        others = (letter + rest for letter in ascii_lowercase if letter not in starts for rest in (word[1:], word))
        return near + [(term, count) for term in others if (count := self.searcher.doc_freq("words", term))]

    def facet_values(self, facet: str) -> list[str]:
        return [value for value, _ in self.searcher.terms_with_prefix(f"facet_{facet}", "")]

"""What ranking and spelling ask of an index."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from search.clauses import Clause


class IndexWords(Protocol):
    """Each may raise SearchUnavailable."""

    @property
    def size(self) -> int:
        """Documents in the index."""
        ...

    def expect(self, terms: Iterable[tuple[str, str]]) -> None:
        """Fields and terms that :meth:`documents` will be asked for: a chance to fetch them at once."""
        ...

    def documents(self, field: str, term: str) -> int:
        """How many documents hold the term."""
        ...

    def count(self, clauses: Sequence[Clause]) -> list[int]:
        """How many documents each clause matches."""
        ...

    def near(self, word: str, steps: int) -> list[tuple[str, int]]:
        """Unstemmed words of the index, with their documents, among which are all that are one step from this one, and those at most so
        many steps away that begin with its first letter."""
        ...

    def facet_values(self, facet: str) -> list[str]: ...

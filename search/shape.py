"""What one kind of search document is to an index: the fields it has there, and how words and ``field:value`` reach them.

Every kind has ``all`` (each searched text, as often as its weight says), ``words`` (everything unstemmed), ``title_words`` and
``title_key`` (what it is called), ``identifiers``, a ``facet_`` field for each facet, an ``order_`` key for each sort, and the stored
card and texts. So one ranking serves all kinds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from search.query_fields import Language


@dataclass(frozen=True, eq=False)
class Shape:
    """``searched`` says how often each field's text stands in ``all``; with 0 it is searched only where the field is named. A match in ``telling`` fields counts as much again; what is named
    in one of them is told of the thing itself. ``named`` texts are taken apart at inner capitals where they are marked."""

    name: str
    searched: Mapping[str, int]
    facets: tuple[str, ...]
    numbers: tuple[str, ...]
    sorts: tuple[str, ...]
    telling: Mapping[str, float]
    shown: tuple[str, ...]
    language: Language
    whole: tuple[str, ...] = ()
    """Fields of whole values beside those that every kind has."""
    names: frozenset[str] = field(default=frozenset())
    ends: Mapping[str, str] = field(default_factory=dict)
    """Facets of paths -> the facet of their last step."""

    def own_choices(self, facet: str) -> frozenset[str]:
        """The facets whose choices the counts of this one leave out: itself, and that of the last step of its paths."""
        return frozenset((facet, self.ends.get(facet, facet)))

    @cached_property
    def whole_fields(self) -> tuple[str, ...]:
        """The fields of whole values, which are not taken apart into words."""
        return ("title_key", "identifiers", *self.whole, *(f"facet_{name}" for name in self.facets))

"""What a query asks of an index, as typed values that every engine translates into its own.

:mod:`search.ranking` makes them from the meaning of a query, :mod:`search.filters` from the chosen filters. They name fields of
the index (search/prepared.py) and hold its terms, folded and stemmed already: an engine adds nothing of its own.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Every:
    """All documents."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """No document."""


@dataclass(frozen=True, slots=True)
class Term:
    field: str
    text: str


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One of the terms at least; does not score."""

    field: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """Terms that follow each other in this order, with at most ``slop`` others between."""

    field: str
    words: tuple[str, ...]
    slop: int = 0


@dataclass(frozen=True, slots=True)
class Begins:
    """A term that begins with the letters; scores 1."""

    field: str
    letters: str


@dataclass(frozen=True, slots=True)
class Between:
    """A number within both bounds, themselves included; does not score."""

    field: str
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Stated:
    """Documents with any value in the field; does not score."""

    field: str


@dataclass(frozen=True, slots=True)
class Both:
    """Every part of ``must``, none of ``must_not``; ``should`` adds to the score, and is demanded (one of it) where ``must`` is empty."""

    must: tuple[Clause, ...] = ()
    should: tuple[Clause, ...] = ()
    must_not: tuple[Clause, ...] = ()


@dataclass(frozen=True, slots=True)
class Best:
    """One of the parts; scores as the best of them, and ``tie`` of the others."""

    parts: tuple[Clause, ...]
    tie: float = 0.0


@dataclass(frozen=True, slots=True)
class Fixed:
    """Matches as the part does, with this score instead."""

    part: Clause
    score: float


@dataclass(frozen=True, slots=True)
class Times:
    part: Clause
    factor: float


Leaf = Every | Nothing | Term | AnyOf | Run | Begins | Between | Stated
Clause = Leaf | Both | Best | Fixed | Times


def leaves(clause: Clause) -> int:
    """How many conditions a clause holds; servers bound it."""
    match clause:
        case Both():
            return sum(map(leaves, (*clause.must, *clause.should, *clause.must_not)))
        case Best():
            return sum(map(leaves, clause.parts))
        case Fixed() | Times():
            return leaves(clause.part)
        case _:
            return 1

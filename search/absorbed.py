"""What a clause matches, without its scores and without what adds nothing: for counting, filtering, and conditions of a fixed worth.

``asthma`` or ``severe asthma`` side by side is ``asthma``: every document with the run has the word (absorption). Nor does a run add anything
to a demand for its words, wherever they stand. Ranking asks for a thing in many ways to weigh them; whether a document matches at all mostly
hangs on a few words, and runs cost an index most. The documents are exactly the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from search.clauses import Best, Both, Clause, Every, Fixed, Nothing, Run, Term, Times


def absorbed(clause: Clause) -> Clause:
    while isinstance(clause, (Times, Fixed)) or (isinstance(clause, Both) and len(clause.must) == 1 and not clause.must_not):
        clause = clause.must[0] if isinstance(clause, Both) else clause.part
    if isinstance(clause, Best):
        return _any_of(clause.parts)
    if isinstance(clause, Both):
        return _all_of(clause) if clause.must or clause.must_not else _any_of(clause.should)
    return clause


def _all_of(clause: Both) -> Clause:
    """Wishes beside demands only score."""
    needed = dict.fromkeys(map(absorbed, clause.must or (Both(should=clause.should),)))
    telling = tuple(part for part in needed if not isinstance(part, Every)) or (Every(),)
    excluded = tuple(map(absorbed, clause.must_not))
    return telling[0] if len(telling) == 1 and not excluded else Both(must=telling, must_not=excluded)


def _any_of(parts: Iterable[Clause]) -> Clause:
    ways = dict.fromkeys(way for part in parts for way in _ways(absorbed(part)))
    whole: set[Clause] = {way for way in ways if not isinstance(way, Both)}
    demands = [way for way in ways if isinstance(way, Both) and not way.must_not]
    kept = tuple(way for way in ways if not isinstance(way, Nothing) and not _adds_nothing(way, whole, demands)) or (Nothing(),)
    return kept[0] if len(kept) == 1 else Both(should=kept)


def _ways(clause: Clause) -> Iterator[Clause]:
    if isinstance(clause, Both) and not clause.must and not clause.must_not:
        yield from clause.should
    else:
        yield clause


def _adds_nothing(way: Clause, whole: set[Clause], demands: Iterable[Both]) -> bool:
    """Whether a way matches only what one of the others does."""
    if isinstance(way, Run):
        words: set[Clause] = {Term(way.field, word) for word in way.words}
        return not words.isdisjoint(whole) or any(all(_is_met(part, words) for part in demand.must) for demand in demands)
    return isinstance(way, Both) and (_is_within(way, whole) or any(set(demand.must) < set(way.must) for demand in demands))


def _is_met(demanded: Clause, held: set[Clause]) -> bool:
    """Whether what every document of a run holds is enough for a part of a demand."""
    return any(way in held for way in _ways(demanded))


def _is_within(clause: Clause, whole: set[Clause]) -> bool:
    match clause:
        case Both(must=()):
            return bool(clause.should) and all(_is_within(way, whole) for way in clause.should)
        case Both():
            return any(_is_within(part, whole) for part in clause.must)
        case Run():
            return clause in whole or any(Term(clause.field, word) in whole for word in clause.words)
        case _:
            return clause in whole

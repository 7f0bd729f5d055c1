"""Clauses (search/clauses.py) as queries of the server: one object for each, nothing written as text to be parsed."""

from __future__ import annotations

from typing import Any, Final

from search.clauses import (
    AnyOf,
    Begins,
    Best,
    Between,
    Both,
    Clause,
    Every,
    Fixed,
    Leaf,
    Nothing,
    Run,
    Stated,
    Term,
    Times,
)

Body = dict[str, Any]
_SCORED_INSIDE: Final = frozenset({"term", "match_phrase"})


def body_of(clause: Clause) -> Body:
    match clause:
        case Both():
            return _both(clause)
        case Best():
            return {"dis_max": {"queries": list(map(body_of, clause.parts)), "tie_breaker": clause.tie}}
        case Times():
            return _times(body_of(clause.part), clause.factor)
        case Fixed():
            return {"constant_score": {"filter": body_of(clause.part), "boost": clause.score}}
        case _:
            return _leaf(clause)


def _leaf(clause: Leaf) -> Body:  # noqa: PLR0911  one case for each kind of clause
    match clause:
        case Term():
            return {"term": {clause.field: {"value": clause.text}}}
        case Run():
            return {"match_phrase": {clause.field: {"query": " ".join(clause.words), "slop": clause.slop}}}
        case AnyOf():
            return {"terms": {clause.field: list(clause.texts)}}
        case Begins():
            return {"prefix": {clause.field: {"value": clause.letters}}}
        case Between():
            bounds = {"gte": clause.least, "lte": clause.most}
            return {"range": {clause.field: {bound: number for bound, number in bounds.items() if number is not None}}}
        case Stated():
            return {"exists": {"field": clause.field}}
        case Every():
            return {"match_all": {}}
        case Nothing():
            return {"match_none": {}}


def _both(clause: Both) -> Body:
    """A part that does not score goes where the server keeps it."""
    parts = {
        "must": [body_of(part) for part in clause.must if not _is_silent(part)],
        "filter": [body_of(part.part) for part in clause.must if isinstance(part, Fixed) and _is_silent(part)],
        "should": [body_of(part) for part in clause.should],
        "must_not": [body_of(part) for part in clause.must_not],
    }
    found: Body = {name: bodies for name, bodies in parts.items() if bodies}
    if clause.should and not clause.must:
        found["minimum_should_match"] = 1
    return {"bool": found}


def _is_silent(part: Clause) -> bool:
    return isinstance(part, Fixed) and part.score == 0


def _times(body: Body, factor: float) -> Body:
    (kind, inner), *_ = body.items()
    if kind in _SCORED_INSIDE:
        (name, options), *_ = inner.items()
        return {kind: {name: {**options, "boost": options.get("boost", 1.0) * factor}}}
    return {kind: {**inner, "boost": inner.get("boost", 1.0) * factor}}

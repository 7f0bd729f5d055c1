"""Facet counts of the embedded engine. A facet's counts leave out its own choice; those of paths also that of their last step."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import tantivy
from tantivy import Searcher

from search import engine
from search.filters import counted_facet
from search.mapping import within
from search.shape import Shape

MOST_VALUES: Final = 65_000
"""Distinct values that are counted at once; the engine refuses to count more, and others are counted by how they begin."""
_SIGNS: Final = re.compile(r"[\\.+*?()|\[\]{}^$]")


def count(
    searcher: Searcher, matching: tantivy.Query, filters: Mapping[str, tantivy.Query], query: engine.Query, shape: Shape
) -> tuple[engine.Facet, ...]:
    """The facets asked for, in that order; unknown names are left out."""
    asked = [name for name in query.facets if name in shape.facets]
    plain = [name for name in asked if shape.own_choices(name).isdisjoint(filters)]
    counts = _counted(searcher, within(matching, filters.values()), plain) if plain else {}
    for name in asked:
        if name not in counts:
            others = (one for other, one in filters.items() if other not in shape.own_choices(name))
            counts |= _counted(searcher, within(matching, others), [name])
    return tuple(counted_facet(name, counts[name], query.filters.get(name, ()), query.facet_values) for name in asked)


def values(searcher: Searcher, asked: tantivy.Query, name: str) -> dict[str, int]:
    """Every value of a facet among the documents asked for, with its count."""
    return _counted(searcher, asked, [name])[name]


def _counted(searcher: Searcher, asked: tantivy.Query, names: Sequence[str]) -> dict[str, dict[str, int]]:
    answer = searcher.aggregate(asked, {name: _terms(name) for name in names})
    return {name: _by_beginning(searcher, asked, name, "") if _is_cut(answer[name]) else _numbers(answer[name]) for name in names}


def _by_beginning(searcher: Searcher, asked: tantivy.Query, name: str, beginning: str) -> dict[str, int]:
    """The counts of the values that begin so, where they are too many to be counted at once: a part for each letter that follows."""
    found: dict[str, int] = {}
    passed: dict[str, None] = {}
    while True:
        part = _one(searcher, asked, name, include=_begins([beginning]), **({"exclude": _begins(passed)} if passed else {}))
        if not _is_cut(part):
            return found | _numbers(part)
        for longer in dict.fromkeys(value[: len(beginning) + 1] for value in _numbers(part)):
            if longer == beginning:
                found |= _numbers(_one(searcher, asked, name, include=[beginning]))
                continue
            inner = _one(searcher, asked, name, include=_begins([longer]))
            found |= _by_beginning(searcher, asked, name, longer) if _is_cut(inner) else _numbers(inner)
            passed[longer] = None


def _one(searcher: Searcher, asked: tantivy.Query, name: str, **which: Any) -> Any:
    return searcher.aggregate(asked, {name: _terms(name, **which)})[name]


def _terms(name: str, **which: Any) -> dict[str, Any]:
    return {"terms": {"field": f"facet_{name}", "size": MOST_VALUES, "segment_size": MOST_VALUES, **which}}


def _begins(beginnings: Iterable[str]) -> str:
    return f"(?:{'|'.join(_SIGNS.sub(lambda sign: chr(92) + sign[0], one) for one in beginnings)}).*"


def _is_cut(part: Any) -> bool:
    return bool(part.get("sum_other_doc_count"))


def _numbers(part: Any) -> dict[str, int]:
    return {bucket["key"]: bucket["doc_count"] for bucket in part["buckets"]}

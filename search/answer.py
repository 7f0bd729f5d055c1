"""One search of the embedded engine, from the understood query to the page: hits in order, counts, highlights."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Final

import orjson
import tantivy
from tantivy import Order, Searcher

from search import facets
from search.answer_words import TantivyWords
from search.clauses import Term
from search.engine import Hit, Page, Query, Similar
from search.highlight import Finder, explained
from search.mapping import counted, tantivy_query, within
from search.matched_columns import READ, Columns, Matched, Place, place_of, with_any, with_columns
from search.meanings import Meanings, Meant
from search.prepared_variables import VARIABLES
from search.shape import Shape
from search.similar import Described, likeness, reasons
from search.understanding import told

WINDOW: Final = 1_000
"""Results are ranked in windows of this size and its doublings, the same for every page in it, so that pages never shuffle."""
SHOWN_KEPT: Final = 50
"""Hits that are kept, ready to be shown, for one meaning."""


@dataclass(frozen=True, slots=True)
class _Found:
    """Addresses of one page with their scores, and the total."""

    hits: tuple[tuple[float, tantivy.DocAddress], ...]
    total: int


def answer(meanings: Meanings, query: Query, *, variables: Searcher | None = None) -> Page:
    """The page for a query, with the matching columns of its datasets where the index of variables is given. Nothing in its text is
    an error."""
    searcher, shape = meanings.searcher, meanings.shape
    meant, filters = meanings.of(query), meanings.filters(query)
    understood = meant.understood
    asked = within(meant.ranked, filters.values())
    found = _ranked(searcher, asked, query) if understood.by_score else _sorted(searcher, asked, query, shape)
    hits = tuple(_hit(searcher, score, address, meant, shape) for score, address in found.hits)
    if variables and understood.columns and (refs := with_any(hits)) and (sought := understood.columns()):
        hits = with_columns(hits, _matched_columns(variables, sought, refs))
    counts = facets.count(searcher, meant.matching, filters, query, shape) if query.facets else ()
    return Page(hits, found.total, counts, **told(understood))


def similar(searcher: Searcher, id_: str, limit: int) -> tuple[Similar, ...]:
    """Equal scores by id, as everywhere."""
    found = searcher.search(tantivy_query(Term("id", id_)), 1).hits
    if not found or limit < 1:
        return ()
    one = _described(searcher, found[0][1])
    ranked = _ranked(searcher, tantivy_query(likeness(TantivyWords(searcher), id_, one)), Query(limit=limit))
    others = [(str(searcher.doc(address).get_first("id")), _described(searcher, address)) for _, address in ranked.hits]
    return tuple(Similar(ref, other.card, reasons(one, other)) for ref, other in others)


def _described(searcher: Searcher, address: tantivy.DocAddress) -> Described:
    document = searcher.doc(address)
    return Described(orjson.loads(document.get_first("card") or b"{}"), orjson.loads(document.get_first("texts") or b"{}"))


def _matched_columns(searcher: Searcher, sought: Columns, refs: Sequence[str]) -> dict[str, Matched]:
    asked = tantivy_query(sought.of(refs), VARIABLES)
    counts = facets.values(searcher, asked, "dataset")
    typed = counts if sought.typed is None else facets.values(searcher, within(asked, [tantivy_query(sought.typed, VARIABLES)]), "dataset")
    ways = [tantivy_query(clause, VARIABLES) for clause in (sought.whole, sought.matching)]
    return {ref: Matched(count, tuple(_places(searcher, ways, ref)), ref not in typed) for ref, count in counts.items()}


def _places(searcher: Searcher, ways: Sequence[tantivy.Query], ref: str) -> Iterator[Place]:
    found: dict[str, Place] = {}
    of_dataset = tantivy_query(Term("facet_dataset", ref), VARIABLES)
    for way in ways:
        if len(found) < READ:
            hits = searcher.search(within(of_dataset, [way]), READ, count=False, order_by_field="order_dataset", order=Order.Asc).hits
            for key, address in hits:
                if key not in found:
                    found[str(key)] = place_of(orjson.loads(searcher.doc(address).get_first("card") or b"{}"))
    return islice(found.values(), READ)


def _hit(searcher: Searcher, score: float, address: tantivy.DocAddress, meant: Meant, shape: Shape) -> Hit:
    """What is shown of a document for the words of a search does not hang on its filters and pages, and is kept with their meaning."""
    place = address.segment_ord, address.doc
    hit = meant.shown.get(place)
    if hit is None:
        hit = _explained(searcher.doc(address), meant.understood.finder, shape)
        if len(meant.shown) < SHOWN_KEPT:
            meant.shown[place] = hit
    return replace(hit, score=score)


def _explained(document: tantivy.Document, finder: Finder | None, shape: Shape) -> Hit:
    id_, card = str(document.get_first("id")), orjson.loads(document.get_first("card") or b"{}")
    if finder is None:
        return Hit(id_, 0.0, card)
    texts: dict[str, Any] = orjson.loads(document.get_first("texts") or b"{}")
    why = explained(texts, finder, shape)
    return Hit(id_, 0.0, card, why.highlights, why.matched_in, why.by_synonym)


def _ranked(searcher: Searcher, asked: tantivy.Query, query: Query) -> _Found:
    """By score, equal scores by id. The window grows while its end falls among equals."""
    start, end = max(query.offset, 0), max(query.offset, 0) + max(query.limit, 0)
    size = WINDOW
    while size < end:
        size *= 2
    while True:
        result = searcher.search(asked, size)
        total, hits = counted(result), result.hits
        if size >= total or (end <= len(hits) and (end == 0 or _rounded(hits[end - 1][0]) > _rounded(hits[-1][0]))):
            break
        size *= 2
    return _Found(tuple(_in_order(searcher, hits, start, end)), total)


def _in_order(
    searcher: Searcher, hits: Sequence[tuple[float, tantivy.DocAddress]], start: int, end: int
) -> list[tuple[float, tantivy.DocAddress]]:
    """The slice of what stands by score, with equal scores that reach into it ordered by id."""
    end = min(end, len(hits))
    if start >= end:
        return []
    first, last = start, end
    while first and _rounded(hits[first - 1][0]) == _rounded(hits[start][0]):
        first -= 1
    while last < len(hits) and _rounded(hits[last][0]) == _rounded(hits[end - 1][0]):
        last += 1
    part = [(_rounded(score), address) for score, address in hits[first:last]]
    equals = {score for score, many in Counter(score for score, _ in part).items() if many > 1}
    part.sort(key=lambda hit: (-hit[0], str(searcher.doc(hit[1]).get_first("id")) if hit[0] in equals else ""))
    return part[start - first : end - first]


def _rounded(score: float) -> float:
    """Scores to what a sum of the same numbers in another order leaves alike."""
    return round(score, 5)


def _sorted(searcher: Searcher, asked: tantivy.Query, query: Query, shape: Shape) -> _Found:
    """By an ordering key, which ends on the id; without words, relevance is by title."""
    sort = query.sort if query.sort in shape.sorts else "title"
    result = searcher.search(
        asked, max(query.limit, 1), offset=max(query.offset, 0), order_by_field=f"order_{sort}", order=Order.Asc
    )
    hits = tuple((0.0, address) for _, address in result.hits) if query.limit > 0 else ()
    return _Found(hits, counted(result))

"""One search, from the query to the page: meaning, correction, ranking, filters, counts, highlights."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import orjson
import tantivy
from tantivy import Order, Searcher

from search import facets
from search.document import identifier_key
from search.engine import Hit, Page, Query
from search.highlight import Finder, explained
from search.language import title_key
from search.mapping import SORTS, counted, schema, stem
from search.query import Facet, Group, Identifier, Not, Required, Year, parse
from search.ranking import Ranking
from search.spelling import Spelling
from search.vocabulary import Vocabulary, lines

WINDOW: Final = 1_000
"""Results are ranked in windows of this size and its doublings, the same for every page in it, so that pages never shuffle."""
LONGEST_TEXT: Final = 1_000
_IDENTIFIER: Final = re.compile(r"\S*(?:\d\S*){4,}|10\.\d{4,9}/\S+|[a-z]+://\S+|[a-z2-7]{10}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Found:
    """Addresses of one page with their scores, and the total."""

    hits: tuple[tuple[float, tantivy.DocAddress], ...]
    total: int


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    return Vocabulary(lines(), stem)


def answer(searcher: Searcher, query: Query) -> Page:
    """The page for a query. Nothing in its text is an error."""
    text = query.text[:LONGEST_TEXT]
    ranking = Ranking(schema(), searcher, vocabulary(), lambda facet: facet_terms(searcher, facet))
    meaning = parse(text)
    filters = facets.filter_queries(schema(), query)
    if _is_identifier(searcher, text):
        scored = ranking.filter(Identifier(text))
        return _page(searcher, query, scored, filters, None)
    corrected = Spelling(schema(), searcher, vocabulary()).corrected(text, meaning)
    if corrected is not None and not _matches_title(ranking, text):
        text, meaning = corrected, parse(corrected)
    else:
        corrected = None
    has_words = _has_words(meaning)
    scored = ranking.query(text, meaning) if has_words else ranking.node(meaning)
    finder = Finder(ranking.sought(meaning)) if query.highlight and has_words else None
    by_score = query.sort == "relevance" and has_words
    matching = ranking.matching(text, meaning) if has_words else None
    return _page(searcher, query, scored, filters, finder, matching=matching, by_score=by_score, corrected_to=corrected)


def facet_terms(searcher: Searcher, facet: str) -> list[str]:
    return [value for value, _ in searcher.terms_with_prefix(f"facet_{facet}", "")]


def _page(
    searcher: Searcher, query: Query, scored: tantivy.Query, filters: Mapping[str, tantivy.Query], finder: Finder | None,
    *, matching: tantivy.Query | None = None, by_score: bool = False, corrected_to: str | None = None,
) -> Page:
    within = facets.joined(scored if by_score else matching or scored, filters)
    found = _ranked(searcher, within, query) if by_score else _sorted(searcher, within, query)
    hits = tuple(_hit(searcher, score, address, finder) for score, address in found.hits)
    counts = facets.count(searcher, matching or scored, filters, query) if query.facets else ()
    return Page(hits, found.total, counts, corrected_to=corrected_to)


def _hit(searcher: Searcher, score: float, address: tantivy.DocAddress, finder: Finder | None) -> Hit:
    document = searcher.doc(address)
    card = orjson.loads(document.get_first("card") or b"{}")
    if finder is None:
        return Hit(str(document.get_first("id")), score, card)
    texts: dict[str, Any] = orjson.loads(document.get_first("texts") or b"{}")
    return Hit(str(document.get_first("id")), score, card, *explained(texts, finder))


def _ranked(searcher: Searcher, within: tantivy.Query, query: Query) -> _Found:
    """By score, equal scores by id. The window grows while its end falls among equals."""
    start, end = max(query.offset, 0), max(query.offset, 0) + max(query.limit, 0)
    size = WINDOW
    while size < end:
        size *= 2
    while True:
        result = searcher.search(within, size)
        total = counted(result)
        hits = [(_rounded(score), address) for score, address in result.hits]
        if size >= total or (end <= len(hits) and (end == 0 or hits[end - 1][0] > hits[-1][0])):
            break
        size *= 2
    return _Found(tuple(_in_order(searcher, hits, start, end)), total)


def _in_order(
    searcher: Searcher, hits: Sequence[tuple[float, tantivy.DocAddress]], start: int, end: int
) -> list[tuple[float, tantivy.DocAddress]]:
    """The slice, with equal scores that reach into it ordered by id."""
    ordered = sorted(hits, key=lambda hit: -hit[0])
    end = min(end, len(ordered))
    if start >= end:
        return []
    first, last = start, end
    while first and ordered[first - 1][0] == ordered[start][0]:
        first -= 1
    while last < len(ordered) and ordered[last][0] == ordered[end - 1][0]:
        last += 1
    part = ordered[first:last]
    if len({score for score, _ in part}) < len(part):
        part.sort(key=lambda hit: (-hit[0], str(searcher.doc(hit[1]).get_first("id"))))
    return part[start - first : end - first]


def _rounded(score: float) -> float:
    """Scores to what a sum of the same numbers in another order leaves alike."""
    return round(score, 5)


def _sorted(searcher: Searcher, within: tantivy.Query, query: Query) -> _Found:
    """By an ordering key, which ends on the id; without words, relevance is by title."""
    sort = query.sort if query.sort in SORTS else "title"
    result = searcher.search(
        within, max(query.limit, 1), offset=max(query.offset, 0), order_by_field=f"order_{sort}", order=Order.Asc
    )
    hits = tuple((0.0, address) for _, address in result.hits) if query.limit > 0 else ()
    return _Found(hits, counted(result))


def _is_identifier(searcher: Searcher, text: str) -> bool:
    """Whether the whole text is the identifier of a dataset. A plain word that some custodian uses as one is not."""
    key = identifier_key(text)
    return bool(_IDENTIFIER.fullmatch(key)) and searcher.doc_freq("identifiers", key) > 0


def _matches_title(ranking: Ranking, text: str) -> bool:
    key = title_key(text)
    return bool(key) and ranking.searcher.doc_freq("title_key", key) > 0


def _has_words(meaning: Group) -> bool:
    return any(not isinstance(part, (Not, Facet, Identifier, Year)) for part in map(_unwrapped, meaning.parts))


def _unwrapped(node: Any) -> Any:
    return node.node if isinstance(node, Required) else node

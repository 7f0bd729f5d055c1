"""What a query means to an index, before any engine runs it: identifier, correction, ranking, filters, what to mark."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from typing import Any, Final

from search import codes
from search.absorbed import absorbed
from search.analysis import stem
from search.clauses import Clause
from search.document import identifier_key
from search.engine import Query
from search.filters import filter_clauses
from search.highlight import Finder
from search.index_words import IndexWords
from search.language import title_key, typed_text
from search.matched_columns import Columns, columns
from search.prepared import DATASETS
from search.query import Facet, Group, Identifier, Not, Required, Year, parse, plain_words
from search.ranking import NO_OTHER_WORDS, Ranking
from search.shape import Shape
from search.spelling import Spelling
from search.vocabulary import Vocabulary, lines

LONGEST_TEXT: Final = 1_000
_IDENTIFIER: Final = re.compile(r"(?=(?:\D*\d){4})\S+|10\.\d{4,9}/\S+|[a-z]+://\S+|[a-z2-7]{10}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Understood:
    """``scored`` and ``matching`` match the same documents, the second at less cost. ``by_score`` orders by relevance; otherwise the
    query's sort does, and relevance is by title. ``finder`` marks; it is there where marks are wanted and words were typed."""

    scored: Clause
    matching: Clause
    filters: Mapping[str, Clause]
    by_score: bool = False
    finder: Finder | None = None
    columns: Callable[[], Columns | None] | None = None
    """Works out what the columns of the datasets found may hold; None where that is not asked."""
    corrected_to: str | None = None
    did_you_mean: str | None = None
    also_searched: tuple[str, ...] = ()
    read_as: tuple[str, ...] = ()


def told(understood: Understood) -> dict[str, Any]:
    """What a page says of how its words were understood."""
    names = ("corrected_to", "did_you_mean", "also_searched", "read_as")
    return {name: getattr(understood, name) for name in names}


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    return Vocabulary((*lines(), *codes.rules()), stem)


def understand(index: IndexWords, query: Query, shape: Shape = DATASETS) -> Understood:
    """Nothing in the text of a query is an error."""
    text = typed_text(query.text, LONGEST_TEXT)
    filters = filter_clauses(query, shape)
    known = NO_OTHER_WORDS if query.exact else vocabulary()
    ranking, spelling = Ranking(index, known, shape), Spelling(index, known)
    meaning = parse(text, shape.language)
    index.expect(_expected(ranking, spelling, text, meaning))
    if _is_identifier(index, text):
        found = ranking.filter(Identifier(text))
        return Understood(found, found, filters)
    is_as_typed = query.exact or _is_title(index, text)
    corrected = None if is_as_typed else spelling.corrected(text, meaning)
    if corrected is not None:
        text, meaning = corrected, parse(corrected, shape.language)
        index.expect(_expected(ranking, spelling, text, meaning))
    if not _has_words(meaning):
        found = ranking.node(meaning)
        return Understood(found, found, filters, corrected_to=corrected)
    scored = ranking.query(text, meaning)
    return Understood(
        scored, absorbed(scored), filters, by_score=query.sort == "relevance",
        finder=Finder(ranking.sought(meaning)) if query.highlight else None,
        columns=cache(partial(columns, ranking, meaning)) if query.highlight and shape is DATASETS else None, corrected_to=corrected,
        did_you_mean=spelling.meant(text, meaning) if query.highlight and corrected is None and not is_as_typed else None,
        also_searched=ranking.also(meaning) if query.highlight else (), read_as=_codes(meaning) if query.highlight and not query.exact else (),
    )  # fmt: skip


def _codes(meaning: Group) -> tuple[str, ...]:
    known = filter(None, map(codes.meant_by, plain_words(meaning)))
    return tuple(dict.fromkeys(f"{one.system} {one.code}, {one.name}" for one in known))


def _expected(ranking: Ranking, spelling: Spelling, text: str, meaning: Group) -> Iterator[tuple[str, str]]:
    """Worked out only as an index takes them."""
    if text.strip():
        yield from (("identifiers", identifier_key(text)), ("title_key", title_key(text)))
    yield from ranking.expected(meaning)
    yield from spelling.expected(meaning)


def _is_identifier(index: IndexWords, text: str) -> bool:
    """Whether the whole text is the identifier of a dataset. A plain word that some custodian uses as one is not."""
    key = identifier_key(text)
    return bool(_IDENTIFIER.fullmatch(key)) and index.documents("identifiers", key) > 0


def _is_title(index: IndexWords, text: str) -> bool:
    key = title_key(text)
    return bool(key) and index.documents("title_key", key) > 0


def _has_words(meaning: Group) -> bool:
    return any(not isinstance(part, (Not, Facet, Identifier, Year)) for part in map(_unwrapped, meaning.parts))


def _unwrapped(node: Any) -> Any:
    return node.node if isinstance(node, Required) else node

"""Suggestions while typing: datasets, custodians, keywords and columns by the beginnings of their words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

import orjson
from tantivy import Searcher

from search.clauses import Begins, Both, Clause, Fixed, Term
from search.engine import Suggestion
from search.filters import STANDS_BEHIND
from search.language import title_key, words_of
from search.mapping import tantivy_query
from search.prepared import SEPARATOR
from search.variable import name_key

SHARE: Final = 0.5
"""Datasets take at least this part of the places where there are enough of them."""
LONGEST_PREFIX: Final = 100
ENTRIES: Final = 4
"""Entries read for each suggestion wanted, as several may be of one text."""


def suggest(searcher: Searcher, variables: Searcher, typed: str, limit: int) -> tuple[Suggestion, ...]:
    """At most ``limit``: custodians, keywords and columns first, as they are few, then datasets. Nothing for nothing typed."""
    prefix = title_key(typed)
    if not prefix or limit < 1:
        return ()
    datasets = _datasets(searcher, titles_beginning(typed), limit)
    custodians = distinct(_entries(searcher, "suggest_custodian", prefix, limit))
    keywords = distinct(_entries(searcher, "suggest_keyword", prefix, limit))
    columns = distinct(_entries(variables, "suggest_name", prefix, limit), key=name_key)
    return mixed(datasets, custodians, keywords, columns, limit)


def titles_beginning(typed: str) -> Clause:
    """Datasets whose titles hold the words and one that begins as the last; those whose title begins so come first."""
    words = words_of(typed)
    held = (Term("title_words", word) for word in words[:-1])
    return Both((*held, Begins("title_words", words[-1])), (Fixed(Begins("title_key", " ".join(words)), 1.0),), (STANDS_BEHIND,))


def distinct(entries: Iterable[str], key: Callable[[str], str] = title_key) -> list[str]:
    """The texts of entries (search/prepared.py), each once, whatever its case and punctuation."""
    found: dict[str, str] = {}
    for entry in entries:
        text = entry.partition(SEPARATOR)[2]
        found.setdefault(key(text), text)
    return list(found.values())


def mixed(
    datasets: Sequence[Suggestion], custodians: Sequence[str], keywords: Sequence[str], columns: Sequence[str], limit: int
) -> tuple[Suggestion, ...]:
    """Datasets take half of the places, columns at most a third of the others."""
    room = limit - min(len(datasets), max(1, round(limit * SHARE)))
    last = min(len(columns), max(1, room // 3)) if room > 1 else 0
    found = [Suggestion(text, "custodian") for text in custodians[: room - last]]
    found += [Suggestion(text, "keyword") for text in keywords[: room - last - len(found)]]
    found += [Suggestion(text, "variable") for text in columns[: room - len(found)]]
    return (*found, *datasets[: limit - len(found)])


def _datasets(searcher: Searcher, asked: Clause, limit: int) -> list[Suggestion]:
    found: list[Suggestion] = []
    for _, address in searcher.search(tantivy_query(asked), limit, count=False).hits:
        document = searcher.doc(address)
        id_ = str(document.get_first("id"))
        found.append(Suggestion(str(orjson.loads(document.get_first("card") or b"{}").get("title", id_)), "dataset", id_))
    return found


def _entries(searcher: Searcher, field: str, prefix: str, limit: int) -> list[str]:
    return [entry for entry, _ in searcher.terms_with_prefix(field, prefix, limit=limit * ENTRIES)]

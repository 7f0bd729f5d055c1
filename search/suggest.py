"""Suggestions while typing: datasets, custodians and keywords by the beginnings of their words."""

from __future__ import annotations

from typing import Final

import orjson
from tantivy import Occur, Query, Schema, Searcher

from search.engine import Suggestion
from search.language import title_key, words_of

SHARE: Final = 0.5
"""Datasets take at least this part of the places where there are enough of them."""


def suggest(searcher: Searcher, schema: Schema, typed: str, limit: int) -> tuple[Suggestion, ...]:
    """At most ``limit``: custodians and keywords first, as they are few, then datasets. Nothing for nothing typed."""
    prefix = title_key(typed)
    if not prefix or limit < 1:
        return ()
    datasets = _datasets(searcher, schema, words_of(typed), limit)
    room = limit - min(len(datasets), max(1, round(limit * SHARE)))
    custodians = _values(searcher, "suggest_custodian", prefix, room)
    keywords = _values(searcher, "suggest_keyword", prefix, room - len(custodians))
    found = [Suggestion(text, "custodian") for text in custodians] + [Suggestion(text, "keyword") for text in keywords]
    return (*found, *datasets[: limit - len(found)])


def _datasets(searcher: Searcher, schema: Schema, words: list[str], limit: int) -> list[Suggestion]:
    *whole, last = words
    clauses = [(Occur.Must, Query.term_query(schema, "title_words", word, "freq")) for word in whole]
    clauses.append((Occur.Must, Query.regex_query(schema, "title_words", f"{last}.*")))
    clauses.append((Occur.Should, Query.const_score_query(Query.regex_query(schema, "title_key", f"{' '.join(words)}.*"), 1.0)))
    hits = searcher.search(Query.boolean_query(clauses), limit, count=False).hits
    found: list[Suggestion] = []
    for _, address in hits:
        document = searcher.doc(address)
        id_ = str(document.get_first("id"))
        found.append(Suggestion(str(orjson.loads(document.get_first("card") or b"{}").get("title", id_)), "dataset", id_))
    return found


def _values(searcher: Searcher, field: str, prefix: str, limit: int) -> list[str]:
    if limit < 1:
        return []
    found: dict[str, str] = {}
    for entry, _ in searcher.terms_with_prefix(field, prefix, limit=limit * 4):
        text = entry.partition("\x1f")[2]
        found.setdefault(title_key(text), text)
    return list(found.values())[:limit]

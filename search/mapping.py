"""FIELDS as a Tantivy schema, and search documents as Tantivy documents.

The fields of the index: one stemmed field for each text of weight (tables and columns share ``structure``, the keyword fields
that count for plain words share ``facts``), ``all`` with all of them, each as often as its weight says (BM25F), ``words`` with
everything unstemmed, for prefixes, phrases and spelling, one raw
field for each facet, one ordering key for each sort, which ends on the id, and the stored card and texts as JSON.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

import orjson
import tantivy

from search.document import BY_NAME, FIELDS, NOT_REPORTED, Field
from search.engine import SearchDocument
from search.language import WORD, indexed_name, indexed_text, title_key

STRUCTURE: Final = ("tables", "table_descriptions", "columns", "column_descriptions")
SEARCHED: Final = (
    *(field.name for field in FIELDS if field.analysis == "text" and field.weight and field.name not in STRUCTURE),
    "structure",
    "facts",
)
"""The fields plain words are looked for in."""
FACT_FIELDS: Final = tuple(field for field in FIELDS if field.facet and field.weight)
FACET_FIELDS: Final = tuple(field for field in FIELDS if field.facet)
SHOWN: Final = tuple(field.name for field in FIELDS if field.is_shown)
STORED: Final = tuple(field.name for field in FIELDS if field.stored)
SORTS: Final = {"title": "title", "newest": "first_seen", "updated": "updated", "start": "year_start", "population": "population", "quality": "quality"}
DESCENDING: Final = frozenset({"newest", "updated", "population", "quality"})
SHOWN_CHARACTERS: Final = 60_000
_KEY_WIDTH: Final = 15
_KEY_MIDDLE: Final = 10**14


@lru_cache(maxsize=1)
def schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("version", indexed=False, fast=True)
    for name in ("all", *SEARCHED):
        builder.add_text_field(name, tokenizer_name="stemmed", index_option="position")
    builder.add_text_field("title_words", tokenizer_name="unstemmed", index_option="position")
    builder.add_text_field("words", tokenizer_name="unstemmed", index_option="position")
    for name in ("title_key", "identifiers", "suggest_custodian", "suggest_keyword"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for field in FACET_FIELDS:
        builder.add_text_field(f"facet_{field.name}", fast=True, tokenizer_name="raw", index_option="basic")
    for name in ("year_first", "year_last", "population"):
        builder.add_integer_field(name, indexed=True, fast=True)
    for sort in SORTS:
        builder.add_text_field(f"order_{sort}", fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_bytes_field("card", stored=True)
    builder.add_bytes_field("texts", stored=True)
    return builder.build()


@lru_cache(maxsize=2)
def analyzer(*, stemmed: bool) -> tantivy.TextAnalyzer:
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.regex(WORD))
    builder = builder.filter(tantivy.Filter.lowercase()).filter(tantivy.Filter.ascii_fold())
    return builder.filter(tantivy.Filter.stemmer("english")).build() if stemmed else builder.build()


def register(index: tantivy.Index) -> None:
    """Analyzers are not kept in the index: every process registers them before it reads or writes."""
    index.register_tokenizer("stemmed", analyzer(stemmed=True))
    index.register_tokenizer("unstemmed", analyzer(stemmed=False))


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The stem of one folded word."""
    found = analyzer(stemmed=True).analyze(word)
    return found[0] if len(found) == 1 else word


def index_document(document: SearchDocument) -> tantivy.Document:
    made = tantivy.Document()
    made.add_text("id", document["id"])
    made.add_integer("version", document["version"])
    _add_texts(made, document)
    _add_facets(made, document)
    _add_numbers(made, document)
    made.add_bytes("card", orjson.dumps({name: document[name] for name in STORED if name in document}))
    made.add_bytes("texts", orjson.dumps({name: _shortened(document[name]) for name in SHOWN if name in document}))
    return made


def _add_texts(made: tantivy.Document, document: SearchDocument) -> None:
    for name in SEARCHED:
        for text in _searched(name, document):
            made.add_text(name, text)
            made.add_text("words", text)
            for _ in range(BY_NAME[name].weight if name in BY_NAME else 1):
                made.add_text("all", text)
    title = document.get("title", "")
    made.add_text("title_words", indexed_text(title))
    made.add_text("title_key", title_key(title))
    for identifier in document.get("identifiers", ()):
        made.add_text("identifiers", identifier)
    for entry in _suggestions([document["custodian_name"]] if "custodian_name" in document else []):
        made.add_text("suggest_custodian", entry)
    for entry in _suggestions(document.get("keywords", ())):
        made.add_text("suggest_keyword", entry)


def _searched(name: str, document: SearchDocument) -> Iterator[str]:
    """The texts of one searched field, ready for the analyzer."""
    if name == "facts":
        for field in FACT_FIELDS:
            yield from (indexed_text(value) for value in document.get(field.name, ()))
        return
    for source in STRUCTURE if name == "structure" else (name,):
        value = document.get(source, ())
        texts = [value] if isinstance(value, str) else value
        yield from map(indexed_name if BY_NAME[source].analysis == "names" else indexed_text, texts)


def _suggestions(values: Any) -> Iterator[str]:
    """``folded text from each of its words on`` + separator + text: found by the prefix of any of its words."""
    for value in values:
        words = title_key(value).split()
        if len(value) <= 100:
            yield from (f"{' '.join(words[start:])}\x1f{value}" for start in range(min(len(words), 6)))


def _add_facets(made: tantivy.Document, document: SearchDocument) -> None:
    for field in FACET_FIELDS:
        for value in facet_values(field, document):
            made.add_text(f"facet_{field.name}", value)


def facet_values(field: Field, document: SearchDocument) -> list[str]:
    """The distinct values of a facet, or that it is not reported."""
    values = document.get(field.name, [])
    found = list(dict.fromkeys([values] if isinstance(values, str) else values))
    return found or ([NOT_REPORTED] if field.has_not_reported else [])


def _add_numbers(made: tantivy.Document, document: SearchDocument) -> None:
    first, last = document.get("year_start"), document.get("year_end")
    if first is not None or last is not None:
        made.add_integer("year_first", first if first is not None else 0)
        made.add_integer("year_last", last if last is not None else 9999)
    if document.get("population") is not None:
        made.add_integer("population", document["population"])
    for sort, name in SORTS.items():
        made.add_text(f"order_{sort}", order_key(sort, document.get(name), document["id"]))


def order_key(sort: str, value: Any, id_: str) -> str:
    """A text that sorts as the value does, then by id; documents without the value come last."""
    if value is None:
        return f"~{id_}"
    if sort == "title":
        return f"{title_key(value) or '~'}\x1f{id_}"
    number = _timestamp(value) if isinstance(value, str) else float(value)
    scaled = min(max(round(number * 100), -_KEY_MIDDLE + 1), _KEY_MIDDLE - 1)
    return f"{_KEY_MIDDLE + (-scaled if sort in DESCENDING else scaled):0{_KEY_WIDTH}d}\x1f{id_}"


def _timestamp(value: str) -> float:
    moment = datetime.fromisoformat(value)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _shortened(value: Any) -> Any:
    """What is kept for highlights is bounded; what is searched is not."""
    if isinstance(value, str):
        return value[:SHOWN_CHARACTERS]
    kept, size = [], 0
    for text in value:
        size += len(text)
        if size > SHOWN_CHARACTERS:
            break
        kept.append(text)
    return kept


def counted(result: tantivy.SearchResult) -> int:
    """How many documents match, beyond those returned."""
    count = result.count  # type: ignore[attr-defined]  # the binding has it, its stub has not
    return int(count or 0)

"""What an index holds (search/prepared.py) as a Tantivy schema and Tantivy documents, and clauses as Tantivy queries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final

import orjson
import tantivy
from tantivy import FieldType, Occur, Query

from search.analysis import analyzer
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
from search.prepared import DATASETS, Prepared
from search.shape import Shape

_FAST: Final = ("facet_",)


@cache
def schema(shape: Shape = DATASETS) -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("version", indexed=False, fast=True)
    for name in ("all", *shape.searched):
        builder.add_text_field(name, tokenizer_name="stemmed", index_option="position")
    builder.add_text_field("title_words", tokenizer_name="unstemmed", index_option="position")
    builder.add_text_field("words", tokenizer_name="unstemmed", index_option="position")
    for name in shape.whole_fields:
        builder.add_text_field(name, fast=name.startswith(_FAST), tokenizer_name="raw", index_option="basic")
    for name in shape.numbers:
        builder.add_integer_field(name, indexed=True, fast=True)
    for sort in shape.sorts:
        builder.add_text_field(f"order_{sort}", fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_bytes_field("card", stored=True)
    builder.add_bytes_field("texts", stored=True)
    return builder.build()


def register(index: tantivy.Index) -> None:
    """Analyzers are not kept in the index: every process registers them before it reads or writes."""
    index.register_tokenizer("stemmed", analyzer(stemmed=True))
    index.register_tokenizer("unstemmed", analyzer(stemmed=False))


def index_document(held: Prepared, shape: Shape = DATASETS) -> tantivy.Document:
    made = tantivy.Document()
    made.add_text("id", held.id)
    made.add_integer("version", held.version)
    for name, texts in held.texts.items():
        weight = shape.searched[name]
        for text in texts:
            made.add_text(name, text)
            if weight:
                made.add_text("words", text)
            for _ in range(weight):
                made.add_text("all", text)
    made.add_text("title_words", held.title)
    for name, values in held.whole.items():
        for value in values:
            made.add_text(name, value)
    for name, number in held.numbers.items():
        made.add_integer(name, number)
    for sort, key in held.orders.items():
        made.add_text(f"order_{sort}", key)
    made.add_bytes("card", orjson.dumps(held.card))
    made.add_bytes("texts", orjson.dumps(held.shown))
    return made


def tantivy_query(clause: Clause, shape: Shape = DATASETS) -> Query:
    return _query(clause, schema(shape), {})


def within(scored: Query, filters: Iterable[Query]) -> Query:
    """What is scored, among the documents of all filters."""
    kept = [(Occur.Must, Query.const_score_query(one, 0.0)) for one in filters]
    return Query.boolean_query([(Occur.Must, scored), *kept]) if kept else scored


def _query(clause: Clause, fields: tantivy.Schema, made: dict[Leaf, Query]) -> Query:
    """``made`` keeps what is asked of the index more than once in a query."""
    if isinstance(clause, Times):
        return Query.boost_query(_query(clause.part, fields, made), clause.factor)
    if isinstance(clause, Both):
        return _both(clause, fields, made)
    if isinstance(clause, Best):
        return Query.disjunction_max_query([_query(part, fields, made) for part in clause.parts], clause.tie)
    if isinstance(clause, Fixed):
        return Query.const_score_query(_query(clause.part, fields, made), clause.score)
    found = made.get(clause)
    if found is None:
        found = made[clause] = _leaf(clause, fields)
    return found


def _leaf(clause: Leaf, fields: tantivy.Schema) -> Query:  # noqa: PLR0911  one case for each kind of clause
    match clause:
        case Term():
            return Query.term_query(fields, clause.field, clause.text, "freq")
        case Run():
            return Query.phrase_query(fields, clause.field, list(clause.words), clause.slop)
        case AnyOf():
            return Query.term_set_query(fields, clause.field, list(clause.texts))
        case Begins():
            return Query.regex_query(fields, clause.field, f"{clause.letters}.*")
        case Between():
            return Query.range_query(fields, clause.field, FieldType.Integer, lower_bound=clause.least, upper_bound=clause.most)
        case Stated():
            return Query.exists_query(clause.field)
        case Every():
            return Query.all_query()
        case Nothing():
            return Query.empty_query()


def _both(clause: Both, fields: tantivy.Schema, made: dict[Leaf, Query]) -> Query:
    parts = [(Occur.Must, _query(part, fields, made)) for part in clause.must]
    parts += [(Occur.Should, _query(part, fields, made)) for part in _wished(clause)]
    parts += [(Occur.MustNot, _query(part, fields, made)) for part in clause.must_not]
    return Query.boolean_query(parts)


def _wished(clause: Both) -> Iterator[Clause]:
    """What is wished for, without brackets around nothing but wishes: a sum of sums is a sum, and one union is quicker than several."""
    for part in clause.should:
        if isinstance(part, Both) and not part.must and not part.must_not:
            yield from _wished(part)
        else:
            yield part


def counted(result: tantivy.SearchResult) -> int:
    """How many documents match, beyond those returned."""
    count = result.count  # type: ignore[attr-defined]  # the binding has it, its stub has not
    return int(count or 0)

"""What the parts of a harvest do with nothing of ours between them: parse, judge against the schema, write a row, index.

The yardstick of benchmarks/harvest.py. No translation, no rules, no history, no kept bytes: JSON by orjson, every error of the
compiled schema by jsonschema-rs, a row of SQLite in transactions of a hundred, a document of five fields in Tantivy, one commit.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
import tantivy

BATCH = 100


@dataclass(frozen=True, slots=True)
class Body:
    """A document as it comes, with the compiled schema that it is to be judged by."""

    body: bytes
    validator: Any


def chain(bodies: Iterable[Body], folder: Path) -> int:
    """Returns how many documents the index then holds."""
    folder.mkdir(parents=True)
    database = sqlite3.connect(folder / "bare.sqlite")
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=NORMAL")
    database.execute("CREATE TABLE records (id TEXT PRIMARY KEY, title TEXT, document TEXT, errors TEXT)")
    index = tantivy.Index(_schema(), path=str(folder))
    writer = index.writer(64_000_000, 1)
    following = iter(bodies)
    while rows := [_row(one, writer) for one in islice(following, BATCH)]:
        with database:
            database.executemany("INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?)", rows)
    database.close()
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    return int(index.searcher().num_docs)


def _row(one: Body, writer: tantivy.IndexWriter) -> tuple[str, str, str, str]:
    document = orjson.loads(one.body)
    errors = [] if one.validator.is_valid(document) else [error.message[:120] for error in one.validator.iter_errors(document)]
    summary = document["summary"]
    made = tantivy.Document()
    for name, text in _texts(document):
        made.add_text(name, text)
    writer.add_document(made)
    return str(document.get("identifier") or summary["title"]), summary["title"], one.body.decode(), orjson.dumps(errors).decode()


def _texts(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    summary, documentation = document["summary"], document.get("documentation") or {}
    keywords = summary.get("keywords") or []
    yield "id", str(document.get("identifier") or summary["title"])
    yield "title", summary["title"]
    yield "abstract", summary.get("abstract") or ""
    yield "description", documentation.get("description") or ""
    yield from (("keywords", str(word)) for word in (keywords if isinstance(keywords, list) else [keywords]))


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw")
    for name in ("title", "abstract", "description", "keywords"):
        builder.add_text_field(name, stored=True, tokenizer_name="en_stem")
    return builder.build()

"""Small search documents, and whole engines filled with them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from schemas.record import Dataset
from search.document import Facts, search_document
from search.embedded import EmbeddedEngine
from search.engine import Page, Query, SearchDocument, SearchEngine

ENGINES: dict[str, Callable[[Path], SearchEngine]] = {"embedded": EmbeddedEngine}
"""Every implementation of the contract, made over a folder of its own."""


def record(**sections: Any) -> Dataset:
    """A record of the sections given, in the specification's JSON names."""
    return Dataset.from_json(sections)


def document(id_: str, title: str = "A dataset", *, version: int = 1, **fields: Any) -> SearchDocument:
    """A search document with the plain values given; see FIELDS for the names."""
    made = search_document(record(summary={"title": title}), Facts(ref=id_, pid=None, version=version))
    return {**made, **fields}


def ids(page: Page) -> list[str]:
    return [hit.id for hit in page.hits]


def found(engine: SearchEngine, text: str, **options: Any) -> list[str]:
    return ids(engine.search(Query(text=text, **options)))

"""Small search documents, and whole engines filled with them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import Any

from schemas.record import Dataset
from search.document import Facts, search_document
from search.elastic import ElasticEngine
from search.elastic.connection import connect
from search.embedded import EmbeddedEngine
from search.engine import Page, Query, SearchDocument, SearchEngine
from tests.search_servers import MAKERS, search_server


def elastic_engine(kind: str, folder: Path, *, lease_seconds: float = 60.0) -> ElasticEngine:
    """An engine whose indices are named for a folder, on the running server of the kind; leaves the test out where there is none."""
    name = hashlib.sha256(str(folder).encode()).hexdigest()[:16]
    return ElasticEngine(f"{server_url(kind)}/{name}", lease_seconds=lease_seconds)


def server_url(kind: str) -> str:
    """Where the server is; processes that tests start find it in the environment."""
    variable = f"TEST_SEARCH_SERVER_{kind.upper()}"
    if variable not in os.environ:
        os.environ[variable] = search_server(kind).url
    return os.environ[variable]


def forget(engine: SearchEngine) -> None:
    """Close the engine, and delete what it left on a server."""
    if isinstance(engine, ElasticEngine):
        client = connect(engine.address)
        held = client.indices.get_alias(index=f"{engine.address.name}-*")
        if held:
            client.indices.delete(index=list(held))
        client.close()
    engine.close()


SERVERS = tuple(MAKERS)
ENGINES: dict[str, Callable[[Path], SearchEngine]] = {"embedded": EmbeddedEngine} | {kind: partial(elastic_engine, kind) for kind in SERVERS}
"""Every implementation of the contract, made over a folder of its own."""


def record(**sections: Any) -> Dataset:
    """A record of the sections given, in the specification's JSON names."""
    return Dataset.from_json(sections)


def document(id_: str, title: str = "A dataset", *, version: int = 1, **fields: Any) -> SearchDocument:
    """A search document with the plain values given; see FIELDS for the names. Columns are variables too."""
    made = search_document(record(summary={"title": title}), Facts(ref=id_, pid=None, version=version))
    if "variables" in fields:
        listed = fields["variables"]
        columns = {"columns": [column.get("name", "") for column in listed], "column_descriptions": [column.get("description", "") for column in listed]}
        return {**made, **columns, "column_count": len(listed), **fields}
    described = zip_longest(fields.get("columns", ()), fields.get("column_descriptions", ()), fillvalue="")
    named = [{"name": name, "description": description} for name, description in described]
    return {**made, **({"variables": named, "column_count": len(named)} if named else {}), **fields}


def ids(page: Page) -> list[str]:
    return [hit.id for hit in page.hits]


def found(engine: SearchEngine, text: str, **options: Any) -> list[str]:
    return ids(engine.search(Query(text=text, **options)))

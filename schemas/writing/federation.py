"""Canonical record -> an item of a federation list, and the list. Texts over the limits of the published list are kept whole."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from schemas.explain import explain
from schemas.record import Dataset
from schemas.versions import VERSIONS
from schemas.writing.report import Entry, Written
from schemas.writing.writer import Writing, gap_of, rows, same

LIST = VERSIONS["GMI list"]
ITEM = rows(same, "summary.title -> name", "summary.abstract -> description", "version", "issued", "modified")


def list_item(record: Dataset, *, persistent_id: str, address: str, source: str, schema: str) -> Written:
    """One item. ``address`` is where the whole record is served, ``source`` names the organisation, and ``schema`` is the
    number or the address of the schema in which the record is served there.
    """
    writing = Writing(record.as_json())
    writing.document |= {"@schema": schema, "type": "dataset", "persistentId": persistent_id}
    writing.apply(ITEM)
    writing.document |= {"self": address, "source": source}
    writing.drop_the_rest()
    gaps = [_of_the_item(gap_of(finding)) for finding in explain({"items": [writing.document]}, LIST)]
    return Written("GMI list", writing.document, (*writing.report, *gaps))


def federation_list(items: Iterable[Written], *, total: int, limit: int, offset: int, query: str | None = None) -> dict[str, Any]:
    """A page of a list. ``total`` counts all items that the query finds, not only those of the page."""
    asked = {} if query is None else {"q": query}
    return {"query": {**asked, "total": total, "limit": limit, "offset": offset}, "items": [item.document for item in items]}


def _of_the_item(entry: Entry) -> Entry:
    path = (entry.to_path or "").removeprefix("/items/0")
    return Entry(entry.kind, None, path, entry.value, entry.rule, entry.is_reversible, entry.message)

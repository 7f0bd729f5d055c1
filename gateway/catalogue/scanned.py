"""A dataset's tables and columns with what scans of the data tell of them. The record itself stays as its source sent it.

What small counts tell was left out when a scan was read (schemas/scan_reports).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.models import Record
from gateway.store import Store, scans
from gateway.store.scans import Kept
from schemas.record import Dataset
from schemas.scan_reports import joined, unmarked


def with_scans(store: Store, record: Record, dataset: Dataset) -> tuple[Dataset, list[Kept]]:
    """For showing, and the scans that were taken in."""
    with store.reading() as session:
        kept = scans.of_record(session, record)
    return (_with_tables(dataset, _joined(dataset, kept)) if kept else dataset), kept


def to_be_searched(dataset: Dataset, kept: Sequence[Kept]) -> tuple[Dataset, frozenset[tuple[str, str]]]:
    """The dataset with what the scans tell, without the words that say so, and the columns (table, name) that they alone know."""
    tables = unmarked(_joined(dataset, kept))
    stated = {(table.name, column.name) for table in dataset.structural_metadata.tables or () for column in table.columns or ()}
    found = {(str(table.get("name") or ""), str(column.get("name") or "")) for table in tables for column in table.get("columns") or ()}
    return _with_tables(dataset, tables), frozenset(found - stated)


def _joined(dataset: Dataset, kept: Sequence[Kept]) -> list[dict[str, Any]]:
    tables = (dataset.as_json().get("structuralMetadata") or {}).get("tables") or []
    for one in kept:
        tables = joined(tables, one.structure.tables, "replace" if one.structure.mode == "replace" else "fill")
    return tables


def _with_tables(dataset: Dataset, tables: list[dict[str, Any]]) -> Dataset:
    record = dataset.as_json()
    return Dataset.from_json({**record, "structuralMetadata": {**(record.get("structuralMetadata") or {}), "tables": tables}})

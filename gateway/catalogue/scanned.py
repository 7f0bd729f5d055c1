"""A dataset's tables and columns with what scans of the data tell of them. The record itself stays as its source sent it."""

from __future__ import annotations

from gateway.catalogue.published import Published
from gateway.store import Store, scans
from gateway.store.scans import Kept
from schemas.record import Dataset
from schemas.scan_reports import joined


def with_scans(store: Store, published: Published) -> tuple[Dataset, list[Kept]]:
    """For showing only, and the scans that were taken in."""
    with store.reading() as session:
        kept = scans.of_record(session, published.row.record)
    if not kept:
        return published.dataset, []
    record = published.dataset.as_json()
    structure = record.get("structuralMetadata") or {}
    tables = structure.get("tables") or []
    for one in kept:
        tables = joined(tables, one.structure.tables, "replace" if one.structure.mode == "replace" else "fill")
    return Dataset.from_json({**record, "structuralMetadata": {**structure, "tables": tables}}), kept

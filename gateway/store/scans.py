"""Scans of the data beside records (S14): kept for their source, found by any identifier of the dataset."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.models import Record, ScannedStructure, Source
from gateway.store import explanations


@dataclass(frozen=True, slots=True)
class Kept:
    structure: ScannedStructure
    source: Source


def put(session: Session, source: Source, dataset: str, *, mode: str, report: str, tables: list[Any], now: datetime) -> None:
    """In the place of the scan that this source gave of the dataset before."""
    key = dataset.strip().lower()
    row = session.scalar(select(ScannedStructure).where(ScannedStructure.source_id == source.id, ScannedStructure.dataset == key))
    if row is None:
        row = ScannedStructure(source_id=source.id, dataset=key)
        session.add(row)
    row.mode, row.report, row.tables, row.read_at = mode, report, tables, now


def of_record(session: Session, record: Record) -> list[Kept]:
    """Those of the record's own custodian alone, oldest source first."""
    known_as = explanations.identifiers(session, record) | {record.ref}
    query = (
        select(ScannedStructure, Source).join(Source, Source.id == ScannedStructure.source_id)
        .where(ScannedStructure.dataset.in_(known_as), Source.custodian_id == record.custodian_id).order_by(Source.id)
    )  # fmt: skip
    return [Kept(structure, source) for structure, source in session.execute(query)]


def has_dataset(session: Session, source: Source, dataset: str) -> bool:
    """Whether the custodian of the source has such a dataset here."""
    record = explanations.find(session, dataset) or explanations.find(session, dataset.lower())
    return record is not None and record.custodian_id == source.custodian_id

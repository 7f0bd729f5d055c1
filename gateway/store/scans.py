"""Scans of the data beside records (S14): kept for their source, found by any identifier of the dataset."""

from __future__ import annotations

from collections.abc import Sequence
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


def put(session: Session, source: Source, dataset: str, *, mode: str, report: str, tables: list[Any], now: datetime) -> bool:
    """In the place of the scan that this source gave of the dataset before; False where it tells the same."""
    key = dataset.strip().lower()
    row = session.scalar(select(ScannedStructure).where(ScannedStructure.source_id == source.id, ScannedStructure.dataset == key))
    if row is None:
        row = ScannedStructure(source_id=source.id, dataset=key)
        session.add(row)
    is_same = (row.mode, row.tables) == (mode, tables)
    row.mode, row.report, row.tables, row.read_at = mode, report, tables, now
    return not is_same


def of_record(session: Session, record: Record) -> list[Kept]:
    """Those of the record's own custodian alone, oldest source first."""
    known_as = explanations.identifiers(session, record) | {record.ref}
    query = (
        select(ScannedStructure, Source).join(Source, Source.id == ScannedStructure.source_id)
        .where(ScannedStructure.dataset.in_(known_as), Source.custodian_id == record.custodian_id).order_by(Source.id)
    )  # fmt: skip
    return [Kept(structure, source) for structure, source in session.execute(query)]


def of_records(session: Session, records: Sequence[Record]) -> dict[int, list[Kept]]:
    """As :func:`of_record`, by the record's number; only records with scans are named."""
    owners = {record.custodian_id for record in records if record.custodian_id is not None}
    query = select(ScannedStructure, Source).join(Source, Source.id == ScannedStructure.source_id).where(Source.custodian_id.in_(owners)).order_by(Source.id)
    kept = [Kept(structure, source) for structure, source in session.execute(query)] if owners else []
    scanned = {one.source.custodian_id for one in kept}
    found: dict[int, list[Kept]] = {}
    for record in records:
        if record.custodian_id in scanned:
            known_as = explanations.identifiers(session, record) | {record.ref}
            mine = [one for one in kept if one.source.custodian_id == record.custodian_id and one.structure.dataset in known_as]
            found |= {record.id: mine} if mine else {}
    return found


def dataset(session: Session, source: Source, name: str) -> Record | None:
    """The dataset of the source's custodian that is known so, where it is here."""
    record = explanations.find(session, name) or explanations.find(session, name.lower())
    return record if record is not None and record.custodian_id == source.custodian_id else None

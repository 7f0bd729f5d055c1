"""The data use register, as it was last worked out. What stands in an entry is decided in ``gateway/access/register.py``."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Text, cast, extract, func, select
from sqlalchemy.orm import Session

from gateway.access.register import Entry
from gateway.errors import NotFound
from gateway.models import Custodian, DataUse
from gateway.store.requests import PartRow

SEARCHED = ("Project title", "Lay summary", "Lead applicant organisation name", "Dataset(s) name")


@dataclass(frozen=True, slots=True)
class UseRow:
    use: DataUse
    custodian: Custodian | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a list of uses is narrowed to; ``custodian`` is a slug, ``dataset`` a ref, ``year`` of the approval."""

    text: str = ""
    custodian: str = ""
    dataset: str = ""
    year: int | None = None
    status: str = ""


def save(session: Session, row: PartRow, entry: Entry, *, now: datetime) -> None:
    """Add the entry of a part, or bring it up to date."""
    use = session.scalar(select(DataUse).where(DataUse.part_id == row.part.id))
    if use is None:
        use = DataUse(public_id=secrets.token_hex(5), part_id=row.part.id, custodian_id=row.part.custodian_id)
        session.add(use)
    use.status, use.values, use.dataset_refs = entry.status, dict(entry.values), list(entry.dataset_refs)
    use.history = [{"at": line.at.isoformat(), "what": line.what} for line in entry.history]
    use.approved_at, use.opened_at, use.ended_at, use.updated_at = entry.approved_at, entry.opened_at, entry.ended_at, now
    session.flush()


def listing(session: Session, wanted: Wanted, *, offset: int = 0, limit: int | None = None) -> list[UseRow]:
    """Public entries, the newest approval first."""
    query = _narrowed(select(DataUse, Custodian), wanted).order_by(DataUse.approved_at.desc(), DataUse.id.desc())
    return [UseRow(use, custodian) for use, custodian in session.execute(query.offset(offset).limit(limit))]


def every(session: Session, wanted: Wanted, *, at_once: int = 500) -> Iterator[UseRow]:
    """All public entries that fit, read in pages."""
    offset = 0
    while page := listing(session, wanted, offset=offset, limit=at_once):
        yield from page
        offset += at_once


def count(session: Session, wanted: Wanted) -> int:
    return session.scalar(_narrowed(select(func.count(DataUse.id)), wanted)) or 0


def years(session: Session) -> list[int]:
    """Of approvals with a public entry, the newest first."""
    year = extract("year", DataUse.approved_at)
    return sorted({int(found) for found in session.scalars(select(year).where(DataUse.opened_at.is_not(None)).distinct())}, reverse=True)


def by_public_id(session: Session, public_id: str) -> UseRow:
    """Raises :class:`NotFound` for an entry that is not public: the same as for one that does not exist."""
    query = select(DataUse, Custodian).outerjoin(Custodian, Custodian.id == DataUse.custodian_id)
    found = session.execute(query.where(DataUse.public_id == public_id, DataUse.opened_at.is_not(None))).first()
    if found is None:
        raise NotFound("There is no such use in the register.", hint="The register lists all.")
    return UseRow(found[0], found[1])


def _narrowed(query: Any, wanted: Wanted) -> Any:
    query = query.select_from(DataUse).outerjoin(Custodian, Custodian.id == DataUse.custodian_id).where(DataUse.opened_at.is_not(None))
    for word in wanted.text.lower().split()[:10]:
        fields = [func.lower(DataUse.values[name].as_string()).contains(word, autoescape=True) for name in SEARCHED]
        query = query.where(fields[0] | fields[1] | fields[2] | fields[3])
    if wanted.custodian:
        query = query.where(Custodian.slug == wanted.custodian)
    if wanted.dataset:
        query = query.where(cast(DataUse.dataset_refs, Text).contains(f'"{wanted.dataset}"', autoescape=True))
    if wanted.year:
        query = query.where(extract("year", DataUse.approved_at) == wanted.year)
    return query.where(DataUse.status == wanted.status) if wanted.status else query

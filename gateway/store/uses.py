"""The data use register, as it was last worked out. What stands in an entry is decided in ``gateway/access/register.py``."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Text, cast, extract, func, or_, select
from sqlalchemy.orm import Session

from gateway.access.register import Entry
from gateway.errors import NotFound
from gateway.models import Custodian, DataUse, Record, RequestPart
from gateway.store.database import utc_now
from gateway.store.records import VISIBLE
from gateway.store.requests import PartRow

OF_VALUES = {
    "sector": "Organisation sector", "access": "Access type", "sensitivity": "Data sensitivity level", "commercial": "Commercial involvement",
}
"""Attributes of :class:`Wanted` that are values of the entry."""
OUTPUTS = "Link to research outputs"
SEARCHED = ("Project title", "Lay summary", "Lead applicant organisation name", "Dataset(s) name")


@dataclass(frozen=True, slots=True)
class UseRow:
    use: DataUse
    custodian: Custodian | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a list of uses is narrowed to; ``custodian`` is a slug, ``dataset`` a ref, ``year`` of the approval; the others are values
    of the entry: ``access`` TRE or Release, ``commercial`` Yes or No."""

    text: str = ""
    custodian: str = ""
    dataset: str = ""
    year: int | None = None
    status: str = ""
    sector: str = ""
    access: str = ""
    sensitivity: str = ""
    commercial: str = ""


def save(session: Session, row: PartRow, entry: Entry, *, added: Sequence[str] = (), removed: Sequence[str] = (), now: datetime) -> None:
    """Add the entry of a part, or bring it up to date; links to what came of it that were ``added`` stand after those that were named before."""
    use = session.scalar(select(DataUse).where(DataUse.part_id == row.part.id))
    if use is None:
        use = DataUse(public_id=secrets.token_hex(5), part_id=row.part.id, custodian_id=row.part.custodian_id, outputs=[])
        session.add(use)
    use.status, use.dataset_refs = entry.status, list(entry.dataset_refs)
    use.outputs = [one for one in dict.fromkeys([*(use.outputs or []), *added]) if one not in removed]
    use.values = {**entry.values, OUTPUTS: ", ".join(use.outputs)}
    use.history = [{"at": line.at.isoformat(), "what": line.what} for line in entry.history]
    use.approved_at, use.opened_at, use.ended_at, use.updated_at = entry.approved_at, entry.opened_at, entry.ended_at, now
    session.flush()


def listing(session: Session, wanted: Wanted, *, offset: int = 0, limit: int | None = None) -> list[UseRow]:
    """Public entries, the newest approval first."""
    query = _narrowed(select(DataUse, Custodian), wanted).order_by(DataUse.approved_at.desc(), DataUse.id.desc())
    return [UseRow(use, custodian) for use, custodian in session.execute(query.offset(offset).limit(limit))]


def every(session: Session, wanted: Wanted, *, at_once: int = 500) -> Iterator[UseRow]:
    """All public entries that fit, read in pages, by the day of approval and their ids: an order that files keep."""
    offset = 0
    query = _narrowed(select(DataUse, Custodian), wanted).order_by(DataUse.values["Latest approval date"].as_string().desc(), DataUse.public_id)
    while page := [UseRow(use, custodian) for use, custodian in session.execute(query.offset(offset).limit(at_once))]:
        yield from page
        offset += at_once


def count(session: Session, wanted: Wanted) -> int:
    return session.scalar(_narrowed(select(func.count(DataUse.id)), wanted)) or 0


def years(session: Session) -> list[int]:
    """Of approvals with a public entry, the newest first."""
    year = extract("year", DataUse.approved_at)
    return sorted({int(found) for found in session.scalars(select(year).where(*_is_public()).distinct())}, reverse=True)


def held_back(session: Session) -> list[UseRow]:
    """Entries that are open and wait for the end of their embargo, by its end."""
    query = (
        select(DataUse, Custodian).outerjoin(Custodian, Custodian.id == DataUse.custodian_id)
        .where(DataUse.opened_at.is_not(None), DataUse.embargo_until > utc_now()).order_by(DataUse.embargo_until, DataUse.id)
    )
    return [UseRow(use, custodian) for use, custodian in session.execute(query)]


def of_dataset(session: Session, ref: str, *, limit: int) -> tuple[list[UseRow], int]:
    """The newest public uses of a dataset, and how many there are."""
    wanted = Wanted(dataset=ref)
    return listing(session, wanted, limit=limit), count(session, wanted)


def of_custodian(session: Session, custodian_id: int) -> list[DataUse]:
    """All entries, drafts and those held back among them, the newest first."""
    return list(session.scalars(select(DataUse).where(DataUse.custodian_id == custodian_id).order_by(DataUse.approved_at.desc(), DataUse.id.desc())))


def of_custodian_for_update(session: Session, custodian_id: int, public_id: str) -> DataUse:
    """Raises :class:`NotFound` for another's entry: the same as for one that does not exist."""
    query = select(DataUse).where(DataUse.custodian_id == custodian_id, DataUse.public_id == public_id).with_for_update()
    found = session.scalar(query)
    if found is None:
        raise NotFound("There is no such entry of yours.", hint="The register's page lists all.")
    return found


def part_of(session: Session, custodian_id: int, public_id: str) -> RequestPart | None:
    """That the custodian's entry follows; None for one that was imported, or that is not theirs."""
    mine = DataUse.custodian_id == custodian_id, DataUse.public_id == public_id
    return session.scalar(select(RequestPart).join(DataUse, DataUse.part_id == RequestPart.id).where(*mine))


def public_of_part(session: Session, part_id: int) -> str | None:
    """The public id of the part's entry, once the public can read it."""
    return session.scalar(select(DataUse.public_id).where(DataUse.part_id == part_id, DataUse.status != "draft", *_is_public()))


def outputs_of_part(session: Session, part_id: int) -> list[str]:
    """Links to what came of it, also while its entry is held back."""
    return list(session.scalar(select(DataUse.outputs).where(DataUse.part_id == part_id)) or ())


def is_taken(session: Session, public_id: str) -> bool:
    return session.scalar(select(DataUse.id).where(DataUse.public_id == public_id)) is not None


def datasets_named(session: Session, names: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    """Name -> visible datasets (ref, title) that have it as persistent id, reference or, else, exact title, whatever its case."""
    found: dict[str, list[tuple[str, str]]] = {name: [] for name in names}
    lowered = {name.casefold(): name for name in names}
    by_id = select(Record).where(Record.state.in_(VISIBLE), Record.pid.in_(names) | Record.ref.in_(names))
    for record in session.scalars(by_id):
        found[record.pid if record.pid in found else record.ref].append((record.ref, record.title or record.ref))
    by_title = select(Record).where(Record.state.in_(VISIBLE), func.lower(Record.title).in_(list(lowered)))
    for record in session.scalars(by_title):
        name = lowered.get((record.title or "").casefold())
        if name is not None and (record.ref, record.title) not in found[name]:
            found[name].append((record.ref, record.title or record.ref))
    return found


def by_public_id(session: Session, public_id: str) -> UseRow:
    """Raises :class:`NotFound` for an entry that is not public: the same as for one that does not exist. One under an embargo is found."""
    query = select(DataUse, Custodian).outerjoin(Custodian, Custodian.id == DataUse.custodian_id)
    found = session.execute(query.where(DataUse.public_id == public_id, DataUse.opened_at.is_not(None), DataUse.status != "draft")).first()
    if found is None:
        raise NotFound("There is no such use in the register.", hint="The register lists all.")
    return UseRow(found[0], found[1])


def _narrowed(query: Any, wanted: Wanted) -> Any:
    query = query.select_from(DataUse).outerjoin(Custodian, Custodian.id == DataUse.custodian_id).where(*_is_public())
    for word in wanted.text.lower().split()[:10]:
        fields = [func.lower(DataUse.values[name].as_string()).contains(word, autoescape=True) for name in SEARCHED]
        query = query.where(fields[0] | fields[1] | fields[2] | fields[3])
    if wanted.custodian:
        query = query.where(Custodian.slug == wanted.custodian)
    if wanted.dataset:
        query = query.where(cast(DataUse.dataset_refs, Text).contains(f'"{wanted.dataset}"', autoescape=True))
    if wanted.year:
        query = query.where(extract("year", DataUse.approved_at) == wanted.year)
    for name, heading in OF_VALUES.items():
        if chosen := getattr(wanted, name):
            query = query.where(DataUse.values[heading].as_string() == chosen)
    return query.where(DataUse.status == wanted.status) if wanted.status else query


def _is_public() -> tuple[Any, ...]:
    return DataUse.opened_at.is_not(None), or_(DataUse.embargo_until.is_(None), DataUse.embargo_until <= utc_now())

"""Who is told about the runs of a source."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from gateway.models import Custodian, Source, SourceContact

DIGESTS = ("never", "problems", "changes", "always")


def named(session: Session, source: Source) -> list[SourceContact]:
    return list(session.scalars(select(SourceContact).where(SourceContact.source_id == source.id).order_by(SourceContact.address)))


def of_source(session: Session, source: Source) -> list[SourceContact]:
    """Those named for the source, and the custodian's own address, which hears of failures."""
    found = named(session, source)
    custodian = session.get(Custodian, source.custodian_id) if source.custodian_id else None
    address = (custodian.contact or "").removeprefix("mailto:") if custodian else ""
    if "@" in address and address not in {contact.address for contact in found}:
        found.append(SourceContact(source_id=source.id, address=address, digest="never"))
    return found


def put(session: Session, source: Source, address: str, *, digest: str, endpoint_id: int | None = None) -> None:
    known = session.scalar(select(SourceContact).where(SourceContact.source_id == source.id, SourceContact.address == address))
    if known is None:
        session.add(SourceContact(source_id=source.id, address=address, digest=digest, endpoint_id=endpoint_id))
    else:
        known.digest = digest


def drop(session: Session, source: Source, address: str) -> bool:
    there = session.scalar(select(SourceContact.id).where(SourceContact.source_id == source.id, SourceContact.address == address))
    session.execute(delete(SourceContact).where(SourceContact.id == there))
    return there is not None

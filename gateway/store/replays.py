"""What is kept of a source's records to be read again, and which sources call for it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from gateway.models import Outcome, Raw, Record, Source, Version
from gateway.store.records import VISIBLE
from schemas.translate import MAPPING_VERSION


@dataclass(frozen=True, slots=True)
class KeptDocument:
    local_id: str
    hint: str | None
    raw: Raw


def documents(session: Session, source_id: int) -> list[KeptDocument]:
    """The last document received of each record that is shown or was refused, in the order in which they were met."""
    refused = (
        select(Outcome.record_id, func.max(Outcome.raw_id).label("raw_id"))
        .where(Outcome.outcome.in_(("quarantined", "rejected")), Outcome.raw_id.is_not(None)).group_by(Outcome.record_id).subquery()
    )
    newest = func.coalesce(
        select(refused.c.raw_id).where(refused.c.record_id == Record.id, Record.refused_hash.is_not(None)).scalar_subquery(),
        select(Version.raw_id).where(Version.id == Record.current_version_id).scalar_subquery(),
    )
    is_read = Record.source_id == source_id, Record.state.in_((*VISIBLE, "unpublished"))
    query = select(Record.local_id, Record.hint, Raw).join(Raw, Raw.id == newest).where(*is_read).order_by(Record.id)
    return [KeptDocument(*row) for row in session.execute(query)]


def outdated(session: Session) -> list[str]:
    """Sources with records that were read by another mapping than the present one. One that waits for its dry run is replayed after it."""
    has_some = select(Record.id).where(Source.id == Record.source_id, _is_outdated()).exists()
    return list(session.scalars(select(Source.slug).where(Source.state != "untried", has_some).order_by(Source.id)))


def mark_as_read(session: Session, source_id: int) -> None:
    read = update(Record).where(Record.source_id == source_id, _is_outdated()).values(mapping_version=MAPPING_VERSION)
    session.execute(read.execution_options(synchronize_session=False))


def _is_outdated() -> ColumnElement[bool]:
    return Record.state.in_((*VISIBLE, "unpublished")) & Record.mapping_version.is_distinct_from(MAPPING_VERSION)

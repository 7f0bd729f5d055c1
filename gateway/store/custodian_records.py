"""A custodian's records by what they wait for: refused ones with their last good version, missing, removed and withheld ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from gateway.models import Outcome, Record, Source, Version

STATES: Final[Mapping[str, ColumnElement[bool]]] = {
    "quarantined": or_(Record.state == "unpublished", Record.stale_since.is_not(None), Record.refused_hash.is_not(None)),
    "missing": Record.state == "missing",
    "removed": Record.state == "removed",
    "withheld": Record.state == "withheld",
}


@dataclass(frozen=True, slots=True)
class Line:
    """``good`` is the version that is shown, or was last; ``refusal`` the newest outcome that refused what was sent."""

    record: Record
    source: Source
    good: Version | None
    refusal: Outcome | None


def count(session: Session, custodian_id: int) -> dict[str, int]:
    of_theirs = select(func.count()).select_from(Record).join(Source, Source.id == Record.source_id).where(is_theirs(custodian_id))
    return {name: session.scalar(of_theirs.where(fits)) or 0 for name, fits in STATES.items()}


def is_theirs(custodian_id: int) -> ColumnElement[bool]:
    """A record that was never good enough to be shown has no custodian of its own yet."""
    return func.coalesce(Record.custodian_id, Source.custodian_id) == custodian_id


def one(session: Session, custodian_id: int, ref: str) -> Record | None:
    """Of any state, by its short identifier."""
    return session.scalar(select(Record).join(Source, Source.id == Record.source_id).where(Record.ref == ref, is_theirs(custodian_id)))


def listing(session: Session, custodian_id: int, state: str, *, offset: int = 0, limit: int | None = None) -> list[Line]:
    """Those that have waited longest first."""
    newest = (
        select(func.max(Outcome.id)).where(Outcome.record_id == Record.id, Outcome.outcome.in_(("quarantined", "rejected"))).correlate(Record)
    ).scalar_subquery()
    query = (
        select(Record, Source, Version, Outcome).join(Source, Source.id == Record.source_id)
        .outerjoin(Version, Version.id == Record.current_version_id).outerjoin(Outcome, Outcome.id == newest)
        .where(is_theirs(custodian_id), STATES[state])
        .order_by(func.coalesce(Record.stale_since, Record.missing_since, Record.last_changed_at), Record.id).offset(offset).limit(limit)
    )  # fmt: skip
    return [Line(*row) for row in session.execute(query)]

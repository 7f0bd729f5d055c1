"""Versions of pathways that administrators published."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gateway.models import PathwayVersion, Request, RequestPart
from gateway.store.clocks import TICKING

UNDER_WAY: Final = tuple(state for state in TICKING if state != "ended")


def version_at(session: Session, name: str, at: datetime) -> PathwayVersion | None:
    query = select(PathwayVersion).where(PathwayVersion.pathway == name, PathwayVersion.published_at <= at)
    return session.scalar(query.order_by(PathwayVersion.version.desc()).limit(1))


def newest(session: Session) -> list[PathwayVersion]:
    """The newest of each, in the order in which they were first published."""
    last = select(PathwayVersion.pathway, func.max(PathwayVersion.version).label("version"), func.min(PathwayVersion.id).label("first"))
    each = last.group_by(PathwayVersion.pathway).subquery()
    query = select(PathwayVersion).join(each, (PathwayVersion.pathway == each.c.pathway) & (PathwayVersion.version == each.c.version))
    return list(session.scalars(query.order_by(each.c.first)))


def history(session: Session, name: str) -> list[PathwayVersion]:
    """The newest first."""
    return list(session.scalars(select(PathwayVersion).where(PathwayVersion.pathway == name).order_by(PathwayVersion.version.desc())))


def under_way(session: Session, custodian_ids: Collection[int]) -> list[tuple[RequestPart, str]]:
    """The custodians' parts that are not over yet, drafts among them, each with the reference of its request."""
    query = select(RequestPart, Request.reference).join(Request, Request.id == RequestPart.request_id)
    query = query.where(RequestPart.custodian_id.in_(custodian_ids), RequestPart.state.in_(UNDER_WAY)).order_by(RequestPart.id)
    return [(part, reference) for part, reference in session.execute(query)]


def add(session: Session, row: PathwayVersion) -> None:
    """Raises ``IntegrityError`` where somebody published this version a moment ago."""
    session.add(row)
    session.flush()

"""Series of datasets: which records are members, and which others are with them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from gateway.models import Record, SeriesMember
from gateway.store.records import VISIBLE
from schemas.linked_data.series import Series


def put(session: Session, members: Mapping[int, Iterable[Series]]) -> None:
    """What records are members of now, in the place of what they were."""
    if not members:
        return
    session.execute(delete(SeriesMember).where(SeriesMember.record_id.in_(members)))
    session.add_all([SeriesMember(record_id=record_id, url=one.url) for record_id, series in members.items() for one in series])


def members(session: Session, record_ids: Collection[int]) -> set[int]:
    """Those of the records that are members of any."""
    return set(session.scalars(select(SeriesMember.record_id).where(SeriesMember.record_id.in_(record_ids))))


def others(session: Session, record: Record, url: str, *, limit: int) -> list[Record]:
    """Visible members of a series beside this one."""
    found = _visible(url).where(Record.id != record.id).order_by(Record.title, Record.id).limit(limit)
    return list(session.scalars(found))


def count(session: Session, url: str) -> int:
    return session.scalar(select(func.count()).select_from(_visible(url).subquery())) or 0


def _visible(url: str) -> Any:
    return select(Record).join(SeriesMember, SeriesMember.record_id == Record.id).where(SeriesMember.url == url, Record.state.in_(VISIBLE))

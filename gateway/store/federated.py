"""Datasets under the identifiers by which other catalogues know them: in our federation endpoint and our OAI-PMH provider."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select, tuple_
from sqlalchemy.orm import Session

from gateway.models import Custodian, Raw, Record
from gateway.store.records import VISIBLE

GONE = ("removed", "withheld")


def persistent_ids(session: Session, rows: Sequence[Record]) -> dict[int, str]:
    """record number -> PID; where several records share one, all but the first are known by their short identifiers."""
    pids = {row.pid for row in rows}
    found = session.execute(select(Record.pid, func.min(Record.id)).where(Record.pid.in_(pids)).group_by(Record.pid))
    first: dict[str, int] = {pid: number for pid, number in found}  # noqa: C416  rows are no pairs to the type checker
    return {row.id: row.pid if first[row.pid] == row.id else row.ref for row in rows}


def ref_named(session: Session, identifier: str) -> str | None:
    """The short identifier of the dataset listed as ``identifier``."""
    by_pid = session.scalar(select(Record.ref).where(Record.pid == identifier).order_by(Record.id).limit(1))
    return by_pid or session.scalar(select(Record.ref).where(Record.ref == identifier))


def raws(session: Session, raw_ids: Sequence[int | None]) -> dict[int, Raw]:
    wanted = [number for number in raw_ids if number is not None]
    return {row.id: row for row in session.scalars(select(Raw).where(Raw.id.in_(wanted)))} if wanted else {}


@dataclass(frozen=True, slots=True)
class Change:
    """A dataset as it last changed. ``is_gone`` for one that was published and is not any more."""

    record_id: int
    ref: str
    changed_at: datetime
    is_gone: bool
    custodian: str | None


@dataclass(frozen=True, slots=True)
class Span:
    """Which changes: from a moment on, before another, of one custodian (its slug)."""

    since: datetime | None = None
    before: datetime | None = None
    custodian: str | None = None


def changes(session: Session, span: Span, *, after: tuple[datetime, int] | None, limit: int) -> list[Change]:
    """In the order in which they happened. ``after`` is the moment and number of the last one of the page before."""
    query = _query().where(*_within(span)).order_by(Record.last_changed_at, Record.id).limit(limit)
    if after is not None:
        query = query.where(tuple_(Record.last_changed_at, Record.id) > tuple_(*after))
    return [_change(row) for row in session.execute(query)]


def count_changes(session: Session, span: Span) -> int:
    query = select(func.count()).select_from(Record).outerjoin(Custodian, Custodian.id == Record.custodian_id)
    return session.scalar(query.where(*_within(span))) or 0


def change_of(session: Session, ref: str) -> Change | None:
    row = session.execute(_query().where(*_within(Span()), Record.ref == ref)).one_or_none()
    return _change(row) if row else None


def earliest(session: Session) -> datetime | None:
    return session.scalar(select(func.min(Record.last_changed_at)).where(*_within(Span())))


def _query() -> Any:
    return select(Record.id, Record.ref, Record.last_changed_at, Record.state, Custodian.slug).outerjoin(
        Custodian, Custodian.id == Record.custodian_id
    )


def _within(span: Span) -> list[ColumnElement[bool]]:
    """Records that are, or were, published."""
    wanted: list[ColumnElement[bool]] = [Record.state.in_((*VISIBLE, *GONE)), Record.current_version_id.is_not(None)]
    if span.since is not None:
        wanted.append(Record.last_changed_at >= span.since)
    if span.before is not None:
        wanted.append(Record.last_changed_at < span.before)
    if span.custodian is not None:
        wanted.append(Custodian.slug == span.custodian)
    return wanted


def _change(row: Any) -> Change:
    number, ref, changed_at, state, slug = row
    return Change(number, ref, changed_at, state in GONE, slug)

"""Columns that visitors ticked before a request begins."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from gateway.models import ChosenColumns


def of(session: Session, digest: str, *, is_locked: bool = False) -> ChosenColumns | None:
    return session.get(ChosenColumns, digest, with_for_update=is_locked or None)


def add(session: Session, row: ChosenColumns) -> None:
    session.add(row)


def forget(session: Session, row: ChosenColumns) -> None:
    session.delete(row)


def forget_before(session: Session, moment: datetime) -> int:
    return int(session.execute(delete(ChosenColumns).where(ChosenColumns.changed_at < moment)).rowcount)  # type: ignore[attr-defined]  # a DELETE's result is a CursorResult

"""Titles of datasets, where no more of them is needed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.models import Record
from gateway.store.records import VISIBLE

AT_ONCE: Final = 500
"""Values in one question to the database."""


def newest(session: Session, refs: Sequence[str], limit: int) -> list[str]:
    """Those of the visible datasets that changed last, newest first."""
    asked = select(Record.last_changed_at, Record.id, Record.ref).where(Record.state.in_(VISIBLE))
    last = asked.order_by(Record.last_changed_at.desc(), Record.id.desc()).limit(limit)
    parts = (refs[start : start + AT_ONCE] for start in range(0, len(refs), AT_ONCE))
    found = [(changed, number, ref) for part in parts for changed, number, ref in session.execute(last.where(Record.ref.in_(part)))]
    return [ref for _, _, ref in sorted(found, reverse=True)[:limit]]


def titles(session: Session, refs: Sequence[str]) -> dict[str, tuple[str, str | None]]:
    """ref -> (title, slug) of those that are visible."""
    found = session.execute(select(Record.ref, Record.title, Record.slug).where(Record.ref.in_(refs), Record.state.in_(VISIBLE)))
    return {ref: (title or ref, slug) for ref, title, slug in found}

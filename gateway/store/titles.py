"""Titles of datasets, where no more of them is needed."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.models import Record
from gateway.store.records import VISIBLE


def titles(session: Session, refs: Sequence[str]) -> dict[str, tuple[str, str | None]]:
    """ref -> (title, slug) of those that are visible."""
    found = session.execute(select(Record.ref, Record.title, Record.slug).where(Record.ref.in_(refs), Record.state.in_(VISIBLE)))
    return {ref: (title or ref, slug) for ref, title, slug in found}

"""Sources: the configured feeds, their schedules and what their listing pages answered last."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from gateway.errors import Conflict, NotFound
from gateway.models import Source, SourcePage

HELD_BACK: Final = ("untried", "unconfirmed")
"""States of sources that wait for a dry run of their present configuration: the first is switched on when one succeeds, the
second by a person who has read what it told."""


def add(session: Session, source: Source) -> Source:
    if session.scalar(select(Source.id).where(Source.slug == source.slug)):
        raise Conflict(
            f"There is a source called {source.slug!r} already.", hint="Choose another name, or change the existing one."
        )
    session.add(source)
    session.flush()
    return source


def by_slug(session: Session, slug: str) -> Source:
    source = session.scalar(select(Source).where(Source.slug == slug))
    if source is None:
        known = ", ".join(session.scalars(select(Source.slug).order_by(Source.slug).limit(10))) or "none yet"
        raise NotFound(f"There is no source called {slug!r}.", hint=f"Sources: {known}.")
    return source


def by_id(session: Session, source_id: int) -> Source:
    source = session.get(Source, source_id)
    if source is None:
        raise NotFound("That source is gone.")
    return source


def listing(session: Session, *, after: int = 0, limit: int | None = None) -> list[Source]:
    query = select(Source).order_by(Source.name, Source.id).offset(after)
    return list(session.scalars(query.limit(limit) if limit else query))


def of_custodian(session: Session, custodian_id: int) -> list[Source]:
    return list(session.scalars(select(Source).where(Source.custodian_id == custodian_id).order_by(Source.name, Source.id)))


def due(session: Session, *, now: datetime, locked: bool = False) -> list[Source]:
    """Locked for a writing unit, so that of two tickers the second finds nothing left."""
    query = select(Source).where(Source.state == "active", Source.next_due_at <= now).order_by(Source.next_due_at)
    return list(session.scalars(query.with_for_update() if locked else query))


def pages(session: Session, source_id: int) -> list[SourcePage]:
    query = select(SourcePage).where(SourcePage.source_id == source_id).order_by(SourcePage.ordinal)
    return list(session.scalars(query))


def write_page(session: Session, source_id: int, page_key: str, facts: dict[str, Any]) -> None:
    """Keep what a page answered; an equal page is not written."""
    page = session.get(SourcePage, (source_id, page_key))
    if page is None:
        session.add(SourcePage(source_id=source_id, page_key=page_key, **facts))
        return
    for name, value in facts.items():
        if getattr(page, name) != value:
            setattr(page, name, value)


def forget_pages_beyond(session: Session, source_id: int, page_keys: Collection[str]) -> None:
    """After a complete traversal: drop pages that the listing no longer has."""
    known = set(session.scalars(select(SourcePage.page_key).where(SourcePage.source_id == source_id)))
    if beyond := known.difference(page_keys):
        session.execute(delete(SourcePage).where(SourcePage.source_id == source_id, SourcePage.page_key.in_(beyond)))

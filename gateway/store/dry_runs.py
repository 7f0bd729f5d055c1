"""Dry runs that were kept (S9), beside the catalogue."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.errors import NotFound
from gateway.models import DryRun, Source
from gateway.store import sources

GIVEN_UP_AFTER = timedelta(hours=1)
"""A dry run that did not come to its end by then was broken off."""


def ask(session: Session, source: Source, *, now: datetime) -> DryRun:
    """A dry run that a worker takes up as soon as it can; one that waits already is given back."""
    waiting = _asked(session, source)
    if waiting is not None:
        return waiting
    return _add(session, source, "queued", now)


def _add(session: Session, source: Source, state: str, now: datetime) -> DryRun:
    row = DryRun(source_id=source.id, configuration_hash=source.configuration_hash, state=state, diff={}, started_at=now, ended_at=now)
    session.add(row)
    session.flush()
    return row


def _asked(session: Session, source: Source) -> DryRun | None:
    return session.scalar(select(DryRun).where(DryRun.source_id == source.id, DryRun.state == "queued").order_by(DryRun.id).limit(1).with_for_update())


def begin(session: Session, source: Source, *, now: datetime) -> DryRun:
    """The one that was asked for, or a new one; of the present configuration either way."""
    asked = _asked(session, source)
    if asked is not None:
        asked.state, asked.configuration_hash, asked.started_at = "running", source.configuration_hash, now
        return asked
    return _add(session, source, "running", now)


def tell(session: Session, number: int, *, counters: dict[str, int]) -> None:
    """Keep what was counted so far."""
    session.get_one(DryRun, number).diff = {"counters": counters}


def finish(session: Session, number: int, diff: dict[str, Any], *, now: datetime) -> DryRun:
    """Keep what it told. A source that waited for just this configuration is switched on, save where a person does that."""
    row = session.get_one(DryRun, number)
    row.state, row.diff, row.ended_at = "failed" if diff["failure"] else "succeeded", diff, now
    source = session.get_one(Source, row.source_id)
    if row.state == "succeeded" and source.state == "untried" and source.configuration_hash == row.configuration_hash:
        source.state = "active"
    return row


def of_source(session: Session, source_id: int, *, limit: int = 10) -> list[DryRun]:
    """Newest first."""
    return list(session.scalars(select(DryRun).where(DryRun.source_id == source_id).order_by(DryRun.id.desc()).limit(limit)))


def by_id(session: Session, source: Source, number: int) -> DryRun:
    row = session.get(DryRun, number)
    if row is None or row.source_id != source.id:
        raise NotFound(f"There is no dry run {number} of {source.name}.", hint="The source's page links its newest.")
    return row


def has_succeeded(session: Session, source: Source) -> bool:
    """Whether a dry run of just its present configuration did."""
    found = select(DryRun.id).where(DryRun.source_id == source.id, DryRun.configuration_hash == source.configuration_hash, DryRun.state == "succeeded")
    return session.scalar(found.limit(1)) is not None


def waiting(session: Session, *, now: datetime) -> list[str]:
    """Sources for which a dry run was asked, or that wait for one of their present configuration while none is under way."""
    is_over = (DryRun.state != "running") | (DryRun.started_at > now - GIVEN_UP_AFTER)
    done = select(DryRun.id).where(DryRun.source_id == Source.id, DryRun.configuration_hash == Source.configuration_hash, is_over)
    asked = select(DryRun.id).where(DryRun.source_id == Source.id, DryRun.state == "queued")
    return list(session.scalars(select(Source.slug).where(asked.exists() | Source.state.in_(sources.HELD_BACK) & ~done.exists())))

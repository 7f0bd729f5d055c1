"""Routes of every scope, and custodians that stand in for others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.errors import NotFound
from gateway.models import Alternative, Custodian, Route

NAMES_AT_ONCE: Final = 5_000
"""Databases take so many values in one statement; routes for single things are far fewer than the things."""


def relevant(session: Session, custodian_ids: Iterable[int], names: Sequence[str]) -> list[Route]:
    """Those of the custodians, and those for datasets, collections and networks of these names; the newest first."""
    named = Route.scope_ref.in_(list(names)) if len(names) <= NAMES_AT_ONCE else Route.scope_ref.is_not(None)
    where = (Route.custodian_id.in_(list(custodian_ids)) & Route.scope_ref.is_(None)) | named
    return list(session.scalars(select(Route).where(where).order_by(Route.id.desc())))


def alternatives(session: Session, custodian_ids: Iterable[int]) -> list[Alternative]:
    return list(session.scalars(select(Alternative).where(Alternative.custodian_id.in_(list(custodian_ids))).order_by(Alternative.id)))


def alternative(session: Session, custodian_id: int, alternative_id: int) -> Alternative | None:
    return session.scalar(select(Alternative).where(Alternative.custodian_id == custodian_id, Alternative.alternative_id == alternative_id))


def of_scope(session: Session, custodian_id: int, scope: str, scope_ref: str | None) -> list[Route]:
    """The custodian's routes for one thing, in any state."""
    same = Route.scope_ref.is_(None) if scope_ref is None else Route.scope_ref == scope_ref
    return list(session.scalars(select(Route).where(Route.custodian_id == custodian_id, Route.scope == scope, same).order_by(Route.id)))


def by_confirm_token(session: Session, digest: str) -> tuple[Route, Custodian]:
    """Raises :class:`NotFound`."""
    query = select(Route, Custodian).join(Custodian, Custodian.id == Route.custodian_id).where(Route.confirm_token_sha256 == digest)
    found = session.execute(query).first()
    if found is None:
        raise NotFound("This link does not work any more.", hint="Ask the gateway’s staff for a new one.")
    return found[0], found[1]


def suspended(session: Session) -> list[tuple[Route, Custodian]]:
    """By the custodian's name."""
    query = select(Route, Custodian).join(Custodian, Custodian.id == Route.custodian_id).where(Route.health == "suspended").order_by(Custodian.name_key, Route.id)
    return [(route, custodian) for route, custodian in session.execute(query)]


def of_custodian(session: Session, custodian_id: int) -> list[Route]:
    """Of every scope and state."""
    return list(session.scalars(select(Route).where(Route.custodian_id == custodian_id).order_by(Route.id)))

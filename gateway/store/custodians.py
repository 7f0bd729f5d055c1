"""Custodians: registered by an operator, or named by the records of an aggregating feed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gateway.errors import Conflict, NotFound
from gateway.models import Custodian, Record, Source

LONGEST_NAME = 300


@dataclass(frozen=True, slots=True)
class CustodianCard:
    custodian: Custodian
    datasets: int


def name_key(name: str) -> str:
    """Two spellings with one key are one custodian: case, accents' form and blanks do not count."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def slugify(text: str, *, limit: int = 60) -> str:
    """Lower-case ASCII words joined by hyphens; never empty."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower().replace("'", "")
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:limit].strip("-") or "x"


def add(session: Session, *, name: str, now: datetime, slug: str | None = None, **facts: Any) -> Custodian:
    """Raises :class:`Conflict` where a custodian of that name or slug exists."""
    if session.scalar(select(Custodian).where(Custodian.name_key == name_key(name))):
        raise Conflict(f"There is a custodian called {name!r} already.")
    custodian = Custodian(
        slug=_free_slug(session, slug or slugify(name)), name=name, name_key=name_key(name), created_at=now,
        **{"nations": [], "origin": "registered", **facts},
    )
    session.add(custodian)
    session.flush()
    return custodian


def by_slug(session: Session, slug: str) -> Custodian:
    custodian = session.scalar(select(Custodian).where(Custodian.slug == slug))
    if custodian is None:
        raise NotFound(f"There is no custodian at {slug!r}.", hint="The directory of custodians lists all of them.")
    return custodian


def without_holder(session: Session, held: frozenset[int]) -> list[Custodian]:
    """Those that are not among ``held``, by name."""
    return list(session.scalars(select(Custodian).where(Custodian.id.not_in(held)).order_by(Custodian.name)))


def by_ids(session: Session, ids: set[int]) -> Mapping[int, Custodian]:
    return {row.id: row for row in session.scalars(select(Custodian).where(Custodian.id.in_(ids)))} if ids else {}


def named(session: Session, names: Iterable[str], *, now: datetime) -> dict[str, int]:
    """The custodians that records name, made on first sight: name -> internal number. Longer names are cut."""
    cut = {name: name.strip()[:LONGEST_NAME].strip() for name in names}
    keys = {name_key(name) for name in cut.values()}
    rows = session.execute(select(Custodian.name_key, Custodian.id).where(Custodian.name_key.in_(keys)))
    known = {row.name_key: row.id for row in rows}
    for name in cut.values():
        if name_key(name) not in known:
            known[name_key(name)] = add(session, name=name, now=now, origin="named").id
    return {name: known[name_key(shown)] for name, shown in cut.items()}


def directory(session: Session, *, text: str = "", after: int = 0, limit: int | None = None) -> list[CustodianCard]:
    """Custodians by name with the number of their visible datasets."""
    counted = (
        select(Record.custodian_id, func.count().label("datasets"))
        .where(Record.state.in_(("live", "missing")))
        .group_by(Record.custodian_id)
        .subquery()
    )
    query = select(Custodian, func.coalesce(counted.c.datasets, 0)).outerjoin(
        counted, counted.c.custodian_id == Custodian.id
    )
    if text:
        query = query.where(Custodian.name_key.contains(name_key(text), autoescape=True))
    query = query.order_by(Custodian.name_key, Custodian.id).offset(after)
    rows = session.execute(query.limit(limit) if limit else query)
    return [CustodianCard(custodian, int(datasets)) for custodian, datasets in rows]


def last_harvests(session: Session) -> dict[int, datetime]:
    """Custodian -> when a source that describes its datasets was last read with success."""
    query = (
        select(Record.custodian_id, func.max(Source.last_success_at))
        .join(Source, Source.id == Record.source_id)
        .where(Record.custodian_id.is_not(None), Source.last_success_at.is_not(None))
        .group_by(Record.custodian_id)
    )
    return {number: at for number, at in session.execute(query) if number is not None and at is not None}


def are_all_demonstration(session: Session) -> bool:
    """Whether there are custodians and each of them is one of the demonstration."""
    found = set(session.scalars(select(Custodian.is_demonstration).distinct()))
    return found == {True}


def sources_of(session: Session, custodian_id: int) -> list[Source]:
    return list(session.scalars(select(Source).where(Source.custodian_id == custodian_id).order_by(Source.name)))


def _free_slug(session: Session, wanted: str) -> str:
    taken = set(session.scalars(select(Custodian.slug).where(Custodian.slug.startswith(wanted))))
    slug, number = wanted, 2
    while slug in taken:
        slug, number = f"{wanted}-{number}", number + 1
    return slug


def card(session: Session, slug: str) -> CustodianCard:
    """A custodian with the number of its visible datasets."""
    custodian = by_slug(session, slug)
    visible = select(func.count()).where(Record.custodian_id == custodian.id, Record.state.in_(("live", "missing")))
    return CustodianCard(custodian, session.scalar(visible) or 0)

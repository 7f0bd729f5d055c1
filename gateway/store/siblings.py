"""What is held of other records, as the rules must know it: for a whole batch in one statement, never for one record."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gateway.models import Alias, Custodian, Record
from gateway.store.records import VISIBLE

Owner = tuple[int, str]
"""A record by its identity: number of its source, local id."""


@dataclass(frozen=True, slots=True)
class HeldTitle:
    owner: Owner
    title: str
    custodian: str


def titles(session: Session, wanted: Collection[str], *, source_id: int, custodian_id: int | None) -> list[HeldTitle]:
    """Visible records with one of these titles (in lower case): those of the custodian, or of an aggregating source."""
    query = select(Record.source_id, Record.local_id, Record.title, Custodian.name).outerjoin(Custodian, Custodian.id == Record.custodian_id)
    query = query.where(Record.custodian_id == custodian_id if custodian_id is not None else Record.source_id == source_id)
    rows = session.execute(query.where(Record.state.in_(VISIBLE), func.lower(func.trim(Record.title)).in_(wanted)))
    return [HeldTitle((source, local_id), title or "", name or "") for source, local_id, title, name in rows]


def holders(session: Session, identifiers: Collection[str]) -> dict[str, set[Owner]]:
    """Which visible records are known by each of these identifiers, as they stand in the table of aliases."""
    found: dict[str, set[Owner]] = {}
    query = (
        select(Alias.value, Record.source_id, Record.local_id).join(Record, Record.id == Alias.record_id)
        .where(Alias.value.in_(identifiers), Alias.kind != "former", Record.state.in_(VISIBLE))
    )  # fmt: skip
    for value, source_id, local_id in session.execute(query) if identifiers else ():
        found.setdefault(value, set()).add((source_id, local_id))
    return found

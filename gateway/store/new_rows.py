"""The rows that a batch of changes makes: collected while it is decided, and written in a handful of statements.

Why this exists: a statement for each row costs several times what reading and judging the records costs. So rows of one
table go in together, and what the database numbered is found again by columns that tell the rows apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Table, bindparam, insert, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from gateway.models import Alias, Base, Outcome, Raw, Record, Version

TOLD_APART_BY: Final[dict[type[Base], tuple[str, ...]]] = {
    Record: ("source_id", "local_id"), Raw: ("sha256", "url", "locator"), Version: ("record_id", "number"),
}  # fmt: skip
"""Of two raw rows that are equal in these, either will do: they hold the same bytes from the same place."""


@dataclass(slots=True, eq=False)
class Row:
    """A row of a table by its columns. A new one gets its number when it is written."""

    values: dict[str, Any]
    id: int | None = None


@dataclass(frozen=True, slots=True)
class NewVersion:
    row: Row
    record: Record
    raw: Row | None


@dataclass(frozen=True, slots=True)
class NewOutcome:
    """An outcome and the rows whose numbers it will bear."""

    values: dict[str, Any]
    record: Record | None
    raw: Row | None
    old: Row | None
    new: Row | None


@dataclass(slots=True)
class NewRows:
    """``records`` stay outside the session: nothing but this writes them."""

    records: list[Record] = field(default_factory=list)
    raws: list[Row] = field(default_factory=list)
    versions: list[NewVersion] = field(default_factory=list)
    aliases: list[tuple[Record, dict[str, Any]]] = field(default_factory=list)
    outcomes: list[NewOutcome] = field(default_factory=list)

    def write(self, session: Session) -> None:
        self._write_records(session)
        _write_numbered(session, Raw, self.raws)
        for new in self.versions:
            new.row.values |= {"record_id": new.record.id, "raw_id": _number(new.raw)}
        _write_numbered(session, Version, [new.row for new in self.versions])
        self._make_current(session)
        _write(session, Alias, [{**values, "record_id": record.id} for record, values in self.aliases])
        _write(session, Outcome, [_outcome_values(outcome) for outcome in self.outcomes])

    def _write_records(self, session: Session) -> None:
        names = [column.key for column in Record.__table__.columns if column.key != "id"]
        rows = [Row({name: getattr(record, name) for name in names}) for record in self.records]
        _write_numbered(session, Record, rows)
        for record, row in zip(self.records, rows, strict=True):
            set_committed_value(record, "id", row.id)

    def _make_current(self, session: Session) -> None:
        current = {new.record: new.row.id for new in self.versions if not new.row.values["is_older_state"]}
        if current:
            table = _table(Record)
            change = update(table).where(table.c.id == bindparam("of_record")).values(current_version_id=bindparam("to_version"))
            session.execute(change, [{"of_record": record.id, "to_version": number} for record, number in current.items()])
        for record, number in current.items():
            set_committed_value(record, "current_version_id", number)


def _write_numbered(session: Session, model: type[Base], rows: Sequence[Row]) -> None:
    """Write rows and let each know its number."""
    if not rows:
        return
    table, names = _table(model), TOLD_APART_BY[model]
    new = insert(table).returning(table.c.id, *(table.c[name] for name in names))
    numbers = {tuple(key): number for number, *key in session.execute(new, [row.values for row in rows])}
    for row in rows:
        row.id = numbers[tuple(row.values[name] for name in names)]


def _write(session: Session, model: type[Base], rows: list[dict[str, Any]]) -> None:
    if rows:
        session.execute(insert(_table(model)), rows)


def _outcome_values(outcome: NewOutcome) -> dict[str, Any]:
    return {
        **outcome.values, "record_id": outcome.record.id if outcome.record else None, "raw_id": _number(outcome.raw),
        "old_version_id": _number(outcome.old), "new_version_id": _number(outcome.new),
    }  # fmt: skip


def _number(row: Row | None) -> int | None:
    return row.id if row else None


def _table(model: type[Base]) -> Table:
    assert isinstance(model.__table__, Table)
    return model.__table__

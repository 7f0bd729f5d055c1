"""Every migration meets a database with rows in every table, and loses none of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory

from gateway.store import Store
from gateway.store.database import MIGRATIONS

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
VALUES: tuple[tuple[type[Any], Any], ...] = (
    (sa.Boolean, True), (sa.Integer, 1), (sa.Numeric, 1), (sa.Float, 1), (sa.DateTime, NOW), (sa.Date, NOW.date()), (sa.JSON, {}), (sa.LargeBinary, b"x"), (sa.String, "x"),
)
"""By the first type that fits. Every key is a 1 or an x, so that rows of different tables point to each other."""

MADE_ANEW = {"0006": {"hosts"}}
"""Tables of the moment that a revision begins anew."""


@pytest.fixture
def store(database_url: str | None, tmp_path: Path) -> Iterator[Store]:
    made = Store(database_url or f"sqlite:///{tmp_path}/filled.sqlite")
    yield made
    made.close()


def fill(store: Store) -> None:
    """A row in each table that has none."""
    tables = sa.MetaData()
    tables.reflect(store.engine)
    with store.transaction() as tx:
        for table in tables.sorted_tables:
            is_empty = tx.session.execute(sa.select(sa.func.count()).select_from(table)).scalar() == 0
            if is_empty:
                tx.session.execute(sa.insert(table), [row(table, tables.sorted_tables)])


def row(table: sa.Table, order: list[sa.Table]) -> dict[str, Any]:
    """What stands later in the order is pointed to by nothing."""
    found = {}
    for column in table.columns:
        behind = [key.column.table for key in column.foreign_keys if order.index(key.column.table) >= order.index(table)]
        found[column.name] = None if behind and column.nullable else next(value for kind, value in VALUES if isinstance(column.type, kind))
    return found


def counted(store: Store) -> dict[str, int]:
    names = sa.inspect(store.engine).get_table_names()
    with store.engine.connect() as connection:
        return {name: connection.execute(sa.select(sa.func.count()).select_from(sa.table(name))).scalar() or 0 for name in names}


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_each_migration_meets_filled_tables_and_keeps_their_rows(store: Store) -> None:
    revisions = [script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()][::-1]
    before: dict[str, int] = {}
    for revision in revisions:
        with store.migrating() as config:
            command.upgrade(config, revision)
        now = counted(store)
        kept = (before.keys() & now.keys()) - MADE_ANEW.get(revision, set())
        assert {name: now[name] for name in kept} == {name: before[name] for name in kept}, revision
        fill(store)
        before = {name: count for name, count in counted(store).items() if name != "alembic_version"}
    assert store.is_current()
    assert min(before.values()) == 1

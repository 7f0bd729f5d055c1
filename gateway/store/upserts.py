"""Inserting what another worker may insert at the same moment."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session


def insert_into(session: Session, table: type[Any] | Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT of this database's kind, which can say what to do ``on_conflict``."""
    return sqlite.insert(table) if session.get_bind().dialect.name == "sqlite" else postgresql.insert(table)

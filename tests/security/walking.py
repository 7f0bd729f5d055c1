"""The running table of routes, and the state of the database as one hash."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from fastapi import FastAPI
from sqlalchemy import inspect, text

from gateway.store import Store
from gateway.web.policy import ANYBODY, policies

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
WRITTEN_BY_REFUSALS = frozenset({"audit", "audit_salts"})
TOUCHED_BY_READING = frozenset({"account_sessions", "api_keys"}) | WRITTEN_BY_REFUSALS
"""When a session or a key was last used is kept, and what was refused is audited; nothing else may change."""


@dataclass(frozen=True, slots=True)
class Route:
    path: str
    method: str
    lets_in: str

    @property
    def is_public(self) -> bool:
        return self.lets_in == ANYBODY

    @property
    def is_of_program(self) -> bool:
        return "key" in self.lets_in

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def routes(app: FastAPI) -> list[Route]:
    return [Route(one.path, one.method, one.lets_in) for one in policies(app)]


def digest(store: Store, *, without: frozenset[str] = TOUCHED_BY_READING) -> dict[str, str]:
    """Table -> SHA-256 of its rows in order."""
    found = {}
    with store.engine.connect() as connection:
        for table in sorted(set(inspect(store.engine).get_table_names()) - without):
            rows = sorted(json.dumps(list(row), default=str) for row in connection.execute(text(f'SELECT * FROM "{table}"')))
            found[table] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return found

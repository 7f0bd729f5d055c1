"""Every GET of the running route table with addresses filled in, and a digest of the whole database."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Set

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from sqlalchemy import inspect, text

from gateway.store import Store

TOUCHED = {"account_sessions": {"seen_at"}, "api_keys": {"last_used_at"}}
"""When a sign-in or a key was last used may be noted by looking."""
READ_ROWS = ("audit", "audit_salts")


def templates(app: FastAPI) -> list[str]:
    """The path templates that answer GET, as the application knows them now."""
    found = {str(one.path) for one in iter_route_contexts(app.routes) if "GET" in (one.methods or ())}
    return sorted(found)


def filled(template: str, values: Mapping[str, str], otherwise: str = "none") -> str:
    """``{name}`` and ``{name:path}`` by the last value that fits: one for ``prefix{name}`` counts before one for the name alone."""

    def value(found: re.Match[str]) -> str:
        before = template[: found.start()].rstrip("/").rsplit("/", 1)[-1]
        name = found[1]
        return values.get(f"{before}/{name}", values.get(name, otherwise))

    return re.sub(r"\{(\w+)(?::\w+)?\}", value, template)


def database_digest(store: Store, touched: Mapping[str, Set[str]] = TOUCHED) -> dict[str, str]:
    """Table -> SHA-256 over its rows in order, without the audit and without the columns of ``touched``."""
    digests = {}
    with store.engine.connect() as connection:
        for table in sorted(inspect(connection).get_table_names()):
            if table not in READ_ROWS:
                digests[table] = _digest(store, table, touched.get(table, frozenset()))
    return digests


def _digest(store: Store, table: str, touched: Set[str]) -> str:
    with store.engine.connect() as connection:
        columns = [one["name"] for one in inspect(connection).get_columns(table) if one["name"] not in touched]
        named = ", ".join(f'"{name}"' for name in columns)
        digest = hashlib.sha256()
        for line in sorted(_lines(connection.execute(text(f'SELECT {named} FROM "{table}"')))):
            digest.update(line.encode("utf-8", "backslashreplace"))
    return digest.hexdigest()


def _lines(rows: object) -> Iterator[str]:
    for row in rows:  # type: ignore[attr-defined]  # what a statement gives can be iterated
        yield repr(tuple(row))

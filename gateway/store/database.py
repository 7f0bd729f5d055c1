"""The connection to the database, transactions, and the schema's migrations.

Why this exists: SQLAlchemy on SQLite begins lazily and deferred, so read-then-write units lose to lock errors or fork.
Writing units here begin with ``BEGIN IMMEDIATE``; readers never wait (write-ahead log).
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.orm import Session

from gateway.errors import Unavailable, Unprocessable
from gateway.store import audit

MIGRATIONS = Path(__file__).parents[1] / "migrations"
MIGRATION_LOCK = 7_245_119_530
"""Any number will do, as long as nothing else in the database takes the same."""
SQLITE_WAIT_SECONDS = 30
"""For another writer to end; ``?timeout=`` in the address changes it."""


def utc_now() -> datetime:
    return datetime.now(UTC)


class Transaction:
    """A writing unit: its session, and what is to happen after the commit."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._afterwards: list[Callable[[], object]] = []

    def after_commit(self, call: Callable[..., object], *args: Any, **kwargs: Any) -> None:
        self._afterwards.append(lambda: call(*args, **kwargs))

    def _run_afterwards(self) -> None:
        for call in self._afterwards:
            call()


class Store:
    """One database, SQLite or PostgreSQL by its address."""

    def __init__(self, url: str, *, is_read_only: bool = False) -> None:
        """``is_read_only``: the database itself refuses every write."""
        self.url = url
        self.engine = _engine(url, is_read_only=is_read_only)

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Session]:
        with Session(self.engine, expire_on_commit=False, autoflush=False) as session:
            yield session

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        connection = self.engine.connect()
        try:
            connection = connection.execution_options(gateway_writing=True)
            with Session(bind=connection, expire_on_commit=False) as session:
                transaction = Transaction(session)
                with session.begin():
                    yield transaction
                    session.flush()
                    audit.append_noted(session)
        finally:
            connection.close()
        transaction._run_afterwards()

    def is_reachable(self) -> bool:
        try:
            with self.engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except OperationalError:
            return False
        return True

    def upgrade(self) -> None:
        """Bring the schema to the newest revision. Safe to call at every start, and by several processes at once."""
        if not self.is_current():
            with self.migrating() as config:
                command.upgrade(config, "head")

    @contextmanager
    def migrating(self) -> Iterator[Config]:
        """What Alembic's commands need; one process at a time holds it, and all it does is one transaction."""
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        with self.engine.connect() as opened, _keys_unchecked(opened):
            connection = opened.execution_options(gateway_writing=True)
            with connection.begin():
                if not self.is_sqlite:
                    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
                config.attributes["connection"] = connection
                yield config
                _require_whole_keys(connection)

    def is_current(self) -> bool:
        """Whether the schema is at the newest revision."""
        script = ScriptDirectory(str(MIGRATIONS))
        try:
            with self.engine.connect() as connection:
                return MigrationContext.configure(connection).get_current_revision() == script.get_current_head()
        except OperationalError as error:
            raise Unavailable(
                f"The database cannot be reached: {' '.join(str(error.orig).split()).rstrip('.?')}.", hint="GATEWAY_DATABASE_URL says where it is."
            ) from error

    def close(self) -> None:
        self.engine.dispose()


def _engine(url: str, *, is_read_only: bool = False) -> Engine:
    address = _address(url)
    in_json: dict[str, Any] = {"json_serializer": _to_json, "json_deserializer": _from_json}
    if address.get_backend_name() != "sqlite":
        if is_read_only:
            return create_engine(address, connect_args={"options": "-c default_transaction_read_only=on"}, **in_json)
        return create_engine(address, pool_pre_ping=True, pool_size=10, max_overflow=20, **in_json)
    patience = {} if "timeout" in address.query else {"timeout": SQLITE_WAIT_SECONDS}
    engine = create_engine(address, connect_args={**patience, "check_same_thread": False}, **in_json)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    if is_read_only:
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA query_only=ON"))
    return engine


def _to_json(value: Any) -> str:
    """What the fast library refuses (lone surrogates, numbers beyond 64 bits) is written escaped, and never lost."""
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        return json.dumps(value, separators=(",", ":"))


def _from_json(text: str | bytes) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return json.loads(text)


def _address(url: str) -> URL:
    """Raises :class:`Unprocessable`, without repeating an address that may hold a password."""
    hint = "SQLite: sqlite:///path/to/file. PostgreSQL: postgresql://user:password@host/name."
    try:
        address = make_url(url.replace("postgres://", "postgresql://", 1) if url.startswith("postgres://") else url)
    except (ArgumentError, ValueError):
        raise Unprocessable("The address of the database cannot be read.", hint=hint) from None
    if address.drivername in ("postgresql", "postgresql+psycopg"):
        return address.set(drivername="postgresql+psycopg")
    if address.drivername != "sqlite":
        raise Unprocessable(f"A database of kind {address.drivername} cannot be used.", hint=hint)
    return address


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver must not begin by itself; _begin_sqlite does
    _use_write_ahead_log(connection)
    for pragma in ("synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    """The first to open a new file changes its mode; SQLite turns others away meanwhile instead of letting them wait."""
    give_up = time.monotonic() + SQLITE_WAIT_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > give_up:
                raise
            time.sleep(0.02)
        else:
            return


@contextmanager
def _keys_unchecked(connection: Connection) -> Iterator[None]:
    """SQLite changes a table by making it anew, and would not drop the old one while rows of others point to it."""
    driver = connection.connection.driver_connection
    if not isinstance(driver, sqlite3.Connection):
        yield
        return
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


def _require_whole_keys(connection: Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first() if connection.dialect.name == "sqlite" else None
    if broken is not None:
        raise RuntimeError(f"The migration would leave rows of {broken[0]} that point to rows of {broken[2]} which are not there.")


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get("gateway_writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

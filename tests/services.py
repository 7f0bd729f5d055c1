"""Real servers for the tests: Redis, and PostgreSQL as a cluster of their own in a temporary folder or the server they are pointed at.

``GATEWAY_DATABASE_URL`` names a server to use instead of starting one; the tests make and drop databases of their own
on it and touch no other. Where there is neither, tests that need it are left out, and fail where ``CI`` is set.
"""

from __future__ import annotations

import atexit
import os
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from gateway.store import Store

GIVEN_SERVER = os.environ.pop("GATEWAY_DATABASE_URL", "")
"""Taken out of the environment: a test that names no database means the default one, in a folder of its own."""
PREFIX = "gateway-postgresql-"
INSTALLED = Path("/usr/lib/postgresql")
UNPRIVILEGED = "postgres"
START_SECONDS = 60
OPTIONS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "listen_addresses=", "max_connections=60", "shared_buffers=64MB")


class Unavailable(Exception):
    """PostgreSQL cannot be had; the text says why."""


def leave_out(why: str) -> None:
    """Skip the test with a plain sentence; fail where nothing may be left out."""
    if os.environ.get("CI"):
        pytest.fail(f"{why} Nothing may be left out where CI is set.", pytrace=False)
    pytest.skip(why)


def new_sqlite(file: Path) -> str:
    """The address of a new SQLite database with the newest schema and no rows, copied from one that was migrated once for all tests of a process.

    A file that is there already stays as it is.
    """
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(_migrated(), file)
    return f"sqlite:///{file}"


@cache
def _migrated() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="gateway-sqlite-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    store = Store(f"sqlite:///{folder / 'gateway.sqlite'}")
    store.upgrade()
    store.close()
    assert [file.name for file in folder.iterdir()] == ["gateway.sqlite"], "a database that is closed stands in one file"
    return folder / "gateway.sqlite"


class PostgreSQL:
    """A server on which each test gets a database of its own, copied from one whose schema is the newest."""

    def __init__(self, address: URL) -> None:
        self._address = address
        self._admin = create_engine(address, isolation_level="AUTOCOMMIT")
        self._template: str | None = None

    @contextmanager
    def database(self) -> Iterator[str]:
        """The address of a fresh database with the newest schema and no rows."""
        if self._template is None:
            self._template = self._create("template0")
            store = Store(self._url(self._template))
            store.upgrade()
            store.close()
        name = self._create(self._template)
        try:
            yield self._url(name)
        finally:
            self._drop(name)

    def copy(self, address: str) -> str:
        """The address of a copy of a database to which nobody is connected; it goes with the server."""
        return self._url(self._create(str(make_url(address).database)))

    @contextmanager
    def empty_database(self) -> Iterator[str]:
        """The address of a fresh database without any table."""
        name = self._create("template0")
        try:
            yield self._url(name)
        finally:
            self._drop(name)

    def close(self) -> None:
        if self._template is not None:
            self._drop(self._template)
        self._admin.dispose()

    def _url(self, name: str) -> str:
        return self._address.set(database=name).render_as_string(hide_password=False)

    def _create(self, template: str) -> str:
        name = f"gateway_test_{uuid.uuid4().hex[:16]}"
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def _drop(self, name: str) -> None:
        self._execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _execute(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.execute(text(statement))


@contextmanager
def postgresql() -> Iterator[PostgreSQL]:
    """The server named in the environment, else a cluster started here. Raises :class:`Unavailable`."""
    if GIVEN_SERVER.startswith("postgres"):
        with _opened(make_url(GIVEN_SERVER).set(drivername="postgresql+psycopg")) as server:
            yield server
        return
    with _cluster() as address, _opened(address) as server:
        yield server


@contextmanager
def _opened(address: URL) -> Iterator[PostgreSQL]:
    server = PostgreSQL(address)
    try:
        yield server
    finally:
        server.close()


@contextmanager
def _cluster() -> Iterator[URL]:
    programs = _programs()
    _sweep()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    try:
        owner = _owner_of(folder)
        _initialise(programs, folder / "data", owner)
        with _started(programs, folder, owner):
            yield URL.create("postgresql+psycopg", username=UNPRIVILEGED, database="postgres", query={"host": str(folder)})
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep() -> None:
    """Remove what tests that were killed left behind; their servers died with them."""
    for log in Path(tempfile.gettempdir()).glob(f"{PREFIX}*/server.log"):
        with suppress(OSError):
            is_old = time.time() - log.stat().st_mtime > 3600
            if is_old and not (log.parent / "data" / "postmaster.pid").exists():
                shutil.rmtree(log.parent, ignore_errors=True)


def _programs() -> Path:
    """The newest installed release's folder of programs."""
    found = sorted(INSTALLED.glob("*/bin/initdb"), key=lambda program: float(program.parts[-3]))
    on_path = shutil.which("initdb")
    if not found and not on_path:
        raise Unavailable("PostgreSQL is not installed (Debian: apt-get install postgresql), nor does GATEWAY_DATABASE_URL name a server.")
    return found[-1].parent if found else Path(str(on_path)).resolve().parent


def _owner_of(folder: Path) -> dict[str, Any]:
    """PostgreSQL refuses to run as root: who runs it, as options of a subprocess."""
    if os.geteuid() != 0:
        return {}
    try:
        shutil.chown(folder, UNPRIVILEGED, UNPRIVILEGED)
    except LookupError:
        raise Unavailable(f"PostgreSQL does not run as root, and there is no user {UNPRIVILEGED!r} to run it as.") from None
    return {"user": UNPRIVILEGED, "group": UNPRIVILEGED, "extra_groups": []}


def _initialise(programs: Path, data: Path, owner: dict[str, Any]) -> None:
    command = [programs / "initdb", "-D", data, "-U", UNPRIVILEGED, "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
    made = subprocess.run(command, check=False, cwd=data.parent, capture_output=True, text=True, **owner)
    if made.returncode:
        raise Unavailable(f"PostgreSQL's initdb failed: {made.stderr.strip()[-300:]}")


@contextmanager
def _started(programs: Path, folder: Path, owner: dict[str, Any]) -> Iterator[None]:
    """The server on a socket in the folder, reachable by nobody else's network; it dies with the tests however they end."""
    command = [programs / "postgres", "-D", folder / "data", "-k", folder]
    for option in OPTIONS:
        command += ["-c", option]
    if setpriv := shutil.which("setpriv"):
        command = [setpriv, "--pdeathsig", "QUIT", *command]
    log = folder / "server.log"
    with log.open("wb") as output:
        server = subprocess.Popen(command, cwd=folder, stdout=output, stderr=output, **owner)
    try:
        _wait_until_it_answers(server, folder, log)
        yield
    finally:
        with suppress(ProcessLookupError):
            server.terminate()
        try:
            server.wait(5)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _wait_until_it_answers(server: subprocess.Popen[bytes], folder: Path, log: Path) -> None:
    engine = create_engine(URL.create("postgresql+psycopg", username=UNPRIVILEGED, database="postgres", query={"host": str(folder)}))
    give_up = time.monotonic() + START_SECONDS
    try:
        while True:
            with suppress(OperationalError), engine.connect():
                return
            if server.poll() is not None or time.monotonic() > give_up:
                raise Unavailable(f"PostgreSQL did not start: {log.read_text(errors='replace').strip()[-300:]}")
            time.sleep(0.05)
    finally:
        engine.dispose()


@contextmanager
def redis_server() -> Iterator[str]:
    """The address of a Redis server of the tests' own on a free loopback port. Raises :class:`Unavailable`."""
    program = shutil.which("redis-server")
    if program is None:
        raise Unavailable("Redis is not installed (Debian: apt-get install redis-server).")
    folder = Path(tempfile.mkdtemp(prefix="gateway-redis-"))
    port = free_port()
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(folder)]
    if setpriv := shutil.which("setpriv"):
        command = [setpriv, "--pdeathsig", "TERM", *command]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for_port(server, port)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for_port(server: subprocess.Popen[bytes], port: int) -> None:
    give_up = time.monotonic() + START_SECONDS
    while True:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        if server.poll() is not None or time.monotonic() > give_up:
            raise Unavailable("Redis did not start.")
        time.sleep(0.05)

"""What all tests share: the databases they run on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from gateway.store import Store
from harvesters import files
from tests import network_guard
from tests.chromium import chromium
from tests.gateway.asking import Post, mail_server
from tests.services import PostgreSQL, Unavailable, leave_out, new_sqlite, postgresql

__all__ = ["chromium"]


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes that are no ASCII go by their argument's name: packed ones carry the second in which they were made, and workers must agree on names."""
    return argname if isinstance(val, bytes) and not val.isascii() else None


@pytest.fixture(scope="session", autouse=True)
def _files_are_at_rest() -> None:
    """Tests write a folder and read it at once; the rule that a file must rest for ten seconds has a test of its own."""
    files.STABLE_SECONDS = 0.0


@pytest.fixture(autouse=True)
def _no_socket_but_to_loopback() -> Iterator[None]:
    """A refused connection may pass for an endpoint that is down, so it is told here as well."""
    yield
    tried = list(network_guard.tried)
    network_guard.tried.clear()
    assert not tried, "connected to something other than loopback"


@pytest.fixture(scope="session")
def _postgresql() -> Iterator[PostgreSQL | str]:
    """The server, or why there is none: a fixture that skips would be tried anew by every test."""
    with ExitStack() as stack:
        try:
            server: PostgreSQL | str = stack.enter_context(postgresql())
        except Unavailable as error:
            server = str(error)
        yield server


@pytest.fixture
def postgresql_server(_postgresql: PostgreSQL | str) -> PostgreSQL:
    if isinstance(_postgresql, str):
        leave_out(_postgresql)
        raise AssertionError("leaving a test out ends it")
    return _postgresql


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """None for the default (SQLite in the data folder); else the address of a fresh PostgreSQL database."""
    if request.param == "sqlite":
        yield None
        return
    server: PostgreSQL = request.getfixturevalue("postgresql_server")
    with server.database() as address:
        yield address


@pytest.fixture
def store(tmp_path: Path, database_url: str | None) -> Iterator[Store]:
    """A database at its newest revision, without services."""
    made = Store(database_url or new_sqlite(tmp_path / "gateway.sqlite"))
    yield made
    made.close()


@pytest.fixture
def post() -> Iterator[Post]:
    """A mail server that keeps what it is sent."""
    with mail_server() as server:
        yield server

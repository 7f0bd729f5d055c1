"""The two tenants, once for each database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.security.world import World, world
from tests.services import PostgreSQL, leave_out


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def two_tenants(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("world")
    if request.param == "sqlite":
        with world(folder, None) as made:
            yield made
        return
    server = request.getfixturevalue("_postgresql")
    if not isinstance(server, PostgreSQL):
        leave_out(str(server))
    with server.database() as address, world(folder, address) as made:
        yield made

"""S8: a code is good for its half minute and the two beside it, once; a recovery code once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.accounts.factors import accepted_step, new_secret
from gateway.accounts.sign_in import with_code
from gateway.errors import Unprocessable
from gateway.store import accounts
from gateway.store.sealing import token_digest
from gateway.wiring import Services
from tests.accounts.people import add_app, code_of, member
from tests.journeys.gateways import make_services

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
STEP = timedelta(seconds=30)


@pytest.fixture
def services(tmp_path: Path, database_url: str | None) -> Iterator[Services]:
    built = make_services(tmp_path / "data", database_url, worker=False)
    try:
        yield built
    finally:
        built.close()


@pytest.mark.parametrize(("steps", "is_good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_S8_codes_of_one_step_either_side_are_taken(steps: int, is_good: bool) -> None:
    secret = new_secret()
    found = accepted_step(secret, code_of(secret, NOW + steps * STEP), last_step=0, now=NOW)
    assert (found is not None) is is_good


def test_S8_the_same_code_twice_and_an_older_step_are_refused() -> None:
    secret = new_secret()
    first = accepted_step(secret, code_of(secret, NOW), last_step=0, now=NOW)
    assert first is not None
    assert accepted_step(secret, code_of(secret, NOW), last_step=first, now=NOW) is None
    assert accepted_step(secret, code_of(secret, NOW - STEP), last_step=first, now=NOW) is None
    assert accepted_step(secret, code_of(secret, NOW + STEP), last_step=first, now=NOW) == first + 1


def test_S8_of_two_who_send_the_same_code_at_the_same_moment_one_gets_in(services: Services) -> None:
    client = member(services, "ada@university.example", name="Ada")
    at = services.clock()
    secret, recovery = add_app(client, at)
    with services.store.reading() as session:
        found = accounts.session_of(session, token_digest(client.cookies["session"]))
        assert found is not None
    row, account = found
    for code in (code_of(secret, at + STEP), recovery[0]):
        outcomes: list[bool] = []
        barrier = threading.Barrier(2)

        def enter(code: str = code, barrier: threading.Barrier = barrier, outcomes: list[bool] = outcomes) -> None:
            barrier.wait()
            try:
                with_code(services.store, services.sealer, services.limits, account=account, session_row=row, code=code, now=at + STEP)
                outcomes.append(True)
            except Unprocessable:
                outcomes.append(False)

        threads = [threading.Thread(target=enter) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) == [False, True]

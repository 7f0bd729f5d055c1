"""Signing in at the front door, held against the bare hash that it must wait for.

Run: ``python -m benchmarks.accounts [sign-ins]``. Both work in turns in the same process: once the password's argon2id hash alone, once
``POST /sign-in`` with everything around it (limits, session, page). A wrong password and an unknown address stand beside
them. With several at once the cap of four hashes shows. The result is kept in benchmarks/results/accounts.json.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from argon2 import PasswordHasher
from fastapi import FastAPI
from starlette.testclient import TestClient

from benchmarks.clock import ROUNDS, SAYS, best_of_each
from gateway.accounts.registration import add_account
from gateway.app import create_app
from gateway.limits import Limiter
from gateway.settings import Settings
from gateway.store.database import utc_now
from gateway.wiring import Services, build

RESULTS = Path(__file__).parent / "results" / "accounts.json"
PASSWORD, ADDRESS = "copper lantern beside ferry", "ada@university.example"
AT_ONCE = 8
HASHER = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4)


def main() -> None:
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    with tempfile.TemporaryDirectory() as folder:
        services = new_gateway(Path(folder))
        spent = best_of_each(works(services, wanted))
        services.close()
    bare = spent["bare_hash"].seconds / wanted
    result = {
        "at": datetime.now(UTC).date().isoformat(), "how": SAYS, "each_round": wanted, "bare_hash_milliseconds": round(bare * 1000, 1),
        **{f"{name}_against_the_bare_hash": round(one.seconds / wanted / bare, 2) for name, one in spent.items() if name != "bare_hash"},
    }
    for measure, value in result.items():
        print(f"{measure.replace('_', ' '):50} {value}")
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")


def new_gateway(folder: Path) -> Services:
    services = build(Settings(data_dir=folder / "data", worker=False, _env_file=None))  # type: ignore[call-arg]
    services.store.upgrade()
    with services.store.transaction() as tx:
        add_account(tx.session, address=ADDRESS, name="Ada", organisation="Example", password_hash=HASHER.hash(PASSWORD), now=utc_now())
    return services


def works(services: Services, times: int) -> dict[str, Callable[[int], object]]:
    kept = HASHER.hash(PASSWORD)
    fronts = [front(services) for _ in range(4 * ROUNDS)]

    def sign_in(at: FastAPI, address: str = ADDRESS, password: str = PASSWORD, status: int = 303) -> None:
        client = visitor(at)
        for _ in range(times):
            answer = client.post("/sign-in", data={"email": address, "password": password}, follow_redirects=False)
            assert answer.status_code == status, answer.text
            client.cookies.clear()

    def together(at: FastAPI) -> None:
        def one(client: TestClient) -> int:
            return client.post("/sign-in", data={"email": ADDRESS, "password": PASSWORD}, follow_redirects=False).status_code

        with ThreadPoolExecutor(AT_ONCE) as pool:
            assert {*pool.map(one, [visitor(at) for _ in range(times)])} <= {303, 503}

    return {
        "bare_hash": lambda _: [HASHER.verify(kept, PASSWORD) for _ in range(times)],
        "sign_in": lambda number: sign_in(fronts[number]),
        "wrong_password": lambda number: sign_in(fronts[ROUNDS + number], password="wrong " * 4, status=422),
        "unknown_address": lambda number: sign_in(fronts[2 * ROUNDS + number], address="nobody@university.example", status=422),
        f"sign_in_with_{AT_ONCE}_at_once": lambda number: together(fronts[3 * ROUNDS + number]),
    }


def front(services: Services) -> FastAPI:
    """The application with limits of its own, or the tenth wrong password would be refused."""
    return create_app(services=replace(services, limits=Limiter()))


def visitor(app: FastAPI) -> TestClient:
    return TestClient(app, base_url="http://127.0.0.1", headers={"Origin": "http://127.0.0.1"})


if __name__ == "__main__":
    main()

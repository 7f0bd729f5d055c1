"""Two people press at the same moment, over two real connections: one wins, the other is told; no event is lost or doubled."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from gateway.access.commands import Command, perform
from gateway.access.machine import fold
from gateway.access.parts import Role, State
from gateway.errors import Conflict
from gateway.store import Store, requests
from gateway.store.sealing import Sealer
from tests.gateway.asking import NOW, sealer, seeded, submit

TO_REVIEW = (("acknowledge", "handler", {"delivery": "d"}), ("accept_for_review", "handler", {}))
TO_APPROVED = (*TO_REVIEW, ("approve", "decider", {"access_until": "2027-12-31", "access_mode": "TRE"}))
SIGNED = (
    *TO_APPROVED, ("issue_agreement", "handler", {"agreement": "A"}), ("sign_agreement", "handler", {"side": "custodian"}),
    ("sign_agreement", "lead", {"side": "applicant"}),
)
OPENED = {"access_mode": "TRE", "access_starts": "2027-01-01", "access_ends": "2027-12-31"}
REFUSED = {"code": "other", "reason": "No."}
PAIRS: list[tuple[tuple[Any, ...], tuple[str, Role, dict[str, Any]], tuple[str, Role, dict[str, Any]], set[State]]] = [
    (TO_REVIEW[:1], ("accept_for_review", "handler", {}), ("accept_for_review", "handler", {}), {"in_review"}),
    (TO_REVIEW, ("approve", "decider", {"access_until": "2027-12-31", "access_mode": "TRE"}), ("withdraw", "lead", {}), {"approved", "withdrawn"}),
    (TO_REVIEW, ("approve", "decider", {"access_until": "2027-12-31", "access_mode": "TRE"}), ("reject", "decider", REFUSED), {"approved", "rejected"}),
    (TO_REVIEW, ("return", "handler", {"comment": "Why?"}), ("hold", "handler", {"reason": "REC"}), {"returned", "on_hold"}),
    (TO_REVIEW, ("vote", "decider", {"vote": "for"}), ("vote", "decider", {"vote": "against"}), {"in_review"}),
    (SIGNED, ("activate", "handler", OPENED), ("revoke", "decider", {"reason": "No."}), {"active", "revoked"}),
]


@pytest.fixture
def store(tmp_path: Path, database_url: str | None) -> Iterator[Store]:
    made = Store(database_url or f"sqlite:///{tmp_path / 'gateway.sqlite'}")
    made.upgrade()
    yield made
    made.close()


def give(store: Store, seal: Sealer, part: str, wanted: tuple[str, Role, dict[str, Any]], version: int | None = None) -> None:
    name, role, payload = wanted
    perform(store, seal, part, Command(name=name, role=role, actor=role, payload=payload, expected_version=version), now=NOW)


@pytest.mark.parametrize(("before", "first", "second", "ends"), PAIRS, ids=lambda value: value[0] if isinstance(value, tuple) and isinstance(value[0], str) else None)
def test_A8_A9_of_two_commands_at_once_one_wins(
    store: Store, tmp_path: Path, before: tuple[Any, ...], first: tuple[str, Role, dict[str, Any]], second: tuple[str, Role, dict[str, Any]], ends: set[State]
) -> None:
    seal, refs = sealer(tmp_path), seeded(store)
    submit(store, seal, dataset_refs=refs["alpha"])
    with store.reading() as session:
        part = requests.parts_of_custodian(session, "alpha")[0].part.public_id
    for wanted in before:
        give(store, seal, part, wanted)
    with store.reading() as session:
        version = requests.parts_of_custodian(session, "alpha")[0].part.version
    gate = threading.Barrier(2)

    def race(wanted: tuple[str, Role, dict[str, Any]]) -> bool:
        gate.wait(timeout=30)
        try:
            give(store, seal, part, wanted, version)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        won = list(pool.map(race, (first, second)))
    assert sorted(won) == [False, True]
    with store.reading() as session:
        row = requests.parts_of_custodian(session, "alpha")[0].part
        events = requests.history(session, row.id)
    assert [event.version for event in events] == list(range(1, version + 2))
    assert row.state == fold(events).state
    assert row.state in ends

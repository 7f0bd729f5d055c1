"""Parts of requests in whatever state a test wants, in a real database: one request of one part each, copied from one that was really sent."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import inspect

from gateway.access.commands import Command, perform
from gateway.access.machine import decide, fold
from gateway.access.parts import Event, PartState, Refusal, Role, State
from gateway.access.policy import Policy, kept
from gateway.access.transitions import ROWS
from gateway.models import Request, RequestPart, Snapshot
from gateway.store import Store, requests
from gateway.store.clocks import add_policy
from tests.gateway.asking import NOW, sealer, seeded, submit
from tests.gateway.the_table import facts

WAYS: dict[State, tuple[tuple[str, Role], ...]] = {
    "draft": (), "submitted": (("submit", "lead"),), "redirected": (("redirect", "system"),), "screening": (("acknowledge", "handler"),),
    "returned": (("return", "handler"),), "in_review": (("accept_for_review", "handler"),), "on_hold": (("hold", "handler"),),
    "approved_conditionally": (("approve_conditionally", "decider"),), "approved": (("approve", "decider"),),
    "active": (("issue_agreement", "handler"), ("sign_agreement", "handler"), ("sign_agreement", "lead"), ("activate", "handler")),
    "rejected": (("reject", "decider"),), "closed": (("close", "system"),), "withdrawn": (("withdraw", "lead"),), "revoked": (("revoke", "decider"),),
    "ended": (("end", "handler"),), "deleted": (("delete_draft", "lead"),),
}
"""The steps that lead to a state from the one before it."""
BEFORE: dict[State, State] = {
    "submitted": "draft", "redirected": "submitted", "screening": "submitted", "returned": "screening", "in_review": "screening", "on_hold": "screening",
    "approved_conditionally": "in_review", "approved": "in_review", "active": "approved", "rejected": "screening", "closed": "returned",
    "withdrawn": "submitted", "revoked": "approved", "ended": "active", "deleted": "draft",
}
FIRST: dict[str, tuple[tuple[str, Role], ...]] = {
    "verify_evidence": (("add_evidence", "lead"),), "refuse_evidence": (("add_evidence", "lead"),), "give_review": (("request_review", "handler"),),
    "sign_agreement": (("issue_agreement", "handler"),), "activate": (("issue_agreement", "handler"), ("sign_agreement", "handler"), ("sign_agreement", "lead")),
    "resume_access": (("suspend_access", "decider"),),
}
"""What must have happened before a command, beside the state."""
SIGNATORY = "Example Signatory"
SIGNED: tuple[tuple[str, Role, dict[str, Any]], ...] = (
    ("acknowledge", "handler", {"delivery": "d"}), ("accept_for_review", "handler", {}),
    ("approve", "decider", {"access_until": "2027-12-31", "access_mode": "TRE"}), ("issue_agreement", "handler", {"agreement": "A"}),
    ("sign_agreement", "handler", {"side": "custodian"}), ("sign_agreement", "lead", {"side": "applicant", "signatory": SIGNATORY}),
)
"""From what was sent to an agreement that is in force."""
OPENED = {"access_mode": "TRE", "access_starts": "2027-01-01", "access_ends": "2027-12-31"}


def words(command: str, role: Role) -> dict[str, Any]:
    """A payload with which the command succeeds."""
    return {**facts(command, role).payload, "signatory": SIGNATORY, "evidence": "REC 20/EM/0148", "person": "somebody" if command == "request_review" else "somebody-else"}


def path_to(state: State) -> list[tuple[str, Role]]:
    return [*(path_to(BEFORE[state]) if state in BEFORE else []), *WAYS[state]]


def ready_for(command: str, state: State) -> list[Event]:
    """A history in which the command may come next, in this state."""
    return happened([*path_to(state), *FIRST.get(command, ())])


def happened(steps: Iterable[tuple[str, Role]], *, at: datetime = NOW) -> list[Event]:
    events: list[Event] = []
    for command, role in steps:
        given = replace(facts(command, role), payload=words(command, role), at=at, actor="before" if role != "reviewer" else "somebody")
        decision = decide(command, fold(events), given)
        assert not isinstance(decision, Refusal), (command, decision)
        events.extend(decision)
    return events


class Parts:
    """``seal`` is what the store's letters are sealed with."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store, self.seal = store, sealer(folder)
        submit(store, self.seal, dataset_refs=seeded(store)["alpha"])
        with store.reading() as session:
            row = requests.parts_of_custodian(session, "alpha")[0]
            self._request, self._part, self._snapshot = _values(row.request), _values(row.part), _values(row.snapshot)

    def make(self, events: list[Event], *, created_at: datetime = NOW) -> str:
        """The public id of a part of its own request, with this history."""
        public_id = secrets.token_hex(12)
        with self.store.transaction() as tx:
            request = Request(**{**self._request, "reference": f"T-{secrets.token_hex(6)}", "follow_token_sha256": secrets.token_hex(32)})
            tx.session.add(request)
            tx.session.flush()
            state = fold(events)
            part = RequestPart(
                **{**self._part, "request_id": request.id, "public_id": public_id, "acknowledge_token_sha256": None, "state": "draft", "version": 0, "created_at": created_at}
            )
            tx.session.add(part)
            tx.session.flush()
            tx.session.add(Snapshot(**{**self._snapshot, "part_id": part.id}))
            requests.append(tx.session, part, events, state)
        return public_id

    def choose(self, policy: Policy, *, at: datetime) -> None:
        """What the custodian decides about parts that are made from then on."""
        with self.store.transaction() as tx:
            add_policy(tx.session, self._part["custodian_id"], kept(policy), by="operator", now=at)

    def give(self, part: str, command: str, role: Role, *, version: int | None, actor: str = "somebody", at: datetime = NOW, **changes: Any) -> PartState:
        given = Command(name=command, role=role, actor=actor, payload={**words(command, role), **changes}, expected_version=version)
        return perform(self.store, self.seal, part, given, now=at)

    def history(self, part: str) -> list[Event]:
        with self.store.reading() as session:
            return requests.history(session, requests.locked_by_public_id(session, part).id)

    def row(self, part: str) -> tuple[str, int]:
        """State and version as the table of parts has them."""
        with self.store.reading() as session:
            found = requests.part_by_public_id(session, part)
            assert found is not None
            return found.part.state, found.part.version


def require_sound(parts: Parts, part: str) -> list[Event]:
    """The history has no gap and no version twice, each step was legal where it came, and the row is what the events say."""
    events = parts.history(part)
    assert [event.version for event in events] == list(range(1, len(events) + 1)), "a version is missing or there twice"
    for number, event in enumerate(events):
        assert fold(events[:number]).state in ROWS[event.command].sources, f"{event.command} came where it may not"
    state = fold(events)
    assert parts.row(part) == (state.state, state.version)
    return events


def _values(row: Any) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in inspect(type(row)).columns if column.key != "id"}

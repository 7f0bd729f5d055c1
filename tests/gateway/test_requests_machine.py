"""A3: a part in a real database that anybody tries anything with, beside a plain dictionary that knows only the design's table."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from gateway.access.clocks import intervals
from gateway.access.context import possible
from gateway.access.machine import fold, offers
from gateway.access.parts import ROLES, Facts, Role, State
from gateway.access.policy import Policy
from gateway.access.timetable import Running, clocks
from gateway.errors import Conflict
from gateway.store import Store, requests
from tests.gateway.asking import NOW
from tests.gateway.parts_made import BEFORE, WAYS, Parts, happened, path_to, require_sound
from tests.gateway.the_table import listed
from tests.services import new_sqlite

TABLE = listed()
COMMANDS = sorted(TABLE)
FLAGS = ("reviews", "votes", "conditions", "four_eyes", "final_approval", "final_rejection")
MODEL_OWNERS = {
    "draft": "applicant", "submitted": "custodian", "redirected": "external", "screening": "custodian", "returned": "applicant", "in_review": "custodian",
    "on_hold": "nobody", "approved_conditionally": "applicant", "approved": "custodian", "active": "nobody", "rejected": "nobody", "closed": "nobody",
}
"""Column "Clock runs against" of the design's table 3.1; for what is over no time runs."""
OVER = {"withdrawn", "revoked", "ended", "deleted"}
ONWARDS = {before: WAYS[after][0] for after, before in BEFORE.items() if after in ("submitted", "screening", "in_review", "approved")} | {
    "returned": ("resubmit", "lead"), "on_hold": ("release", "handler"), "approved_conditionally": ("confirm_conditions", "handler"),
}
MADE_FROM = NOW - timedelta(days=300)
NUMBERS = itertools.count()
STARTS: tuple[State, ...] = ("draft", "submitted", "redirected", "screening", "returned", "in_review", "on_hold", "approved_conditionally", "approved", "active", "closed")
WALKED: list[str] = []
"""Where each example ended."""


class Machine(RuleBasedStateMachine):
    parts: ClassVar[Parts]
    starts: ClassVar[tuple[State, ...]] = STARTS

    def __init__(self) -> None:
        super().__init__()
        self.at = NOW
        self.policy = Policy()
        self.part = ""
        self.model: dict[str, Any] = {"state": "draft", "version": 0, "spent": dict.fromkeys(("applicant", "custodian", "external", "nobody"), timedelta())}
        self.owner: str | None = None
        self.signed: set[str] = set()
        self.has_agreement = self.is_delivered = False
        self.since = NOW

    @initialize(values=st.fixed_dictionaries({name: st.booleans() for name in FLAGS}), data=st.data())
    def begin_anywhere(self, values: dict[str, bool], data: st.DataObject) -> None:
        self.begin(values, data.draw(st.sampled_from(self.starts)))

    def begin(self, values: dict[str, bool], start: State) -> None:
        """A part made under choices of its custodian's own, and brought to a state at once."""
        made_at = MADE_FROM + timedelta(seconds=next(NUMBERS))
        self.policy = Policy(**values)  # type: ignore[arg-type]  # flags alone
        self.parts.choose(self.policy, at=made_at)
        steps = path_to(start)
        self.part = self.parts.make(happened(steps), created_at=made_at)
        for command, role in steps:
            self._note(command, role)
        self.model |= {"state": start, "version": len(steps)}
        self.owner = self._owner() if steps else None

    @rule(days=st.integers(0, 40), hours=st.integers(0, 23))
    def wait(self, days: int, hours: int) -> None:
        self.at += timedelta(days=days, hours=hours)

    @rule(command=st.sampled_from([*COMMANDS, "admit"]), role=st.sampled_from(ROLES), actor=st.sampled_from(["somebody", "another"]), is_stale=st.booleans())
    def attempt(self, command: str, role: Role, actor: str, is_stale: bool) -> None:
        version = self.model["version"]
        before = self.parts.history(self.part)
        try:
            self.parts.give(self.part, command, role, version=version - 1 if is_stale and version else version, actor=actor, at=self.at)
        except Conflict:
            assert self.parts.history(self.part) == before, "what is refused leaves nothing"
            return
        self._done(command, role, is_repeated=len(self.parts.history(self.part)) == version)

    @rule(data=st.data(), role=st.sampled_from([role for role in ROLES if role != "system"]))
    def take_what_is_offered(self, data: st.DataObject, role: Role) -> None:
        """Whatever a page would offer now is done, with the right words."""
        offered = self._possible(role)
        if offered:
            command = data.draw(st.sampled_from(sorted(offered)))
            more = {"evidence": f"REC {self.model['version']}"} if command == "add_evidence" else {}
            self.parts.give(self.part, command, role, version=self.model["version"], at=self.at, **self._words(command), **more)
            self._done(command, role, is_repeated=False)

    @precondition(lambda self: self.model["state"] not in OVER)
    @rule(times=st.integers(1, 4))
    def go_on(self, times: int) -> None:
        """Towards access, so that late states are reached as well."""
        for _ in range(times):
            if self.model["state"] == "approved":
                sides = [side for side in ("custodian", "applicant") if side not in self.signed]
                step: tuple[str, Role] = ("issue_agreement", "handler") if not self.has_agreement else ("activate", "handler") if not sides else (
                    "sign_agreement", "handler" if sides[0] == "custodian" else "lead"
                )
            elif self.model["state"] in ONWARDS:
                step = ONWARDS[self.model["state"]]
            else:
                return
            if step[0] in self._possible(step[1], actor="another"):
                self.parts.give(self.part, *step, version=self.model["version"], actor="another", at=self.at, **self._words(step[0]))
                self._done(*step, is_repeated=False)

    @invariant()
    def the_row_is_what_the_events_say(self) -> None:
        events = require_sound(self.parts, self.part)
        state = fold(events)
        assert (state.state, state.version) == (self.model["state"], self.model["version"])
        if state.state == "active":
            assert state.has_agreement

    @invariant()
    def permissions_are_the_tables(self) -> None:
        """By state alone; what else stands in the way is said beside each."""
        state = fold(self.parts.history(self.part))
        taken = self.policy.without()
        for role in ROLES:
            found = offers(state, Facts(role=role, actor="nobody-yet", at=self.at, settings=self.policy.facts()))
            wanted = {
                name for name, (roles, sources, _) in TABLE.items()
                if role in roles and self.model["state"] in sources and not {(name, None), (name, role)} & taken
            }
            assert set(found) == {name for name in wanted if name not in ("record_sent", "record_deferred", "record_manual")}

    @invariant()
    def clocks_are_those_of_the_model(self) -> None:
        events = self.parts.history(self.part)
        spent = dict(self.model["spent"])
        if events and self.owner is not None:
            spent[self.owner] += self.at - self.since
        found = dict.fromkeys(spent, timedelta())
        for one in intervals(events, now=self.at):
            found[one.owner] += one.end - one.start
        assert found == spent
        running = clocks(events, Running(policy=self.policy), now=self.at)
        assert len({(one.name, one.version) for one in running}) == len(running)

    def teardown(self) -> None:
        WALKED.append(self.model["state"])

    def _done(self, command: str, role: Role, *, is_repeated: bool) -> None:
        if is_repeated:
            assert command == "acknowledge", "what was done before may be repeated without effect, and that is a receipt alone"
            return
        roles, sources, targets = TABLE[command]
        assert role in roles
        assert self.model["state"] in sources
        if self.owner is not None:
            self.model["spent"][self.owner] += self.at - self.since
        self.model["version"] += 1
        state, _ = self.parts.row(self.part)
        assert state in targets if targets else state == self.model["state"]
        self.model["state"] = state
        self._note(command, role)
        self.since, self.owner = self.at, self._owner()

    def _note(self, command: str, role: Role) -> None:
        if command == "issue_agreement":
            self.has_agreement, self.signed = True, set()
        if command == "sign_agreement":
            self.signed.add("applicant" if role == "lead" else "custodian")
        self.is_delivered = command != "reroute" and (self.is_delivered or command in ("record_sent", "acknowledge", "redirect"))

    def _owner(self) -> str | None:
        if self.model["state"] == "submitted" and not self.is_delivered:
            return "nobody"
        if self.model["state"] == "approved" and self.has_agreement and "applicant" not in self.signed:
            return "applicant"
        return MODEL_OWNERS.get(self.model["state"])

    def _possible(self, role: Role, actor: str = "somebody") -> tuple[str, ...]:
        with self.parts.store.reading() as session:
            row = requests.part_by_public_id(session, self.part)
            assert row is not None
            return possible(session, row.part, fold(requests.history(session, row.part.id)), roles=(role,), actor=actor, now=self.at).commands

    def _words(self, command: str) -> dict[str, Any]:
        """What only makes sense at this moment."""
        later = (self.at + timedelta(days=60)).date().isoformat()
        held = fold(self.parts.history(self.part))
        days = {"access_until": later, "extended_to": later}
        if command in ("verify_evidence", "refuse_evidence"):
            return {"evidence": next(iter(held.evidence), "REC 20/EM/0148")}
        return {**days, "conditions": dict.fromkeys(held.conditions, "met")} if command == "confirm_conditions" else days


@contextmanager
def machine_on(url: str | None) -> Iterator[type[Machine]]:
    with tempfile.TemporaryDirectory() as folder:
        store = Store(url or new_sqlite(Path(folder) / "gateway.sqlite"))
        try:
            parts = Parts(store, Path(folder))
            yield type("MachineOnAStore", (Machine,), {"parts": parts})
        finally:
            store.close()


@pytest.mark.parametrize("start", STARTS)
def test_A3_whatever_is_tried_the_row_the_permissions_and_the_clocks_are_those_of_the_model(database_url: str | None, start: State) -> None:
    WALKED.clear()
    walks = (100 if database_url is None else 20) // len(STARTS) + 1
    with machine_on(database_url) as machine:
        how = settings(
            max_examples=walks, stateful_step_count=8, deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
        )
        run_state_machine_as_test(type("MachineFromHere", (machine,), {"starts": (start,)}), settings=how)
    assert len(WALKED) >= walks


def test_A3_the_way_to_access_is_walked_by_what_is_offered(database_url: str | None) -> None:
    with machine_on(database_url) as made:
        walk = made()
        walk.begin(dict.fromkeys(FLAGS, False), "draft")
        for _ in range(10):
            walk.go_on(1)
            walk.the_row_is_what_the_events_say()
            walk.permissions_are_the_tables()
            walk.clocks_are_those_of_the_model()
        assert walk.model["state"] == "active"

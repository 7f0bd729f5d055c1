"""A8: whatever a source does and whatever people decide, the catalogue keeps S1 to S6 and S10, judged by a simple model.

The model knows of each record whether it is shown, since when it is missing, and its title; of a removal that waits, which
records it lists. Everything else is the gateway's own, driven through its front doors over a real endpoint.
"""

from __future__ import annotations

import copy
import shutil
import tempfile
from collections import Counter
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from gateway.models import Record, Run, Version
from gateway.sources import holds as deciding
from gateway.sources.undoing import undo_run
from gateway.store import holds
from gateway.wiring import Services
from tests.journeys.endpoints import Endpoint, serving
from tests.journeys.gateways import add_federation, document, make_services
from tests.services import PostgreSQL

START = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
MOST = 9
NUMBERS, DAYS = st.integers(0, MOST - 1), st.integers(0, 5)
GRACE = timedelta(days=7)


@dataclass
class Known:
    """What the model knows of one record."""

    title: str
    is_shown: bool = True
    passes: int = 0
    missing_since: datetime | None = None


@dataclass
class Model:
    records: dict[int, Known] = field(default_factory=dict)
    open_hold: set[int] = field(default_factory=set)
    kept: set[int] = field(default_factory=set)
    """Records whose removal was rejected: they stay until they are listed again."""

    def complete_pass(self, listed: dict[int, str], now: datetime) -> bool:
        """Whether the removal part of the pass is held."""
        shown_before = {number for number, one in self.records.items() if one.is_shown}
        for number, title in listed.items():
            self.records[number] = Known(title)
        self.kept -= set(listed)
        at_stake = shown_before - self.kept
        absent = at_stake - set(listed)
        is_empty = not listed and bool(absent)
        if is_empty or (len(absent) > 5 and len(absent) > 0.10 * self._live(shown_before, listed)):
            self.open_hold = absent
            return True
        self.open_hold = set()
        for number in absent:
            one = self.records[number]
            one.passes, one.missing_since = one.passes + 1, one.missing_since or now
            if one.passes >= 3 and now - one.missing_since >= GRACE:
                one.is_shown = False
        return False

    def _live(self, shown_before: set[int], listed: dict[int, str]) -> int:
        return len((shown_before - self.kept) | set(listed))


class Catalogue(RuleBasedStateMachine):
    """Each example has a gateway of its own. ``reached`` counts what examples came to, so that a machine gone idle is noticed."""

    server: ClassVar[PostgreSQL | None] = None
    reached: ClassVar[Counter[str]] = Counter()

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="safety-"))
        self.database = self.server.database() if self.server else nullcontext()
        self.services: Services = make_services(self.folder, self.database.__enter__())
        self.now = START
        self.services.harvesting.clock = lambda: self.now
        self.endpoint = Endpoint()
        self.stop = serving(self.endpoint)
        self.stop.__enter__()
        self.listed: dict[int, str] = {}
        self.versions = 0
        self.model = Model()
        self.last: tuple[int, Model] | None = None
        self.feed = add_federation(self.services, self.endpoint.base_url)
        self.listed = {number: f"Title {number}" for number in range(MOST)}
        self._pass(0)

    # what the source does, and a complete pass after it

    @rule(number=NUMBERS, days=DAYS)
    def add_and_change(self, number: int, days: int) -> None:
        self.versions += 1
        edition = f", edition {self.versions}" if number in self.listed else ""
        self.listed[number] = f"Title {number}{edition}"
        self._pass(days)

    @rule(number=NUMBERS, days=DAYS)
    def remove(self, number: int, days: int) -> None:
        self.listed.pop(number, None)
        self._pass(days)

    @rule(count=st.integers(0, MOST), days=DAYS)
    def cut_short(self, count: int, days: int) -> None:
        self.listed = dict(sorted(self.listed.items())[:count])
        self._pass(days)

    @rule(days=DAYS)
    def list_all(self, days: int) -> None:
        for number in range(MOST):
            self.listed.setdefault(number, f"Title {number}")
        self._pass(days)

    @rule(days=DAYS)
    def stay(self, days: int) -> None:
        self._pass(days)

    @rule(number=NUMBERS)
    def stay_away(self, number: int) -> None:
        """S4: over as many passes and days as the grace lasts, and then gone."""
        self.listed.pop(number, None)
        for _ in range(3):
            self._pass(4)

    def _pass(self, days: int) -> None:
        self.now += timedelta(days=days)
        self.endpoint.hold(*(_document(number, title) for number, title in sorted(self.listed.items())))
        before = copy.deepcopy(self.model)
        is_held = self.model.complete_pass(self.listed, self.now)
        run = self._run()
        assert run.state == ("held" if is_held else "succeeded"), (run.state, run.error)
        self.reached.update([run.state, *run.counters])
        self.last = (run.id, before)

    @rule(failure=st.sampled_from([(500, b""), (200, b"<html>"), (200, b'{"items": ['), (200, b'{"items": [], "query": {"total": 50}}')]))
    def harvest_a_failing_source(self, failure: tuple[int, bytes]) -> None:
        """S1: nothing is missing, nothing is removed, whatever comes back."""
        self.endpoint.list_answer = (*failure, "application/json")
        run = self._run()
        self.endpoint.list_answer = None
        assert run.state in ("failed", "partial"), run.state
        self.reached[run.state] += 1
        assert not {"missing", "removed"} & set(run.counters)
        self.last = None

    @precondition(lambda self: self.model.open_hold)
    @rule(is_approved=st.sampled_from([True, True, False]))
    def decide(self, is_approved: bool) -> None:
        with self.services.store.reading() as session:
            (hold,) = holds.listing(session, states=["open"])
        (deciding.approve if is_approved else deciding.reject)(self.services.store, hold.id, by="Alex", now=self.now)
        for number in self.model.open_hold if is_approved else ():
            self.model.records[number].is_shown = False
        self.model.kept |= set() if is_approved else self.model.open_hold
        self.model.open_hold = set()
        self.last = None if not is_approved else self.last
        self.reached["approved" if is_approved else "rejected"] += 1

    @precondition(lambda self: self.last is not None)
    @rule()
    def undo(self) -> None:
        """S10: what was shown before the last run is shown again, as it was. Decisions on holds stand."""
        assert self.last is not None
        number, before = self.last
        self.reached["undone"] += 1
        undo_run(self.services.store, number, by="Alex", now=self.now)
        self.model.records = {
            key: before.records.get(key, Known(one.title, is_shown=False)) for key, one in self.model.records.items()
        }
        self.last = None

    # what always holds

    @invariant()
    def catalogue_equals_the_model(self) -> None:
        if not hasattr(self, "model"):
            return
        shown = {
            number: (one.title, one.missing_since, one.passes) for number, one in self.model.records.items() if one.is_shown
        }
        assert self._shown() == shown

    @invariant()
    def removals_wait_only_where_the_model_says_so(self) -> None:
        if not hasattr(self, "model"):
            return
        with self.services.store.reading() as session:
            waiting = [local_id for hold in holds.listing(session, states=["open"]) for local_id in hold.local_ids]
        assert {_number(local_id) for local_id in waiting} == self.model.open_hold

    @invariant()
    def a_record_keeps_its_address_and_its_history(self) -> None:
        """S5, S6: one record for each identifier, whatever became of it, and versions without gaps."""
        if not hasattr(self, "model"):
            return
        with self.services.store.reading() as session:
            rows = session.scalars(select(Record)).all()
            numbers = [list(session.scalars(select(Version.number).where(Version.record_id == row.id).order_by(Version.number))) for row in rows]
        assert len({row.local_id for row in rows}) == len(rows)
        assert all(found == list(range(1, row.version_count + 1)) for row, found in zip(rows, numbers, strict=True))

    def teardown(self) -> None:
        if hasattr(self, "services"):
            self.stop.__exit__(None, None, None)
            self.services.close()
            self.database.__exit__(None, None, None)
            shutil.rmtree(self.folder)

    def _run(self) -> Run:
        return self.services.harvesting.run(self.services.harvesting.queue_run(self.feed))

    def _shown(self) -> dict[int, tuple[str, datetime | None, int]]:
        with self.services.store.reading() as session:
            rows = session.scalars(select(Record).where(Record.state.in_(("live", "missing")))).all()
            says = {
                row.id: session.get_one(Version, row.current_version_id).canonical["summary"]["title"] for row in rows
            }
        assert all(row.title == says[row.id] for row in rows)
        return {_number(row.local_id): (row.title or "", row.missing_since, row.missing_passes) for row in rows}


def _document(number: int, title: str) -> dict[str, Any]:
    edition = title.rpartition(" ")[2] if "edition" in title else "0"
    return document(number, title=title) | {"version": f"{edition}.0.0"}


def _number(local_id: str) -> int:
    return int(local_id[-12:])


def run_examples(count: int, steps: int, server: PostgreSQL | None = None) -> Counter[str]:
    machine = type("Catalogue", (Catalogue,), {"server": server, "reached": Counter()})
    chosen = settings(max_examples=count, stateful_step_count=steps, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, phases=[Phase.generate])
    run_state_machine_as_test(machine, settings=chosen)
    return machine.reached


def test_a8_the_catalogue_keeps_the_rules_whatever_happens() -> None:
    """``removed`` is by the end of the grace: what an approved hold removes is not counted in a run."""
    reached = run_examples(18, 16)
    assert {"created", "updated", "missing", "removed", "restored", "held", "approved", "rejected", "failed", "partial", "undone"} <= reached.keys(), reached


def test_a8_the_catalogue_keeps_the_rules_on_postgresql_too(postgresql_server: PostgreSQL) -> None:
    assert run_examples(3, 12, postgresql_server)["created"]

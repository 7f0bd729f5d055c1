"""Two people press at the same moment, over two real connections: one wins, the other is told; no event is lost or doubled."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from gateway.access import collaborators, terms
from gateway.access.attaching import Attaching
from gateway.access.commands import answer
from gateway.access.drafts import draft, save
from gateway.access.machine import decide, fold
from gateway.access.part_forms import publish
from gateway.access.parts import STATES, Event, Refusal, Role, State
from gateway.access.redacting import redact
from gateway.access.transitions import TRANSITIONS
from gateway.accounts.people import Person
from gateway.errors import Conflict, NotFound, Unprocessable
from gateway.models import Message
from gateway.settings import Settings
from gateway.store import Store, requests
from gateway.uploads.keeping import Uploads, build_uploads
from tests.gateway.asking import NOW, Asking, applicant, sealer, seeded, submit, written
from tests.gateway.parts_made import Parts, happened, path_to, ready_for, require_sound, words
from tests.gateway.the_table import facts

COMMANDS = [row.command for row in TRANSITIONS]
PREFERRED: dict[str, State] = {"redact": "in_review", "remark": "in_review", "message": "in_review", "break_glass_view": "in_review", "close": "screening", "withdraw": "screening"}
RIVALS: dict[State, tuple[tuple[str, Role], ...]] = {
    "draft": (("delete_draft", "lead"), ("submit", "lead")), "active": (("end", "handler"), ("revoke", "decider")), "rejected": (("reopen", "decider"), ("anonymise", "system")),
    "closed": (("reopen", "decider"), ("reopen_no_response", "lead")), "ended": (("anonymise", "system"), ("record_report", "lead")),
    "withdrawn": (("anonymise", "system"), ("redact", "lead")), "revoked": (("anonymise", "system"), ("redact", "lead")),
}
"""By state: what somebody else does at the same moment; the second where the first is the command itself."""
OPEN_RIVALS: tuple[tuple[str, Role], ...] = (("withdraw", "lead"), ("close", "handler"))


@pytest.fixture
def parts(store: Store, tmp_path: Path) -> Parts:
    return Parts(store, tmp_path)


def at_once(*doing: Callable[[], object]) -> list[bool]:
    """Which of them were done; the others were refused."""
    gate = threading.Barrier(len(doing))

    def race(one: Callable[[], object]) -> bool:
        gate.wait(timeout=30)
        try:
            one()
        except (Conflict, NotFound, Unprocessable):
            return False
        return True

    with ThreadPoolExecutor(len(doing)) as pool:
        return list(pool.map(race, doing))


def source_of(command: str) -> State:
    sources = next(row.sources for row in TRANSITIONS if row.command == command)
    return PREFERRED[command] if command in PREFERRED else next(state for state in STATES if state in sources)


def role_of(command: str) -> Role:
    roles = next(row.roles for row in TRANSITIONS if row.command == command)
    order: tuple[Role, ...] = ("handler", "lead", "decider", "reviewer", "collaborator", "triage", "administrator", "system")
    return next(role for role in order if role in roles)


def rival_of(command: str, state: State) -> tuple[str, Role]:
    return next(one for one in RIVALS.get(state, OPEN_RIVALS) if one[0] != command)


def test_A8_S3_every_command_against_itself_is_done_once(parts: Parts) -> None:
    for command in COMMANDS:
        before, role = ready_for(command, source_of(command)), role_of(command)
        part = parts.make(before)
        won = at_once(*[partial(parts.give, part, command, role, version=len(before))] * 2)
        assert won == [True, True] if command == "acknowledge" else sorted(won) == [False, True], (command, "only a receipt may be confirmed twice")
        events = require_sound(parts, part)
        assert [event.command for event in events[len(before) :]] == [command], "done once"


def test_A8_S3_every_command_against_another_leaves_one_of_them(parts: Parts) -> None:
    for command in COMMANDS:
        state, role = source_of(command), role_of(command)
        before, (rival, their_role) = ready_for(command, state), rival_of(command, state)
        part = parts.make(before)
        won = at_once(
            partial(parts.give, part, command, role, version=len(before)),
            partial(parts.give, part, rival, their_role, version=len(before), actor="another"),
        )
        assert sorted(won) == [False, True], (command, rival)
        events = require_sound(parts, part)
        assert [event.command for event in events[len(before) :]] == [command if won[0] else rival]


def test_A8_S3_who_lost_is_told_that_it_changed(parts: Parts) -> None:
    part = parts.make(happened(path_to("screening")))
    version = len(parts.history(part))
    parts.give(part, "accept_for_review", "handler", version=version)
    with pytest.raises(Conflict, match=r"moved on|changed this request"):
        parts.give(part, "hold", "handler", version=version)


def test_A9_S3_without_a_version_no_command_is_lost_doubled_or_done_where_it_may_not(parts: Parts) -> None:
    """Programs may leave the version out: both may be done then, one after the other, where the second is still allowed."""
    for command in COMMANDS:
        state, role = source_of(command), role_of(command)
        before, (rival, their_role) = ready_for(command, state), rival_of(command, state)
        part = parts.make(before)
        won = at_once(
            partial(parts.give, part, command, role, version=None),
            partial(parts.give, part, rival, their_role, version=None, actor="another"),
        )
        events = require_sound(parts, part)
        done = [event.command for event in events[len(before) :]]
        assert len(done) == sum(won) >= 1, (command, rival)
        assert set(done) == {name for name, is_done in zip((command, rival), won, strict=True) if is_done}


A9: dict[str, tuple[State, tuple[str, Role], tuple[str, Role], set[State]]] = {
    "withdraw and approve": ("in_review", ("withdraw", "lead"), ("approve", "decider"), {"withdrawn", "approved"}),
    "activate and revoke": ("approved", ("activate", "handler"), ("revoke", "decider"), {"active", "revoked"}),
    "return and resubmit": ("returned", ("return", "handler"), ("resubmit", "lead"), {"screening", "returned"}),
    "approve and reject": ("in_review", ("approve", "decider"), ("reject", "decider"), {"approved", "rejected"}),
    "return and hold": ("in_review", ("return", "handler"), ("hold", "handler"), {"returned", "on_hold"}),
}


@pytest.mark.parametrize("is_versioned", [True, False])
def test_A9_no_event_is_lost_or_doubled(parts: Parts, is_versioned: bool) -> None:
    for name, (state, first, second, ends) in A9.items():
        before = ready_for("activate" if "activate" in name else "", state)
        for _ in range(4):
            part = parts.make(before)
            version = len(before) if is_versioned else None
            won = at_once(*[partial(parts.give, part, *one, version=version) for one in (first, second)])
            events = require_sound(parts, part)
            assert len(events) == len(before) + sum(won), name
            assert sum(won) == 1 if is_versioned else sum(won) >= 1, name
            assert fold(events).state in ends, name


@pytest.mark.parametrize("is_versioned", [True, False])
def test_A9_two_votes_of_one_person_are_one_vote(parts: Parts, is_versioned: bool) -> None:
    before = happened(path_to("in_review"))
    for _ in range(4):
        part = parts.make(before)
        version = len(before) if is_versioned else None
        cast = [partial(parts.give, part, "vote", "decider", version=version, vote=vote, reason="No.") for vote in ("for", "against")]
        won = at_once(*cast)
        events = require_sound(parts, part)
        assert sum(won) == (1 if is_versioned else 2)
        assert fold(events).votes == {"somebody": events[-1].payload["vote"]}


def test_A9_the_applicants_own_answer_against_another_question(store: Store, tmp_path: Path) -> None:
    """As the page sends it: with a new snapshot, and word to the sister parts."""
    seal, refs = sealer(tmp_path), seeded(store)
    submit(store, seal, dataset_refs=[*refs["alpha"], *refs["beta"]])
    parts = Parts.__new__(Parts)
    parts.store, parts.seal = store, seal
    with store.reading() as session:
        part = requests.parts_of_custodian(session, "alpha")[0].part.public_id
    for _ in range(3):
        if parts.row(part)[0] == "submitted":
            parts.give(part, "acknowledge", "handler", version=None)
        if parts.row(part)[0] == "screening":
            parts.give(part, "return", "handler", version=None)
        before = len(parts.history(part))
        won = at_once(
            lambda: answer(store, seal, part, reply="Here.", expected_version=None, now=NOW),
            lambda: parts.give(part, "return", "handler", version=None, comment="And this?"),
        )
        events = require_sound(parts, part)
        assert won[0]
        assert len(events) == before + sum(won)
        with store.reading() as session:
            row = requests.part_by_public_id(session, part)
            assert row is not None
            snapshots = {one.sha256 for one in requests.snapshots_of(session, row.part.id)}
        assert {event.payload["snapshot_sha256"] for event in events if event.event == "part.resubmitted"} <= snapshots


# what keeps it so


def writes_of_two_who_looked_before(parts: Parts, part: str) -> list[bool]:
    """Two writers that hold no lock: both look, both append what follows. Which of them were written."""
    before = parts.history(part)
    decision = decide("vote", fold(before), replace(facts("vote", "decider"), payload=words("vote", "decider")))
    assert not isinstance(decision, Refusal)
    looked = threading.Barrier(2)

    def write(_: int) -> bool:
        looked.wait(timeout=30)
        try:
            with parts.store.transaction() as tx:
                row = requests.part_by_public_id(tx.session, part)
                assert row is not None
                requests.append(tx.session, row.part, decision, fold([*before, *decision]))
        except IntegrityError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        return sorted(pool.map(write, range(2)))


def drop_the_version_index(store: Store) -> None:
    with store.engine.begin() as connection:
        if store.engine.dialect.name == "postgresql":
            name = next(one["name"] for one in inspect(connection).get_unique_constraints("events") if one["column_names"] == ["part_id", "version"])
            connection.execute(text(f'ALTER TABLE events DROP CONSTRAINT "{name}"'))
            return
        made = str(connection.execute(text("SELECT sql FROM sqlite_master WHERE name = 'events'")).scalar_one())
        without = re.sub(r",\s*(CONSTRAINT \S+ )?UNIQUE \(part_id, version\)", "", made)
        assert without != made
        connection.execute(text(without.replace("events", "events_without", 1)))
        connection.execute(text("INSERT INTO events_without SELECT * FROM events"))
        connection.execute(text("DROP TABLE events"))
        connection.execute(text("ALTER TABLE events_without RENAME TO events"))


def test_S3_the_unique_version_is_what_stops_a_writer_without_the_lock_and_its_loss_is_noticed(parts: Parts) -> None:
    before = happened(path_to("in_review"))
    part = parts.make(before)
    assert writes_of_two_who_looked_before(parts, part) == [False, True]
    require_sound(parts, part)
    drop_the_version_index(parts.store)
    other = parts.make(before)
    assert writes_of_two_who_looked_before(parts, other) == [True, True]
    with pytest.raises(AssertionError, match="there twice"):
        require_sound(parts, other)


# what changes beside a part: files, people, words that are taken out

PROTOCOL = "project.protocol"


class Writing:
    """A draft to two custodians, and who writes it."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store, self.seal, refs = store, sealer(folder), seeded(store)
        publish(store, "alpha", {"optional": {PROTOCOL: {"need": "offer"}}}, actor="operator", now=NOW)
        self.reference = written(store, self.seal, dataset_refs=[*refs["alpha"], *refs["beta"]])
        self.lead = applicant(store)
        self.uploads: Uploads = build_uploads(Settings(data_dir=folder, send_unscanned_files=True, _env_file=None), self.seal)

    def attaching(self) -> Attaching:
        return Attaching(store=self.store, sealer=self.seal, uploads=self.uploads, person=self.lead, reference=self.reference, now=NOW)

    def attached(self) -> list[str]:
        return list(draft(self.store, self.lead, self.reference).answers.get(PROTOCOL, ()))

    def histories(self) -> list[list[Event]]:
        with self.store.reading() as session:
            request = requests.by_reference(session, self.reference)
            assert request is not None
            return [events for part, events in requests.histories(session, request.id).items() if part is not None]


@pytest.fixture
def writing(store: Store, tmp_path: Path) -> Writing:
    return Writing(store, tmp_path)


def require_whole(histories: Sequence[Sequence[Event]]) -> None:
    for events in histories:
        assert [event.version for event in events] == list(range(1, len(events) + 1))


def test_A8_two_files_at_once_and_a_file_that_is_removed_twice(writing: Writing) -> None:
    assert at_once(*[partial(writing.attaching().attach, PROTOCOL, name=name, body=name.encode()) for name in ("one.txt", "two.txt")]) == [True, True]
    (kept,) = writing.attached()
    assert sum(event.event == "file.attached" for events in writing.histories() for event in events) == 2
    assert sorted(at_once(*[lambda: writing.attaching().detach(PROTOCOL, kept)] * 2)) == [False, True]
    assert writing.attached() == []
    assert sum(event.event == "file.removed" for events in writing.histories() for event in events) == 1
    require_whole(writing.histories())


def person(store: Store, name: str) -> Person:
    return applicant(store, Asking(name=name, email=f"{name}@university.example"))


def letter_token(store: Store, writing: Writing, address: str) -> str:
    with store.reading() as session:
        bodies = [writing.seal.open(row.sealed_body) for row in session.query(Message).filter(Message.to_address == address)]
    return next(found[1] for body in bodies if (found := re.search(r"/join/([\w-]+)", body)))


def test_A8_an_invitation_is_taken_up_once_and_the_lead_changes_once(store: Store, writing: Writing) -> None:
    bea = person(store, "bea")
    collaborators.invite(store, writing.seal, writing.lead, writing.reference, address=bea.address, role="analyst", needs_access=True, now=NOW)
    token = letter_token(store, writing, bea.address)
    joining = [lambda: collaborators.join(store, writing.seal, bea, token, accepted=terms.VERSION, now=NOW)] * 2
    assert sorted(at_once(*joining)) == [False, True]
    (member,) = collaborators.people(store, writing.lead, writing.reference).others
    require_whole(writing.histories())
    assert all(sum(event.event == "member.joined" for event in events) == 1 for events in writing.histories())
    collaborators.offer_lead(store, writing.seal, writing.lead, writing.reference, member.id, now=NOW)
    won = at_once(
        lambda: collaborators.accept_lead(store, writing.seal, bea, writing.reference, now=NOW),
        lambda: collaborators.remove(store, writing.seal, writing.lead, writing.reference, member.id, now=NOW),
    )
    assert sorted(won) == [False, True]
    leads = collaborators.people(store, bea if won[0] else writing.lead, writing.reference)
    assert leads.is_lead
    assert [one.subject for one in leads.others] == ([writing.lead.subject] if won[0] else [])
    require_whole(writing.histories())


def test_A8_two_who_save_the_same_answer_and_two_invitations_of_one_person(store: Store, writing: Writing) -> None:
    seen = draft(store, writing.lead, writing.reference).version
    saving = [partial(save, store, writing.seal, writing.lead, writing.reference, {"project.title": text}, seen_version=seen, now=NOW) for text in ("First", "Second")]
    won = at_once(*saving)
    assert sorted(won) == [False, True]
    assert draft(store, writing.lead, writing.reference).answers["project.title"] == ("First" if won[0] else "Second")
    inviting = [lambda: collaborators.invite(store, writing.seal, writing.lead, writing.reference, address="cy@university.example", role="analyst", needs_access=False, now=NOW)] * 2
    assert at_once(*inviting) == [True, True]
    assert len(collaborators.people(store, writing.lead, writing.reference).others) == 1, "the later one takes the place of the earlier"
    require_whole(writing.histories())


def test_A8_words_are_taken_out_once(parts: Parts) -> None:
    part = parts.make(happened([*path_to("in_review"), ("message", "handler")]))
    version = len(parts.history(part))
    taking: list[Any] = [
        lambda: redact(parts.store, parts.seal, part, what=f"event.{version}", reason="A patient's name.", role="handler", actor="somebody", expected_version=None, now=NOW)
    ] * 2
    assert sorted(at_once(*taking)) == [False, True]
    events = require_sound(parts, part)
    assert sum(event.event == "content.redacted" for event in events) == 1

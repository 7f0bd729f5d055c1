"""What may happen to a part, and what follows for the whole request."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.words import PART_STATES, WHOLE_REQUEST
from gateway.access.status import SENTENCES
from gateway.access.transitions import (
    DELIVERY_FACTS,
    LABELS,
    NEGATIVE,
    POSITIVE,
    ROLES,
    STATES,
    TRANSITIONS,
    UNDECIDED,
    VISIBILITY,
    Event,
    Facts,
    PartState,
    Refusal,
    Role,
    State,
    allowed,
    decide,
    derived_status,
    fold,
)
from tests.gateway.asking import NOW

PAYLOAD = {"snapshot_sha256": "0" * 64, "channel": "mailbox", "delivery": "msg_1"}
ROWS = (*TRANSITIONS, *DELIVERY_FACTS)


def facts(role: Role = "lead", **changes: object) -> Facts:
    return Facts(role=role, actor="somebody", at=NOW, payload={**PAYLOAD, **changes})


def accepted(command: str, state: PartState, given_facts: Facts) -> tuple[Event, ...]:
    decision = decide(command, state, given_facts)
    assert not isinstance(decision, Refusal), decision
    return decision


@pytest.mark.parametrize("command", [*(row.command for row in ROWS), "approve", ""])
def test_what_is_not_in_the_table_is_refused(command: str) -> None:
    row = next((row for row in ROWS if row.command == command), None)
    for state in STATES:
        for role in ROLES:
            decision = decide(command, PartState(state=state, version=4), facts(role))
            is_listed = row is not None and role in row.roles and state in row.sources
            assert isinstance(decision, tuple) == is_listed, (state, role)


def test_a_part_is_sent_and_acknowledged_once() -> None:
    sent = accepted("submit", PartState(), facts())
    state = fold(sent)
    assert (state.state, state.version, state.since) == ("submitted", 1, NOW)
    later = Facts(role="handler", actor="mailbox", at=NOW + timedelta(days=1), payload={"delivery": "msg_1"})
    acknowledged = accepted("acknowledge", state, later)
    state = fold((*sent, *acknowledged))
    assert (state.state, state.version, state.acknowledged_at) == ("screening", 2, NOW + timedelta(days=1))
    assert accepted("acknowledge", state, later) == ()
    other = decide("acknowledge", state, Facts(role="handler", actor="mailbox", at=NOW, payload={"delivery": "msg_2"}))
    assert isinstance(other, Refusal)
    assert (other.rule, other.found) == ("state", "screening")


@pytest.mark.parametrize("missing", ["snapshot_sha256", "channel"])
def test_nothing_is_sent_without_snapshot_and_channel(missing: str) -> None:
    decision = decide("submit", PartState(), facts(**{missing: None}))
    assert isinstance(decision, Refusal)
    assert decision.rule == "guard"


def test_a_stale_command_is_refused_with_the_version_found() -> None:
    stale = Facts(role="handler", actor="mailbox", at=NOW, payload=PAYLOAD, expected_version=1)
    decision = decide("acknowledge", PartState(state="submitted", version=2), stale)
    assert isinstance(decision, Refusal)
    assert (decision.rule, decision.found, decision.allowed) == ("stale", "version 2", ("acknowledge",))


def test_what_the_gateway_notes_of_its_deliveries_leaves_the_state_alone() -> None:
    for row in DELIVERY_FACTS:
        for state in row.sources:
            before = PartState(state=state, version=1)
            (event,) = accepted(row.command, before, facts("system"))
            assert event.version == 2
            assert row.target is None


def test_only_commands_that_could_succeed_are_offered() -> None:
    assert allowed(PartState(), "lead") == ("submit",)
    assert allowed(PartState(state="submitted"), "integration") == ("acknowledge",)
    assert allowed(PartState(state="ended"), "lead") == ()


def test_every_command_and_event_is_named_once_and_classified() -> None:
    assert len({row.command for row in ROWS}) == len(ROWS)
    assert {row.event for row in ROWS} | {"request.created"} == set(VISIBILITY)
    assert {event for event, seen in VISIBILITY.items() if seen == "party"} == set(SENTENCES)


def test_the_states_are_those_the_pages_have_words_for() -> None:
    assert len(STATES) == 16
    assert set(STATES) == set(PART_STATES) == set(LABELS)
    assert {state: PART_STATES[state][0] for state in STATES} == dict(LABELS)


# the status of the whole request


def expected(states: list[State]) -> str:
    """The seven rules once more, each in the words of the table."""
    counted = [state for state in states if state != "deleted"]
    undecided = [state for state in counted if state in UNDECIDED]
    decided = [state for state in counted if state not in UNDECIDED]
    positive, negative = [s for s in decided if s in POSITIVE], [s for s in decided if s in NEGATIVE]
    rules = (
        ("draft", all(state == "draft" for state in counted)),
        ("in_progress", bool(undecided) and not positive and not negative and "ended" not in decided),
        ("partly_decided", bool(undecided) and bool(positive or negative or "ended" in decided)),
        ("approved", not undecided and bool(positive) and not negative),
        ("mixed", not undecided and bool(positive) and bool(negative)),
        ("declined", not undecided and not positive and "rejected" in decided and "ended" not in decided),
        ("closed", True),
    )
    return next(name for name, fits in rules if fits)


@given(st.lists(st.sampled_from(STATES), max_size=7))
def test_every_request_has_exactly_one_status_by_the_first_rule_that_fits(states: list[State]) -> None:
    assert derived_status(states) == expected(states)
    assert derived_status(states) in WHOLE_REQUEST


@given(st.lists(st.sampled_from(STATES), max_size=4))
def test_the_order_of_parts_does_not_matter(states: list[State]) -> None:
    assert len({derived_status(order) for order in permutations(states)}) == 1


@given(st.lists(st.sampled_from(STATES), max_size=5))
def test_deleted_parts_do_not_count(states: list[State]) -> None:
    assert derived_status([*states, "deleted"]) == derived_status(states)


@pytest.mark.parametrize(("states", "status"), [
    ([], "draft"), (["draft", "draft"], "draft"), (["submitted", "draft"], "in_progress"), (["screening", "closed"], "in_progress"),
    (["submitted", "ended"], "partly_decided"), (["in_review", "rejected"], "partly_decided"), (["approved", "closed"], "approved"),
    (["active", "revoked"], "mixed"), (["rejected", "withdrawn"], "declined"), (["rejected", "ended"], "closed"),
    (["withdrawn"], "closed"), (["revoked"], "closed"),
])
def test_the_status_by_example(states: list[State], status: str) -> None:
    assert derived_status(states) == status

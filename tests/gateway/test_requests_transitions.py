"""What may happen to a part, who may do it, and what follows for the whole request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import combinations_with_replacement, permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontend.words import PART_STATES, WHOLE_REQUEST
from gateway.access.machine import allowed, decide, derived_status, fold
from gateway.access.parts import (
    LABELS,
    NEGATIVE,
    OPEN,
    POSITIVE,
    ROLES,
    STATES,
    UNDECIDED,
    Event,
    Facts,
    PartState,
    Refusal,
    Role,
    State,
)
from gateway.access.pathways.guards import HFEA_TESTS
from gateway.access.telling import INTERNAL, SENTENCES
from gateway.access.transitions import DELIVERY_FACTS, LATER_NEEDS, ROWS, TRANSITIONS, VISIBILITY
from tests.gateway.asking import NOW

TABLE = """
save_answers            | L C   | draft returned                              | =
attach_file             | L C   | draft returned                              | =
remove_file             | L C   | draft returned                              | =
change_datasets         | L     | draft returned                              | =
invite_member           | L     | draft returned                              | =
accept_invitation       | C     | draft returned                              | =
remove_member           | L     | draft open active                           | =
change_lead             | L A   | draft open active                           | =
accept_terms            | L C   | draft returned approved active              | =
acknowledge_advice      | L     | draft returned                              | =
delete_draft            | L S   | draft                                       | deleted
submit                  | L     | draft                                       | submitted
redirect                | S T H | submitted                                   | redirected
record_reference        | L H I | redirected                                  | =
report_outcome          | L     | redirected                                  | =
acknowledge             | H I   | submitted redirected                        | screening
record_outcome          | H I T | redirected                                  | approved approved_conditionally rejected
assign_handler          | H     | open active                                 | =
declare_conflict        | H V D | open active                                 | =
return                  | H I   | screening in_review approved_conditionally  | returned
resubmit                | L     | returned                                    | screening
accept_for_review       | H I   | screening                                   | in_review
hold                    | H I   | screening in_review                         | on_hold
release                 | H I S | on_hold                                     | screening in_review
request_review          | H     | screening in_review                         | =
give_review             | V     | screening in_review                         | =
vote                    | V D   | in_review                                   | =
add_evidence            | L C H | draft open active                           | =
verify_evidence         | H I   | open active                                 | =
refuse_evidence         | H I   | open active                                 | =
approve                 | D I   | in_review                                   | approved
approve_conditionally   | D I   | in_review                                   | approved_conditionally
reject                  | D I   | screening in_review                         | rejected
confirm_conditions      | H I   | approved_conditionally                      | approved
issue_agreement         | H I   | approved                                    | =
sign_agreement          | L H I | approved                                    | =
activate                | H I S | approved                                    | active
suspend_access          | D I   | active                                      | =
resume_access           | D I   | active                                      | =
start_amendment         | L     | approved active                             | =
update_snapshot         | S     | submitted redirected screening returned in_review on_hold | =
flag_amendment          | S     | approved_conditionally approved active      | =
end                     | H L S I | active                                    | ended
revoke                  | D I   | approved_conditionally approved active      | revoked
withdraw                | L     | open                                        | withdrawn
close                   | H S T I | open                                      | closed
reopen                  | D I   | rejected closed                             | screening redirected
reopen_no_response      | L     | closed                                      | returned
reroute                 | T     | submitted redirected                        | submitted
remark                  | H V D | open active rejected closed                 | =
message                 | L C H | open active                                 | =
redact                  | L H A | draft open active rejected closed withdrawn revoked ended | =
break_glass_view        | A     | open active rejected closed withdrawn revoked ended | =
anonymise               | S     | rejected closed withdrawn revoked ended deleted | =
extend_approval         | D     | approved                                    | =
record_report           | L H   | ended                                       | =
record_sent             | S     | open active rejected closed withdrawn revoked ended | =
record_deferred         | S     | open active rejected closed withdrawn revoked ended | =
record_manual           | S     | open active rejected closed withdrawn revoked ended | =
"""
"""The design's table in words; ``open`` stands for the states under way. The last five are what clocks and deliveries need beside it."""
LETTERS: Mapping[str, Role] = dict(zip("LCHVDTAIS", ROLES, strict=True))
PAYLOAD: dict[str, Any] = {
    "snapshot_sha256": "0" * 64, "channel": "portal", "delivery": "msg_1", "answers": {"a": "b"}, "file": "f", "datasets": ["x"],
    "address": "a@example.org", "person": "somebody-else", "terms": "1", "advice_sha256": "0", "reference": "20/EM/0148", "type": "REC", "extended_to": "2027-03-01", "report": "What we found.", "outcome": "approved",
    "comment": "Why?", "review": "Good.", "vote": "for", "evidence": "REC 20/EM/0148", "text": "Words.", "access_until": "2027-06-01",
    "conditions": [{"text": "Ethics", "owner": "applicant", "until": "2027-01-01"}], "code": "public_benefit", "agreement": "DSA 1",
    "access_mode": "TRE", "access_starts": "2027-01-01", "access_ends": "2027-12-31", "what": "an answer", "decided_by": "Committee",
    "decided_at": "2026-11-20", "letter": "letter.pdf", "second_officer": "another",
}
"""Whatever any command may need; ``reason`` differs by command."""
REASONS = {"hold": "REC", "close": "no_response", "end": "finished"}


def listed() -> dict[str, tuple[set[Role], set[State], set[State]]]:
    found: dict[str, tuple[set[Role], set[State], set[State]]] = {}
    for line in TABLE.strip().splitlines():
        command, roles, sources, targets = (cell.strip() for cell in line.split("|"))
        states: set[State] = set()
        for name in sources.split():
            states |= OPEN if name == "open" else {next(state for state in STATES if state == name)}
        found[command] = ({LETTERS[letter] for letter in roles.split()}, states, {s for s in STATES if s in targets.split()})
    return found


def facts(command: str, role: Role, **changes: Any) -> Facts:
    payload = {**PAYLOAD, "reason": REASONS.get(command, "because"), "side": "applicant" if role == "lead" else "custodian"}
    if command == "confirm_conditions":
        payload["conditions"] = {"Ethics": "met"}
    return Facts(role=role, actor="somebody", at=NOW, payload={**payload, **changes})


def ready(state: State, **changes: Any) -> PartState:
    """A part in which every guard is content."""
    return replace(
        PartState(
            state=state, version=4, since=NOW, held_from="in_review", reviewers=frozenset({"somebody"}), agreement="DSA 1",
            evidence={"REC 20/EM/0148": "verified"}, close_reason="no_response", conditions={"Ethics": "open"},
        ),
        **changes,
    )


def fitting(command: str, state: State) -> PartState:
    """``ready``, with what only this command asks for."""
    if command == "activate":
        return ready(state, signed=frozenset({"applicant", "custodian"}))
    if command == "add_evidence":
        return ready(state, evidence={})
    return ready(state, is_suspended=command == "resume_access")


def accepted(command: str, state: PartState, given_facts: Facts) -> tuple[Event, ...]:
    decision = decide(command, state, given_facts)
    assert not isinstance(decision, Refusal), decision
    return decision


def refused(command: str, state: PartState, given_facts: Facts) -> Refusal:
    decision = decide(command, state, given_facts)
    assert isinstance(decision, Refusal), decision
    return decision


def test_A1_the_table_in_the_code_is_that_of_the_design() -> None:
    coded = {row.command: (set(row.roles), set(row.sources), set(row.targets)) for row in ROWS.values()}
    assert coded == listed()


@pytest.mark.parametrize("command", [*ROWS, "admit", ""])
def test_A1_what_is_not_in_the_table_is_refused_with_no_event(command: str) -> None:
    roles, sources, _ = listed().get(command, (set(), set(), set()))
    tried = 0
    for state in STATES:
        for role in ROLES:
            given_facts = facts(command, role)
            if command == "close" and role == "triage" and state not in ("submitted", "redirected"):
                continue  # a guard's business, tested below
            decision = decide(command, fitting(command, state), given_facts)
            assert isinstance(decision, tuple) == (role in roles and state in sources), (state, role, decision)
            tried += 1
    assert tried >= 16 * 9 - 14


def test_A2_every_state_is_reached_from_a_draft_and_the_terminal_four_have_no_way_out() -> None:
    reached: set[State] = {"draft"}
    while True:
        more = {target for row in TRANSITIONS if row.sources & reached for target in row.targets} - reached
        if not more:
            break
        reached |= more
    assert reached == set(STATES)
    moving = {state for row in TRANSITIONS if row.targets for state in row.sources}
    assert set(STATES) - moving == {"withdrawn", "revoked", "ended", "deleted"}
    for state in OPEN:
        leaving = [row for row in TRANSITIONS if state in row.sources and row.targets - {state}]
        assert any("lead" in row.roles for row in leaving), state
        assert any("lead" not in row.roles for row in leaving), state


def test_A4_a_custodians_settings_take_rows_away_and_touch_no_other() -> None:
    for without in ("vote", "approve_conditionally", "request_review", "reject"):
        for row in TRANSITIONS:
            for state in row.sources:
                for role in row.roles:
                    given_facts = facts(row.command, role)
                    plain = decide(row.command, fitting(row.command, state), given_facts)
                    limited = decide(row.command, fitting(row.command, state), replace(given_facts, settings={"without": {(without, None)}}))
                    assert isinstance(limited, Refusal) if row.command == without else limited == plain


def test_A4_four_eyes_binds_the_decider_who_accepted_the_part_and_nobody_else() -> None:
    eyes = {"four_eyes": True}
    same = ready("in_review", validated_by="somebody")
    for command in ("approve", "approve_conditionally"):
        assert refused(command, same, replace(facts(command, "decider"), settings=eyes)).rule == "guard"
        accepted(command, same, facts(command, "decider"))
        accepted(command, ready("in_review", validated_by="another"), replace(facts(command, "decider"), settings=eyes))
    accepted("reject", same, replace(facts("reject", "decider"), settings=eyes))


def test_A5_approved_and_active_are_reached_only_by_their_own_doors() -> None:
    assert {row.command for row in TRANSITIONS if "approved" in row.targets} == {"approve", "confirm_conditions", "record_outcome"}
    assert {row.command for row in TRANSITIONS if "active" in row.targets} == {"activate"}
    for signed in (frozenset(), frozenset({"applicant"}), frozenset({"custodian"})):
        assert refused("activate", ready("approved", signed=signed), facts("activate", "handler")).rule == "guard"
    assert refused("activate", ready("approved", agreement=None, signed=frozenset({"applicant", "custodian"})), facts("activate", "handler"))


def test_A7_a_pause_ends_where_it_began() -> None:
    for before in ("screening", "in_review"):
        held = fold([*accepted("hold", ready(before), facts("hold", "handler"))])
        assert held.state == "on_hold"
        state = replace(ready("on_hold"), held_from=before)
        (released,) = accepted("release", state, facts("release", "handler"))
        assert released.payload["to"] == before


def test_A7_hfea_refuses_nobody_while_the_ethics_opinion_is_pending() -> None:
    pending = {"pathway": "uk.hfea.register", "ethics_status": "pending"}
    assert refused("reject", ready("in_review"), replace(facts("reject", "decider"), settings=pending)).rule == "guard"
    assert refused("approve", ready("in_review"), replace(facts("approve", "decider"), settings=pending)).rule == "guard"
    accepted("hold", ready("in_review"), replace(facts("hold", "handler"), settings=pending))
    accepted("reject", ready("in_review"), replace(facts("reject", "decider"), settings={**pending, "ethics_status": "unfavourable"}))
    favourable = {**pending, "ethics_status": "favourable"}
    shown = dict.fromkeys(HFEA_TESTS, True)
    accepted("approve", ready("in_review"), replace(facts("approve", "decider", **shown), settings=favourable))
    for test, words in HFEA_TESTS.items():
        assert words in refused("approve", ready("in_review"), replace(facts("approve", "decider", **{**shown, test: False}), settings=favourable)).found


def test_A18_a_person_with_a_conflict_or_on_the_request_cannot_act() -> None:
    state = fold(accepted("declare_conflict", ready("screening"), facts("declare_conflict", "reviewer")))
    assert state.conflicts == {"somebody"}
    for row in TRANSITIONS:
        for role in row.roles & {"handler", "reviewer", "decider"}:
            if row.command == "declare_conflict":
                continue
            source = next(iter(row.sources))
            assert refused(row.command, replace(fitting(row.command, source), conflicts=state.conflicts), facts(row.command, role)).rule == "conflict"
            on_it = replace(facts(row.command, role), people=frozenset({"somebody"}))
            assert refused(row.command, fitting(row.command, source), on_it).rule == "conflict"
    named = facts("assign_handler", "handler", person="another")
    assert refused("assign_handler", ready("screening", conflicts=frozenset({"another"})), named).rule == "guard"


GUARDED = [
    ("submit", "lead", {"snapshot_sha256": None}), ("submit", "lead", {"channel": None}), ("acknowledge", "handler", {"delivery": ""}),
    ("redirect", "system", {"channel": "mailbox"}), ("return", "handler", {"comment": " "}), ("hold", "handler", {"reason": "bored"}),
    ("approve", "decider", {"access_until": "2026-11-24"}), ("approve", "decider", {"access_until": "soon"}),
    ("approve", "decider", {"access_mode": "Release"}), ("approve", "integration", {"decided_by": ""}),
    ("approve_conditionally", "decider", {"conditions": []}), ("reject", "decider", {"code": "mood"}), ("reject", "decider", {"reason": ""}),
    ("confirm_conditions", "handler", {"conditions": {}}), ("confirm_conditions", "handler", {"conditions": {"Ethics": "open"}}),
    ("sign_agreement", "lead", {"side": "custodian"}), ("sign_agreement", "handler", {"side": "applicant"}),
    ("activate", "handler", {"access_ends": "2026-01-01"}), ("end", "handler", {"reason": "tired"}), ("close", "handler", {"reason": "other"}),
    ("close", "system", {"reason": "out_of_scope"}), ("record_outcome", "triage", {"second_officer": "somebody"}),
    ("record_outcome", "handler", {"outcome": "rejected", "reason": ""}), ("give_review", "reviewer", {"review": ""}),
    ("verify_evidence", "handler", {"evidence": "unknown"}), ("assign_handler", "handler", {"person": ""}),
]


@pytest.mark.parametrize(("command", "role", "changes"), GUARDED)
def test_each_guard_refuses_with_a_sentence(command: str, role: Role, changes: dict[str, Any]) -> None:
    source = next(state for state in STATES if state in ROWS[command].sources)
    accepted(command, fitting(command, source), facts(command, role))
    decision = refused(command, fitting(command, source), facts(command, role, **changes))
    assert decision.rule == "guard"
    assert len(decision.found) > 10


def test_awaited_evidence_and_unasked_reviews_and_late_reopening_are_refused() -> None:
    awaited = ready("in_review", evidence={"REC 20/EM/0148": "awaited"})
    assert "REC 20/EM/0148" in refused("approve", awaited, facts("approve", "decider")).found
    assert refused("give_review", ready("in_review", reviewers=frozenset()), facts("give_review", "reviewer")).rule == "guard"
    late = replace(facts("reopen", "decider"), at=NOW + timedelta(days=31))
    assert refused("reopen", ready("rejected"), late).rule == "guard"
    accepted("reopen", ready("rejected"), replace(late, at=NOW + timedelta(days=30)))
    assert refused("reopen_no_response", ready("closed", close_reason="duplicate"), facts("reopen_no_response", "lead")).rule == "guard"
    assert refused("close", ready("in_review"), facts("close", "triage")).rule == "guard"


def test_a_part_is_sent_and_acknowledged_once() -> None:
    sent = accepted("submit", PartState(), facts("submit", "lead"))
    state = fold(sent)
    assert (state.state, state.version, state.since) == ("submitted", 1, NOW)
    later = replace(facts("acknowledge", "handler"), at=NOW + timedelta(days=1))
    acknowledged = accepted("acknowledge", state, later)
    state = fold((*sent, *acknowledged))
    assert (state.state, state.version, state.acknowledged_at) == ("screening", 2, NOW + timedelta(days=1))
    assert accepted("acknowledge", state, later) == ()
    other = refused("acknowledge", state, facts("acknowledge", "handler", delivery="msg_2"))
    assert (other.rule, other.found) == ("state", "screening")


def test_a_stale_command_is_refused_with_the_version_found() -> None:
    stale = replace(facts("acknowledge", "handler"), expected_version=1)
    decision = refused("acknowledge", PartState(state="submitted", version=2), stale)
    assert (decision.rule, decision.found) == ("stale", "version 2")
    assert "acknowledge" in decision.allowed


def test_only_commands_that_could_succeed_are_offered() -> None:
    assert "submit" in allowed(PartState(), "lead")
    assert "approve" not in allowed(PartState(state="screening"), "decider")
    assert allowed(PartState(state="ended"), "lead") == ("redact", "record_report")


def test_every_command_and_event_is_named_once_and_classified() -> None:
    assert len(ROWS) == len(TRANSITIONS) + len(LATER_NEEDS) + len(DELIVERY_FACTS)
    assert {row.event for row in ROWS.values()} | {"request.created"} == set(VISIBILITY)
    internal = {event for event, seen in VISIBILITY.items() if seen == "internal"}
    assert {"handler.assigned", "conflict.declared", "review.requested", "review.given", "vote.cast", "remark.added"} <= internal
    assert {event for event, seen in VISIBILITY.items() if seen == "party"} | {"remark.added"} == set(SENTENCES)
    assert set(SENTENCES) | set(INTERNAL) == set(VISIBILITY), "every event has its sentence"


def test_the_states_are_those_the_pages_have_words_for() -> None:
    assert len(STATES) == 16
    assert set(STATES) == set(PART_STATES) == set(LABELS)
    assert {state: PART_STATES[state][0] for state in STATES} == dict(LABELS)


COMMANDS = st.sampled_from([row.command for row in TRANSITIONS])


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(COMMANDS, st.sampled_from(ROLES), st.integers(0, 40)), max_size=40))
def test_A3_any_history_folds_to_the_same_part_and_only_listed_steps_happen(tried: list[tuple[str, Role, int]]) -> None:
    """Random commands against a plain model that knows only the table above."""
    events: list[Event] = []
    model: State = "draft"
    at, table = NOW, listed()
    for command, role, days in tried:
        at += timedelta(days=days)
        before = fold(events)
        decision = decide(command, before, replace(facts(command, role), at=at, expected_version=before.version))
        if isinstance(decision, Refusal):
            assert fold(events) == before
            continue
        roles, sources, targets = table[command]
        assert role in roles
        assert model in sources
        events.extend(decision)
        after = fold(events)
        assert after == fold(list(events))
        assert after.state in targets or (not targets and after.state == model) or not decision
        assert after.version == before.version + len(decision)
        model = after.state
        if model == "active":
            assert after.has_agreement


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


def test_A6_all_combinations_of_up_to_five_states_have_one_status_in_any_order() -> None:
    counted = 0
    for length in range(6):
        for states in combinations_with_replacement(STATES, length):
            assert derived_status(states) == derived_status(states[::-1]) == expected(list(states))
            assert derived_status(states) in WHOLE_REQUEST
            counted += 1
    assert counted == 20_349
    for states in permutations(("draft", "approved", "rejected", "ended")):
        assert derived_status(states) == "partly_decided"

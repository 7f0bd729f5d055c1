"""What may happen to a part, who may do it, and what follows for the whole request."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import combinations, combinations_with_replacement, permutations, product

import pytest

from frontend.words import PART_STATES, WHOLE_REQUEST
from gateway.access.machine import allowed, decide, derived_status, fold, is_for_applicant
from gateway.access.parts import (
    LABELS,
    NEGATIVE,
    OPEN,
    POSITIVE,
    ROLES,
    STATES,
    UNDECIDED,
    PartState,
    Refusal,
    Role,
    State,
)
from gateway.access.pathways.guards import AUTHORITY_TESTS
from gateway.access.pathways.listing import shipped
from gateway.access.policy import Policy
from gateway.access.telling import INTERNAL, SENTENCES
from gateway.access.transitions import DELIVERY_FACTS, LATER_NEEDS, ROWS, TRANSITIONS
from gateway.access.visibility import INTERNAL as FOR_THE_CUSTODIAN
from gateway.access.visibility import OF_THE_REQUEST, PARTY, VISIBILITY, classified
from tests.gateway.asking import NOW
from tests.gateway.parts_made import happened, path_to, words
from tests.gateway.the_table import LETTERS, accepted, facts, fitting, listed, ready, refused


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
            if ((command, role) == ("close", "triage") and state not in ("submitted", "redirected")) or (command, role, state) == ("name_outputs", "lead", "revoked"):
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


SWITCHES: dict[str, tuple[dict[str, bool], set[tuple[str, str]]]] = {
    "reviews": ({"reviews": False}, {("request_review", "*"), ("give_review", "*")}),
    "votes": ({"votes": False}, {("vote", "*")}),
    "conditions": ({"conditions": False}, {("approve_conditionally", "*")}),
    "four_eyes": ({"four_eyes": True}, {(command, role) for command in ("approve", "approve_conditionally") for role in ("decider", "integration")}),
    "final_approval": ({"final_approval": True}, {("approve", "integration"), ("approve_conditionally", "integration")}),
    "final_rejection": ({"final_rejection": True}, {("reject", "integration")}),
}
"""Each of a custodian's choices, and the only commands and roles that it may change."""


@pytest.mark.parametrize("chosen", [(), *((name,) for name in SWITCHES), *combinations(SWITCHES, 2)], ids="+".join)
def test_A4_each_setting_alone_and_in_pairs_changes_only_its_own_transitions(chosen: tuple[str, ...]) -> None:
    values = {name: value for switch in chosen for name, value in SWITCHES[switch][0].items()}
    touched = {row for switch in chosen for row in SWITCHES[switch][1]}
    limits = Policy(**values).facts()  # type: ignore[arg-type]  # flags alone
    refused_ones: set[tuple[str, str]] = set()
    for row in ROWS.values():
        for state in row.sources:
            part = replace(fitting(row.command, state), validated_by="somebody")
            for role in row.roles:
                plain = decide(row.command, part, facts(row.command, role))
                limited = decide(row.command, part, replace(facts(row.command, role), settings=limits))
                if isinstance(limited, Refusal) and not isinstance(plain, Refusal):
                    refused_ones.add((row.command, role))
                else:
                    assert isinstance(limited, Refusal) == isinstance(plain, Refusal), (row.command, role, limited)
    assert all((command, role) in touched or (command, "*") in touched for command, role in refused_ones)
    assert {command for command, _ in touched} == {command for command, _ in refused_ones}
    offers = {command for role in ROLES for state in STATES for command in allowed(PartState(state=state), role, limits["without"])}
    gone = {command for command, role in touched if role == "*"}
    assert offers == set(ROWS) - {row.command for row in DELIVERY_FACTS} - gone, "a page offers nothing that was taken away"


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
    pending = {"rules": shipped("uk.hfea.register").guards, "ethics_status": "pending"}
    assert refused("reject", ready("in_review"), replace(facts("reject", "decider"), settings=pending)).rule == "guard"
    assert refused("approve", ready("in_review"), replace(facts("approve", "decider"), settings=pending)).rule == "guard"
    accepted("hold", ready("in_review"), replace(facts("hold", "handler"), settings=pending))
    accepted("reject", ready("in_review"), replace(facts("reject", "decider"), settings={**pending, "ethics_status": "unfavourable"}))
    favourable = {**pending, "ethics_status": "favourable"}
    shown = dict.fromkeys(AUTHORITY_TESTS, True)
    accepted("approve", ready("in_review"), replace(facts("approve", "decider", **shown), settings=favourable))
    for test, sentence in AUTHORITY_TESTS.items():
        assert sentence in refused("approve", ready("in_review"), replace(facts("approve", "decider", **{**shown, test: False}), settings=favourable)).found


def test_A7_scotland_refuses_section_251_as_answer_and_as_evidence() -> None:
    scotland = {"rules": shipped("scotland.edris").guards, "answers": {"data.confidentiality": "Section 251 NHS Act 2006"}}
    for command, role, state in (("submit", "lead", "draft"), ("resubmit", "lead", "returned"), ("approve", "decider", "in_review")):
        given_facts = facts(command, LETTERS["L"] if role == "lead" else "decider")
        found = refused(command, ready("draft" if state == "draft" else "returned" if state == "returned" else "in_review"), replace(given_facts, settings=scotland))
        assert "Scotland" in found.found
        elsewhere = {**scotland, "rules": shipped("england.nhse.dars").guards}
        accepted(command, ready("draft" if state == "draft" else "returned" if state == "returned" else "in_review"), replace(given_facts, settings=elsewhere))
    evidence = facts("add_evidence", "lead", type="CAG_s251", reference="24/CAG/0001", evidence="CAG")
    assert "Scotland" in refused("add_evidence", ready("in_review"), replace(evidence, settings={"rules": shipped("scotland.edris").guards})).found
    accepted("add_evidence", ready("in_review"), evidence)


def test_required_evidence_is_there_or_awaited_and_a_waiver_is_a_deciders() -> None:
    wanted = replace(facts("accept_for_review", "handler"), settings={"evidence": ("REC", "DPIA")})
    held = ready("screening", documents={"REC 20/EM/0148": {"type": "REC"}})
    assert "DPIA" in refused("accept_for_review", held, wanted).found
    accepted("accept_for_review", held, replace(wanted, payload={**wanted.payload, "awaited": ["DPIA"]}))
    assert "REC" in refused("accept_for_review", replace(held, evidence={"REC 20/EM/0148": "refused"}), wanted).found
    waived = facts("confirm_conditions", "handler", conditions={"Ethics": "waived"})
    assert "decision maker" in refused("confirm_conditions", ready("approved_conditionally"), waived).found
    system = replace(waived, role="integration", payload={**waived.payload, "waived_by": "somebody", "notes": {"Ethics": "It came."}})
    assert "decision maker" in refused("confirm_conditions", ready("approved_conditionally"), system).found, "a program is none"
    by_decider = replace(waived, payload={**waived.payload, "waived_by": "somebody"})
    assert "say why" in refused("confirm_conditions", ready("approved_conditionally"), by_decider).found
    accepted("confirm_conditions", ready("approved_conditionally"), replace(by_decider, payload={**by_decider.payload, "notes": {"Ethics": "It came."}}))


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
    for command in ("assign_handler", "request_review"):
        named = facts(command, "handler", person="another")
        for conflicted in (replace(fitting(command, "screening"), conflicts=frozenset({"another"})), fitting(command, "screening")):
            on_request = replace(named, people=frozenset() if conflicted.conflicts else frozenset({"another"}))
            assert refused(command, conflicted, on_request).rule == "guard", "whoever is on the request, or in conflict, is given nothing"
    named = facts("assign_handler", "handler", person="another")
    assert refused("assign_handler", ready("screening", conflicts=frozenset({"another"})), named).rule == "guard"


def test_A17_every_event_type_is_in_one_list_of_who_sees_it() -> None:
    events = {row.event for row in ROWS.values()} | OF_THE_REQUEST
    assert classified(events) == VISIBILITY
    with pytest.raises(ValueError, match=r"part\.brand_new"):
        classified({*events, "part.brand_new"})
    with pytest.raises(ValueError, match=r"vote\.cast"):
        classified(events, party={*PARTY, "vote.cast"})
    with pytest.raises(ValueError, match=r"vote\.cast"):
        classified(events, internal=FOR_THE_CUSTODIAN - {"vote.cast"})
    with pytest.raises(KeyError):
        is_for_applicant(replace(accepted("vote", ready("in_review"), facts("vote", "decider"))[0], event="part.brand_new"))


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
    assert allowed(PartState(state="ended"), "lead") == ("redact", "record_report", "name_outputs")


def test_every_command_and_event_is_named_once_and_classified() -> None:
    assert len(ROWS) == len(TRANSITIONS) + len(LATER_NEEDS) + len(DELIVERY_FACTS)
    internal = {event for event, seen in VISIBILITY.items() if seen == "internal"}
    assert {"handler.assigned", "conflict.declared", "review.requested", "review.given", "vote.cast", "remark.added"} <= internal
    assert {event for event, seen in VISIBILITY.items() if seen == "party"} | {"remark.added"} == set(SENTENCES)
    assert set(SENTENCES) | set(INTERNAL) == set(VISIBILITY), "every event has its sentence"


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


def test_A6_all_combinations_of_up_to_five_states_have_one_status_in_any_order() -> None:
    counted = 0
    for length in range(6):
        for states in combinations_with_replacement(STATES, length):
            assert derived_status(states) == derived_status(states[::-1]) == expected(list(states))
            assert derived_status(states) in WHOLE_REQUEST
            counted += 1
    assert counted == 20_349
    together: tuple[State, ...] = ("draft", "approved", "rejected", "ended")
    for mixed in permutations(together):
        assert derived_status(mixed) == "partly_decided"


def test_A6_three_custodians_in_every_order_have_one_status() -> None:
    found = {states: derived_status(states) for states in product(STATES, repeat=3)}
    assert len(found) == 16**3
    for states, status in found.items():
        assert {found[order] for order in permutations(states)} == {status}, states
        assert status == expected(list(states))


STEPS: dict[str, tuple[str, ...]] = {"approved": ("accept_for_review", "approve"), "rejected": ("reject",), "returned": ("return",), "in_review": ("accept_for_review",)}


@pytest.mark.parametrize("ends", [("approved", "rejected", "returned"), ("approved", "approved", "rejected"), ("rejected", "rejected", "rejected")], ids="+".join)
def test_A6_three_custodians_who_decide_in_any_order_lead_to_the_same_status(ends: tuple[str, str, str]) -> None:
    seen = set()
    for order in permutations(range(3)):
        histories = {number: happened(path_to("screening")) for number in range(3)}
        for number in order:
            for command in STEPS[ends[number]]:
                role: Role = "decider" if command in ("approve", "reject") else "handler"
                histories[number] += accepted(command, fold(histories[number]), replace(facts(command, role), payload=words(command, role)))
            states = [fold(history).state for history in histories.values()]
            assert derived_status(states) == expected(states)
        seen.add(derived_status([fold(history).state for history in histories.values()]))
    assert len(seen) == 1

"""What may happen to a part, who may do it, and what follows for the whole request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import combinations, combinations_with_replacement, permutations
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from frontend.words import PART_STATES, WHOLE_REQUEST
from gateway.access.clocks import intervals
from gateway.access.machine import allowed, decide, derived_status, fold, is_taken_out
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
from gateway.access.policy import Policy
from gateway.access.telling import INTERNAL, SENTENCES
from gateway.access.timetable import Running, clocks
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
    "decided_at": "2026-11-20", "member": "7", "is_accepted": True, "letter": "letter.pdf", "second_officer": "another",
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


def test_A7_scotland_refuses_section_251_as_answer_and_as_evidence() -> None:
    scotland = {"pathway": "scotland.edris", "answers": {"data.confidentiality": "Section 251 NHS Act 2006"}}
    for command, role, state in (("submit", "lead", "draft"), ("resubmit", "lead", "returned"), ("approve", "decider", "in_review")):
        given_facts = facts(command, LETTERS["L"] if role == "lead" else "decider")
        found = refused(command, ready("draft" if state == "draft" else "returned" if state == "returned" else "in_review"), replace(given_facts, settings=scotland))
        assert "Scotland" in found.found
        elsewhere = {**scotland, "pathway": "england.nhse.dars"}
        accepted(command, ready("draft" if state == "draft" else "returned" if state == "returned" else "in_review"), replace(given_facts, settings=elsewhere))
    evidence = facts("add_evidence", "lead", type="CAG_s251", reference="24/CAG/0001", evidence="CAG")
    assert "Scotland" in refused("add_evidence", ready("in_review"), replace(evidence, settings={"pathway": "scotland.edris"})).found
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
    assert {row.event for row in ROWS.values()} | {"request.created", "dependency.at_risk", "linkage.satisfied"} == set(VISIBILITY)
    internal = {event for event, seen in VISIBILITY.items() if seen == "internal"}
    assert {"handler.assigned", "conflict.declared", "review.requested", "review.given", "vote.cast", "remark.added"} <= internal
    assert {event for event, seen in VISIBILITY.items() if seen == "party"} | {"remark.added"} == set(SENTENCES)
    assert set(SENTENCES) | set(INTERNAL) == set(VISIBILITY), "every event has its sentence"


def test_the_states_are_those_the_pages_have_words_for() -> None:
    assert len(STATES) == 16
    assert set(STATES) == set(PART_STATES) == set(LABELS)
    assert {state: PART_STATES[state][0] for state in STATES} == dict(LABELS)


class Machine(RuleBasedStateMachine):
    """A3: a part that anybody tries anything with, beside a plain dictionary that knows only the table above and the custodian's choices."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[Event] = []
        self.row = PartState()
        self.model: dict[str, Any] = {"state": "draft", "version": 0, "active": 0}
        self.at = NOW
        self.policy = Policy()

    @rule(values=st.fixed_dictionaries({name: st.booleans() for name in ("reviews", "votes", "conditions", "four_eyes", "final_approval", "final_rejection")}))
    def choose(self, values: dict[str, bool]) -> None:
        self.policy = Policy(**values)  # type: ignore[arg-type]  # flags alone

    @rule(days=st.integers(0, 60))
    def wait(self, days: int) -> None:
        self.at += timedelta(days=days)

    @rule(command=st.sampled_from([*ROWS, "admit"]), role=st.sampled_from(ROLES), actor=st.sampled_from(["somebody", "another"]), is_stale=st.booleans())
    def attempt(self, command: str, role: Role, actor: str, is_stale: bool) -> None:
        before = self.row
        seen = before.version - 1 if is_stale and before.version else before.version
        given_facts = replace(facts(command, role), at=self.at, expected_version=seen, actor=actor, settings=self.policy.facts())
        decision = decide(command, before, given_facts)
        if isinstance(decision, Refusal):
            assert fold(self.events) == before
            return
        roles, sources, targets = listed()[command]
        assert role in roles
        assert self.model["state"] in sources or not decision, "what was done before may be repeated without effect"
        assert (command, None) not in self.policy.without()
        assert (command, role) not in self.policy.without()
        assert seen == self.model["version"] or not decision
        self.events.extend(decision)
        self.row = fold(self.events)
        self.model["version"] += len(decision)
        if decision and targets:
            assert self.row.state in targets
            self.model["state"] = self.row.state

    @rule()
    def go_on(self) -> None:
        """One step towards access, so that late states are reached as well."""
        way: dict[str, tuple[str, Role]] = {
            "draft": ("submit", "lead"), "submitted": ("acknowledge", "handler"), "screening": ("accept_for_review", "handler"), "in_review": ("approve", "decider"),
            "returned": ("resubmit", "lead"), "on_hold": ("release", "handler"), "approved_conditionally": ("confirm_conditions", "handler"),
        }
        if self.row.state == "approved":
            sides: dict[frozenset[str], tuple[str, Role]] = {frozenset(): ("sign_agreement", "handler"), frozenset({"custodian"}): ("sign_agreement", "lead")}
            step = ("issue_agreement", "handler") if self.row.agreement is None else sides.get(self.row.signed, ("activate", "handler"))
            self.attempt(step[0], "lead" if step[1] == "lead" else "handler", "another", False)
        elif self.row.state in way:
            self.attempt(*way[self.row.state], "another", False)

    @invariant()
    def the_row_is_what_the_events_say(self) -> None:
        again = fold(list(self.events))
        assert again == self.row
        assert (again.state, again.version) == (self.model["state"], self.model["version"])
        assert [event.version for event in self.events] == list(range(1, len(self.events) + 1))
        for role in ROLES:
            assert set(allowed(again, role, self.policy.without())) == {
                command for command, (roles, sources, _) in listed().items()
                if role in roles and again.state in sources and not command.startswith("record_sent")
                and command not in ("record_deferred", "record_manual") and not is_taken_out(command, role, self.policy.without())
            }
        if again.state == "active":
            assert again.has_agreement

    @invariant()
    def clocks_are_a_fold_of_the_events(self) -> None:
        spans = intervals(self.events, now=self.at)
        assert spans == intervals(list(self.events), now=self.at)
        if self.events and again_running(self.row):
            assert sum((one.end - one.start for one in spans), timedelta()) == self.at - self.events[0].at
        running = clocks(self.events, Running(policy=self.policy), now=self.at)
        assert len({(one.name, one.version) for one in running}) == len(running)


def again_running(state: PartState) -> bool:
    return state.state not in ("withdrawn", "revoked", "ended", "deleted")


TestA3 = Machine.TestCase
TestA3.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)


def test_A3_the_state_machine_of_the_test_is_run_by_hypothesis() -> None:
    """The class above is collected as TestA3; replayed here once from a fixed history to the end of access."""
    part = Machine()
    for _ in range(12):
        part.go_on()
        part.the_row_is_what_the_events_say()
        part.clocks_are_a_fold_of_the_events()
    assert part.row.state == "active"


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

"""A1: what must hold before each command, as the design's table has it, and what a page may offer."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.access.machine import decide, offers
from gateway.access.parts import ROLES, STATES, Event, Facts, PartState, Role, State
from gateway.access.pathways.listing import PATHWAYS
from gateway.access.transitions import ROWS
from tests.gateway.asking import NOW
from tests.gateway.the_table import accepted, facts, fitting, refused

FERTILITY, SCOTTISH, SECURE = (PATHWAYS[name].guards for name in ("uk.hfea.register", "scotland.edris", "uk.ons.srs"))
SECTION_251 = {"data.confidentiality": "Section 251 NHS Act 2006"}
SIGNATORY = {"people.signatory": {"name": "Sam Signs", "role": "Head of contracts"}}
BOTH = frozenset({"applicant", "custodian"})


@dataclass(frozen=True, slots=True)
class Case:
    """A command that lacks one thing. ``says`` stands in the refusal; ``mended`` is what makes the same command succeed."""

    command: str
    role: Role
    says: str
    lacking: dict[str, Any] = field(default_factory=dict)
    part: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    at: timedelta = timedelta()
    state: State | None = None
    people: frozenset[str] = frozenset()
    mended: dict[str, Any] | None = None

    def __str__(self) -> str:
        return f"{self.command} by {self.role}: {self.says}"


CASES = (
    Case("save_answers", "lead", "no answer", {"answers": {}}),
    Case("attach_file", "collaborator", "no file", {"file": ""}),
    Case("remove_file", "lead", "no file", {"file": ""}),
    Case("change_datasets", "lead", "at least one dataset", {"datasets": []}),
    Case("invite_member", "lead", "nobody is named", {"member": ""}),
    Case("remove_member", "lead", "nobody is named", {"person": ""}),
    Case("remove_member", "lead", "leads the request", {"person": "the-lead"}, settings={"lead": "the-lead"}, mended={"person": "another"}),
    Case("change_lead", "lead", "nobody is named", {"person": ""}),
    Case("change_lead", "lead", "must accept it", {"is_accepted": False}),
    Case("change_lead", "administrator", "what the organisation wrote", {"evidence": ""}),
    Case("accept_terms", "collaborator", "no version", {"terms": ""}),
    Case("acknowledge_advice", "lead", "not named", {"advice_sha256": ""}),
    Case("submit", "lead", "nothing was recorded", {"snapshot_sha256": None}),
    Case("submit", "lead", "neither a route nor", {"channel": None}),
    Case("submit", "lead", "Scotland", settings={"rules": SCOTTISH, "answers": SECTION_251}),
    Case("resubmit", "lead", "nothing was recorded", {"snapshot_sha256": None}),
    Case("resubmit", "lead", "Scotland", settings={"rules": SCOTTISH, "answers": SECTION_251}),
    Case("reopen_no_response", "lead", "want of an answer", part={"close_reason": "duplicate"}),
    Case("reopen_no_response", "lead", "30 days", at=timedelta(days=31)),
    Case("redirect", "system", "choose one of", {"channel": "mailbox"}),
    Case("record_reference", "lead", "give the reference", {"reference": " "}),
    Case("record_reference", "lead", "look like AAA-9999", {"reference": "20/EM/0148"}, settings={"reference_format": "AAA-9999"}, mended={"reference": "DAR-0148"}),
    Case("report_outcome", "lead", "choose one of", {"outcome": "perhaps"}),
    Case("acknowledge", "handler", "delivery is not named", {"delivery": ""}),
    Case("record_outcome", "handler", "choose one of", {"outcome": "perhaps"}),
    Case("record_outcome", "handler", "list the conditions", {"outcome": "approved_conditionally", "conditions": []}),
    Case("record_outcome", "handler", "give the reason", {"outcome": "rejected", "reason": ""}),
    Case("record_outcome", "triage", "second officer", {"second_officer": "somebody"}),
    Case("record_outcome", "triage", "letter", {"letter": ""}),
    Case("record_outcome", "triage", "an officer who is on the request", people=frozenset({"somebody"})),
    Case("record_outcome", "integration", "who decided", {"decided_by": ""}),
    Case("reroute", "triage", "give the reason", {"reason": ""}),
    Case("reroute", "triage", "neither a route nor", {"channel": ""}),
    Case("assign_handler", "handler", "nobody is named", {"person": ""}),
    Case("assign_handler", "handler", "has a conflict", part={"conflicts": frozenset({"somebody-else"})}),
    Case("return", "handler", "say what", {"comment": " "}),
    Case("return", "handler", "choose the questions", {"is_general": False}, mended={"is_general": False, "questions": ["project.aims"]}),
    Case("return", "handler", "was not asked", {"questions": ["annex.other.secret"]}, settings={"asked": {"project.aims"}}, mended={"questions": ["project.aims"]}),
    Case("return", "integration", "list the keys", {"questions": "project.aims"}),
    Case("accept_for_review", "handler", "must be answered", settings={"unanswered": ("The aims",)}),
    Case("accept_for_review", "handler", "evidence is missing: DPIA", settings={"evidence": ("DPIA",)}, mended={"awaited": ["DPIA"]}),
    Case("hold", "handler", "choose one of", {"reason": "bored"}),
    Case("hold", "handler", "in the note", {"reason": "other", "note": " "}, mended={"reason": "other", "note": "The server moves."}),
    Case("request_review", "handler", "nobody is named", {"person": ""}),
    Case("give_review", "reviewer", "nobody asked you", part={"reviewers": frozenset()}),
    Case("give_review", "reviewer", "write the review", {"review": ""}),
    Case("vote", "decider", "choose one of", {"vote": "perhaps"}),
    Case("vote", "reviewer", "reason for voting against", {"vote": "against", "reason": ""}, mended={"vote": "against", "reason": "It can be done with less."}),
    Case("add_evidence", "lead", "name the evidence", {"evidence": ""}),
    Case("add_evidence", "lead", "only with a file", {"file": ""}, part={"evidence": {"REC 20/EM/0148": "awaited"}}, mended={"file": "f"}),
    Case("add_evidence", "lead", "only with a file", {"file": ""}, part={"evidence": {"REC 20/EM/0148": "refused"}}, mended={"file": "f"}),
    Case("add_evidence", "lead", "named before", part={"evidence": {"REC 20/EM/0148": "verified"}}, mended={"evidence": "REC 20/EM/0149"}),
    Case("add_evidence", "lead", "choose the kind", {"type": "hearsay"}),
    Case("add_evidence", "handler", "look like 20/EM/0148", {"reference": "EM-148"}),
    Case("add_evidence", "lead", "Scotland", {"type": "CAG_s251"}, settings={"rules": SCOTTISH}, mended={"type": "PBPP"}),
    Case("verify_evidence", "handler", "no evidence was handed in", part={"evidence": {}}),
    Case("refuse_evidence", "integration", "no evidence was handed in", part={"evidence": {}}),
    Case("verify_evidence", "handler", "no such evidence", {"evidence": "unknown"}),
    Case("refuse_evidence", "handler", "no such evidence", {"evidence": "unknown"}),
    Case("refuse_evidence", "handler", "give the reason", {"reason": ""}),
    Case("approve", "decider", "in the future", {"access_until": "2026-11-24"}),
    Case("approve", "decider", "in the future", {"access_until": "soon"}),
    Case("approve", "decider", "still awaited", part={"evidence": {"REC 20/EM/0148": "awaited"}}),
    Case("approve", "decider", "still awaited", part={"awaited": frozenset({"DPIA"})}),
    Case("sign_agreement", "handler", "another agreement was issued", {"sha256": "old"}, part={"agreement_sha256": "new"}, mended={"sha256": "new"}),
    Case("sign_agreement", "lead", "another agreement was issued", part={"agreement_sha256": "new"}, mended={"sha256": "new"}),
    Case("approve", "decider", "a review comes first", settings={"reviewed_for": ("A commercial body gains",)}),
    Case("approve", "decider", "whoever accepted", part={"validated_by": "somebody"}, settings={"four_eyes": True}),
    Case("approve", "decider", "ethics opinion", settings={"rules": FERTILITY, "ethics_status": "claimed"}),
    Case("approve", "decider", "confirm that", settings={"rules": FERTILITY, "ethics_status": "favourable"}),
    Case("approve", "decider", "confirm that this is meant", {"access_mode": "Release"}, mended={"access_mode": "Release", "release_confirmed": True}),
    Case("approve", "integration", "who decided", {"decided_at": ""}),
    Case("approve_conditionally", "decider", "a review comes first", settings={"reviewed_for": ("A commercial body gains",)}),
    Case("approve_conditionally", "decider", "list the conditions", {"conditions": []}),
    Case("approve_conditionally", "decider", "its owner", {"conditions": [{"text": "Ethics", "until": "2027-01-01"}]}),
    Case("approve_conditionally", "decider", "its text", {"conditions": [{"text": " ", "owner": "applicant"}]}),
    Case("approve_conditionally", "decider", "its date", {"conditions": [{"text": "Ethics", "owner": "applicant", "until": "soon"}]}),
    Case("approve_conditionally", "decider", "in the future", {"access_until": ""}),
    Case("approve_conditionally", "decider", "still awaited", part={"awaited": frozenset({"DPIA"})}),
    Case("approve_conditionally", "decider", "whoever accepted", part={"validated_by": "somebody"}, settings={"four_eyes": True}),
    Case("approve_conditionally", "decider", "Scotland", settings={"rules": SCOTTISH, "answers": SECTION_251}),
    Case("approve_conditionally", "decider", "confirm that", settings={"rules": FERTILITY, "ethics_status": "favourable"}),
    Case("approve_conditionally", "decider", "confirm that this is meant", {"access_mode": "Release"}),
    Case("approve_conditionally", "integration", "who decided", {"decided_by": ""}),
    Case("reject", "decider", "choose one of", {"code": "mood"}),
    Case("reject", "decider", "plain English", {"reason": ""}),
    Case("reject", "integration", "who decided", {"decided_by": ""}),
    Case("reject", "decider", "opinion is pending", settings={"rules": FERTILITY, "ethics_status": "pending"}),
    Case("confirm_conditions", "handler", "met or waived", {"conditions": {"Ethics": "open"}}),
    Case("confirm_conditions", "handler", "still open: Ethics", {"conditions": {}}),
    Case("confirm_conditions", "handler", "only a decision maker", {"conditions": {"Ethics": "waived"}}),
    Case("confirm_conditions", "handler", "say why", {"conditions": {"Ethics": "waived"}, "waived_by": "a-decider"}, mended={"conditions": {"Ethics": "waived"}, "waived_by": "a-decider", "notes": {"Ethics": "It came."}}),
    Case("issue_agreement", "handler", "name the agreement", {"agreement": ""}),
    Case("sign_agreement", "lead", "no agreement", part={"agreement": None}),
    Case("sign_agreement", "lead", "signed already", part={"signed": frozenset({"applicant"})}),
    Case("sign_agreement", "handler", "you sign for the custodian", {"side": "applicant", "signatory": "Example Signatory"}),
    Case("sign_agreement", "lead", "you sign for the applicant", {"side": "custodian"}),
    Case("sign_agreement", "lead", "Sam Signs signs for", {"signatory": "Somebody Else"}, settings={"answers": SIGNATORY}, mended={"signatory": "Somebody Else", "delegation": "Letter of 3 May"}),
    Case("activate", "handler", "signed by both", part={"signed": frozenset({"applicant"})}),
    Case("activate", "handler", "how the data are used", {"access_mode": ""}),
    Case("activate", "handler", "first and the last day", {"access_ends": "2026-01-01"}),
    Case("activate", "handler", "current training", settings={"untrained": ("Ada",)}),
    Case("activate", "handler", "other data at the same time", settings={"linkage": ("Beta (Under review)",)}),
    Case("activate", "handler", "no accreditation", settings={"rules": SECURE, "answers": {"people.lead.name": "Ada", "people.lead.needs_access": "yes"}}),
    Case("activate", "handler", "accredited researcher", settings={"rules": SECURE}, mended={"accreditation_checked": True}),
    Case("suspend_access", "decider", "give the reason", {"reason": ""}),
    Case("suspend_access", "decider", "suspended already", part={"is_suspended": True}),
    Case("resume_access", "decider", "not suspended", part={"is_suspended": False}),
    Case("update_snapshot", "system", "nothing was recorded", {"snapshot_sha256": ""}),
    Case("end", "handler", "choose one of", {"reason": "tired"}),
    Case("revoke", "decider", "give the reason", {"reason": ""}),
    Case("close", "handler", "choose one of", {"reason": "other"}),
    Case("close", "system", "only what lapsed", {"reason": "out_of_scope"}),
    Case("close", "triage", "theirs to close", state="in_review"),
    Case("reopen", "decider", "give the reason", {"reason": ""}),
    Case("reopen", "decider", "30 days", at=timedelta(days=31)),
    Case("remark", "reviewer", "write something", {"text": ""}),
    Case("message", "collaborator", "write something", {"text": ""}),
    Case("redact", "handler", "name what", {"what": ""}),
    Case("redact", "lead", "give the reason", {"reason": ""}),
    Case("break_glass_view", "administrator", "give the reason", {"reason": ""}),
    Case("extend_approval", "decider", "in the future", {"extended_to": "2026-01-01"}),
    Case("extend_approval", "decider", "a year at most", {"extended_to": "2029-01-01"}),
    Case("record_report", "lead", "write the report", {"report": ""}),
    Case("record_report", "handler", "recorded before", part={"reported_at": NOW}),
    Case("name_outputs", "lead", "no link was added", {"added": [], "removed": []}),
    Case("name_outputs", "lead", "stopped the access", state="revoked"),
    Case("record_sent", "system", "delivery is not named", {"delivery": ""}),
    Case("record_deferred", "system", "delivery is not named", {"delivery": ""}),
    Case("record_manual", "system", "delivery is not named", {"delivery": ""}),
)
"""Column "Guards" of the design's table 3.2, and what the clocks and deliveries need beside it."""
FREE = frozenset({"accept_invitation", "delete_draft", "withdraw", "start_amendment", "declare_conflict", "release", "flag_amendment", "anonymise"})
"""Commands whose guards are not the machine's: links that are used once, retention dates, or nothing."""


def part_of(case: Case) -> PartState:
    source = case.state if case.state is not None else next(state for state in STATES if state in ROWS[case.command].sources)
    return replace(fitting(case.command, source), **case.part)


def facts_of(case: Case) -> Facts:
    given = facts(case.command, case.role, **case.lacking)
    return replace(given, settings=case.settings, at=NOW + case.at, people=given.people | case.people)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_A1_each_guard_of_the_table_refuses_with_a_sentence_that_says_what_is_wanting(case: Case) -> None:
    plain = next(state for state in STATES if state in ROWS[case.command].sources)
    accepted(case.command, fitting(case.command, plain), facts(case.command, case.role))
    given_facts = facts_of(case)
    found = refused(case.command, part_of(case), given_facts)
    assert found.rule == "guard"
    assert case.says in found.found
    if case.mended is not None:
        accepted(case.command, part_of(case), replace(facts(case.command, case.role, **case.mended), settings=case.settings))


def test_A1_no_guard_is_without_a_case_and_no_command_without_guards() -> None:
    seen: set[tuple[str, int]] = set()
    for case in CASES:
        given_facts = facts_of(case)
        guards = (*ROWS[case.command].needs, *ROWS[case.command].guards)
        seen |= {(case.command, number) for number, guard in enumerate(guards) if guard(part_of(case), given_facts) is not None}
    assert seen == {(row.command, number) for row in ROWS.values() for number in range(len(row.needs) + len(row.guards))}
    assert {row.command for row in ROWS.values() if not row.needs and not row.guards} == FREE


def test_A1_what_must_hold_whatever_is_written_reads_nothing_that_is_written() -> None:
    """Else a page would offer by the words of somebody who has not written any."""
    for case in CASES:
        given_facts = facts_of(case)
        for need in ROWS[case.command].needs:
            assert need(part_of(case), given_facts) == need(part_of(case), replace(given_facts, payload={}))


PARTS = st.builds(
    PartState, state=st.sampled_from(STATES), version=st.just(4), since=st.sampled_from([NOW, NOW - timedelta(days=31)]),
    held_from=st.sampled_from(["screening", "in_review"]), conflicts=st.sampled_from([frozenset(), frozenset({"somebody"})]),
    reviewers=st.sampled_from([frozenset(), frozenset({"somebody"})]), validated_by=st.sampled_from([None, "somebody", "another"]),
    evidence=st.sampled_from([{"REC 20/EM/0148": "awaited"}, {"REC 20/EM/0148": "verified"}]), awaited=st.sampled_from([frozenset(), frozenset({"DPIA"})]),
    conditions=st.just({"Ethics": "open"}), agreement=st.sampled_from([None, "DSA 1"]),
    signed=st.sampled_from([frozenset(), frozenset({"applicant"}), frozenset({"custodian"}), BOTH]), is_suspended=st.booleans(),
    close_reason=st.sampled_from(["no_response", "duplicate"]), reported_at=st.sampled_from([None, NOW]),
)
SETTINGS = st.fixed_dictionaries(
    {}, optional={
        "four_eyes": st.booleans(), "untrained": st.sampled_from([(), ("Ada",)]), "linkage": st.sampled_from([(), ("Beta",)]),
        "unanswered": st.sampled_from([(), ("The aims",)]), "rules": st.sampled_from([one.guards for one in PATHWAYS.values()]),
        "ethics_status": st.sampled_from(["favourable", "pending", "none"]), "answers": st.sampled_from([{}, SECTION_251, SIGNATORY]),
        "reference_format": st.sampled_from([None, "99/AA/9999"]), "without": st.sampled_from([frozenset(), frozenset({("vote", None)})]),
    },
)
VALID = {"necessity_shown": True, "security_adequate": True, "no_other_way": True, "accreditation_checked": True}


@settings(max_examples=600, deadline=None)
@given(part=PARTS, chosen=SETTINGS, role=st.sampled_from(ROLES))
def test_what_is_offered_succeeds_with_the_right_words_and_what_is_not_is_refused(part: PartState, chosen: dict[str, Any], role: Role) -> None:
    given_offers = offers(part, replace(facts("", role), settings=chosen, payload={}))
    for command in ROWS:
        words = {**VALID, **({"evidence": "PBPP 1"} if command == "add_evidence" else {}), **({"type": "PBPP"} if command == "add_evidence" else {})}
        decision = decide(command, part, replace(facts(command, role, **words), settings=chosen))
        if command in given_offers and given_offers[command] is None:
            assert isinstance(decision, tuple), (command, decision)
            assert all(isinstance(event, Event) for event in decision)
        elif command not in ("record_sent", "record_deferred", "record_manual", "acknowledge"):
            assert not isinstance(decision, tuple), command
            if given_offers.get(command) is not None:
                assert decision.found == given_offers[command], "the page says why, in the words of the refusal"

"""The design's table of commands in words, and what a test needs to try each of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gateway.access.machine import decide
from gateway.access.parts import OPEN, ROLES, STATES, Event, Facts, PartState, Refusal, Role, State
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
name_outputs            | L H D | active ended revoked                        | =
record_sent             | S     | open active rejected closed withdrawn revoked ended | =
record_deferred         | S     | open active rejected closed withdrawn revoked ended | =
record_manual           | S     | open active rejected closed withdrawn revoked ended | =
"""
"""The design's table in words; ``open`` stands for the states under way. The last six are what clocks, the register and deliveries need beside it."""
LETTERS: Mapping[str, Role] = dict(zip("LCHVDTAIS", ROLES, strict=True))
PAYLOAD: dict[str, Any] = {
    "snapshot_sha256": "0" * 64, "channel": "portal", "delivery": "msg_1", "answers": {"a": "b"}, "file": "f", "datasets": ["x"],
    "address": "a@example.org", "person": "somebody-else", "terms": "1", "advice_sha256": "0", "reference": "20/EM/0148", "type": "REC", "extended_to": "2027-03-01", "report": "What we found.", "added": ["https://example.org/paper"], "outcome": "approved",
    "comment": "Why?", "review": "Good.", "vote": "for", "evidence": "REC 20/EM/0148", "text": "Words.", "access_until": "2027-06-01",
    "conditions": [{"text": "Ethics", "owner": "applicant", "until": "2027-01-01"}], "code": "public_benefit", "agreement": "DSA 1",
    "access_mode": "TRE", "access_starts": "2027-01-01", "access_ends": "2027-12-31", "what": "an answer", "decided_by": "Committee",
    "decided_at": "2026-11-20", "is_general": True, "signatory": "Sam Signs", "member": "7", "is_accepted": True, "letter": "letter.pdf", "second_officer": "another",
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

"""What may happen to a part of a request, as one value. Whatever is not in the table is impossible.

A custodian's settings may take a row away, never add one. The rows that the gateway notes about its own deliveries stand apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.access import guards
from gateway.access.parts import LABELS, OPEN, SENT, Facts, PartState, Role, State, Transition
from gateway.access.pathways import guards as law

__all__ = ["DELIVERY_FACTS", "LABELS", "LATER_NEEDS", "ROWS", "TRANSITIONS"]
_AFTER_ALL: frozenset[State] = frozenset({"rejected", "closed", "withdrawn", "revoked", "ended", "deleted"})
_EDITABLE: frozenset[State] = frozenset({"draft", "returned"})
_REVIEWED: frozenset[State] = frozenset({"screening", "in_review"})
_GRANTED: frozenset[State] = frozenset({"approved_conditionally", "approved", "active"})
_LATER: frozenset[State] = OPEN | {"active"}
_KEPT: frozenset[State] = _AFTER_ALL - {"deleted"}
_SHORT: Mapping[str, Role] = {
    "L": "lead", "C": "collaborator", "H": "handler", "V": "reviewer", "D": "decider", "T": "triage", "A": "administrator",
    "I": "integration", "S": "system",
}


def _row(command: str, roles: str, sources: frozenset[State] | set[State], target: State | None, event: str, **rest: Any) -> Transition:
    """``roles`` are the letters of the design's table: ``"H I"``."""
    chosen = rest.pop("targets", frozenset({target} if target else ()))
    return Transition(
        command=command, roles=frozenset(_SHORT[letter] for letter in roles.split()), sources=frozenset(sources), target=target,
        event=event, targets=frozenset(chosen), **rest,
    )


def _same_delivery(state: PartState, facts: Facts) -> bool:
    return state.acknowledged_delivery is not None and state.acknowledged_delivery == facts.payload.get("delivery")


_snapshot = guards.text("snapshot_sha256", "nothing was recorded for the custodian to decide on")
_channel = guards.text("channel", "neither a route nor the triage queue was chosen")
_reason = guards.text("reason", "give the reason")
_term = guards.future_date("access_until", "give a last day of access that lies in the future")
_conditions = guards.some("conditions", "list the conditions, each with who meets it and by when")

WRITING: tuple[Transition, ...] = (
    _row("save_answers", "L C", _EDITABLE, None, "answers.saved", guards=(guards.some("answers", "no answer was given"),)),
    _row("attach_file", "L C", _EDITABLE, None, "file.attached", guards=(guards.text("file", "no file is named"),)),
    _row("remove_file", "L C", _EDITABLE, None, "file.removed", guards=(guards.text("file", "no file is named"),)),
    _row("change_datasets", "L", _EDITABLE, None, "datasets.changed", guards=(guards.some("datasets", "at least one dataset must stay"),)),
    _row("invite_member", "L", _EDITABLE, None, "member.invited", guards=(guards.text("member", "nobody is named"),)),
    _row("accept_invitation", "C", _EDITABLE, None, "member.joined"),
    _row("remove_member", "L", {"draft", *_LATER}, None, "member.removed", guards=(guards.text("person", "nobody is named"), guards.is_not_the_lead)),
    _row("change_lead", "L A", {"draft", *_LATER}, None, "lead.changed", guards=(guards.text("person", "nobody is named"), guards.new_lead_accepts)),
    _row("accept_terms", "L C", {*_EDITABLE, "approved", "active"}, None, "terms.accepted", guards=(guards.text("terms", "no version is named"),)),
    _row("acknowledge_advice", "L", _EDITABLE, None, "advice.acknowledged", guards=(guards.text("advice_sha256", "the advice is not named"),)),
    _row("delete_draft", "L S", {"draft"}, "deleted", "part.deleted"),
    _row("submit", "L", {"draft"}, "submitted", "part.submitted", needs=(law.takes_answers,), guards=(_snapshot, _channel)),
    _row("resubmit", "L", {"returned"}, "screening", "part.resubmitted", needs=(law.takes_answers,), guards=(_snapshot,)),
    _row("withdraw", "L", OPEN, "withdrawn", "part.withdrawn"),
    _row("reopen_no_response", "L", {"closed"}, "returned", "part.reopened_by_lead", needs=(guards.closed_for_silence, guards.in_window)),
    _row("start_amendment", "L", {"approved", "active"}, None, "amendment.started"),
)
ARRIVING: tuple[Transition, ...] = (
    _row("redirect", "S T H", {"submitted"}, "redirected", "part.redirected", guards=(guards.one_of("channel", ("portal", "rems")),)),
    _row("record_reference", "L H I", {"redirected"}, None, "reference.recorded", guards=(guards.text("reference", "give the reference"), guards.reference_fits)),
    _row(
        "report_outcome", "L", {"redirected"}, None, "outcome.reported",
        guards=(guards.one_of("outcome", ("approved", "approved_conditionally", "rejected")),),
    ),
    _row(
        "acknowledge", "H I", {"submitted", "redirected"}, "screening", "part.acknowledged", guards=(guards.names_delivery,),
        is_repeated=_same_delivery,
    ),
    _row(
        "record_outcome", "H I T", {"redirected"}, None, "outcome.recorded", chosen=guards.outcome,
        targets={"approved", "approved_conditionally", "rejected"},
        guards=(
            guards.one_of("outcome", ("approved", "approved_conditionally", "rejected")), guards.conditional_needs_conditions,
            guards.triage_needs_second, guards.triage_is_not_on_it, guards.names_decision,
        ),
    ),
    _row("reroute", "T", {"submitted", "redirected"}, "submitted", "part.rerouted", guards=(_reason, _channel)),
)
HANDLING: tuple[Transition, ...] = (
    _row("assign_handler", "H", _LATER, None, "handler.assigned", guards=(guards.not_conflicted("person"),)),
    _row("declare_conflict", "H V D", _LATER, None, "conflict.declared"),
    _row(
        "return", "H I", {"screening", "in_review", "approved_conditionally"}, "returned", "part.returned",
        guards=(guards.text("comment", "say what the applicant should answer"), guards.names_questions),
    ),
    _row(
        "accept_for_review", "H I", {"screening"}, "in_review", "part.validated", needs=(guards.nothing_unanswered,),
        guards=(guards.evidence_is_there_or_awaited,),
    ),
    _row("hold", "H I", _REVIEWED, "on_hold", "part.held", guards=(guards.one_of("reason", guards.HOLD_REASONS), guards.other_needs_note)),
    _row(
        "release", "H I S", {"on_hold"}, None, "part.released", chosen=guards.held_from, targets=_REVIEWED,
    ),
    _row("request_review", "H", _REVIEWED, None, "review.requested", guards=(guards.not_conflicted("person"),)),
    _row(
        "give_review", "V", _REVIEWED, None, "review.given", needs=(guards.is_asked,), guards=(guards.text("review", "write the review"),),
    ),
    _row("vote", "V D", {"in_review"}, None, "vote.cast", guards=(guards.one_of("vote", ("for", "against", "abstain")), guards.against_needs_reason)),
    _row("add_evidence", "L C H", {"draft", *_LATER}, None, "evidence.added", guards=(guards.text("evidence", "name the evidence"), guards.is_new_evidence, guards.is_kind_of_evidence, law.takes_evidence)),
    _row("verify_evidence", "H I", _LATER, None, "evidence.verified", needs=(guards.has_evidence,), guards=(guards.knows_evidence,)),
    _row("refuse_evidence", "H I", _LATER, None, "evidence.refused", needs=(guards.has_evidence,), guards=(guards.knows_evidence, _reason)),
    _row("remark", "H V D", {*_LATER, "rejected", "closed"}, None, "remark.added", guards=(guards.text("text", "write something"),)),
    _row("message", "L C H", _LATER, None, "message.sent", guards=(guards.text("text", "write something"),)),
    _row(
        "close", "H S T I", OPEN, "closed", "part.closed", needs=(guards.is_not_too_late_for_triage,),
        guards=(guards.one_of("reason", guards.CLOSE_REASONS), guards.clocks_close_lapses),
    ),
)
_READY = (guards.nothing_awaited, guards.flags_are_reviewed, guards.four_eyes, law.lets_approve)
_MEANT = (guards.names_decision, law.approves, guards.release_is_meant)
DECIDING: tuple[Transition, ...] = (
    _row("approve", "D I", {"in_review"}, "approved", "part.approved", needs=_READY, guards=(_term, *_MEANT)),
    _row(
        "approve_conditionally", "D I", {"in_review"}, "approved_conditionally", "part.approved_conditionally", needs=_READY,
        guards=(_term, _conditions, guards.conditions_are_whole, *_MEANT),
    ),
    _row(
        "reject", "D I", _REVIEWED, "rejected", "part.rejected", needs=(law.rejects,),
        guards=(guards.one_of("code", guards.REJECT_REASONS), guards.text("reason", "give the reason in plain English"), guards.names_decision),
    ),
    _row(
        "confirm_conditions", "H I", {"approved_conditionally"}, "approved", "conditions.met",
        guards=(guards.conditions_are_settled, guards.all_conditions),
    ),
    _row(
        "reopen", "D I", {"rejected", "closed"}, None, "part.reopened", chosen=guards.back_to, targets={"screening", "redirected"},
        needs=(guards.in_window,), guards=(_reason,),
    ),
)
ACCESS: tuple[Transition, ...] = (
    _row("issue_agreement", "H I", {"approved"}, None, "agreement.issued", guards=(guards.text("agreement", "name the agreement and its version"),)),
    _row("sign_agreement", "L H I", {"approved"}, None, "agreement.signed", needs=(guards.agreement_is_issued, guards.has_not_signed), guards=(guards.signs_own_side, guards.signs_what_was_issued, guards.names_signatory)),
    _row(
        "activate", "H I S", {"approved"}, "active", "access.activated",
        needs=(guards.has_agreement, guards.people_are_trained, guards.linkage_is_satisfied, law.lets_activate),
        guards=(guards.has_access_terms, law.activates),
    ),
    _row("suspend_access", "D I", {"active"}, None, "access.suspended", needs=(guards.is_not_suspended,), guards=(_reason,)),
    _row("resume_access", "D I", {"active"}, None, "access.resumed", needs=(guards.is_suspended,)),
    _row("update_snapshot", "S", OPEN - {"approved_conditionally", "approved"}, None, "snapshot.updated", guards=(_snapshot,)),
    _row("flag_amendment", "S", _GRANTED, None, "amendment.needed"),
    _row("end", "H L S I", {"active"}, "ended", "access.ended", guards=(guards.one_of("reason", guards.END_REASONS),)),
    _row("revoke", "D I", _GRANTED, "revoked", "access.revoked", guards=(_reason,)),
    _row("redact", "L H A", {"draft", *_LATER, *_KEPT}, None, "content.redacted", guards=(guards.text("what", "name what is redacted"), _reason)),
    _row("break_glass_view", "A", _LATER | _KEPT, None, "access.break_glass", guards=(_reason,)),
    _row("anonymise", "S", _AFTER_ALL, None, "part.anonymised"),
)
LATER_NEEDS: tuple[Transition, ...] = (
    _row(
        "extend_approval", "D", {"approved"}, None, "approval.extended",
        guards=(guards.future_date("extended_to", "give a day in the future"), guards.extends_by_a_year_at_most),
    ),
    _row(
        "record_report", "L H", {"ended"}, None, "report.recorded", needs=(guards.is_not_reported,),
        guards=(guards.text("report", "write the report, or say where it is"),),
    ),
    _row(
        "name_outputs", "L H D", {"active", "ended", "revoked"}, None, "outputs.named", needs=(guards.links_are_not_taken_over,), guards=(guards.changes_links,),
    ),
)
"""What the clocks of section 7 and the last field of section 9 call for and the table of section 3.2 does not list. No row of these changes a
part's state."""
TRANSITIONS: tuple[Transition, ...] = (*WRITING, *ARRIVING, *HANDLING, *DECIDING, *ACCESS)
"""What people and systems may do."""

DELIVERY_FACTS: tuple[Transition, ...] = tuple(
    _row(command, "S", SENT, None, event, guards=(guards.names_delivery,))
    for command, event in (
        ("record_sent", "delivery.sent"), ("record_deferred", "delivery.deferred"), ("record_manual", "delivery.manual"),
    )
)
"""What the gateway notes about its own deliveries. They never change a part's state."""

ROWS: Mapping[str, Transition] = {row.command: row for row in (*TRANSITIONS, *LATER_NEEDS, *DELIVERY_FACTS)}

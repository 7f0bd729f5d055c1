"""What must hold before a command is carried out. Each guard is pure and answers with a sentence for people, or None.

Settings that guards read: ``four_eyes`` (the decider did not validate the part), ``reopen_days`` (30), ``evidence`` (kinds that must be
there or awaited), ``reviewed_for`` (flags for which a review is given before the decision), ``channel`` (of the part), ``lead`` (subject of who leads the request), ``linkage`` (what is
needed together with the part and not approved), ``untrained`` (people with access without training), ``answers`` by question key, ``asked``
(keys that a part was asked) and ``unanswered`` (what it requires and lacks), ``reference_format`` of the route. What the law of a pathway adds is in gateway/access/pathways/guards.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any, Final

from gateway.access.parts import Facts, Guard, PartState, State

HOLD_REASONS: Final = ("REC", "CAG", "PBPP", "agreement", "fee", "linkage_partner", "meeting", "other")
CLOSE_REASONS: Final = ("no_response", "out_of_scope", "duplicate", "dataset_withdrawn", "route_dead", "conditions_lapsed", "approval_lapsed")
LAPSES: Final = ("no_response", "conditions_lapsed", "approval_lapsed")
"""What only the gateway's own clock closes for, after reminders."""
END_REASONS: Final = ("term", "finished", "superseded", "early")
REJECT_REASONS: Final = ("public_benefit", "not_feasible", "law_or_ethics", "data_not_suitable", "security", "capacity", "other")
ACCESS_MODES: Final = ("TRE", "Release")
REMARKS: Final = ("internal", "party")
OWNERS: Final = ("applicant", "custodian")
"""Of a condition: who meets it."""
REOPEN_DAYS: Final = 30
EVIDENCE_KINDS: Final = ("REC", "CAG_s251", "PBPP", "IGRP", "HSC_DAC", "UKSA_RAP", "HFEA", "sponsor", "DPIA", "other")
REC_REFERENCE: Final = re.compile(r"\d{2}/[A-Z]{2,4}/\d{4}")


def text(name: str, sentence: str) -> Guard:
    """The payload holds some text under ``name``."""

    def guard(_: PartState, facts: Facts) -> str | None:
        value = facts.payload.get(name)
        return None if isinstance(value, str) and value.strip() else sentence

    return guard


def one_of(name: str, choices: tuple[str, ...]) -> Guard:
    def guard(_: PartState, facts: Facts) -> str | None:
        return None if facts.payload.get(name) in choices else f"choose one of: {', '.join(choices)}"

    return guard


def some(name: str, sentence: str) -> Guard:
    """The payload holds a list under ``name`` that is not empty."""

    def guard(_: PartState, facts: Facts) -> str | None:
        return None if facts.payload.get(name) else sentence

    return guard


def future_date(name: str, sentence: str) -> Guard:
    def guard(_: PartState, facts: Facts) -> str | None:
        found = day(facts.payload.get(name))
        return None if found is not None and found > facts.at.date() else sentence

    return guard


def day(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def names_delivery(_: PartState, facts: Facts) -> str | None:
    return None if facts.payload.get("delivery") else "the delivery is not named"


def names_decision(_: PartState, facts: Facts) -> str | None:
    """A custodian's own system says who decided there, and when."""
    if facts.role != "integration":
        return None
    return None if facts.payload.get("decided_by") and facts.payload.get("decided_at") else "name who decided in your system, and when"


def flags_are_reviewed(state: PartState, facts: Facts) -> str | None:
    """A custodian's own system has its own reviewers."""
    flags = facts.settings.get("reviewed_for", ())
    is_open = facts.role == "decider" and flags and not state.reviewed
    return f"a review comes first, because of this: {'; '.join(flags)}" if is_open else None


def nothing_awaited(state: PartState, _: Facts) -> str | None:
    awaited = sorted({*state.awaited, *(name for name, found in state.evidence.items() if found == "awaited")})
    return f"evidence is still awaited: {', '.join(awaited)}" if awaited else None


def four_eyes(state: PartState, facts: Facts) -> str | None:
    is_same = facts.settings.get("four_eyes") and state.validated_by == facts.actor
    return "whoever accepted the request for review cannot decide on it" if is_same else None


def release_is_meant(_: PartState, facts: Facts) -> str | None:
    is_meant = facts.payload.get("access_mode") != "Release" or facts.payload.get("release_confirmed") is True
    return None if is_meant else "a copy leaves the secure environment: confirm that this is meant"


def has_access_terms(_: PartState, facts: Facts) -> str | None:
    if facts.payload.get("access_mode") not in ACCESS_MODES:
        return f"say how the data are used: {' or '.join(ACCESS_MODES)}"
    first, last = day(facts.payload.get("access_starts")), day(facts.payload.get("access_ends"))
    return None if first is not None and last is not None and first < last else "give the first and the last day of access"


def has_agreement(state: PartState, _: Facts) -> str | None:
    return None if state.has_agreement else "an agreement must be signed by both sides first"


def agreement_is_issued(state: PartState, _: Facts) -> str | None:
    return None if state.agreement is not None else "no agreement has been issued"


def _side(facts: Facts) -> str:
    return "applicant" if facts.role == "lead" else "custodian"


def has_not_signed(state: PartState, facts: Facts) -> str | None:
    return "this side has signed already" if _side(facts) in state.signed else None


def signs_own_side(_: PartState, facts: Facts) -> str | None:
    return None if facts.payload.get("side") == _side(facts) else f"you sign for the {_side(facts)}"


def signs_what_was_issued(state: PartState, facts: Facts) -> str | None:
    """The hash of the document in hand is part of what is signed."""
    is_other = state.agreement_sha256 is not None and facts.payload.get("sha256") != state.agreement_sha256
    return "another agreement was issued since: read it first" if is_other else None


def names_signatory(_: PartState, facts: Facts) -> str | None:
    """For the applicant signs who was named in the request, or a delegate of theirs."""
    named = signatory(facts.settings.get("answers") or {})
    if facts.role != "lead" or not named:
        return None
    signed_by = str(facts.payload.get("signatory") or "").strip()
    if signed_by.casefold() == named.casefold() or (signed_by and facts.payload.get("delegation")):
        return None
    return f"{named} signs for your organisation: name them, or who signed in their place and where it is written that they may"


def signatory(answers: Mapping[str, Any]) -> str:
    """The name of who can bind the applicant's organisation; empty where nobody was named."""
    answer = answers.get("people.signatory")
    return str(answer.get("name") or "").strip() if isinstance(answer, Mapping) else ""


def conditions_are_whole(_: PartState, facts: Facts) -> str | None:
    """Each says what is wanted, and of whom; one without a date is due by the custodian's own time limit."""
    conditions = facts.payload.get("conditions")
    is_whole = isinstance(conditions, list) and all(_is_condition(one) for one in conditions)
    return None if is_whole else f"give each condition its text, its owner ({' or '.join(OWNERS)}) and its date, such as 2027-03-31"


def _is_condition(one: object) -> bool:
    if not isinstance(one, Mapping) or one.get("owner") not in OWNERS:
        return False
    text, until = one.get("text"), one.get("until")
    return isinstance(text, str) and bool(text.strip()) and (until is None or day(until) is not None)


def conditions_are_settled(_: PartState, facts: Facts) -> str | None:
    settled = facts.payload.get("conditions")
    if not isinstance(settled, dict) or any(found not in ("met", "waived") for found in settled.values()):
        return "mark each condition as met or waived"
    return _waivers(settled, facts)


def _waivers(settled: dict[str, str], facts: Facts) -> str | None:
    """A condition is waived by a decision maker, who says why."""
    waived = [condition for condition, found in settled.items() if found == "waived"]
    if waived and (facts.role != "handler" or not facts.payload.get("waived_by")):
        return "only a decision maker can waive a condition"
    unexplained = [condition for condition in waived if not (facts.payload.get("notes") or {}).get(condition)]
    return f"say why the condition is waived: {'; '.join(unexplained)}" if unexplained else None


def all_conditions(state: PartState, facts: Facts) -> str | None:
    open_ones = [text for text in state.conditions if text not in (facts.payload.get("conditions") or {})]
    return f"conditions are still open: {'; '.join(open_ones)}" if open_ones else None


def is_asked(state: PartState, facts: Facts) -> str | None:
    return None if facts.actor in state.reviewers else "nobody asked you for a review of this part"


def not_conflicted(name: str) -> Guard:
    """The person whom the payload names may act on the part."""

    def guard(state: PartState, facts: Facts) -> str | None:
        person = facts.payload.get(name)
        if not person:
            return "nobody is named"
        return "that person is on the request, or has a conflict" if person in state.conflicts | facts.people else None

    return guard


def has_evidence(state: PartState, _: Facts) -> str | None:
    return None if state.evidence else "no evidence was handed in"


def knows_evidence(state: PartState, facts: Facts) -> str | None:
    return None if facts.payload.get("evidence") in state.evidence else "there is no such evidence on this part"


def is_suspended(state: PartState, _: Facts) -> str | None:
    return None if state.is_suspended else "access is not suspended"


def is_not_suspended(state: PartState, _: Facts) -> str | None:
    return "access is suspended already" if state.is_suspended else None


def in_window(state: PartState, facts: Facts) -> str | None:
    allowed = timedelta(days=facts.settings.get("reopen_days", REOPEN_DAYS))
    is_open = state.since is not None and facts.at - state.since <= allowed
    return None if is_open else f"the {allowed.days} days in which it could be reopened are over"


def closed_for_silence(state: PartState, _: Facts) -> str | None:
    return None if state.close_reason == "no_response" else "it was not closed for want of an answer"


def is_not_too_late_for_triage(state: PartState, facts: Facts) -> str | None:
    is_late = facts.role == "triage" and state.state not in ("submitted", "redirected")
    return "the custodian has it; it is theirs to close" if is_late else None


def clocks_close_lapses(_: PartState, facts: Facts) -> str | None:
    is_other = facts.role == "system" and facts.payload.get("reason") not in LAPSES
    return "the clock closes only what lapsed" if is_other else None


def triage_needs_second(_: PartState, facts: Facts) -> str | None:
    if facts.role != "triage":
        return None
    has_both = facts.payload.get("letter") and facts.payload.get("second_officer") not in (None, facts.actor)
    return None if has_both else "attach the custodian's letter and name a second officer"


def triage_is_not_on_it(_: PartState, facts: Facts) -> str | None:
    """Neither of the two officers is somebody of the request."""
    is_on_it = facts.role == "triage" and not facts.people.isdisjoint({facts.actor, facts.payload.get("second_officer")})
    return "an officer who is on the request does not record its decision" if is_on_it else None


def conditional_needs_conditions(_: PartState, facts: Facts) -> str | None:
    outcome = facts.payload.get("outcome")
    if outcome == "approved_conditionally" and not facts.payload.get("conditions"):
        return "list the conditions"
    return "give the reason" if outcome == "rejected" and not facts.payload.get("reason") else None


def against_needs_reason(_: PartState, facts: Facts) -> str | None:
    is_bare = facts.payload.get("vote") == "against" and not _words(facts, "reason")
    return "give your reason for voting against" if is_bare else None


def other_needs_note(_: PartState, facts: Facts) -> str | None:
    is_bare = facts.payload.get("reason") == "other" and not _words(facts, "note")
    return "say in the note what it waits for" if is_bare else None


def names_questions(_: PartState, facts: Facts) -> str | None:
    """Which answers are asked for again, or that it is a question about none of them."""
    questions = facts.payload.get("questions") or ()
    if not isinstance(questions, list | tuple):
        return "list the keys of the questions"
    if unknown := [str(key) for key in questions if key not in facts.settings.get("asked", questions)]:
        return f"this part was not asked: {', '.join(unknown)}"
    is_general = facts.payload.get("is_general") is True
    return None if questions or is_general else "choose the questions to be answered again, or say that it is a general question"


def nothing_unanswered(_: PartState, facts: Facts) -> str | None:
    unanswered = facts.settings.get("unanswered", ())
    return f"questions that must be answered are not: {', '.join(unanswered)}. Ask the applicant" if unanswered else None


def reference_fits(_: PartState, facts: Facts) -> str | None:
    """The route may say what the custodian's references look like."""
    wanted = facts.settings.get("reference_format")
    if not wanted or has_format(str(facts.payload.get("reference") or "").strip(), wanted):
        return None
    return f"references of this custodian look like {wanted} (A stands for a letter, 9 for a digit)"


def has_format(reference: str, wanted: str) -> bool:
    """Whether it has the shape of ``wanted``: ``A`` stands for a letter, ``9`` for a digit, everything else for itself."""
    kinds: Mapping[str, Callable[[str], bool]] = {"A": str.isalpha, "9": str.isdigit}
    return len(reference) == len(wanted) and all(kinds.get(sign, sign.__eq__)(found) for found, sign in zip(reference, wanted, strict=True))


def _words(facts: Facts, name: str) -> str:
    value = facts.payload.get(name)
    return value.strip() if isinstance(value, str) else ""


def is_new_evidence(state: PartState, facts: Facts) -> str | None:
    """Or its paper comes later, or anew, while nobody has confirmed it."""
    before = state.evidence.get(facts.payload.get("evidence", ""))
    if before is None or (before != "verified" and facts.payload.get("file")):
        return None
    return "this evidence was named before" if before == "verified" else "this evidence was named before; name it again only with a file"


def is_kind_of_evidence(_: PartState, facts: Facts) -> str | None:
    kind, reference = facts.payload.get("type"), facts.payload.get("reference")
    if kind not in EVIDENCE_KINDS:
        return f"choose the kind of evidence: {', '.join(EVIDENCE_KINDS)}"
    if not isinstance(reference, str) or not reference.strip():
        return "give the reference of the evidence"
    is_misshapen = kind == "REC" and not REC_REFERENCE.fullmatch(reference.strip())
    return "references of ethics committees look like 20/EM/0148" if is_misshapen else None


def evidence_is_there_or_awaited(state: PartState, facts: Facts) -> str | None:
    """What the custodian or the pathway demands was handed in, or is marked as awaited."""
    there = {document.get("type") for name, document in state.documents.items() if state.evidence[name] != "refused"}
    missing = [kind for kind in facts.settings.get("evidence", ()) if kind not in there and kind not in (facts.payload.get("awaited") or ())]
    return f"evidence is missing: {', '.join(missing)}. Ask for it, or mark it as awaited" if missing else None


def extends_by_a_year_at_most(_: PartState, facts: Facts) -> str | None:
    until = day(facts.payload.get("extended_to"))
    return None if until is not None and until <= facts.at.date() + timedelta(days=366) else "extend by a year at most"


def is_not_reported(state: PartState, _: Facts) -> str | None:
    return "the report was recorded before" if state.reported_at is not None else None


def links_are_not_taken_over(state: PartState, facts: Facts) -> str | None:
    return "the custodian stopped the access, and keeps the links from now on" if state.state == "revoked" and facts.role == "lead" else None


def changes_links(_: PartState, facts: Facts) -> str | None:
    return None if facts.payload.get("added") or facts.payload.get("removed") else "no link was added or removed"


def linkage_is_satisfied(_: PartState, facts: Facts) -> str | None:
    waiting = facts.settings.get("linkage", ())
    return f"the applicant needs other data at the same time, which are not approved: {', '.join(waiting)}" if waiting else None


def people_are_trained(_: PartState, facts: Facts) -> str | None:
    missing = facts.settings.get("untrained", ())
    sentence = "everybody who will handle the data needs a current training that is verified in their profile; missing for"
    return f"{sentence}: {', '.join(missing)}" if missing else None


def is_not_the_lead(_: PartState, facts: Facts) -> str | None:
    is_lead = facts.payload.get("person") == facts.settings.get("lead")
    return "whoever leads the request cannot be removed: hand it over first" if is_lead else None


def new_lead_accepts(_: PartState, facts: Facts) -> str | None:
    """An administrator hands over only what the organisation asked for in writing."""
    if facts.payload.get("is_accepted") is not True:
        return "whoever is to lead the request must accept it"
    if facts.role == "administrator" and not facts.payload.get("evidence"):
        return "name what the organisation wrote"
    return None


def held_from(state: PartState, _: Facts) -> State:
    return state.held_from or "screening"


def outcome(_: PartState, facts: Facts) -> State:
    found: State = facts.payload["outcome"]
    return found


def back_to(_: PartState, facts: Facts) -> State:
    return "redirected" if facts.settings.get("channel") in ("portal", "rems") else "screening"


Chooser = Callable[[PartState, Facts], State]

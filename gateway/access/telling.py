"""What happened, in words: one sentence for each event, and the part of its payload that people may read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from frontend.words import day
from gateway.access.machine import is_for_applicant
from gateway.access.parts import Event, Role

SENTENCES: Mapping[str, str] = {
    "request.created": "You sent the request",
    "request.copied": "The request was begun as a copy of an earlier one",
    "part.added": "Another custodian was added",
    "answers.saved": "Answers were changed",
    "file.attached": "A file was attached",
    "file.removed": "A file was removed",
    "datasets.changed": "The datasets were changed",
    "member.invited": "Somebody was invited to the request",
    "member.joined": "A person joined the request",
    "member.removed": "A person was removed from the request",
    "lead.changed": "Somebody else leads the request now",
    "terms.accepted": "The terms were accepted",
    "advice.acknowledged": "The conditions of use were read",
    "dependency.at_risk": "A custodian declined, and what you need beside its data may be at risk",
    "linkage.satisfied": "Everything that is needed together is approved",
    "part.deleted": "The draft was deleted",
    "part.submitted": "The request was made ready for the custodian",
    "part.resubmitted": "The custodian’s questions were answered",
    "part.withdrawn": "The request was withdrawn",
    "part.reopened_by_lead": "The request was taken up again",
    "amendment.started": "A change to the approved project was begun",
    "part.redirected": "The request goes on in the custodian’s own system",
    "reference.recorded": "The custodian’s own reference was noted",
    "outcome.reported": "An outcome was reported; the custodian has not confirmed it",
    "part.acknowledged": "The custodian confirmed that it has the request",
    "outcome.recorded": "The custodian’s decision was recorded",
    "part.rerouted": "The request was passed on to another desk",
    "part.returned": "The custodian has questions",
    "part.validated": "The request is complete and goes to review",
    "part.held": "The request was paused",
    "part.released": "The pause ended",
    "evidence.added": "Evidence was named",
    "evidence.verified": "Evidence was confirmed",
    "evidence.refused": "Evidence was not accepted",
    "remark.added": "A remark was written",
    "message.sent": "A message was sent",
    "part.closed": "The request was closed without a decision",
    "part.approved": "The custodian approved the request",
    "part.approved_conditionally": "The custodian approved the request with conditions",
    "part.rejected": "The custodian declined the request",
    "conditions.met": "The conditions are met",
    "part.reopened": "The custodian reopened the request",
    "agreement.issued": "The agreement is ready to be signed",
    "agreement.signed": "The agreement was signed",
    "access.activated": "The data are available",
    "access.suspended": "Access was suspended",
    "access.resumed": "Access was resumed",
    "approval.extended": "The approval stays open for longer",
    "report.recorded": "The report at the end was recorded",
    "outputs.named": "The links to research outputs were changed",
    "snapshot.updated": "The request was brought up to date",
    "amendment.needed": "The project has changed since the decision",
    "access.ended": "Access ended",
    "access.revoked": "The custodian stopped the access",
    "content.redacted": "Content was removed",
    "delivery.sent": "The request was delivered",
    "delivery.deferred": "A delivery did not succeed and will be tried again",
    "delivery.manual": "The request could not be delivered automatically; the gateway's staff will see to it",
}
"""Of every event that an applicant may see."""
INTERNAL: Mapping[str, str] = {
    "request.created": "The applicant sent the request",
    "handler.assigned": "The request was given to a handler",
    "conflict.declared": "Somebody declared a conflict of interest",
    "review.requested": "A review was asked for",
    "review.given": "A review was given",
    "vote.cast": "A vote was cast",
    "access.break_glass": "An administrator opened the request in an emergency",
    "part.anonymised": "Personal data were removed",
    "part.returned": "The applicant was asked to answer",
    "part.resubmitted": "The applicant answered",
    "part.acknowledged": "Receipt was confirmed",
    "remark.added": "An internal remark was written",
}
"""The same for the custodian, where the words differ or the applicant sees nothing."""
ACTORS: Mapping[str, str] = {
    "lead": "The applicant", "collaborator": "The applicant’s team", "handler": "The custodian", "reviewer": "A reviewer",
    "decider": "The custodian", "integration": "The custodian’s system", "triage": "The gateway’s staff",
    "administrator": "The gateway’s administrator", "system": "The gateway",
}
HOLDS: Mapping[str, str] = {
    "REC": "for the opinion of a research ethics committee", "CAG": "for the Confidentiality Advisory Group",
    "PBPP": "for the Public Benefit and Privacy Panel", "agreement": "for an agreement", "fee": "for a fee",
    "linkage_partner": "for another custodian whose data are to be linked", "meeting": "for a meeting of the committee", "other": "for something else",
}
EVIDENCE: Mapping[str, str] = {
    "REC": "Opinion of a research ethics committee", "CAG_s251": "Section 251 support (Confidentiality Advisory Group)",
    "PBPP": "Public Benefit and Privacy Panel, Scotland", "IGRP": "Information Governance Review Panel, SAIL",
    "HSC_DAC": "HSC Data Access Committee, Northern Ireland", "UKSA_RAP": "Research Accreditation Panel, UK Statistics Authority",
    "HFEA": "Human Fertilisation and Embryology Authority", "sponsor": "Agreement of the sponsor", "DPIA": "Data protection impact assessment",
    "other": "Something else",
}
EVIDENCE_STATES: Mapping[str, str] = {"awaited": "handed in, not confirmed yet", "verified": "confirmed", "refused": "not accepted"}
CLOSINGS: Mapping[str, str] = {
    "no_response": "No answer came.", "out_of_scope": "It is not for this custodian.", "duplicate": "It was asked twice.",
    "dataset_withdrawn": "The dataset was withdrawn.", "route_dead": "The custodian could not be reached.",
    "conditions_lapsed": "The conditions were not met in time.", "approval_lapsed": "The approval was not taken up in time.",
}
DECISIONS: Mapping[str, str] = {"approved": "Approved.", "approved_conditionally": "Approved with conditions.", "rejected": "Declined."}
ENDINGS: Mapping[str, str] = {
    "term": "The agreed time is over.", "finished": "The project is finished.", "superseded": "A newer approval took its place.",
    "early": "It ended before the agreed time.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    at: datetime
    event: str
    sentence: str
    who: str
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Reader:
    """Who of the applicant's side reads. ``names`` maps the subjects of that side to names; ``subject`` None at the private link.

    ``staff`` does the same for the custodian's people, where the custodian lets applicants know them.
    """

    role: Role = "lead"
    subject: str | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    staff: Mapping[str, str] = field(default_factory=dict)

    def calls(self, event: Event) -> str:
        if event.role not in ("lead", "collaborator"):
            return self.staff.get(event.actor) or ACTORS[event.role]
        is_own = event.actor == self.subject if self.subject and event.actor in self.names else event.role == self.role
        return "You" if is_own else self.names.get(event.actor) or ("The lead" if event.role == "lead" else ACTORS["collaborator"])


def for_applicant(events: Iterable[Event], reader: Reader) -> tuple[TimelineEntry, ...]:
    """What the applicant's side may see, oldest first."""
    return tuple(_entry(event, SENTENCES[event.event], reader.calls(event), reader.names) for event in _told(events) if is_for_applicant(event))


def for_custodian(events: Iterable[Event], names: Mapping[str, str]) -> tuple[TimelineEntry, ...]:
    """Everything, oldest first. ``names`` maps the subjects of the custodian's own people to their names."""
    return tuple(
        _entry(event, INTERNAL.get(event.event) or SENTENCES[event.event], names.get(event.actor) or ACTORS[event.role], names) for event in _told(events)
    )


SENT_ALONG = frozenset({"advice.acknowledged", "evidence.added", "member.joined"})
"""What is done to a draft and belongs to what is sent."""


def _told(events: Iterable[Event]) -> list[Event]:
    """Of what happened while the request was written only what went with it: each save is an event, and its last state was sent."""
    found = list(events)
    sent = next((number for number, event in enumerate(found) if event.event == "part.submitted"), 0)
    return [event for number, event in enumerate(found) if (number >= sent or event.event in SENT_ALONG) and event.event != "answers.saved"]


def _entry(event: Event, sentence: str, who: str, names: Mapping[str, str] | None = None) -> TimelineEntry:
    return TimelineEntry(at=event.at, event=event.event, sentence=sentence, who=who, detail=detail(event, names or {}))


def detail(event: Event, names: Mapping[str, str]) -> str | None:
    """The words that belong to an event: what was asked, written, decided, and why."""
    held = event.payload
    if held.get("is_redacted"):
        return "What stood here was removed."
    if event.event in ("handler.assigned", "review.requested", "member.removed", "lead.changed"):
        return names.get(held["person"])
    worded = _DETAILS.get(event.event)
    if worded is not None:
        return " ".join(part for part in worded(held) if part)
    words = (held.get(name) for name in ("comment", "text", "review", "vote", "reason", "reference", "agreement", "error", "reply", "note", "report"))
    return next((str(word) for word in words if word), None)


def _conditions(held: Mapping[str, Any]) -> list[str | None]:
    return [_condition(one) for one in held.get("conditions") or ()]


def _condition(one: Mapping[str, Any]) -> str:
    until = f", by {day(one['until'])}" if one.get("until") else ""
    return f"Condition{' for the custodian' if one.get('owner') == 'custodian' else ''}: {one['text']}{until}."


def _settled(held: Mapping[str, Any]) -> list[str | None]:
    notes = held.get("notes") or {}
    return [f"{text}: {state}{f' ({notes[text]})' if notes.get(text) else ''}." for text, state in held["conditions"].items()]


def _evidence(held: Mapping[str, Any]) -> list[str | None]:
    kind = EVIDENCE.get(held.get("type", ""))
    return [f"{kind}: {held.get('reference', '')}." if kind else f"{held['evidence']}.", "A file came with it." if held.get("file") else None, held.get("reason")]


def _hash(held: Mapping[str, Any]) -> str | None:
    return f"(SHA-256 {held['sha256']})" if held.get("sha256") else None


_DETAILS: Mapping[str, Callable[[Mapping[str, Any]], list[str | None]]] = {
    "advice.acknowledged": lambda held: [f"Promised: {', '.join(held['promises'])}." if held.get("promises") else None],
    "evidence.added": _evidence, "evidence.verified": _evidence, "evidence.refused": _evidence,
    "conditions.met": _settled,
    "vote.cast": lambda held: [f"{held['vote'].capitalize()}.", held.get("reason")],
    "agreement.issued": lambda held: [held["agreement"], _hash(held.get("document") or {}), held.get("note")],
    "agreement.signed": lambda held: [f"Signed by {held['signatory']}." if held.get("signatory") else None, held.get("delegation"), _hash(held)],
    "approval.extended": lambda held: [f"Until {day(held['extended_to'])}.", held.get("note")],
    "part.validated": lambda held: [f"Still awaited: {EVIDENCE.get(kind, kind)}." for kind in held.get("awaited") or ()],
    "part.held": lambda held: [f"Waiting {HOLDS[held['reason']]}.", held.get("note")],
    "part.closed": lambda held: [CLOSINGS[held["reason"]], held.get("note")],
    "outputs.named": lambda held: [f"{label}: {', '.join(held[name])}." for name, label in (("added", "Added"), ("removed", "Removed")) if held.get(name)],
    "access.ended": lambda held: [ENDINGS[held["reason"]], held.get("note")],
    "part.approved": lambda held: [f"Until {day(held['access_until'])}.", held.get("note")],
    "part.approved_conditionally": lambda held: [f"Until {day(held['access_until'])}.", *_conditions(held), held.get("note")],
    "access.activated": lambda held: [f"From {day(held['access_starts'])} to {day(held['access_ends'])}.", held.get("note")],
    "outcome.recorded": lambda held: [DECISIONS[held["outcome"]], *_conditions(held), held.get("reason")],
    "outcome.reported": lambda held: [DECISIONS[held["outcome"]]],
}
"""Where the payload is more than one text."""

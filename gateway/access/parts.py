"""The words of the state machine: states, roles, events, and a part as its events tell it. Values only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, get_args

State = Literal[
    "draft", "submitted", "redirected", "screening", "returned", "in_review", "on_hold", "approved_conditionally",
    "approved", "active", "rejected", "closed", "withdrawn", "revoked", "ended", "deleted",
]
Role = Literal[
    "lead", "collaborator", "handler", "reviewer", "decider", "triage", "administrator", "integration", "system"
]
Row = tuple[str, Role | None]
"""A command for everybody, or for one role, where a custodian's choices take it out of the table."""
Rule = Literal["unknown-command", "role", "state", "stale", "conflict", "guard"]
DerivedStatus = Literal["draft", "in_progress", "partly_decided", "approved", "mixed", "declined", "closed"]
STATES: tuple[State, ...] = get_args(State)
ROLES: tuple[Role, ...] = get_args(Role)
LABELS: Mapping[State, str] = {
    "draft": "Draft",
    "submitted": "Sent",
    "redirected": "With the custodian’s own system",
    "screening": "Being checked",
    "returned": "Needs your answer",
    "in_review": "Under review",
    "on_hold": "Paused",
    "approved_conditionally": "Approved with conditions",
    "approved": "Approved",
    "active": "Data available",
    "rejected": "Declined",
    "closed": "Closed",
    "withdrawn": "Withdrawn",
    "revoked": "Access stopped by the custodian",
    "ended": "Access ended",
    "deleted": "Deleted",
}
UNDECIDED: frozenset[State] = frozenset(
    {"draft", "submitted", "redirected", "screening", "returned", "in_review", "on_hold"}
)
POSITIVE: frozenset[State] = frozenset({"approved_conditionally", "approved", "active"})
NEGATIVE: frozenset[State] = frozenset({"rejected", "revoked"})
SENT: frozenset[State] = frozenset(STATES) - {"draft", "deleted"}
OPEN: frozenset[State] = frozenset(
    {"submitted", "redirected", "screening", "returned", "in_review", "on_hold", "approved_conditionally", "approved"}
)
"""Under way; what the design's table calls ``open``."""
STAFF: frozenset[Role] = frozenset({"handler", "reviewer", "decider"})
"""People of the custodian; whoever is on the request, or declared a conflict, cannot act as one of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of a part's history. ``version`` counts from 1 within the part."""

    command: str
    event: str
    version: int
    at: datetime
    role: Role
    actor: str
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartState:
    """A part as its events tell it.

    ``acknowledged_delivery`` is the id of the delivery that was acknowledged; ``held_from`` the state that a pause returns to;
    ``conditions`` maps each condition's text to ``open``, ``met`` or ``waived``; ``evidence`` maps an id to ``awaited``, ``verified`` or
    ``refused``, ``documents`` the same id to its kind, reference, issuer and dates; ``reviewed`` are those who gave a review; ``awaited`` are kinds that were missing when the
    part was accepted for review; ``held_for`` is the reason of a pause; ``extended_to`` the day until which an approval stays open;
    ``reported_at`` when the close-out report was recorded; ``votes`` maps a person to their current vote; ``signed`` holds the sides that signed the agreement in hand;
    ``agreement_document`` and ``agreement_sha256`` are the id and the hash of what they sign, None where it is kept elsewhere.
    """

    state: State = "draft"
    version: int = 0
    since: datetime | None = None
    acknowledged_at: datetime | None = None
    acknowledged_delivery: str | None = None
    held_from: State | None = None
    held_for: str | None = None
    handler: str | None = None
    conflicts: frozenset[str] = frozenset()
    reviewers: frozenset[str] = frozenset()
    reviewed: frozenset[str] = frozenset()
    validated_by: str | None = None
    questions: tuple[str, ...] = ()
    conditions: Mapping[str, str] = field(default_factory=dict)
    evidence: Mapping[str, str] = field(default_factory=dict)
    documents: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    awaited: frozenset[str] = frozenset()
    votes: Mapping[str, str] = field(default_factory=dict)
    agreement: str | None = None
    agreement_document: str | None = None
    agreement_sha256: str | None = None
    signed: frozenset[str] = frozenset()
    is_suspended: bool = False
    access_ends: str | None = None
    close_reason: str | None = None
    decided_at: datetime | None = None
    reported_outcome: str | None = None
    extended_to: str | None = None
    reported_at: datetime | None = None

    @property
    def has_agreement(self) -> bool:
        """One is in force: both sides signed it."""
        return self.agreement is not None and self.signed == {"applicant", "custodian"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the caller knows and the machine must not look up. ``payload`` goes into the event as it is.

    ``people`` are the subjects of everybody on the request, and of those whom the custodian keeps out for working with its lead; ``settings`` those of the custodian (see ``guards.py``).
    """

    role: Role
    actor: str
    at: datetime
    payload: Mapping[str, Any] = field(default_factory=dict)
    expected_version: int | None = None
    people: frozenset[str] = frozenset()
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a command did nothing: the rule, what was found, and which commands that role could use now."""

    rule: Rule
    found: str
    allowed: tuple[str, ...] = ()


Guard = Callable[[PartState, Facts], str | None]
"""Gives a sentence where the command must be refused, None where it may go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One row of the table. ``target`` None leaves the state as it is; ``chosen`` names it where it depends on the facts.

    ``targets`` are all states it may lead to. ``is_repeated`` recognises a command that was carried out already: it does nothing
    and is no refusal. ``needs`` must hold whatever the payload says, so that a page knows them before anybody types; ``guards`` judge
    the payload.
    """

    command: str
    roles: frozenset[Role]
    sources: frozenset[State]
    target: State | None
    event: str
    needs: tuple[Guard, ...] = ()
    guards: tuple[Guard, ...] = ()
    is_repeated: Callable[[PartState, Facts], bool] | None = None
    chosen: Callable[[PartState, Facts], State] | None = None
    targets: frozenset[State] = frozenset()

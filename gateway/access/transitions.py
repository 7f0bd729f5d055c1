"""What may happen to a part of a request, as one value, and the pure functions that read it.

A command is a function of the state folded from the events so far and the facts supplied. It reads no clock, no network
and no database. Whatever is not in the table is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal, get_args

State = Literal[
    "draft", "submitted", "redirected", "screening", "returned", "in_review", "on_hold", "approved_conditionally",
    "approved", "active", "rejected", "closed", "withdrawn", "revoked", "ended", "deleted",
]
Role = Literal[
    "lead", "collaborator", "handler", "reviewer", "decider", "triage", "administrator", "integration", "system"
]
Rule = Literal["unknown-command", "role", "state", "stale", "guard"]
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
    """A part as its events tell it. ``acknowledged_delivery`` is the id of the delivery that was acknowledged."""

    state: State = "draft"
    version: int = 0
    since: datetime | None = None
    acknowledged_at: datetime | None = None
    acknowledged_delivery: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the caller knows and the machine must not look up. ``payload`` goes into the event as it is."""

    role: Role
    actor: str
    at: datetime
    payload: Mapping[str, Any] = field(default_factory=dict)
    expected_version: int | None = None


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
    """One row of the table. ``target`` None leaves the state as it is.

    ``is_repeated`` recognises a command that was carried out already: it does nothing and is no refusal.
    """

    command: str
    roles: frozenset[Role]
    sources: frozenset[State]
    target: State | None
    event: str
    guards: tuple[Guard, ...] = ()
    is_repeated: Callable[[PartState, Facts], bool] | None = None


def _states(*names: State) -> frozenset[State]:
    return frozenset(names)


def _roles(*names: Role) -> frozenset[Role]:
    return frozenset(names)


def _has_snapshot(_: PartState, facts: Facts) -> str | None:
    return None if facts.payload.get("snapshot_sha256") else "nothing was recorded for the custodian to decide on"


def _has_channel(_: PartState, facts: Facts) -> str | None:
    return None if facts.payload.get("channel") else "neither a route nor the triage queue was chosen"


def _names_delivery(_: PartState, facts: Facts) -> str | None:
    return None if facts.payload.get("delivery") else "the delivery is not named"


def _same_delivery(state: PartState, facts: Facts) -> bool:
    return state.acknowledged_delivery is not None and state.acknowledged_delivery == facts.payload.get("delivery")


TRANSITIONS: tuple[Transition, ...] = (
    Transition(
        command="submit", roles=_roles("lead"), sources=_states("draft"), target="submitted", event="part.submitted",
        guards=(_has_snapshot, _has_channel),
    ),
    Transition(
        command="acknowledge", roles=_roles("handler", "integration"), sources=_states("submitted", "redirected"),
        target="screening", event="part.acknowledged", guards=(_names_delivery,), is_repeated=_same_delivery,
    ),
)
"""What people and systems may do."""

DELIVERY_FACTS: tuple[Transition, ...] = (
    Transition(
        command="record_sent", roles=_roles("system"), sources=SENT, target=None, event="delivery.sent",
        guards=(_names_delivery,),
    ),
    Transition(
        command="record_deferred", roles=_roles("system"), sources=SENT, target=None, event="delivery.deferred",
        guards=(_names_delivery,),
    ),
    Transition(
        command="record_manual", roles=_roles("system"), sources=SENT, target=None, event="delivery.manual",
        guards=(_names_delivery,),
    ),
)
"""What the gateway notes about its own deliveries. They never change a part's state."""

VISIBILITY: Mapping[str, Literal["party", "internal"]] = {
    "request.created": "party",
    "part.submitted": "party",
    "part.acknowledged": "party",
    "delivery.sent": "party",
    "delivery.deferred": "party",
    "delivery.manual": "party",
}
"""Who sees an event: *party* is the applicant and the custodian, *internal* the custodian alone. None may be missing."""

_ROWS: Mapping[str, Transition] = {row.command: row for row in (*TRANSITIONS, *DELIVERY_FACTS)}
_TARGETS: Mapping[str, State | None] = {row.event: row.target for row in _ROWS.values()}


def decide(command: str, state: PartState, facts: Facts) -> tuple[Event, ...] | Refusal:
    """The events a command leads to; none where it was carried out already; or why it is refused. Raises nothing."""
    row = _ROWS.get(command)
    if row is None:
        return Refusal(rule="unknown-command", found=command, allowed=allowed(state, facts.role))
    if facts.role in row.roles and row.is_repeated is not None and row.is_repeated(state, facts):
        return ()
    if (broken := _broken_rule(row, state, facts)) is not None:
        return Refusal(rule=broken[0], found=broken[1], allowed=allowed(state, facts.role))
    return (
        Event(
            command=command, event=row.event, version=state.version + 1, at=facts.at, role=facts.role, actor=facts.actor,
            payload=dict(facts.payload),
        ),
    )


def _broken_rule(row: Transition, state: PartState, facts: Facts) -> tuple[Rule, str] | None:
    if facts.role not in row.roles:
        return "role", facts.role
    if state.state not in row.sources:
        return "state", state.state
    if facts.expected_version is not None and facts.expected_version != state.version:
        return "stale", f"version {state.version}"
    problem = next((problem for guard in row.guards if (problem := guard(state, facts)) is not None), None)
    return ("guard", problem) if problem is not None else None


def allowed(state: PartState, role: Role) -> tuple[str, ...]:
    """The commands of the table that this role could use now, guards aside."""
    return tuple(row.command for row in TRANSITIONS if role in row.roles and state.state in row.sources)


def fold(events: Iterable[Event]) -> PartState:
    """The state that a part's events, in order of version, lead to. Raises ``KeyError`` for an unknown event."""
    state = PartState()
    for event in events:
        state = _after(state, event)
    return state


def _after(state: PartState, event: Event) -> PartState:
    target = _TARGETS[event.event]
    after = replace(state, version=event.version)
    if target is not None:
        after = replace(after, state=target, since=event.at)
    if event.event == "part.acknowledged":
        after = replace(after, acknowledged_at=event.at, acknowledged_delivery=event.payload.get("delivery"))
    return after


def derived_status(parts: Iterable[State]) -> DerivedStatus:
    """The status of a whole request from the states of its parts, in any order; the first rule that fits."""
    states = {state for state in parts if state != "deleted"}
    undecided, decided = states & UNDECIDED, states - UNDECIDED
    if states <= {"draft"}:
        return "draft"
    if undecided:
        return "partly_decided" if decided & (POSITIVE | NEGATIVE | {"ended"}) else "in_progress"
    if decided & POSITIVE:
        return "mixed" if decided & NEGATIVE else "approved"
    if "rejected" in decided and "ended" not in decided:
        return "declined"
    return "closed"

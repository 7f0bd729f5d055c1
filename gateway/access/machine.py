"""The pure functions over the table: what a command leads to, what a history amounts to, what a whole request is.

A command is a function of the state folded from the events so far and the facts supplied. It reads no clock, no network and no database.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from gateway.access.parts import (
    NEGATIVE,
    POSITIVE,
    STAFF,
    UNDECIDED,
    DerivedStatus,
    Event,
    Facts,
    Guard,
    PartState,
    Refusal,
    Role,
    Row,
    Rule,
    State,
    Transition,
)
from gateway.access.transitions import DELIVERY_FACTS, ROWS
from gateway.access.visibility import VISIBILITY

_BY_EVENT: Mapping[str, Transition] = {row.event: row for row in ROWS.values()}
_NOTES_OF_DELIVERIES = frozenset(row.command for row in DELIVERY_FACTS)
DECISIONS = frozenset({"part.approved", "part.approved_conditionally", "part.rejected", "outcome.recorded"})


def decide(command: str, state: PartState, facts: Facts) -> tuple[Event, ...] | Refusal:
    """The events a command leads to; none where it was carried out already; or why it is refused. Raises nothing."""
    row = ROWS.get(command)
    if row is None:
        return Refusal(rule="unknown-command", found=command, allowed=_allowed_by(state, facts))
    if facts.role in row.roles and row.is_repeated is not None and row.is_repeated(state, facts):
        return ()
    if (broken := _broken_rule(row, state, facts)) is not None:
        return Refusal(rule=broken[0], found=broken[1], allowed=_allowed_by(state, facts))
    payload = dict(facts.payload)
    if row.chosen is not None:
        payload["to"] = row.chosen(state, facts)
    return (
        Event(
            command=command, event=row.event, version=state.version + 1, at=facts.at, role=facts.role, actor=facts.actor, payload=payload,
        ),
    )


def _allowed_by(state: PartState, facts: Facts) -> tuple[str, ...]:
    return tuple(name for name, problem in offers(state, facts).items() if problem is None)


def _broken_rule(row: Transition, state: PartState, facts: Facts) -> tuple[Rule, str] | None:
    if facts.role not in row.roles or is_taken_out(row.command, facts.role, facts.settings.get("without", frozenset())):
        return "role", facts.role
    if state.state not in row.sources:
        return "state", state.state
    if facts.expected_version is not None and facts.expected_version != state.version:
        return "stale", f"version {state.version}"
    if _is_conflicted(row, state, facts):
        return "conflict", "you are on this request, work for the applicant’s organisation, or declared a conflict"
    problem = _problem((*row.needs, *row.guards), state, facts)
    return ("guard", problem) if problem is not None else None


def _is_conflicted(row: Transition, state: PartState, facts: Facts) -> bool:
    return facts.role in STAFF and row.command != "declare_conflict" and facts.actor in state.conflicts | facts.people


def _problem(guards: Iterable[Guard], state: PartState, facts: Facts) -> str | None:
    return next((problem for guard in guards if (problem := guard(state, facts)) is not None), None)


def offers(state: PartState, facts: Facts) -> dict[str, str | None]:
    """The commands that the table lets this person give now: None where the right words are all that is wanting, otherwise what stands
    in the way whatever they write. Of somebody with a conflict nothing is left but to declare it."""
    rows = [ROWS[name] for name in _in_table(state, facts)]
    return {row.command: _problem(row.needs, state, facts) for row in rows if not _is_conflicted(row, state, facts)}


def _in_table(state: PartState, facts: Facts) -> tuple[str, ...]:
    return allowed(state, facts.role, facts.settings.get("without", frozenset()))


def allowed(state: PartState, role: Role, without: Collection[Row] = frozenset()) -> tuple[str, ...]:
    """The commands of the table that this role could use now, guards aside. ``without`` is what the custodian took out."""
    return tuple(
        row.command for row in ROWS.values()
        if role in row.roles and state.state in row.sources and row.command not in _NOTES_OF_DELIVERIES and not is_taken_out(row.command, role, without)
    )


def is_taken_out(command: str, role: Role, without: Collection[Row]) -> bool:
    return (command, None) in without or (command, role) in without


def fold(events: Iterable[Event]) -> PartState:
    """The state that a part's events, in order of version, lead to. Raises ``KeyError`` for an unknown event."""
    state = PartState()
    for event in events:
        state = _after(state, event)
    return state


def folded(events: Iterable[Event]) -> Iterator[tuple[Event, PartState]]:
    """Each event with the state after it."""
    state = PartState()
    for event in events:
        state = _after(state, event)
        yield event, state


def is_for_applicant(event: Event) -> bool:
    """Whether the applicant may see it."""
    return VISIBILITY[event.event] == "party" or (event.event == "remark.added" and event.payload.get("audience") == "party")


def _after(state: PartState, event: Event) -> PartState:
    row = _BY_EVENT[event.event]
    after = replace(state, version=event.version)
    target: State | None = event.payload["to"] if row.chosen is not None else row.target
    if target is not None:
        after = replace(after, state=target, since=event.at)
    if event.event in DECISIONS and after.decided_at is None:
        after = replace(after, decided_at=event.at)
    note = _NOTES.get(event.event)
    return note(after, event, state) if note is not None else after


def _acknowledged(after: PartState, event: Event, _: PartState) -> PartState:
    return replace(after, acknowledged_at=event.at, acknowledged_delivery=event.payload.get("delivery"))


def _with(name: str, value: Callable[[PartState, Event], Any]) -> Callable[[PartState, Event, PartState], PartState]:
    """A note that sets one attribute."""
    return lambda after, event, _: replace(after, **{name: value(after, event)})


def _conditions(_: PartState, event: Event) -> dict[str, str]:
    return {str(one["text"] if isinstance(one, Mapping) else one): "open" for one in event.payload.get("conditions") or ()}


def _added(after: PartState, event: Event, _: PartState) -> PartState:
    name = event.payload["evidence"]
    return replace(after, evidence={**after.evidence, name: "awaited"}, documents={**after.documents, name: {**after.documents.get(name, {}), **event.payload}})


def _verified(after: PartState, event: Event, _: PartState) -> PartState:
    name = event.payload["evidence"]
    document = {**after.documents.get(name, {}), **{key: value for key, value in event.payload.items() if value}}
    return replace(
        after, evidence={**after.evidence, name: "verified"}, documents={**after.documents, name: document}, awaited=after.awaited - {document.get("type")}
    )


def _validated(after: PartState, event: Event, _: PartState) -> PartState:
    held = {after.documents[name].get("type") for name, found in after.evidence.items() if found == "verified" and name in after.documents}
    return replace(after, validated_by=event.actor, awaited=frozenset(event.payload.get("awaited") or ()) - held)


def _issued(after: PartState, event: Event, _: PartState) -> PartState:
    document = event.payload.get("document") or {}
    return replace(
        after, agreement=event.payload["agreement"], agreement_document=document.get("id"), agreement_sha256=document.get("sha256"), signed=frozenset()
    )


def _evidence(found: str) -> Callable[[PartState, Event, PartState], PartState]:
    return _with("evidence", lambda after, event: {**after.evidence, event.payload["evidence"]: found})


_NOTES: Mapping[str, Callable[[PartState, Event, PartState], PartState]] = {
    "part.acknowledged": _acknowledged,
    "part.held": lambda after, event, before: replace(after, held_from=before.state, held_for=event.payload.get("reason")),
    "part.released": lambda after, *_: replace(after, held_from=None, held_for=None),
    "part.returned": _with("questions", lambda _, event: tuple(event.payload.get("questions") or ())),
    "part.resubmitted": _with("questions", lambda *_: ()),
    "part.validated": _validated,
    "handler.assigned": _with("handler", lambda _, event: event.payload["person"]),
    "conflict.declared": _with("conflicts", lambda after, event: after.conflicts | {event.actor}),
    "review.requested": _with("reviewers", lambda after, event: after.reviewers | {event.payload["person"]}),
    "review.given": _with("reviewed", lambda after, event: after.reviewed | {event.actor}),
    "vote.cast": _with("votes", lambda after, event: {**after.votes, event.actor: event.payload["vote"]}),
    "evidence.added": _added,
    "evidence.verified": _verified,
    "evidence.refused": _evidence("refused"),
    "part.approved_conditionally": _with("conditions", _conditions),
    "outcome.recorded": _with("conditions", _conditions),
    "conditions.met": _with("conditions", lambda after, event: {**after.conditions, **event.payload["conditions"]}),
    "outcome.reported": _with("reported_outcome", lambda _, event: event.payload["outcome"]),
    "agreement.issued": _issued,
    "agreement.signed": _with("signed", lambda after, event: after.signed | {event.payload["side"]}),
    "approval.extended": _with("extended_to", lambda _, event: event.payload["extended_to"]),
    "report.recorded": _with("reported_at", lambda _, event: event.at),
    "access.activated": _with("access_ends", lambda _, event: event.payload["access_ends"]),
    "access.suspended": _with("is_suspended", lambda *_: True),
    "access.resumed": _with("is_suspended", lambda *_: False),
    "part.closed": _with("close_reason", lambda _, event: event.payload["reason"]),
    "part.reopened": _with("close_reason", lambda *_: None),
    "part.reopened_by_lead": _with("close_reason", lambda *_: None),
}
"""What an event changes beside state and version."""


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

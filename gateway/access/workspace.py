"""What a custodian's people see: their inbox, and one part with its answers, history and what can be done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from gateway.access.actions import ACTIONS, Action, offered
from gateway.access.advice.advice import Row
from gateway.access.advising import after_sending
from gateway.access.agreements import AgreementLine, lines
from gateway.access.answer_lines import AnswerLine, answer_lines, names_in
from gateway.access.bank.telling import name_in
from gateway.access.clock_words import deadlines
from gateway.access.clocks import Turn
from gateway.access.context import possible, running
from gateway.access.files import PartFile, files_of, papers
from gateway.access.keeping_out import KeptOut, on_request, own_requests, why_kept_out
from gateway.access.linkage import others, unapproved
from gateway.access.machine import fold
from gateway.access.part_forms import form_of
from gateway.access.participants import Participant, participants
from gateway.access.parts import LABELS, Event, PartState, Role, State
from gateway.access.pathways.required import missing_evidence, required_evidence
from gateway.access.policy import Policy
from gateway.access.published_figures import published_figures
from gateway.access.raised_flags import Raised, raised
from gateway.access.redacting import removable
from gateway.access.rerouting import has_portal
from gateway.access.same_organisation import colleagues, shared_with
from gateway.access.seeing import Reader
from gateway.access.status import DatasetLine, DeliveryStatus, dataset_lines, delivery_status, part_turn, usual_of
from gateway.access.telling import TimelineEntry, for_custodian
from gateway.access.timetable import clocks
from gateway.accounts.people import Person
from gateway.accounts.roles import Action as Allowance
from gateway.errors import NotFound
from gateway.store import Store, accounts, agreements, custodians, requests, uploads, uses
from gateway.store.database import utc_now
from gateway.store.requests import PartRow

STAGES: Mapping[str, frozenset[State]] = {
    "new": frozenset({"submitted", "redirected"}),
    "checking": frozenset({"screening"}),
    "applicant": frozenset({"returned"}),
    "review": frozenset({"in_review", "on_hold"}),
    "granting": frozenset({"approved_conditionally", "approved"}),
    "active": frozenset({"active"}),
    "done": frozenset({"rejected", "closed", "withdrawn", "revoked", "ended"}),
}
"""The stages of the inbox, in their order."""
NOT_THERE: Final = "There is no such request."
STAFF_ROLES: tuple[tuple[str, Role], ...] = (("handler", "handler"), ("reviewer", "reviewer"), ("decider", "decider"))


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxLine:
    part: str
    reference: str
    title: str
    applicant: str
    organisation: str
    state: State
    label: str
    since: datetime
    turn: Turn | None
    sent_at: datetime
    handler: str | None
    datasets: int
    kept_out: str | None
    """Why whoever looks cannot read it, as a sentence; None where they can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbox:
    custodian: str
    custodian_name: str
    lines: tuple[InboxLine, ...]
    counts: Mapping[str, int]
    """By stage."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An answer that is not what it was when the part was sent before."""

    key: str
    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartDetail:
    """``team`` maps subjects to names of those to whom work can be given. ``sides_signed``: applicant, custodian."""

    custodian: str
    custodian_name: str
    part: str
    reference: str
    lead_subject: str | None
    """Of the account that leads the request."""
    title: str
    state: PartState
    turn: Turn | None
    label: str
    answers: Mapping[str, Any]
    lines: tuple[AnswerLine, ...]
    files: tuple[PartFile, ...]
    papers: Mapping[str, PartFile]
    """What came with evidence, by its name."""
    form_version: int
    changes: tuple[Change, ...]
    datasets: tuple[DatasetLine, ...]
    delivery: DeliveryStatus | None
    timeline: tuple[TimelineEntry, ...]
    actions: tuple[Action, ...]
    possible: tuple[str, ...]
    """Commands, also those without a form here."""
    hindered: Mapping[str, str]
    """Commands that the stage would allow, and what stands in the way of each."""
    team: Mapping[str, str]
    handler: str | None
    policy: Policy
    missing: tuple[str, ...]
    """Kinds of evidence that are required and were not handed in."""
    agreements: tuple[AgreementLine, ...]
    use: str | None
    """Public id of its entry in the register, once the public can read it."""
    raised: tuple[Raised, ...]
    """Flags of the answers, with what they call for."""
    advice: tuple[Row, ...]
    """What the conditions of use mean for the request; the same for both sides."""
    deadlines: tuple[str, ...]
    usual_days: int | None
    removable: Mapping[str, str]
    """What a handler may take out, in words."""
    people: tuple[Participant, ...]
    """Of the request; reviewers do not see addresses."""
    others: tuple[tuple[str, bool], ...]
    """Other custodians of the request, where the applicant lets them know of each other; and whether their data are needed together with these."""
    unapproved: tuple[str, ...]


def staff_roles(person: Person, custodian: str) -> tuple[Role, ...]:
    """The roles with which the person may act on the custodian's parts."""
    held = {one.role for one in person.held if one.custodian == custodian}
    able = {name for name in held if name != "decider" or person.may(Allowance.DECIDE_PARTS, custodian=custodian)}
    return tuple(role for name, role in STAFF_ROLES if name in able)


def require_reader(person: Person, custodian: str) -> None:
    """Raises :class:`NotFound`: to others the workspace does not exist."""
    if not person.may(Allowance.READ_PARTS, custodian=custodian):
        raise NotFound("There is nothing at this address.")


def reader_of(person: Person, custodian: str) -> Reader:
    is_reviewer = not person.may(Allowance.READ_ALL_PARTS, custodian=custodian)
    return Reader(subject=person.subject, roles=staff_roles(person, custodian), is_reviewer=is_reviewer, sees_opinions=not is_reviewer)


def inbox(store: Store, custodian: str, reader: Reader, *, stage: str | None = None) -> Inbox:
    """Reviewers find the parts that they were asked to review. Raises :class:`NotFound` for an unknown custodian."""
    with store.reading() as session:
        name = requests.custodian_name(session, custodian)
        rows = requests.parts_of_custodian(session, custodian)
        histories = requests.histories_of(session, [row.part.id for row in rows])
        states = {part_id: fold(events) for part_id, events in histories.items()}
        names = accounts.names(session, [state.handler for state in states.values() if state.handler])
        own = own_requests(session, reader.subject)
        shared = shared_with(session, [row.part for row in rows], reader.subject)
    shown = [row for row in rows if _is_for(reader, states[row.part.id])]
    kept_out = {row.part.id: _why(reader, states[row.part.id], is_own=row.request.id in own, is_shared=row.part.id in shared) for row in shown}
    lines = tuple(_line(row, histories[row.part.id], names, kept_out[row.part.id]) for row in shown)
    counts = {name: sum(line.state in found for line in lines) for name, found in STAGES.items()}
    wanted = STAGES.get(stage or "")
    return Inbox(custodian=custodian, custodian_name=name, counts=counts, lines=tuple(line for line in lines if wanted is None or line.state in wanted))


def detail(store: Store, person: Person, custodian: str, public_id: str) -> PartDetail:
    """Raises :class:`NotFound` for a part that is not this custodian's, or that a reviewer was not asked about: the same as for one that
    does not exist; :class:`KeptOut` for those who are kept out of the request (gateway/access/keeping_out.py)."""
    with store.reading() as session:
        row = part_of_team(session, custodian, public_id)
    return _detail(store, row, reader_of(person, custodian))


def part_of_team(session: Session, custodian: str, public_id: str) -> PartRow:
    """Whoever reads it. Raises :class:`NotFound` for a part that is not this custodian's."""
    row = requests.part_of_custodian(session, public_id, custodian)
    if row is None:
        raise NotFound(NOT_THERE, hint="The inbox lists all that were sent to you.")
    return row


def emergency_detail(store: Store, public_id: str) -> PartDetail:
    """Without any command, and without what the custodian's people think of it; also while the custodian is not known. Raises :class:`NotFound`."""
    with store.reading() as session:
        row = requests.part_by_public_id(session, public_id)
    if row is None:
        raise NotFound(NOT_THERE)
    return _detail(store, row, Reader(sees_opinions=False))


def integration_inbox(store: Store, custodian_id: int, owner: str | None) -> tuple[InboxLine, ...]:
    """For the custodian's own system. ``owner`` is the subject of the person whose key it uses."""
    with store.reading() as session:
        slug = custodians.by_ids(session, {custodian_id})[custodian_id].slug
    return inbox(store, slug, Reader(subject=owner or "", roles=("integration",))).lines


def integration_detail(store: Store, custodian_id: int, public_id: str, owner: str | None = None) -> PartDetail:
    """For the custodian's own system. Raises :class:`NotFound` for a part of another, :class:`KeptOut` as for the key's owner."""
    with store.reading() as session:
        row = part_of_integration(session, custodian_id, public_id)
    return _detail(store, row, Reader(subject=owner or "", roles=("integration",)))


def part_of_integration(session: Session, custodian_id: int, public_id: str) -> PartRow:
    """Raises :class:`NotFound` for a part of another custodian."""
    row = requests.part_of_custodian(session, public_id, custodian_id)
    if row is None:
        raise NotFound(NOT_THERE, hint="GET /api/v1/parts lists those that were sent to you.")
    return row


def _why(reader: Reader, state: PartState, *, is_own: bool, is_shared: bool) -> str | None:
    me = (reader.subject,)
    return why_kept_out(reader.subject, me if is_own else (), state, me if is_shared else ())


def _is_for(reader: Reader, state: PartState) -> bool:
    return not reader.is_reviewer or reader.subject in state.reviewers


def require_open(session: Session, row: PartRow, state: PartState, reader: Reader) -> frozenset[str]:
    """Those who cannot work on the request. Raises :class:`NotFound`, :class:`KeptOut`."""
    people, fellows = on_request(session, row.request.id), colleagues(session, row.part)
    if not _is_for(reader, state):
        raise NotFound(NOT_THERE, hint="The inbox lists all that you were asked to review.")
    why = why_kept_out(reader.subject, people, state, fellows)
    if why is not None:
        raise KeptOut(
            why, custodian_name=_custodian_name(row), reference=row.request.reference, project_title=row.snapshot.document["answers"]["project.title"],
            state=state.state,
        )
    return people | fellows


def _custodian_name(row: PartRow) -> str:
    return row.custodian.name if row.custodian else "Custodian not known"


def _detail(store: Store, row: PartRow, reader: Reader) -> PartDetail:
    with store.reading() as session:
        history = requests.history(session, row.part.id)
        people = require_open(session, row, fold(history), reader)
        snapshots = requests.snapshots_of(session, row.part.id)
        amended = requests.snapshot_amended(session, row.request.amends, row.part.custodian_id) if row.request.amends else None
        snapshots = [amended, *snapshots] if amended else snapshots
        team = accounts.team(session, row.custodian.slug) if row.custodian else []
        named = [event.payload["person"] for event in history if isinstance(event.payload.get("person"), str)]
        names = accounts.names(session, [*(event.actor for event in history), *named, *(one.account.subject for one in team)])
        told = running(session, row.part, row.custodian, row.snapshot.document["answers"])
        advice = after_sending(session, row, fold(history), utc_now())
        on_it = participants(session, row.request, row.snapshot.document["answers"], today=utc_now().date())
        told_of, missing_others = others(session, row.request, row.part), unapproved(session, row.part)
        idle = frozenset() if has_portal(session, row.part.custodian_id, now=utc_now()) else frozenset({"redirect"})
        asked = dataset_lines(session, row)
        state, held = fold(history), uploads.of_request(session, row.request.id)
        issued, use = lines(agreements.of_part(session, row.part.id), state), uses.public_of_part(session, row.part.id)
        can = possible(session, row.part, state, roles=reader.roles, actor=reader.subject, now=utc_now())
    policy, now = told.policy, part_turn(row, history)
    form, seen = form_of(row.form, row.custodian), reader.events(history)
    missing = missing_evidence(required_evidence(policy, row.snapshot.document["answers"]), state)
    answers = reader.answers(row.snapshot.document["answers"], form)
    written = [answer_lines(reader.answers(one.document["answers"], form), form, names=names_in(one.document)) for one in snapshots]
    able = {
        one.account.subject: one.account.name or "" for one in team
        if one.account.subject not in people and any(held.role in ("handler", "reviewer", "decider") for held in one.held)
    }
    return PartDetail(
        custodian=row.custodian.slug if row.custodian else "", custodian_name=_custodian_name(row), part=row.part.public_id, reference=row.request.reference,
        lead_subject=row.request.lead_subject,
        title=row.snapshot.document["answers"]["project.title"], state=reader.state(state, history), turn=now, label=LABELS[state.state], answers=answers,
        lines=written[-1], files=tuple(one for one in files_of(held, row.snapshot.document) if one.question in answers), papers=papers(held, state), form_version=form.version, changes=_changes(written), datasets=asked,
        delivery=delivery_status(row.delivery) if row.delivery else None, timeline=for_custodian(seen, names),
        actions=tuple(one for one in offered(ACTIONS, state, can.commands, policy, missing) if one.command not in idle),
        possible=can.commands, hindered=can.hindered, team=able,
        handler=names.get(state.handler or ""), policy=policy, missing=missing, agreements=issued, use=use, raised=raised(policy, row.snapshot.document["answers"]), advice=advice,
        deadlines=deadlines(clocks(history, told, now=utc_now())), usual_days=usual_of(row, now, published_figures(store, now=utc_now())),
        removable=removable(seen, answers, {line.key: line.label for line in written[-1]}, role="handler"),
        people=on_it if not reader.is_reviewer else tuple(replace(one, address="") for one in on_it), others=told_of, unapproved=missing_others,
    )


def _line(row: PartRow, history: list[Event], names: Mapping[str, str], kept_out: str | None) -> InboxLine:
    state = fold(history)
    answers = row.snapshot.document["answers"]
    return InboxLine(
        part=row.part.public_id, reference=row.request.reference, title=answers["project.title"], applicant=answers["people.lead.name"],
        organisation=name_in(answers["people.lead.organisation"]), state=state.state, label=LABELS[state.state], since=state.since or row.part.created_at,
        turn=part_turn(row, history), sent_at=row.request.sent_at or row.request.created_at, handler=names.get(state.handler or "") if kept_out is None else None,
        datasets=len(row.part.dataset_refs), kept_out=kept_out,
    )


def _changes(written: list[tuple[AnswerLine, ...]]) -> tuple[Change, ...]:
    """Between the snapshot before the last and the last."""
    if len(written) < 2:
        return ()
    before, after = ({line.key: line for line in lines} for lines in written[-2:])
    return tuple(
        Change(key=key, label=line.label, before=before[key].text if key in before else "", after=after[key].text if key in after else "")
        for key, line in {**before, **after}.items() if (before.get(key), after.get(key)) != (line, line)
    )

"""The applicant's page: where each part of the request stands, and what the gateway is doing about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from gateway.access.advice.advice import Row
from gateway.access.advising import after_sending
from gateway.access.agreements import AgreementLine
from gateway.access.agreements import lines as agreement_lines
from gateway.access.answer_lines import AnswerLine, answer_lines, names_in
from gateway.access.bank.forms import CustodianForm
from gateway.access.clock_words import deadlines
from gateway.access.clocks import Turn, turn
from gateway.access.context import possible, running
from gateway.access.files import PartFile, files_of
from gateway.access.files import papers as papers_of
from gateway.access.linkage import unapproved
from gateway.access.machine import derived_status, fold
from gateway.access.part_forms import form_of
from gateway.access.parts import LABELS, DerivedStatus, Event, PartState, Role, State
from gateway.access.pathways.required import missing_evidence, required_evidence
from gateway.access.policy import Policy
from gateway.access.published_figures import PublishedFigures, published_figures
from gateway.access.redacting import removable
from gateway.access.telling import Reader, TimelineEntry, for_applicant
from gateway.access.timetable import Running, clocks
from gateway.access.working_days import calendar_of
from gateway.accounts.people import Person
from gateway.errors import NotFound
from gateway.models import Delivery, Request
from gateway.store import Store, accounts, agreements, drafts, request_members, requests, uploads, uses
from gateway.store.database import utc_now
from gateway.store.requests import PartRow
from gateway.store.sealing import token_digest

NO_ROUTE = "No confirmed address is known for this custodian yet. The gateway's staff are finding the right desk."
BY_HAND = "The request could not be delivered automatically. The gateway's staff will see to it."


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetLine:
    """A dataset as it was asked for. ``version`` is the number of its metadata version then. ``is_withdrawn``: it has left the catalogue
    since; it stays on the part, and its custodian decides."""

    ref: str
    title: str | None
    version: int
    is_withdrawn: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryStatus:
    """``state``: queued, sent, acknowledged, manual. ``last_error`` is in plain words; ``next_try`` None when none comes."""

    state: str
    channel: str
    attempts: int
    last_error: str | None
    next_try: datetime | None
    sent_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartStatus:
    """``explanation`` says why the part waits for people of the gateway, None where it does not."""

    part: str
    custodian_name: str | None
    custodian_slug: str | None
    channel: str
    datasets: tuple[DatasetLine, ...]
    state: State
    folded: PartState
    label: str
    since: datetime | None
    turn: Turn | None
    acknowledged_at: datetime | None
    delivery: DeliveryStatus | None
    explanation: str | None
    portal: str | None
    """Where the custodian's own form is, for parts that go on there."""
    document: Mapping[str, Any]
    """The newest snapshot."""
    files: tuple[PartFile, ...]
    form: CustodianForm
    policy: Policy
    missing: tuple[str, ...]
    """Kinds of evidence that this custodian requires and that were not handed in."""
    advice: tuple[Row, ...]
    """What the conditions of use mean for the request; the same for both sides."""
    deadlines: tuple[str, ...]
    """Sentences, the nearest first."""
    usual_days: int | None
    """The custodian's median of the stage, where enough parts have left it."""
    timeline: tuple[TimelineEntry, ...]
    removable: Mapping[str, str]
    """Words of the applicant's side that its lead may take out."""
    unapproved: tuple[str, ...]
    """What it is needed together with and is not approved yet."""
    possible: tuple[str, ...]
    """Commands that who reads could give now."""
    papers: Mapping[str, PartFile]
    """What came with evidence, by its name."""
    agreements: tuple[AgreementLine, ...]
    use: str | None
    """Public id of its entry in the register, once the public can read it."""
    outputs: tuple[str, ...]
    """Links to what came of the data, as they stand in the entry."""

    @property
    def lines(self) -> tuple[AnswerLine, ...]:
        return answer_lines(self.document["answers"], self.form, names=names_in(self.document))


NAMED: Final = frozenset({"handler", "decider"})
"""Roles of the custodian's people whom applicants may know by name. Who reviews they never learn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestStatus:
    """``answers`` are what was sent last, by key, from all parts. The timeline is that of the whole request; each part has its own.
    ``has_draft`` where parts of it are not sent yet; ``is_of_bank`` unless it was sent with the questions that came before the bank."""

    reference: str
    title: str
    status: DerivedStatus
    sent_at: datetime
    applicant_name: str
    organisation: str
    answers: Mapping[str, Any]
    lines: tuple[AnswerLine, ...]
    has_draft: bool
    is_of_bank: bool
    parts: tuple[PartStatus, ...]
    timeline: tuple[TimelineEntry, ...]
    role: Role
    """Of who reads: lead or collaborator."""
    has_access: bool
    """Whether who reads may use the data once access is open."""


def status(store: Store, follow_token: str) -> RequestStatus:
    """The request behind the applicant's private address. Raises :class:`NotFound` for an unknown address."""
    with store.reading() as session:
        request = requests.by_follow_token(session, token_digest(follow_token))
        if request is None:
            raise NotFound("There is no request at this address.", hint="Please copy the whole address from the receipt.")
    return _status(store, request, None)


def own_status(store: Store, reference: str, person: Person) -> RequestStatus:
    """A request that the person is on. Raises :class:`NotFound` for all others."""
    with store.reading() as session:
        request = requests.own(session, reference, subject=person.subject, address=person.address)
    if request is None:
        raise NotFound("You have no request of this reference.", hint="Your account page lists yours.")
    return _status(store, request, person)


def own_requests(store: Store, person: Person) -> list[RequestStatus]:
    """All that were sent and that the person is on, the newest first; what can be done with each is told on its own page alone."""
    with store.reading() as session:
        found = requests.on_by(session, subject=person.subject, address=person.address)
    return [_status(store, request, person, is_shown=False) for request in found]


def _leads(person: Person, request: Request) -> bool:
    """By the account; requests from before accounts by the confirmed address."""
    if request.lead_subject is not None:
        return request.lead_subject == person.subject
    return bool(request.lead["email"].casefold() == person.address.casefold())


def _status(store: Store, request: Request, person: Person | None, *, is_shown: bool = True) -> RequestStatus:
    """``person`` None: whoever holds the lead's private link. ``is_shown`` False: without what could be done."""
    role: Role = "lead" if person is None or _leads(person, request) else "collaborator"
    with store.reading() as session:
        members = {row.subject: row for row in request_members.joined(session, request.id) if row.subject}
        names = accounts.names(session, [*members, *filter(None, [request.lead_subject])])
        histories = requests.histories(session, request.id)
        rows = requests.parts_of(session, request.id)
        told = {row.part.id: running(session, row.part, row.custodian, row.snapshot.document["answers"]) for row in rows}
        states = {row.part.id: fold(histories.get(row.part.id, [])) for row in rows}
        advice = {row.part.id: after_sending(session, row, states[row.part.id], utc_now()) for row in rows}
        known = {event.actor for number, one in told.items() if one.policy.names_handlers for event in histories.get(number, []) if event.role in NAMED}
        staff = accounts.names(session, known) if known else {}
        waiting = {row.part.id: unapproved(session, row.part) for row in rows}
        asked = {row.part.id: dataset_lines(session, row) for row in rows}
        can = {
            row.part.id: possible(
                session, row.part, states[row.part.id], roles=(role,), actor=person.subject if person else "lead", now=utc_now(),
            ).commands if is_shown else () for row in rows
        }
        attached = uploads.of_request(session, request.id)
        papers = {row.part.id: agreement_lines(agreements.of_part(session, row.part.id), states[row.part.id]) for row in rows}
        entries = {row.part.id: uses.public_of_part(session, row.part.id) for row in rows}
        outputs = {row.part.id: uses.outputs_of_part(session, row.part.id) for row in rows}
        has_draft = any(row.part.state == "draft" for row in drafts.rows_of(session, request.id))
    usual = published_figures(store, now=utc_now())
    reader = Reader(role, person.subject if person else None, names)
    parts = tuple(
        _part(
            row, histories.get(row.part.id, []), told[row.part.id], advice[row.part.id], usual=usual, reader=reader, waiting=waiting[row.part.id],
            files=files_of(attached, row.snapshot.document), papers=papers_of(attached, states[row.part.id]), staff=staff, datasets=asked[row.part.id], commands=can[row.part.id], agreements=papers[row.part.id], use=entries[row.part.id],
            outputs=tuple(outputs[row.part.id]),
        )
        for row in rows
    )
    answers = {key: answer for part in parts for key, answer in part.document["answers"].items()}
    lines = {line.key: line for part in parts for line in part.lines}
    return RequestStatus(
        reference=request.reference, title=answers["project.title"], status=derived_status(part.state for part in parts),
        sent_at=request.sent_at or request.created_at, applicant_name=request.lead["name"], organisation=request.lead["organisation"],
        answers=answers, lines=tuple(lines.values()), has_draft=has_draft, is_of_bank=request.bank_version is not None, parts=parts,
        timeline=for_applicant(histories.get(None, []), reader), role=role,
        has_access=answers.get("people.lead.needs_access") != "no" if role == "lead" or person is None else person.subject in members and members[person.subject].needs_access,
    )


def dataset_lines(session: Session, row: PartRow) -> tuple[DatasetLine, ...]:
    held = row.snapshot.document["datasets"]
    shown = requests.visible_datasets(session, [dataset["ref"] for dataset in held])
    return tuple(
        DatasetLine(ref=dataset["ref"], title=dataset["title"], version=dataset["version"], is_withdrawn=dataset["ref"] not in shown) for dataset in held
    )


def _part(
    row: PartRow, events: list[Event], told: Running, advice: tuple[Row, ...], *, usual: PublishedFigures, reader: Reader, waiting: tuple[str, ...],
    files: tuple[PartFile, ...], papers: Mapping[str, PartFile], staff: Mapping[str, str], datasets: tuple[DatasetLine, ...], commands: tuple[str, ...],
    agreements: tuple[AgreementLine, ...], use: str | None, outputs: tuple[str, ...],
) -> PartStatus:
    state, policy, now = fold(events), told.policy, part_turn(row, events)
    reader = replace(reader, staff=staff) if policy.names_handlers else reader
    required = required_evidence(policy, row.snapshot.document["answers"])
    return PartStatus(
        part=row.part.public_id, custodian_name=row.custodian.name if row.custodian else None,
        custodian_slug=row.custodian.slug if row.custodian else None, channel=row.part.channel, datasets=datasets,
        state=state.state, folded=state, label=LABELS[state.state], since=state.since,
        turn=now, advice=advice, deadlines=deadlines(clocks(events, told, now=utc_now())), usual_days=usual_of(row, now, usual), acknowledged_at=state.acknowledged_at,
        delivery=delivery_status(row.delivery) if row.delivery else None, explanation=_explanation(row),
        portal=row.route.target if row.part.channel == "portal" and row.route else None, document=row.snapshot.document, files=files, papers=papers,
        timeline=for_applicant(events, reader),
        form=form_of(row.form, row.custodian), removable=removable(events, row.snapshot.document["answers"], {}, role="lead"), unapproved=waiting,
        policy=policy, missing=missing_evidence(required, state), possible=commands, agreements=agreements, use=use,
        outputs=outputs,
    )


def part_turn(row: PartRow, events: list[Event]) -> Turn | None:
    """Whose turn it is now, by the custodian's calendar."""
    return turn(events, calendar=calendar_of(row.custodian.nations if row.custodian else ()), now=utc_now())


def usual_of(row: PartRow, now: Turn | None, usual: PublishedFigures) -> int | None:
    return usual.usual_of(row.custodian.slug if row.custodian else None, now.reason) if now else None


def delivery_status(delivery: Delivery) -> DeliveryStatus:
    return DeliveryStatus(
        state=delivery.state, channel=delivery.channel, attempts=delivery.attempts, last_error=delivery.last_error,
        next_try=delivery.due_at if delivery.state == "queued" else None, sent_at=delivery.sent_at,
    )


def _explanation(row: PartRow) -> str | None:
    if row.part.channel == "triage":
        return NO_ROUTE
    return BY_HAND if row.delivery is not None and row.delivery.state == "manual" else None

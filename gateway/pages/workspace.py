"""``/w/{custodian}``: the custodian's inbox and the page of one request. Others than its people get 404."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from frontend.views.workspace import InboxRow, InboxView, KeptOutView, ParticipantRow, PartView, StageTab
from gateway.access.actions import ACTIONS, VOTES, Action, action, hindered, payload, role_for
from gateway.access.commands import Command, perform
from gateway.access.evidence_files import add_evidence
from gateway.access.keeping_out import KeptOut
from gateway.access.opening_files import open_for_team
from gateway.access.participants import Participant
from gateway.access.parts import Role
from gateway.access.redacting import redact
from gateway.access.rerouting import redirect
from gateway.access.workspace import STAGES, Inbox, PartDetail, detail, inbox, reader_of, require_reader, staff_roles
from gateway.accounts.people import Person
from gateway.accounts.roles import Action as Allowance
from gateway.accounts.sessions import require_form_token
from gateway.accounts.step_up import Sensitive
from gateway.api.asking import Serving
from gateway.errors import Conflict, NotAllowed, Unprocessable
from gateway.pages.acting import Refused, action_form, field_errors, typed_in, typed_values
from gateway.pages.advice import advice_lines
from gateway.pages.agreement_rows import agreement_rows
from gateway.pages.answered_files import answered_files
from gateway.pages.applicant import Beside
from gateway.pages.evidence import evidence_lines
from gateway.pages.requests import dataset_links, delivery_line, shown_answers, timeline_event
from gateway.pages.sent_files import SentFile, sent_file
from gateway.pages.showing import layout, see_other, show
from gateway.pages.signed_in import SignedIn, fresh_factor_for
from gateway.pages.turns import turn_words
from gateway.store.database import utc_now
from gateway.web.answers import attached
from gateway.wiring import Services

router = APIRouter(prefix="/w")
STAGE_WORDS: Final[Mapping[str, str]] = {
    "new": "New", "checking": "Being checked", "applicant": "With the applicant", "review": "In review", "granting": "Approved", "active": "Active",
    "done": "Done",
}
STEP_UP: Final = frozenset({"approve", "approve_conditionally", "reject", "revoke", "suspend_access"})
"""Decisions: the second factor must have been shown within the last half hour."""


@router.get("/{custodian}/requests")
def requests_page(request: Request, services: Serving, person: SignedIn, custodian: str) -> Response:
    require_reader(person, custodian)
    stage = request.query_params.get("stage")
    found = inbox(services.store, custodian, reader_of(person, custodian), stage=stage)
    view = InboxView(
        layout=layout(request, services, is_indexable=False), custodian_name=found.custodian_name, stages=_tabs(found, stage),
        today_href=f"/w/{custodian}", questions_href=f"/w/{custodian}/questions", register_href=f"/w/{custodian}/register", agreements_href=f"/w/{custodian}/agreements",
        settings_href=f"/w/{custodian}/settings" if person.may(Allowance.MEMBERS, custodian=custodian) else None,
        rows=tuple(
            InboxRow(
                href=f"/w/{custodian}/requests/{line.part}", reference=line.reference, title=line.title, applicant=line.applicant,
                organisation=line.organisation, state=line.state, since=line.since.isoformat(), sent_at=line.sent_at.isoformat(),
                handler=line.handler, datasets=line.datasets, turn=turn_words(line.turn, side="custodian"), kept_out=line.kept_out,
            )
            for line in found.lines
        ),
    )
    return show(request, view, store=False)


@router.get("/{custodian}/requests/{part}")
def part_page(request: Request, services: Serving, person: SignedIn, custodian: str, part: str) -> Response:
    require_reader(person, custodian)
    try:
        found = detail(services.store, person, custodian, part)
    except KeptOut as refusal:
        view = KeptOutView(
            layout=layout(request, services, is_indexable=False), inbox_href=f"/w/{custodian}/requests", custodian_name=refusal.custodian_name,
            reference=refusal.reference, project_title=refusal.project_title, state=refusal.state, why=refusal.message, hint=refusal.hint,
        )
        return show(request, view, store=False)
    return show(request, _part_view(request, services, person, found), store=False)


@router.get("/{custodian}/requests/{part}/files/{file}")
def part_file(services: Serving, person: SignedIn, custodian: str, part: str, file: str) -> Response:
    require_reader(person, custodian)
    return attached(open_for_team(services.store, services.uploads, person, custodian, part=part, file=file))


@router.post("/{custodian}/requests/{part}", dependencies=[fresh_factor_for(Sensitive.DECIDE, STEP_UP)])
async def act(request: Request, services: Serving, person: SignedIn, custodian: str, part: str) -> Response:
    async with request.form(max_fields=100, max_files=1) as posted:
        return await run_in_threadpool(_act, request, services, person, custodian, part, typed_in(posted), await sent_file(posted))


def _act(request: Request, services: Services, person: Person, custodian: str, part: str, posted: dict[str, str], file: SentFile) -> Response:
    require_reader(person, custodian)
    require_form_token(person, posted.get("csrf", ""))
    if file[0]:
        services.limits.take("attach", account=person.subject, now=utc_now())
    found = detail(services.store, person, custodian, part)
    known = action(ACTIONS, posted.get("command", ""))
    wanted = next((one for one in found.actions if one.command == known.command), known)
    role = role_for(known.command, found.state, staff_roles(person, custodian), found.policy)
    if role is None or (wanted is known and known not in found.actions and known.command not in found.hindered):
        raise NotAllowed("This step is not open to you at this stage.", hint="Look at the request again.")
    try:
        _require_unhindered(found, known.command)
        _perform(services, person, role, found, wanted, posted, file)
    except (Unprocessable, Conflict) as error:
        renewed = detail(services.store, person, custodian, part)
        return show(request, _part_view(request, services, person, renewed, refused=Refused("", wanted, posted, error, had_file=bool(file[0]))), store=False)
    services.jobs.enqueue("deliver")
    return see_other(f"/w/{custodian}/requests/{part}")


def _require_unhindered(found: PartDetail, command: str) -> None:
    """Raises :class:`Conflict` with what stands in the way of it, whatever was typed."""
    if (why := found.hindered.get(command)) is not None:
        raise Conflict(f"This was not done: {why}.", hint="Once that is mended, it can be done.")


def _perform(services: Services, person: Person, role: Role, found: PartDetail, wanted: Action, posted: dict[str, str], file: SentFile) -> None:
    values = payload(wanted, posted, state=found.state)
    if wanted.command == "acknowledge":
        values["delivery"] = f"workspace-{found.part}"
    if wanted.command == "sign_agreement":
        values |= {"side": "custodian", "sha256": found.state.agreement_sha256}
    unknown = [key for key in values.get("questions", ()) if key not in found.answers]
    if unknown:
        raise Unprocessable("Choose among the questions of this request.", fields={"questions": f"This request has no answer to {unknown[0]}."})
    if wanted.command == "confirm_conditions" and "waived" in values["conditions"].values() and "decider" in staff_roles(person, found.custodian):
        person.require_recent_factor(now=utc_now())
        values["waived_by"] = person.subject
    if any(field.kind == "person" for field in wanted.fields) and values.get("person") not in found.team:
        raise Unprocessable("Choose somebody of your team.", fields={"person": "Choose somebody of your team."})
    version = posted.get("version", "")
    expected = int(version) if version.isdigit() else None
    if wanted.command == "redact":
        redact(services.store, services.sealer, found.part, what=values["what"], reason=values["reason"], role=role, actor=person.subject, expected_version=expected, now=utc_now())
        return
    if wanted.command == "redirect":
        redirect(services.store, services.sealer, found.part, actor=person.subject, expected_version=expected, now=utc_now())
        return
    command = Command(name=wanted.command, role=role, actor=person.subject, payload=values, expected_version=expected)
    if wanted.command == "add_evidence":
        add_evidence(services.store, services.sealer, services.uploads, found.part, command, name=file[0], body=file[1], now=utc_now())
        return
    perform(services.store, services.sealer, found.part, command, now=utc_now())


def _tabs(found: Inbox, current: str | None) -> tuple[StageTab, ...]:
    base = f"/w/{found.custodian}/requests"
    every = StageTab(name="all", words="All", href=base, count=sum(found.counts.values()), is_current=current not in STAGES)
    return (
        every, *(
            StageTab(name=name, words=words, href=f"{base}?stage={name}", count=found.counts[name], is_current=current == name)
            for name, words in STAGE_WORDS.items()
        ),
    )


def _part_view(
    request: Request, services: Services, person: Person, found: PartDetail, *, refused: Refused | None = None
) -> PartView:
    state, votes = found.state, Counter(found.state.votes.values())
    before = {change.key: change.before for change in found.changes}
    rules, opened = services.uploads.rules, f"/w/{found.custodian}/requests/{found.part}/files"
    files = answered_files(found.files, rules, base=opened)
    return PartView(
        layout=layout(request, services, is_indexable=False), inbox_href=f"/w/{found.custodian}/requests",
        profile_href=Beside(found, found.lead_subject).href if found.lead_subject else None,
        action=f"/w/{found.custodian}/requests/{found.part}", csrf=person.csrf, version=state.version, custodian_name=found.custodian_name,
        reference=found.reference, project_title=found.title, state=state.state, since=state.since.isoformat() if state.since else None,
        handler=found.handler, datasets=dataset_links(found.datasets),
        answers=tuple(replace(one, before=before.get(line.key)) for line, one in zip(found.lines, shown_answers(found.lines, files), strict=True)),
        delivery=delivery_line(found.delivery) if found.delivery else None, events=tuple(timeline_event(entry) for entry in found.timeline),
        actions=tuple(action_form(one, found, removable=found.removable, is_open=refused is not None and refused.action is one) for one in found.actions),
        flags=tuple(one.sentence for one in found.raised), evidence=evidence_lines(state, found.missing, found.papers, rules, base=opened), agreements=agreement_rows(found.agreements, f"/w/{found.custodian}/requests/{found.part}"), use_href=f"/uses/{found.use}" if found.use else None,
        issue_href=f"/w/{found.custodian}/requests/{found.part}/agreement" if "issue_agreement" in found.possible else None, conditions=tuple(state.conditions.items()), votes=tuple((VOTES[vote], count) for vote, count in sorted(votes.items())),
        hindered=hindered(ACTIONS, found.hindered), turn=turn_words(found.turn, side="custodian", usual=found.usual_days), deadlines=found.deadlines, advice=advice_lines(found.advice),
        errors=field_errors(refused), values=typed_values(refused), people=tuple(_participant(found, one) for one in found.people),
        others=found.others, waits_for=found.unapproved,
    )


def _participant(found: PartDetail, one: Participant) -> ParticipantRow:
    return ParticipantRow(
        name=one.name, address=one.address, organisation=one.organisation, role=one.role, has_access=one.has_access, is_trained=one.is_trained,
        href=Beside(found, one.subject).href if one.subject else None,
    )

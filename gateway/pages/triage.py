"""``/triage``: what waits for the gateway's staff. Parts without a desk and parts given up, suspended routes, questions; never an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from frontend.addresses import dataset_path
from frontend.views.forms import FieldError
from frontend.views.layout import Link
from frontend.views.questions import CustodianChoice, DeskView
from frontend.views.triage import ConfirmRouteView, OutcomeRow, OutcomeView, SuspendedRoute, TriagePartRow, TriageView
from frontend.words import ROUTES
from gateway.access import outcomes
from gateway.access.actions import OUTCOMES
from gateway.access.outcomes import Awaiting
from gateway.access.rerouting import reachable, reroute
from gateway.access.route_checks import ask_mailbox, asking, confirm_mailbox
from gateway.access.statements import classify
from gateway.access.statistics import PERIOD
from gateway.access.triage import TriagePart, triage
from gateway.accounts.people import Person
from gateway.accounts.roles import Action
from gateway.accounts.sessions import require_form_token
from gateway.accounts.step_up import Sensitive
from gateway.api.asking import Serving
from gateway.enquiries.passing_on import pass_on
from gateway.errors import Conflict, GatewayError, NotFound, Unprocessable
from gateway.pages.acting import Refused, action_form, field_errors, typed_in, typed_values
from gateway.pages.questions import act_on, desk_view
from gateway.pages.showing import layout, mistakes, see_other, show, show_private
from gateway.pages.signed_in import SignedIn, fresh_factor
from gateway.pages.workspace_questions import question_row
from gateway.store import custodians, enquiries, requests, routes
from gateway.store.custodians import name_key
from gateway.store.database import utc_now
from gateway.store.enquiries import ThreadRow
from gateway.wiring import Services
from schemas.record import Dataset

router = APIRouter()
CHOICES: Final = 20
"""Custodians shown of those found; the box narrows them."""


@router.get("/triage")
def queue(request: Request, services: Serving, person: SignedIn) -> Response:
    _require(person)
    return show(request, _view(request, services, person), store=False)


@router.post("/triage")
async def act(request: Request, services: Serving, person: SignedIn) -> Response:
    async with request.form(max_fields=20, max_files=0) as posted:
        return await run_in_threadpool(_act, request, services, person, typed_in(posted))


def _act(request: Request, services: Services, person: Person, posted: dict[str, str]) -> Response:
    _require(person)
    require_form_token(person, posted.get("csrf", ""))
    now = utc_now()
    try:
        if posted.get("do") == "ask":
            ask_mailbox(services.store, services.sealer, custodian=posted.get("custodian", ""), target=posted.get("mailbox", "").strip(), now=now)
        else:
            reason = posted.get("reason", "").strip()
            if not reason:
                raise Unprocessable("It was not passed on.", fields={"reason": "Say why this is the right desk; the applicant reads it."})
            reroute(services.store, services.sealer, posted.get("part", ""), reason=reason, actor=person.subject, now=now, custodian=posted.get("custodian", ""))
    except (Unprocessable, Conflict) as error:
        return show(request, _view(request, services, person, errors=_placed(error, posted), values=_typed(posted)), store=False)
    services.jobs.enqueue("deliver")
    return see_other(f"/triage?done={posted.get('do') if posted.get('do') == 'ask' else 'reroute'}")


@router.get("/triage/parts/{part}/outcome")
def outcome_form(request: Request, services: Serving, person: SignedIn, part: str) -> Response:
    _require(person)
    return show(request, _outcome_view(request, services, person, part), store=False)


@router.post("/triage/parts/{part}/outcome", dependencies=[fresh_factor(Sensitive.DECIDE)])
async def record_outcome(request: Request, services: Serving, person: SignedIn, part: str) -> Response:
    async with request.form(max_fields=20, max_files=0) as posted:
        return await run_in_threadpool(_record, request, services, person, part, typed_in(posted))


def _record(request: Request, services: Services, person: Person, part: str, posted: dict[str, str]) -> Response:
    _require(person)
    require_form_token(person, posted.get("csrf", ""))
    what = posted.get("do")
    try:
        if what == "confirm":
            outcomes.confirm(services.store, services.sealer, person, part, now=utc_now())
        elif what == "drop":
            outcomes.drop(services.store, part)
        else:
            outcomes.enter(services.store, person, part, posted, now=utc_now())
    except (Unprocessable, Conflict) as error:
        refused = Refused("", outcomes.LETTER, posted, error)
        return show(request, _outcome_view(request, services, person, part, refused=refused), store=False)
    services.jobs.enqueue("deliver")
    return see_other("/triage?done=outcome" if what == "confirm" else f"/triage/parts/{part}/outcome")


@router.get("/triage/questions/{thread}")
def question(request: Request, services: Serving, person: SignedIn, thread: str) -> Response:
    _require(person)
    return _question(request, services, person, thread)


@router.post("/triage/questions/{thread}")
async def answer_question(request: Request, services: Serving, person: SignedIn, thread: str) -> Response:
    async with request.form(max_fields=200, max_files=0) as posted:
        slugs = [one for one in posted.getlist("custodian") if isinstance(one, str)]
        return await run_in_threadpool(_answer, request, services, person, thread, typed_in(posted), slugs)


def _answer(request: Request, services: Services, person: Person, thread: str, posted: dict[str, str], slugs: list[str]) -> Response:
    _require(person)
    require_form_token(person, posted.get("csrf", ""))
    with services.store.reading() as session:
        row = enquiries.thread(session, thread)
    if not row.waits_in_triage:
        raise NotFound("This question does not wait for the gateway’s staff.")
    what = posted.get("do", "")
    if what == "find":
        return _question(request, services, person, thread, values=posted, slugs=slugs)
    try:
        if what == "pass":
            pass_on(services.store, services.sealer, thread, slugs=slugs, note=posted.get("note", ""), now=utc_now())
            services.jobs.enqueue("deliver")
        else:
            act_on(services, row, posted, side="gateway")
    except (Unprocessable, Conflict) as error:
        return _question(request, services, person, thread, values=posted, errors=mistakes(error), slugs=slugs)
    return see_other("/triage?done=pass" if what == "pass" else "/triage")


@router.get("/routes/confirm/{token}")
def confirm_form(request: Request, services: Serving, token: str) -> Response:
    return show_private(request, _confirm_view(request, services, token))


@router.post("/routes/confirm/{token}")
def confirm(services: Serving, token: str) -> Response:
    confirm_mailbox(services.store, token, now=utc_now())
    services.jobs.enqueue("deliver")
    return see_other(f"/routes/confirm/{token}")


def _require(person: Person) -> None:
    """Raises :class:`NotFound`: to others it does not exist."""
    if not person.may(Action.TRIAGE):
        raise NotFound("There is nothing at this address.")


def _question(
    request: Request, services: Services, person: Person, thread: str, *, values: dict[str, str] | None = None, errors: tuple[FieldError, ...] = (),
    slugs: Sequence[str] = (),
) -> Response:
    with services.store.reading() as session:
        row = enquiries.thread(session, thread)
    if not row.waits_in_triage:
        raise NotFound("This question does not wait for the gateway’s staff.")
    view = desk_view(
        request, services, row, action=f"/triage/questions/{thread}", back=Link("What waits", "/triage"), person=person, values=values, errors=errors, is_triage=True
    )
    return show(request, _with_choices(services, view, row, find=(values or {}).get("find", "").strip(), slugs=slugs), store=False)


def _with_choices(services: Services, view: DeskView, row: ThreadRow, *, find: str, slugs: Sequence[str]) -> DeskView:
    """With the custodians to choose from: those chosen so far first, then those that the words in the box find. Who has the question is left out."""
    if not view.can_pass_on:
        return view
    with services.store.reading() as session:
        have_it = {one.thread.custodian_id for one in enquiries.threads_of(session, row.enquiry.id)}
        every = [card for card in custodians.directory(session) if card.custodian.id not in have_it]
    chosen = [card for card in every if card.custodian.slug in slugs]
    found = [card for card in every if card not in chosen and name_key(find) in card.custodian.name_key]
    choices = tuple(
        CustodianChoice(slug=card.custodian.slug, name=card.custodian.name, datasets=card.datasets, is_chosen=card in chosen) for card in (*chosen, *found[:CHOICES])
    )
    return replace(view, find=find, choices=choices, not_shown=len(found[CHOICES:]))


def _view(
    request: Request, services: Services, person: Person, *, errors: tuple[FieldError, ...] = (), values: dict[str, str] | None = None
) -> TriageView:
    with services.store.reading() as session:
        waiting = enquiries.threads_in_triage(session)
        stopped = routes.suspended(session)
        wanted = enquiries.unlisted_wanted(session, since=utc_now() - PERIOD)
    return TriageView(
        layout=layout(request, services, is_indexable=False), custodians=reachable(services.store, now=utc_now()), action="/triage", csrf=person.csrf, errors=errors, values=values or {},
        parts=tuple(_row(services, part) for part in triage(services.store)), outcomes=tuple(_outcome(one) for one in outcomes.awaiting(services.store)), done=request.query_params.get("done", ""),
        questions=tuple(question_row(row, f"/triage/questions/{row.thread.public_id}") for row in waiting), unlisted_wanted=wanted,
        suspended=tuple(
            SuspendedRoute(custodian_name=custodian.name, custodian_slug=custodian.slug, channel=ROUTES[route.channel], target=route.target) for route, custodian in stopped
        ),
    )


def _outcome(found: Awaiting) -> OutcomeRow:
    return OutcomeRow(
        href=f"/triage/parts/{found.part}/outcome", reference=found.reference, custodian_name=found.custodian, since=found.since.isoformat(),
        is_entered=found.entered is not None,
    )


def _outcome_view(request: Request, services: Services, person: Person, part: str, *, refused: Refused | None = None) -> OutcomeView:
    found = outcomes.one(services.store, part)
    held = found.entered or {}
    conditions = "; ".join(one["text"] for one in held.get("conditions", ()))
    entered = (("Decision", OUTCOMES.get(held.get("outcome", ""), "")), ("Conditions", conditions), ("Reason", held.get("reason", "")), ("Letter", held.get("letter", "")))
    return OutcomeView(
        layout=layout(request, services, is_indexable=False), action=f"/triage/parts/{part}/outcome", csrf=person.csrf, reference=found.reference,
        custodian_name=found.custodian, fields=action_form(outcomes.LETTER, removable={}).fields,
        entered=tuple((label, text) for label, text in entered if text) if held else (), may_confirm=found.entered_by not in (None, person.subject),
        errors=field_errors(refused), values=typed_values(refused),
    )


def _row(services: Services, part: TriagePart) -> TriagePartRow:
    """With what the records say about access: to look at, never to send to."""
    with services.store.reading() as session:
        asked = requests.visible_datasets(session, list(part.datasets))
    statements = [classify(Dataset.from_json(one.version.canonical).accessibility.access.access_rights) for one in asked.values()]
    contacts = [Dataset.from_json(one.version.canonical).summary.contact_point for one in asked.values()]
    return TriagePartRow(
        part=part.part, reference=part.reference, custodian_name=part.custodian, custodian_slug=part.custodian_slug, since=part.waiting_since.isoformat(),
        why=part.why, trouble=part.last_error, passed=part.passed, applicant=part.applicant, applicant_address=part.applicant_address,
        datasets=tuple(Link(one.record.title or ref, dataset_path(ref)) for ref, one in asked.items()),
        statements=tuple(dict.fromkeys((one.kind, one.text) for one in statements)), contacts=tuple(dict.fromkeys(text for text in contacts if text)),
    )


def _placed(error: GatewayError, posted: dict[str, str]) -> tuple[FieldError, ...]:
    """Errors at the form they came from: each part has one."""
    return tuple(FieldError(f"{_form(posted)}-{one.field}" if one.field else "", one.message) for one in mistakes(error))


def _typed(posted: dict[str, str]) -> dict[str, str]:
    return {f"{_form(posted)}-{name}": text for name, text in posted.items()}


def _form(posted: dict[str, str]) -> str:
    return posted.get("part", "")


def _confirm_view(request: Request, services: Services, token: str) -> ConfirmRouteView:
    found = asking(services.store, token, now=utc_now())
    return ConfirmRouteView(
        layout=layout(request, services), action=f"/routes/confirm/{token}", custodian_name=found.custodian_name, mailbox=found.mailbox,
        is_confirmed=found.is_confirmed,
    )

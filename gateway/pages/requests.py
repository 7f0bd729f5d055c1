"""Asking for data: the form, sending it, the applicant's page, and the custodian's acknowledgement."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from starlette.datastructures import FormData

from frontend.addresses import dataset_path
from frontend.views import (
    AcknowledgedView,
    AcknowledgeView,
    DeliveryLine,
    FieldError,
    Link,
    RequestFormView,
    RequestPart,
    RequestSentView,
    RequestStatusView,
    RequestValues,
    TimelineEvent,
)
from frontend.words import ROUTES
from gateway.access import acknowledge as acknowledging
from gateway.access.actions import APPLICANT_ACTIONS, action, offered, payload
from gateway.access.commands import Command, answer, perform
from gateway.access.exports import KINDS, export
from gateway.access.form import QUESTIONS
from gateway.access.links import acknowledge_path, follow_path
from gateway.access.status import DatasetLine, DeliveryStatus, PartStatus, RequestStatus, status
from gateway.access.submit import read_form, submit
from gateway.access.telling import TimelineEntry
from gateway.api.asking import Serving
from gateway.catalogue.basket import remove
from gateway.errors import Conflict, GatewayError, NotFound, Unprocessable
from gateway.pages.acting import Refused, action_form, field_errors, typed_in, typed_values
from gateway.pages.basket import groups, keep
from gateway.pages.showing import PRIVATE_ADDRESS, held, layout, see_other, show, show_private
from gateway.pages.turns import turn_words
from gateway.store.database import utc_now
from gateway.wiring import Services

router = APIRouter()
FIELDS: Final = {
    "name": "name", "email": "email", "organisation": "organisation", "title": "project_title", "lay_summary": "purpose",
    "public_benefit": "public_benefit",
}
"""Question of the form (gateway/access/form.py) -> field of the page."""
NEXT_STEPS: Final = {
    "triage": "The gateway's staff look for the right desk and pass the request on.",
    "queued": "We deliver it and show here when that has succeeded.",
    "sent": "The custodian confirms that it has arrived.",
    "acknowledged": "The custodian decides, and writes to you.",
    "manual": "The gateway's staff deliver it by hand.",
}


@router.get("/requests/new")
def form(request: Request, services: Serving) -> Response:
    refs = held(request, services)
    view = RequestFormView(
        layout=layout(request, services, is_indexable=False), groups=groups(services, refs),
        values=RequestValues(datasets=refs), token=secrets.token_urlsafe(24),
    )
    return show(request, view, store=False)


@router.post("/requests")
async def send(request: Request, services: Serving) -> Response:
    async with request.form(max_fields=200, max_files=0) as posted:
        return await run_in_threadpool(_send, request, services, posted)


@router.get("/requests/{token}")
def follow(request: Request, services: Serving, token: str) -> Response:
    return show_private(request, status_view(request, services, status(services.store, token), base=follow_path(token)))


@router.post("/requests/{token}/parts/{part}")
async def act(request: Request, services: Serving, token: str, part: str) -> Response:
    """The applicant presses a button of one part; the private address is what gives the right to it."""
    async with request.form(max_fields=50, max_files=0) as posted:
        return await run_in_threadpool(_act, request, services, token, part, typed_in(posted))


@router.get("/requests/{token}/parts/{part}/export.{kind}")
def export_part(services: Serving, token: str, part: str, kind: str) -> Response:
    return exported(status(services.store, token), part, kind)


@router.get("/requests/{token}/sent")
def sent(request: Request, services: Serving, token: str) -> Response:
    """What the form's sender sees first; made from the request itself, so that a reload is harmless."""
    found = status(services.store, token)
    view = RequestSentView(
        layout=layout(request, services, is_indexable=False), reference=found.reference, follow_href=follow_path(token),
        email=found.answers["people.lead.email"], recipients=_recipients(found),
    )
    return show_private(request, view)


@router.get("/acknowledge/{token}")
def acknowledgement(request: Request, services: Serving, token: str) -> Response:
    """Opening the link changes nothing."""
    found = acknowledging.acknowledgement(services.store, token)
    if found.acknowledged_at is not None:
        view = AcknowledgedView(
            layout=layout(request, services, is_indexable=False), reference=found.reference,
            custodian_name=found.custodian_name, at=found.acknowledged_at.isoformat(),
            was_already=request.query_params.get("confirmed") != "1",
        )
        return show_private(request, view)
    answers = found.answers
    return show_private(
        request,
        AcknowledgeView(
            layout=layout(request, services, is_indexable=False), action=acknowledge_path(token), reference=found.reference,
            custodian_name=found.custodian_name, project_title=found.project_title, applicant_name=found.applicant_name,
            organisation=found.organisation, purpose=answers.get("project.lay_summary", ""), sent_at=found.sent_at.isoformat(),
            public_benefit=answers.get("project.public_benefit", ""), datasets=_links(found.datasets),
        ),
    )


@router.post("/acknowledge/{token}")
def acknowledge(services: Serving, token: str) -> Response:
    done = acknowledging.acknowledge(services.store, token, utc_now())
    return see_other(acknowledge_path(token) + ("" if done.was_already else "?confirmed=1"))


def _send(request: Request, services: Services, posted: FormData) -> Response:
    values = _values(posted)
    refs = values.datasets
    try:
        asked = read_form({question: getattr(values, field) for question, field in FIELDS.items()})
        done = submit(
            services.store, services.sealer, form=asked, dataset_refs=refs, now=utc_now(), form_token=_text(posted, "token")
        )
    except Unprocessable as error:
        return _again(request, services, values, error, _text(posted, "token"))
    services.jobs.enqueue("deliver")
    response = see_other(f"{follow_path(done.follow_token)}/sent")
    keep(services, response, remove(held(request, services), *refs))
    return response


def _again(request: Request, services: Services, values: RequestValues, error: GatewayError, token: str) -> Response:
    """The form as it was typed, with what to mend."""
    problems = [FieldError(FIELDS.get(question, question), sentence) for question, sentence in error.fields.items()]
    order = [*FIELDS.values(), "datasets"]
    problems.sort(key=lambda problem: order.index(problem.field) if problem.field in order else len(order))
    refs = tuple(dict.fromkeys((*held(request, services), *values.datasets)))
    view = RequestFormView(
        layout=layout(request, services, is_indexable=False), groups=groups(services, refs), values=values,
        errors=tuple(problems) or (FieldError("", f"{error.message} {error.hint}".strip()),),
        token=token or secrets.token_urlsafe(24),
    )
    return show(request, view, store=False)


def _act(request: Request, services: Services, token: str, part: str, posted: dict[str, str]) -> Response:
    base = follow_path(token)
    refused = act_on_own(services, status(services.store, token), part, posted)
    if refused is None:
        return see_other(base)
    return show_private(request, status_view(request, services, status(services.store, token), base=base, refused=refused))


def act_on_own(services: Services, found: RequestStatus, part: str, posted: dict[str, str]) -> Refused | None:
    """What the applicant did to one part of their request; None where it was done. Raises :class:`NotFound` for another's part."""
    own = next((one for one in found.parts if one.part == part), None)
    if own is None:
        raise NotFound("There is no such part of this request.")
    wanted = action(APPLICANT_ACTIONS, posted.get("command", ""))
    version = posted.get("version", "")
    expected = int(version) if version.isdigit() else None
    try:
        values = payload(wanted, posted, state=own.folded)
        if wanted.command == "resubmit":
            changed = {QUESTIONS[name].key: values.get(name, "") for name in ("lay_summary", "public_benefit")}
            answer(
                services.store, services.sealer, part, answers=changed, reply=values["reply"], expected_version=expected, now=utc_now()
            )
        else:
            if wanted.command == "sign_agreement":
                values["side"] = "applicant"
            command = Command(name=wanted.command, role="lead", actor="lead", payload=values, expected_version=expected)
            perform(services.store, services.sealer, part, command, now=utc_now())
    except (Unprocessable, Conflict) as error:
        return Refused(part, wanted, posted, error)
    services.jobs.enqueue("deliver")
    return None


def exported(found: RequestStatus, part: str, kind: str) -> Response:
    """One part as a file. Raises :class:`NotFound` for another's part, or a kind that is not written."""
    own = next((one for one in found.parts if one.part == part), None)
    file = export(own.document, kind) if own is not None else None
    if file is None:
        raise NotFound("There is no such file.", hint=f"Kinds: {', '.join(KINDS)}.")
    headers = {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="{file.name}"', **PRIVATE_ADDRESS}
    return Response(file.body, 200, headers, file.media_type)


def status_view(
    request: Request, services: Services, found: RequestStatus, *, base: str, csrf: str = "", refused: Refused | None = None
) -> RequestStatusView:
    """``base`` is the page's own path, below which the forms post."""
    answers = found.answers
    return RequestStatusView(
        layout=layout(request, services, is_indexable=False), reference=found.reference, project_title=found.title,
        sent_at=found.sent_at.isoformat(), request_status=found.status, purpose=answers.get("project.lay_summary", ""),
        public_benefit=answers.get("project.public_benefit", ""), applicant_name=found.applicant_name,
        organisation=found.organisation, csrf=csrf, errors=field_errors(refused), values={**_defaults(found), **typed_values(refused)},
        parts=tuple(_part(part, f"{base}/parts/{part.part}", refused) for part in found.parts),
    )


def _defaults(found: RequestStatus) -> dict[str, str]:
    """The answers as they are, in the form that changes them."""
    return {
        f"{part.part}-resubmit-{name}": found.answers.get(QUESTIONS[name].key, "")
        for part in found.parts for name in ("lay_summary", "public_benefit")
    }


def _values(posted: FormData) -> RequestValues:
    chosen = [value for value in posted.getlist("datasets") if isinstance(value, str)]
    return RequestValues(**{field: _text(posted, field) for field in FIELDS.values()}, datasets=tuple(dict.fromkeys(chosen)))


def _text(posted: FormData, name: str) -> str:
    value = posted.get(name)
    return value if isinstance(value, str) else ""


def _recipients(found: RequestStatus) -> tuple[str, ...]:
    return tuple(part.custodian_name or "The gateway's staff" for part in found.parts)


def _part(part: PartStatus, post_to: str, refused: Refused | None) -> RequestPart:
    return RequestPart(
        custodian_name=part.custodian_name or "Custodian not known", custodian_slug=part.custodian_slug, state=part.state,
        state_reason=part.explanation, since=_iso(part.since), turn=turn_words(part.turn, side="applicant"), next_step=_next_step(part), datasets=_links(part.datasets),
        delivery=delivery_line(part.delivery) if part.delivery else None, events=tuple(timeline_event(entry) for entry in part.timeline),
        action=post_to, prefix=f"{part.part}-", version=part.folded.version, asks=_asked(part),
        actions=tuple(
            action_form(one, is_open=refused is not None and (refused.part, refused.action) == (part.part, one))
            for one in offered(APPLICANT_ACTIONS, part.folded, ("lead",))
        ),
        portal=Link(urlsplit(part.portal).hostname or part.portal, part.portal) if part.portal and part.state == "redirected" else None,
        exports=tuple(Link(kind.upper(), f"{post_to}/export.{kind}") for kind in KINDS),
    )


def _asked(part: PartStatus) -> str | None:
    if part.state != "returned":
        return None
    return next((entry.detail for entry in reversed(part.timeline) if entry.event == "part.returned"), None)


def _next_step(part: PartStatus) -> str | None:
    if part.state != "submitted":
        return None
    return NEXT_STEPS.get(part.delivery.state if part.delivery else "triage")


def delivery_line(delivery: DeliveryStatus) -> DeliveryLine:
    return DeliveryLine(
        state=delivery.state, channel=ROUTES[delivery.channel], at=_iso(delivery.sent_at), attempts=delivery.attempts,
        tried_again_at=_iso(delivery.next_try) if delivery.attempts else None, trouble=delivery.last_error,
    )


def timeline_event(entry: TimelineEntry) -> TimelineEvent:
    return TimelineEvent(at=entry.at.isoformat(), what=entry.sentence, who=entry.who, detail=entry.detail)


def _links(datasets: Sequence[DatasetLine]) -> tuple[Link, ...]:
    return tuple(Link(dataset.title or dataset.ref, dataset_path(dataset.ref)) for dataset in datasets)


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None

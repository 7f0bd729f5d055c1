"""``/acknowledge/{token}``: the page of a custodian's mailbox (behind a code) or of its system. Opening it changes nothing."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from frontend.views.forms import FieldError
from frontend.views.requests import AcknowledgedView, AcknowledgeView, MailboxCodeView
from gateway.access import acknowledge as acknowledging
from gateway.access import visits
from gateway.access.acknowledge import AcknowledgementPage
from gateway.access.commands import Command, perform
from gateway.access.files import open_received
from gateway.access.links import acknowledge_path
from gateway.acting import acting
from gateway.api.asking import Serving
from gateway.errors import Conflict, NotAllowed, NotFound, Unprocessable
from gateway.pages.answered_files import answered_files
from gateway.pages.evidence import evidence_lines
from gateway.pages.limited import by_token
from gateway.pages.requests import dataset_links, shown_answers
from gateway.pages.showing import layout, mistakes, see_other, show_private
from gateway.store import requests
from gateway.store.database import utc_now
from gateway.store.requests import PartRow
from gateway.web.answers import VISIT_COOKIE, attached
from gateway.wiring import Services

router = APIRouter(prefix="/acknowledge")
Text = Annotated[str, Form(max_length=6000)]
CODE_FIRST: Final = "Ask for a code first; it is sent to the mailbox that this request went to."


@router.get("/{token}")
def page(request: Request, services: Serving, token: str) -> Response:
    row = _row(services, token)
    if visits.needs_code(row):
        return _mailbox_page(request, services, token, row)
    _become(row)
    found = acknowledging.acknowledgement(services.store, token)
    if found.acknowledged_at is not None:
        return show_private(request, _acknowledged(request, services, found))
    return show_private(request, _readable(request, services, token, found))


@router.get("/{token}/files/{file}")
def part_file(request: Request, services: Serving, token: str, file: str) -> Response:
    row = _row(services, token)
    _require_visit(request, services, row)
    kept = open_received(services.store, services.uploads, row, file)
    acting().shown = row.part.public_id
    return attached(kept)


@router.post("/{token}")
def acknowledge(request: Request, services: Serving, token: str) -> Response:
    _require_visit(request, services, _row(services, token))
    done = acknowledging.acknowledge(services.store, token, utc_now())
    return see_other(acknowledge_path(token) + ("" if done.was_already else "?confirmed=1"))


@router.post("/{token}/code")
def send_code(services: Serving, token: str) -> Response:
    """A code to the mailbox, for this browser."""
    browser = visits.send_code(services.store, services.sealer, services.limits, _row(services, token), now=utc_now())
    services.jobs.enqueue("deliver")
    answer = see_other(acknowledge_path(token))
    answer.set_cookie(
        VISIT_COOKIE, browser, max_age=int((visits.VISIT_LASTS + visits.CODE_WORKS).total_seconds()), path=acknowledge_path(token), httponly=True,
        samesite="lax", secure=services.settings.is_https,
    )
    return answer


@router.post("/{token}/open")
def open_visit(request: Request, services: Serving, token: str, code: Text = "") -> Response:
    row = _row(services, token)
    try:
        visits.open_visit(services.store, row, browser=request.cookies.get(VISIT_COOKIE, ""), code=code, now=utc_now())
    except Unprocessable as error:
        return show_private(request, _code_view(request, services, token, row, mistakes(error)))
    return see_other(acknowledge_path(token))


@router.post("/{token}/message", dependencies=[by_token("message")])
def write(request: Request, services: Serving, token: str, text: Text = "") -> Response:
    row = _row(services, token)
    _require_visit(request, services, row)
    if not visits.needs_code(row):
        raise NotFound("This page takes no messages.", hint="Answer over your own system.")
    command = Command(name="message", role="handler", actor="mailbox", payload={"text": text.strip()})
    try:
        perform(services.store, services.sealer, row.part.public_id, command, now=utc_now())
    except Conflict as error:
        found = acknowledging.acknowledgement(services.store, token)
        problems = tuple(FieldError("text", one.message) for one in mistakes(error))
        return show_private(request, _readable(request, services, token, found, errors=problems))
    services.jobs.enqueue("deliver")
    return see_other(f"{acknowledge_path(token)}?written=1")


def _mailbox_page(request: Request, services: Services, token: str, row: PartRow) -> Response:
    with services.store.reading() as session:
        is_open = visits.is_open(session, row, request.cookies.get(VISIT_COOKIE), now=utc_now())
    if not is_open:
        return show_private(request, _code_view(request, services, token, row))
    _become(row)
    return show_private(request, _readable(request, services, token, acknowledging.acknowledgement(services.store, token)))


def _require_visit(request: Request, services: Services, row: PartRow) -> None:
    """Raises :class:`NotAllowed` for a mailbox's page whose code was not shown."""
    with services.store.reading() as session:
        if visits.needs_code(row) and not visits.is_open(session, row, request.cookies.get(VISIT_COOKIE), now=utc_now()):
            raise NotAllowed("This needs the code that was sent to the mailbox.", hint=CODE_FIRST)
    _become(row)


def _become(row: PartRow) -> None:
    """For the audit: whoever has the mailbox, or the system that got the link."""
    acting().become(row.part.channel, "handler")


def _row(services: Services, token: str) -> PartRow:
    with services.store.reading() as session:
        return requests.part(session, acknowledging.part_behind(session, token))


def _code_view(request: Request, services: Services, token: str, row: PartRow, errors: tuple[FieldError, ...] = ()) -> MailboxCodeView:
    """Nothing of the request is on it but its reference."""
    return MailboxCodeView(
        layout=layout(request, services, is_indexable=False), action=acknowledge_path(token), reference=row.request.reference, errors=errors,
        is_sent=VISIT_COOKIE in request.cookies,
    )


def _acknowledged(request: Request, services: Services, found: AcknowledgementPage) -> AcknowledgedView:
    assert found.acknowledged_at is not None
    return AcknowledgedView(
        layout=layout(request, services, is_indexable=False), reference=found.reference, custodian_name=found.custodian_name,
        at=found.acknowledged_at.isoformat(), was_already=request.query_params.get("confirmed") != "1",
    )


def _readable(
    request: Request, services: Services, token: str, found: AcknowledgementPage, *, errors: tuple[FieldError, ...] = ()
) -> AcknowledgeView:
    acting().shown = found.part
    rules, opened = services.uploads.rules, f"{acknowledge_path(token)}/files"
    files = answered_files(found.files, rules, base=opened)
    done = {"confirmed": "Receipt is confirmed. The applicant sees the date.", "written": "Your message was sent to the applicant."}
    return AcknowledgeView(
        layout=layout(request, services, is_indexable=False), action=acknowledge_path(token), reference=found.reference,
        custodian_name=found.custodian_name, project_title=found.project_title, applicant_name=found.applicant_name,
        organisation=found.organisation, answers=shown_answers(found.lines, files), sent_at=found.sent_at.isoformat(), datasets=dataset_links(found.datasets), errors=errors,
        evidence=evidence_lines(found.state, (), found.papers, rules, base=opened),
        acknowledged_at=found.acknowledged_at.isoformat() if found.acknowledged_at else None, can_write=found.is_mailbox,
        done=next((words for name, words in done.items() if request.query_params.get(name) == "1"), ""),
    )

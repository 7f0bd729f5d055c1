"""``/w/{custodian}/agreements``: what a custodian offers for signing; and issuing an agreement for one request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from frontend.views.agreements import AgreementTemplatesView, IssueAgreementView, TemplateRow
from frontend.views.forms import FieldError
from frontend.views.layout import Link
from gateway.access.actions import role_for
from gateway.access.agreements import (
    PLACES,
    Paper,
    from_file,
    from_template,
    issue,
    open_agreement,
    publish_template,
    written,
)
from gateway.access.bank.telling import name_in
from gateway.access.files import Download
from gateway.access.guards import signatory
from gateway.access.workspace import PartDetail, detail, require_reader, staff_roles
from gateway.accounts.people import Person
from gateway.accounts.roles import Action
from gateway.accounts.sessions import require_form_token
from gateway.api.asking import Serving
from gateway.errors import Conflict, NotAllowed, NotFound, Unprocessable
from gateway.models import AgreementTemplate
from gateway.pages.acting import typed_in
from gateway.pages.limited import by_account
from gateway.pages.sent_files import sent_file
from gateway.pages.showing import layout, mistakes, see_other, show
from gateway.pages.signed_in import SignedIn
from gateway.store import agreements, custodians, requests
from gateway.store.database import utc_now
from gateway.uploads.checking import LARGEST_BYTES
from gateway.web.answers import attached
from gateway.wiring import Services

router = APIRouter(prefix="/w")
ACCEPTED: Final = f"PDF, DOCX or ODT, at most {LARGEST_BYTES // 2**20} MB"
ONE_OF: Final = "Give exactly one: a template, a text or a file."


@router.get("/{custodian}/agreements")
def templates(request: Request, services: Serving, person: SignedIn, custodian: str) -> Response:
    require_reader_or_administrator(person, custodian)
    return show(request, _templates(request, services, person, custodian), store=False)


@router.post("/{custodian}/agreements", dependencies=[by_account("attach")])
async def publish(request: Request, services: Serving, person: SignedIn, custodian: str) -> Response:
    async with request.form(max_fields=10, max_files=1) as posted:
        return await run_in_threadpool(_publish, request, services, person, custodian, typed_in(posted), await sent_file(posted))


@router.get("/{custodian}/agreements/{version}")
def template(services: Serving, person: SignedIn, custodian: str, version: int) -> Response:
    require_reader_or_administrator(person, custodian)
    found = _template(services, custodian, str(version))
    return attached(Download(f"{custodian}-agreement-{version}.{found.name.rpartition('.')[2]}", found.name, found.media_type, services.files.get(found.sha256)))


@router.get("/{custodian}/requests/{part}/agreement")
def issue_page(request: Request, services: Serving, person: SignedIn, custodian: str, part: str) -> Response:
    return show(request, _issue_view(request, services, person, _issuable(services, person, custodian, part)), store=False)


@router.post("/{custodian}/requests/{part}/agreement", dependencies=[by_account("attach")])
async def issue_one(request: Request, services: Serving, person: SignedIn, custodian: str, part: str) -> Response:
    async with request.form(max_fields=10, max_files=1) as posted:
        return await run_in_threadpool(_issue, request, services, person, custodian, part, typed_in(posted), await sent_file(posted))


@router.get("/{custodian}/requests/{part}/agreements/{document}")
def read_one(services: Serving, person: SignedIn, custodian: str, part: str, document: str) -> Response:
    require_reader(person, custodian)
    found = detail(services.store, person, custodian, part)
    return attached(open_agreement(services.store, services.uploads.vault, found.part, document))


def require_reader_or_administrator(person: Person, custodian: str) -> None:
    """Raises :class:`NotFound`: to others the page does not exist."""
    if not person.may(Action.FORMS, custodian=custodian):
        require_reader(person, custodian)


def _publish(request: Request, services: Services, person: Person, custodian: str, posted: dict[str, str], file: tuple[str, bytes]) -> Response:
    if not person.may(Action.FORMS, custodian=custodian):
        raise NotFound("There is nothing at this address.")
    require_form_token(person, posted.get("csrf", ""))
    try:
        paper = _paper(services, posted, file)
        publish_template(services.store, services.files, custodian, paper, actor=person.subject, now=utc_now())
    except Unprocessable as error:
        return show(request, _templates(request, services, person, custodian, posted, mistakes(error)), store=False)
    return see_other(f"/w/{custodian}/agreements")


def _issue(
    request: Request, services: Services, person: Person, custodian: str, part: str, posted: dict[str, str], file: tuple[str, bytes]
) -> Response:
    found = _issuable(services, person, custodian, part)
    require_form_token(person, posted.get("csrf", ""))
    version = posted.get("version", "")
    try:
        issue(
            services.store, services.sealer, services.uploads.vault, found.part, _chosen(services, found, posted, file), role="handler",
            actor=person.subject, expected_version=int(version) if version.isascii() and version.isdigit() else None, now=utc_now(),
        )
    except (Unprocessable, Conflict) as error:
        return show(request, _issue_view(request, services, person, found, posted, mistakes(error)), store=False)
    services.jobs.enqueue("deliver")
    return see_other(f"/w/{custodian}/requests/{part}")


def _issuable(services: Services, person: Person, custodian: str, part: str) -> PartDetail:
    """Raises :class:`NotFound`, and :class:`NotAllowed` where none can be issued now."""
    require_reader(person, custodian)
    found = detail(services.store, person, custodian, part)
    if role_for("issue_agreement", found.state, staff_roles(person, custodian), found.policy) is None:
        raise NotAllowed("No agreement can be issued by you at this stage.", hint="It is issued once the request is approved, by who handles it.")
    return found


def _chosen(services: Services, found: PartDetail, posted: dict[str, str], file: tuple[str, bytes]) -> Paper:
    """Raises :class:`Unprocessable` naming the fields."""
    wanted = posted.get("template", "")
    if not wanted:
        return _paper(services, posted, file)
    if posted.get("text", "").strip() or file[0]:
        raise Unprocessable("The agreement was not issued.", fields={"template": ONE_OF})
    return from_template(_template(services, found.custodian, wanted), services.files, _told(services, found))


def _paper(services: Services, posted: dict[str, str], file: tuple[str, bytes]) -> Paper:
    title, text = posted.get("title", ""), posted.get("text", "")
    if bool(text.strip()) == bool(file[0]):
        raise Unprocessable("The agreement was not taken.", fields={"text": ONE_OF})
    return from_file(services.uploads, title, *file) if file[0] else written(title, text)


def _template(services: Services, custodian: str, version: str) -> AgreementTemplate:
    with services.store.reading() as session:
        number = int(version) if version.isascii() and version.isdigit() and len(version) < 9 else 0
        found = agreements.template(session, custodians.by_slug(session, custodian).id, number)
    if found is None:
        raise NotFound("There is no such template.", hint="The page of agreements lists them.")
    return found


def _told(services: Services, found: PartDetail) -> dict[str, str]:
    """What stands in a text for its places."""
    with services.store.reading() as session:
        number = requests.part_id_by_public_id(session, found.part)
        history = requests.history(session, number) if number is not None else []
    until = next((str(event.payload["access_until"]) for event in reversed(history) if event.payload.get("access_until")), "")
    return {
        "{reference}": found.reference, "{project}": found.title, "{applicant}": name_in(found.answers.get("people.lead.organisation")),
        "{signatory}": signatory(found.answers), "{custodian}": found.custodian_name, "{datasets}": "; ".join(line.title or line.ref for line in found.datasets),
        "{until}": until,
    }


def _templates(
    request: Request, services: Services, person: Person, custodian: str, values: dict[str, str] | None = None, errors: Sequence[FieldError] = ()
) -> AgreementTemplatesView:
    with services.store.reading() as session:
        one = custodians.by_slug(session, custodian)
        rows = agreements.templates_of(session, one.id)
    return AgreementTemplatesView(
        layout=layout(request, services, is_indexable=False), custodian_name=one.name, inbox_href=f"/w/{custodian}/requests", action=f"/w/{custodian}/agreements",
        csrf=person.csrf, places=tuple(PLACES.items()), may_publish=person.may(Action.FORMS, custodian=custodian), accepted=ACCEPTED, values=values or {},
        errors=tuple(errors), rows=tuple(
            TemplateRow(title=row.title, version=row.version, name=row.name, href=f"/w/{custodian}/agreements/{row.version}", published_at=row.published_at.isoformat())
            for row in rows
        ),
    )


def _issue_view(
    request: Request, services: Services, person: Person, found: PartDetail, values: dict[str, str] | None = None, errors: Sequence[FieldError] = ()
) -> IssueAgreementView:
    with services.store.reading() as session:
        rows = agreements.templates_of(session, custodians.by_slug(session, found.custodian).id)
    base = f"/w/{found.custodian}/requests/{found.part}"
    return IssueAgreementView(
        layout=layout(request, services, is_indexable=False), reference=found.reference, back=Link(f"Request {found.reference}", base), action=f"{base}/agreement",
        csrf=person.csrf, version=found.state.version, templates=tuple((str(row.version), f"{row.title}, version {row.version}") for row in rows),
        templates_href=f"/w/{found.custodian}/agreements", accepted=ACCEPTED, values=values or {}, errors=tuple(errors),
    )

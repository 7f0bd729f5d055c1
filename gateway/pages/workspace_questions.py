"""``/w/{custodian}/questions``: what was asked of a custodian, and the page of one question. Others than its people get 404."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from frontend.addresses import dataset_part_path
from frontend.views.forms import FieldError
from frontend.views.layout import Link
from frontend.views.questions import QuestionInboxView, QuestionRow
from gateway.access.statistics import PERIOD
from gateway.access.workspace import require_reader
from gateway.accounts.people import Person
from gateway.accounts.roles import Action
from gateway.accounts.sessions import require_form_token
from gateway.api.asking import Serving
from gateway.errors import Conflict, Unprocessable
from gateway.pages.acting import typed_in
from gateway.pages.questions import act_on, desk_view, explanation
from gateway.pages.showing import layout, mistakes, see_other, show
from gateway.pages.signed_in import SignedIn
from gateway.store import enquiries, requests
from gateway.store.database import utc_now
from gateway.store.enquiries import ThreadRow
from gateway.wiring import Services

router = APIRouter(prefix="/w")


@router.get("/{custodian}/questions")
def inbox(request: Request, services: Serving, person: SignedIn, custodian: str) -> Response:
    require_reader(person, custodian)
    with services.store.reading() as session:
        name = requests.custodian_name(session, custodian)
        rows = enquiries.threads_of_custodian(session, custodian)
        wanted = enquiries.column_lists_wanted(session, custodian, since=utc_now() - PERIOD)
        titles = requests.known_titles(session, list(wanted))
    view = QuestionInboxView(
        layout=layout(request, services, is_indexable=False), custodian_name=name, inbox_href=f"/w/{custodian}/requests",
        rows=tuple(question_row(row, f"/w/{custodian}/questions/{row.thread.public_id}") for row in rows),
        columns_wanted=tuple((Link(titles.get(ref, ref), dataset_part_path(ref, None, "columns")), count) for ref, count in wanted.items()),
    )
    return show(request, view, store=False)


@router.get("/{custodian}/questions/{thread}")
def one(request: Request, services: Serving, person: SignedIn, custodian: str, thread: str) -> Response:
    return _shown(request, services, person, custodian, _own(services, person, custodian, thread))


@router.post("/{custodian}/questions/{thread}")
async def act(request: Request, services: Serving, person: SignedIn, custodian: str, thread: str) -> Response:
    async with request.form(max_fields=20, max_files=0) as posted:
        return await run_in_threadpool(_act, request, services, person, custodian, thread, typed_in(posted))


def _act(request: Request, services: Services, person: Person, custodian: str, thread: str, posted: dict[str, str]) -> Response:
    row = _own(services, person, custodian, thread)
    require_form_token(person, posted.get("csrf", ""))
    person.require(Action.HANDLE_PARTS, custodian=custodian)
    try:
        act_on(services, row, posted, side="custodian")
    except (Unprocessable, Conflict) as error:
        return _shown(request, services, person, custodian, row, posted, mistakes(error))
    return see_other(f"/w/{custodian}/questions/{thread}")


def question_row(row: ThreadRow, href: str) -> QuestionRow:
    return QuestionRow(
        href=href, reference=row.enquiry.reference, asker=row.enquiry.name, excerpt=next(iter(row.enquiry.answers.values()), ""),
        state=row.thread.state, since=row.thread.since.isoformat(), explains=explanation(row), is_unlisted=row.is_for_staff,
    )


def _own(services: Services, person: Person, custodian: str, thread: str) -> ThreadRow:
    require_reader(person, custodian)
    with services.store.reading() as session:
        return enquiries.thread_of_custodian(session, custodian, thread)


def _shown(
    request: Request, services: Services, person: Person, custodian: str, row: ThreadRow, values: dict[str, str] | None = None,
    errors: tuple[FieldError, ...] = (),
) -> Response:
    view = desk_view(
        request, services, row, action=f"/w/{custodian}/questions/{row.thread.public_id}", person=person, values=values, errors=errors,
        back=Link("Questions", f"/w/{custodian}/questions"),
    )
    return show(request, view, store=False)

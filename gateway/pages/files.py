"""Files of a request that is written: attached, looked at, taken away."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from frontend.views.drafts import FilesView
from frontend.views.forms import FieldError
from frontend.views.layout import Link
from gateway.access import drafts
from gateway.access.attaching import Attaching, question_of_files
from gateway.access.bank.forms import COMPLETED, annex_key
from gateway.access.bank.questions import Question
from gateway.access.drafts import Draft
from gateway.access.files import open_own
from gateway.accounts.people import Person
from gateway.accounts.sessions import require_form_token
from gateway.api.asking import Serving
from gateway.errors import Unprocessable
from gateway.pages.drafts import project_of
from gateway.pages.limited import by_account
from gateway.pages.question_fields import file_rows
from gateway.pages.sent_files import sent_file
from gateway.pages.showing import layout, mistakes, see_other, show
from gateway.pages.signed_in import FromOwnForm, SignedIn
from gateway.store.database import utc_now
from gateway.uploads.checking import LARGEST_BYTES, refused
from gateway.uploads.kinds import ACCEPTED
from gateway.web.answers import attached
from gateway.wiring import Services

router = APIRouter(prefix="/requests/{reference}")
FileId = Annotated[str, Form(max_length=40)]


@router.get("/attach/{question}")
def files_page(request: Request, services: Serving, person: SignedIn, reference: str, question: str) -> Response:
    return show(request, _view(request, services, person, reference, question), store=False)


@router.post("/attach/{question}", dependencies=[by_account("attach")])
async def attach(request: Request, services: Serving, person: SignedIn, reference: str, question: str) -> Response:
    async with request.form(max_fields=5, max_files=1) as posted:
        csrf, (name, body) = posted.get("csrf"), await sent_file(posted)
    require_form_token(person, csrf if isinstance(csrf, str) else "")
    return await run_in_threadpool(_attach, request, services, person, reference, question, name, body)


@router.post("/attach/{question}/remove")
def remove(services: Serving, person: FromOwnForm, reference: str, question: str, file: FileId = "") -> Response:
    _attaching(services, person, reference).detach(question, file)
    return see_other(f"/requests/{reference}/attach/{question}")


@router.get("/files/{file}")
def download(services: Serving, person: SignedIn, reference: str, file: str) -> Response:
    return attached(open_own(services.store, services.uploads, person, reference, file))


def _attach(request: Request, services: Services, person: Person, reference: str, question: str, name: str, body: bytes) -> Response:
    try:
        if not name:
            raise refused("Choose a file first.")
        _attaching(services, person, reference).attach(question, name=name, body=body)
    except Unprocessable as error:
        return show(request, _view(request, services, person, reference, question, mistakes(error)), store=False)
    return see_other(f"/requests/{reference}/attach/{question}")


def _attaching(services: Services, person: Person, reference: str) -> Attaching:
    return Attaching(store=services.store, sealer=services.sealer, uploads=services.uploads, person=person, reference=reference, now=utc_now())


def _view(
    request: Request, services: Services, person: Person, reference: str, key: str, errors: tuple[FieldError, ...] = ()
) -> FilesView:
    draft = drafts.draft(services.store, person, reference)
    question = question_of_files(draft, key)
    topic = next(topic for topic in draft.topics if any(one.key == key for one in topic.asked))
    return FilesView(
        layout=layout(request, services, is_indexable=False), reference=reference, project=project_of(draft), heading=question.label, help=question.help,
        action=f"/requests/{reference}/attach/{key}", csrf=person.csrf, back=Link(topic.title, f"/requests/{reference}/{topic.slug}#q-{key}"),
        files=file_rows(draft, key, services.uploads.rules), is_single=question.type == "file", accepted=ACCEPTED,
        most_megabytes=LARGEST_BYTES // 2**20, errors=errors, own_form=_own_form(draft, question),
    )


def _own_form(draft: Draft, question: Question) -> Link | None:
    """Where a custodian's own form is, where this question takes it filled in."""
    part = next((part for part in draft.parts if part.custodian == question.custodian and part.form.document.template), None)
    if part is None or part.form.document.template is None or question.key != annex_key(part.form.custodian, COMPLETED):
        return None
    return Link(part.form.document.template.name, f"/custodians/{part.custodian}/forms/{part.form.version}/template")

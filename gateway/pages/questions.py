"""``/questions``: asking custodians something, the enquirer's page, and the page of a custodian's mailbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, cast
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from frontend.addresses import SearchAddress, dataset_path
from frontend.views.forms import FieldError
from frontend.views.layout import Link
from frontend.views.questions import (
    AskedField,
    ConfirmQuestionView,
    DeskView,
    QuestionFormView,
    QuestionView,
    ThreadLine,
    ThreadPanel,
)
from gateway.access.clock_words import counted_day
from gateway.access.working_days import after_working_days, calendar_of
from gateway.accounts.people import Person
from gateway.accounts.sessions import require_form_token
from gateway.api.asking import Serving
from gateway.enquiries import answering
from gateway.enquiries.asking import ask, confirm, waiting
from gateway.enquiries.converting import convert, is_own
from gateway.enquiries.form import LABELS, QUESTIONS, SEARCH, Kind, read_question
from gateway.enquiries.keeping import ACKNOWLEDGE_DAYS, due_at
from gateway.errors import Conflict, NotSignedIn, Unprocessable
from gateway.models import Enquiry
from gateway.pages.acting import typed_in
from gateway.pages.limited import by_token, network
from gateway.pages.showing import layout, mistakes, see_other, show, show_private
from gateway.pages.signed_in import FromOwnForm, visitor
from gateway.store import custodians, enquiries, requests
from gateway.store.database import utc_now
from gateway.store.enquiries import ThreadRow
from gateway.store.sealing import token_digest
from gateway.wiring import Services

router = APIRouter(prefix="/questions")
STAFF: Final = "The gateway’s staff"
COLUMNS_WANTED: Final = "Could you publish the tables and columns of this dataset?"
EXPLAINS: Final[Mapping[str, str]] = {
    "new": "No confirmed desk of this custodian is known; the gateway’s staff find one, or answer themselves.",
    "with_enquirer": "The custodian asks something back.",
    "passed_on": "It was passed on to a custodian.",
    "converted": "It goes on as a request.",
}
EXPLAINS_STAFF: Final[Mapping[str, str]] = {
    "new": "The gateway’s staff look where such data may be held. They answer here, or pass the question on.",
    "with_enquirer": "The gateway’s staff ask something back.",
    "passed_on": "It was passed on to custodians that may hold such data.",
}
"""Of a question that is for the gateway's staff."""
AUTHORS: Final[Mapping[str, str]] = {"enquirer": "The enquirer", "custodian": "The custodian", "gateway": STAFF}


@router.get("/new")
def form(request: Request, services: Serving, kind: str = "general") -> Response:
    chosen = cast("Kind", kind if kind in QUESTIONS else "general")
    person = visitor(request, services)
    if chosen == "feasibility" and person is None:
        raise NotSignedIn("Asking whether a project is feasible needs an account.", hint="Sign in, then you come back here. A general question needs none.")
    asked = request.query_params
    values = _came_with(services, chosen, {name: asked.get(name, "")[:limit] for name, limit in (("question", 500), ("q", 200), ("from", 2000))})
    return show(request, _form_view(request, services, chosen, asked.getlist("d"), asked.getlist("custodian"), values=values), store=False)


@router.post("")
async def send(request: Request, services: Serving) -> Response:
    async with request.form(max_fields=100, max_files=0) as posted:
        refs = [one for one in posted.getlist("d") if isinstance(one, str)]
        slugs = [one for one in posted.getlist("custodian") if isinstance(one, str)]
        return await run_in_threadpool(_send, request, services, typed_in(posted), refs, slugs)


def _send(request: Request, services: Services, values: dict[str, str], refs: list[str], slugs: list[str]) -> Response:
    person = visitor(request, services)
    if person is not None:
        require_form_token(person, values.get("csrf", ""))
        values = {**values, "name": person.name, "email": person.address}
    elif values.get("kind") == "feasibility":
        raise NotSignedIn("Asking whether a project is feasible needs an account.", hint="A general question needs none.")
    kind = cast("Kind", values.get("kind") if values.get("kind") in QUESTIONS else "general")
    values = {**values, "search": values.get("search", "").strip().removeprefix(services.settings.resolved_public_url)}
    try:
        sent = ask(
            services.store, services.sealer, services.limits, read_question(values), dataset_refs=refs, custodian_slugs=slugs, network=network(request, services),
            is_confirmed=person is not None, now=utc_now(),
        )
    except Unprocessable as error:
        return show(request, _form_view(request, services, kind, refs, slugs, values=values, errors=mistakes(error)), store=False)
    services.jobs.enqueue("deliver")
    if sent.follow_path is not None:
        return see_other(f"{sent.follow_path}?sent=1")
    return show(request, _form_view(request, services, kind, refs, slugs, sent_to=values["email"]), store=False)


@router.get("/confirm/{token}")
def confirm_form(request: Request, services: Serving, token: str) -> Response:
    found = waiting(services.store, token)
    view = ConfirmQuestionView(
        layout=layout(request, services), action=f"/questions/confirm/{token}", reference=found.reference, answers=asked_of(found)
    )
    return show_private(request, view)


@router.post("/confirm/{token}")
def confirm_address(services: Serving, token: str) -> Response:
    path = confirm(services.store, services.sealer, token, now=utc_now())
    services.jobs.enqueue("deliver")
    return see_other(f"{path}?sent=1")


@router.get("/desk/{token}")
def desk(request: Request, services: Serving, token: str) -> Response:
    return show_private(request, _mailbox_view(request, services, token))


@router.post("/desk/{token}")
async def act_at_desk(request: Request, services: Serving, token: str) -> Response:
    async with request.form(max_fields=20, max_files=0) as posted:
        return await run_in_threadpool(_act_at_desk, request, services, token, typed_in(posted))


def _act_at_desk(request: Request, services: Services, token: str, posted: dict[str, str]) -> Response:
    try:
        act_on(services, _of_desk(services, token), posted, side="custodian", may_close=())
    except (Unprocessable, Conflict) as error:
        return show_private(request, _mailbox_view(request, services, token, values=posted, errors=mistakes(error)))
    return see_other(f"/questions/desk/{token}")


@router.get("/{token}")
def question(request: Request, services: Serving, token: str) -> Response:
    return show_private(request, _question_view(request, services, token))


@router.post("/{token}/threads/{thread}", dependencies=[by_token("message")])
async def write(request: Request, services: Serving, token: str, thread: str) -> Response:
    async with request.form(max_fields=20, max_files=0) as posted:
        return await run_in_threadpool(_write, request, services, token, thread, typed_in(posted))


@router.post("/{token}/convert")
def become_request(services: Serving, person: FromOwnForm, token: str) -> Response:
    """The question becomes a draft of its own asker's; nothing is sent."""
    reference = convert(services.store, services.sealer, person, token, services.prefill, now=utc_now())
    return see_other(f"/requests/{reference}")


def _write(request: Request, services: Services, token: str, thread: str, posted: dict[str, str]) -> Response:
    with services.store.reading() as session:
        rows = enquiries.threads_of(session, enquiries.by_follow_token(session, token_digest(token)).id)
    own = next((row for row in rows if row.thread.public_id == thread), None)
    try:
        if own is None:
            raise Conflict("There is no such thread of this question.", hint="Look at the page again.")
        answering.reply(services.store, services.sealer, thread, side="enquirer", text=posted.get("text", ""), now=utc_now())
    except (Unprocessable, Conflict) as error:
        return show_private(request, _question_view(request, services, token, errors=(FieldError("", f"{error.message} {error.hint}".strip()),)))
    services.jobs.enqueue("deliver")
    return see_other(f"/questions/{token}")


def _came_with(services: Services, kind: Kind, asked: Mapping[str, str]) -> dict[str, str]:
    """What the form holds when it is opened: what its address says, and the search that somebody came from."""
    if kind == "columns":
        return {"question": asked["question"] or COLUMNS_WANTED}
    if kind != "unlisted":
        return {"question": asked["question"]}
    search = asked["from"] if SEARCH.fullmatch(asked["from"]) else SearchAddress(q=asked["q"]).href() if asked["q"] else ""
    return {"data": asked["q"], "search": f"{services.settings.resolved_public_url}{search}" if search else ""}


def act_on(services: Services, row: ThreadRow, posted: dict[str, str], *, side: answering.Side, may_close: Sequence[str] = ("spam", "out_of_scope")) -> None:
    """What a desk pressed. Raises :class:`Unprocessable`, :class:`Conflict`."""
    public_id, wanted, now = row.thread.public_id, posted.get("do"), utc_now()
    if wanted == "acknowledge":
        answering.acknowledge(services.store, public_id, now=now)
    elif wanted == "close" and posted.get("reason") in may_close:
        answering.close(services.store, services.sealer, public_id, reason=posted["reason"], now=now)
    elif wanted == "forward" and side == "gateway":
        answering.forward(services.store, services.sealer, public_id, now=now)
    else:
        answering.reply(services.store, services.sealer, public_id, side=side, text=posted.get("text", ""), then=posted.get("then", "answer"), now=now)
    services.jobs.enqueue("deliver")


def asked_of(enquiry: Enquiry) -> tuple[tuple[str, str], ...]:
    return tuple((LABELS[name], text) for name, text in enquiry.answers.items())


def panel(services: Services, row: ThreadRow, *, action: str, own: str) -> ThreadPanel:
    """``own`` is the author who reads the page."""
    with services.store.reading() as session:
        titles = requests.known_titles(session, row.thread.dataset_refs)
    is_over = row.thread.state in ("closed", "converted")
    custodian = row.custodian.name if row.custodian else STAFF if row.is_for_staff else "Custodian not known"
    names = {**AUTHORS, "custodian": custodian, "enquirer": row.enquiry.name, own: "You"}
    return ThreadPanel(
        heading=custodian, state=row.thread.state, since=row.thread.since.isoformat(), explains=explanation(row), action="" if is_over else action,
        lines=tuple(
            ThreadLine(who=names[one.author], text=one.text, at=one.at.isoformat(), by_mail=one.via == "mail", is_from_desk=one.author != "enquirer")
            for one in row.messages
        ),
        whom="the gateway’s staff" if row.is_for_staff else custodian,
        datasets=tuple(Link(titles.get(ref, ref), dataset_path(ref)) for ref in row.thread.dataset_refs),
    )


def explanation(row: ThreadRow) -> str:
    """What happens next, and by when."""
    if row.thread.close_reason:
        return f"{answering.CLOSINGS[row.thread.close_reason]}."
    if row.is_undelivered:
        return "The custodian’s mailbox refused the message. The gateway’s staff have it now and look for another way."
    if row.thread.overdue_at is not None and row.thread.acknowledged_at is None:
        return "Nobody confirmed it in time. The gateway’s staff were reminded." if row.is_for_staff else "Nobody there confirmed it in time. The gateway’s staff see to it."
    due, explains = due_at(row), (EXPLAINS_STAFF if row.is_for_staff else EXPLAINS).get(row.thread.state, "")
    return f"{explains if row.is_for_staff else ''} To be confirmed by {counted_day(due)}.".lstrip() if due is not None else explains


def _of_desk(services: Services, token: str) -> ThreadRow:
    with services.store.reading() as session:
        return enquiries.thread_of_desk(session, token_digest(token))


def _mailbox_view(
    request: Request, services: Services, token: str, *, values: dict[str, str] | None = None, errors: tuple[FieldError, ...] = ()
) -> DeskView:
    row = _of_desk(services, token)
    return desk_view(request, services, row, action=f"/questions/desk/{token}", values=values, errors=errors, closings=())


def desk_view(
    request: Request, services: Services, row: ThreadRow, *, action: str, back: Link | None = None, person: Person | None = None,
    values: dict[str, str] | None = None, errors: tuple[FieldError, ...] = (), closings: Sequence[str] = ("spam", "out_of_scope"), is_triage: bool = False,
) -> DeskView:
    return DeskView(
        layout=layout(request, services, is_indexable=False), reference=row.enquiry.reference, asker=row.enquiry.name, answers=asked_of(row.enquiry),
        thread=panel(services, row, action=action, own="gateway" if is_triage else "custodian"), back=back, csrf=person.csrf if person else "",
        can_acknowledge=row.thread.acknowledged_at is None and row.thread.state in ("new", "with_custodian"), can_forward=is_triage and row.custodian is not None,
        can_pass_on=is_triage and row.custodian is None,
        closings=tuple((reason, answering.CLOSINGS[reason]) for reason in closings), values=values or {}, errors=errors,
    )


def _question_view(request: Request, services: Services, token: str, *, errors: tuple[FieldError, ...] = ()) -> QuestionView:
    with services.store.reading() as session:
        found = enquiries.by_follow_token(session, token_digest(token))
        rows = enquiries.threads_of(session, found.id)
    person = visitor(request, services)
    return QuestionView(
        layout=layout(request, services, is_indexable=False), reference=found.reference, sent_at=(found.confirmed_at or found.created_at).isoformat(),
        answers=asked_of(found), csrf=person.csrf if person else "",
        convert_action=f"/questions/{token}/convert" if person is not None and _may_convert(found, rows, person) else "", is_just_sent=request.query_params.get("sent") == "1", errors=errors,
        threads=tuple(panel(services, row, action=f"/questions/{token}/threads/{row.thread.public_id}", own="enquirer") for row in rows),
    )


def _may_convert(found: Enquiry, rows: Sequence[ThreadRow], person: Person) -> bool:
    return is_own(found, person) and bool(found.dataset_refs) and not any(row.thread.state == "converted" for row in rows)


def _form_view(
    request: Request, services: Services, kind: Kind, refs: Sequence[str], slugs: Sequence[str], *, values: dict[str, str] | None = None,
    errors: tuple[FieldError, ...] = (), sent_to: str = "",
) -> QuestionFormView:
    person = visitor(request, services)
    with services.store.reading() as session:
        known = requests.visible_datasets(session, list(refs)[:50])
        named = [custodians.by_slug(session, slug) for slug in dict.fromkeys(slugs)]
    other = "general" if kind == "feasibility" else "feasibility"
    return QuestionFormView(
        layout=layout(request, services, is_indexable=False), kind=kind, values=values or {}, errors=errors, sent_to=sent_to, is_known=person is not None,
        due=counted_day(after_working_days(utc_now(), ACKNOWLEDGE_DAYS, calendar_of(()))),
        csrf=person.csrf if person else "",
        fields=tuple(AskedField(name=one.name, label=one.label, rows=one.rows, is_required=one.is_required) for one in QUESTIONS[kind]),
        other_kind_href=f"/questions/new?{urlencode([('kind', other), *(('d', ref) for ref in refs), *(('custodian', slug) for slug in slugs)])}",
        datasets=tuple(
            (ref, known[ref].record.title or ref, one.name if (one := known[ref].custodian) else "") for ref in dict.fromkeys(refs) if ref in known
        ),
        custodians=tuple((one.slug, one.name) for one in named),
    )

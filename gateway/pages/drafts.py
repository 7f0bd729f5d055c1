"""Writing a request: begun from the basket, its tasks, one topic a page, the check, and sending it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, Final
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Form, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response
from starlette.datastructures import FormData

from frontend.views.drafts import (
    CheckAnswersView,
    CheckLine,
    ChooseDatasetsView,
    DeleteDraftView,
    DraftPartRow,
    TaskListView,
    TaskRow,
    TopicView,
)
from frontend.views.forms import FieldError
from frontend.views.layout import Link
from frontend.views.requests import RequestSentView
from frontend.words import ROUTES
from gateway.access import drafts, kept_texts, undoing
from gateway.access.advising import before_sending
from gateway.access.bank.asking import AskedTopic, asked_of, missing
from gateway.access.bank.judging import judge
from gateway.access.bank.reading import word_count
from gateway.access.bank.telling import in_words
from gateway.access.carried_columns import KEY as COLUMNS
from gateway.access.carried_columns import with_columns
from gateway.access.drafts import AnswersChanged, Draft
from gateway.access.examples import fill_in
from gateway.access.status import own_status
from gateway.access.submit import submit
from gateway.access.tasks import minutes_left
from gateway.accounts.people import Person
from gateway.accounts.sessions import require_form_token
from gateway.accounts.step_up import Sensitive
from gateway.api.asking import Serving
from gateway.catalogue.basket import remove
from gateway.errors import Conflict, GatewayError, NotAllowed, NotFound, Unprocessable
from gateway.pages import choices
from gateway.pages.advice import advice_panel
from gateway.pages.basket import groups, keep
from gateway.pages.question_fields import Typed, question_fields, questions_of
from gateway.pages.showing import held, is_demonstration, layout, mistakes, see_other, show, with_next
from gateway.pages.signed_in import FromOwnForm, SignedIn, fresh_factor, session_token, visitor
from gateway.pages.typed_answers import reasons, typed_answers
from gateway.store.database import utc_now
from gateway.web.policy import EVERYBODY
from gateway.wiring import Services

router = APIRouter()
UNTITLED: Final = "A project without a title yet"
MAX_FIELDS: Final = 3000
OPENED: Final = "Your answer opened more questions on this page."
BROUGHT_BACK: Final = "Your sign-in had ended. What you typed is here again and is not saved yet: press Continue."
Sure = Annotated[str, Form(max_length=10)]
Deleted = Annotated[str, Form(max_length=100)]


@router.get("/requests/new")
def choose(request: Request, services: Serving, person: SignedIn) -> Response:
    refs = held(request, services)
    return show(request, _choose_view(request, services, person, refs, refs), store=False)


@router.post("/requests")
async def begin(request: Request, services: Serving, person: SignedIn) -> Response:
    async with request.form(max_fields=200, max_files=0) as posted:
        return await run_in_threadpool(_begin, request, services, person, posted)


@router.get("/requests/{reference}/check")
def check(request: Request, services: Serving, person: SignedIn, reference: str) -> Response:
    draft = _led(services, person, reference)
    if not draft.drafts:
        return see_other(f"/account/requests/{reference}")
    return show(request, _check_view(request, services, person, draft, [part.part for part in draft.drafts]), store=False)


@router.post("/requests/{reference}/check", dependencies=[fresh_factor(Sensitive.SUBMIT)])
async def send(request: Request, services: Serving, person: SignedIn, reference: str) -> Response:
    async with request.form(max_fields=200, max_files=0) as posted:
        return await run_in_threadpool(_send, request, services, person, reference, posted)


@router.get("/requests/{reference}/sent")
def sent(request: Request, services: Serving, person: SignedIn, reference: str) -> Response:
    """What the sender sees first; made from the request itself, so that a reload is harmless."""
    found = own_status(services.store, reference, person)
    view = RequestSentView(
        layout=layout(request, services, is_indexable=False), reference=found.reference, follow_href=f"/account/requests/{reference}",
        email=person.address, recipients=tuple(part.custodian_name or "The gateway's staff" for part in found.parts),
        draft_href=f"/requests/{reference}" if found.has_draft else None,
    )
    return show(request, view, store=False)


@router.get("/requests/{reference}/datasets")
def datasets(request: Request, services: Serving, person: SignedIn, reference: str) -> Response:
    draft = _led(services, person, reference)
    return show(request, _datasets_view(request, services, person, draft, list(draft.titles)), store=False)


@router.post("/requests/{reference}/datasets")
async def change_datasets(request: Request, services: Serving, person: SignedIn, reference: str) -> Response:
    async with request.form(max_fields=200, max_files=0) as posted:
        return await run_in_threadpool(_change_datasets, request, services, person, reference, posted)


@router.post("/requests/{reference}/form")
async def renew_form(request: Request, services: Serving, person: SignedIn, reference: str) -> Response:
    async with request.form(max_fields=10, max_files=0) as posted:
        require_form_token(person, _text(posted, "csrf"))
        await run_in_threadpool(drafts.renew_form, services.store, person, reference, _text(posted, "part"), now=utc_now())
    return see_other(f"/requests/{reference}")


@router.get("/requests/{reference}/delete")
def delete_form(request: Request, services: Serving, person: SignedIn, reference: str) -> Response:
    draft = _led(services, person, reference)
    return show(request, _delete_view(request, services, person, draft), store=False)


@router.post("/requests/{reference}/delete")
def delete(request: Request, services: Serving, person: FromOwnForm, reference: str, sure: Sure = "") -> Response:
    draft = _led(services, person, reference)
    if not sure:
        fault = (FieldError("sure", "Tick the box to delete the draft."),)
        return show(request, _delete_view(request, services, person, draft, fault), store=False)
    token = undoing.delete(services.store, services.sealer, person, reference, now=utc_now())
    return see_other(f"/account?{urlencode({'deleted': token})}" if token else "/account")


@router.post("/requests/undo")
def undo(services: Serving, person: FromOwnForm, deleted: Deleted = "") -> Response:
    reference = undoing.restore(services.store, services.sealer, person, deleted, now=utc_now())
    return see_other(f"/requests/{reference}")


@router.post("/requests/{reference}/example")
def example(services: Serving, person: FromOwnForm, reference: str) -> Response:
    """Demonstration only."""
    if not is_demonstration(services):
        raise NotFound("There is nothing at this address.")
    fill_in(services.store, services.sealer, person, reference, now=utc_now())
    return see_other(f"/requests/{reference}")


@router.get("/requests/{reference}/{topic}")
def topic_page(request: Request, services: Serving, person: SignedIn, reference: str, topic: str) -> Response:
    draft = drafts.draft(services.store, person, reference)
    found = _topic(draft, topic)
    typed = _brought_back(services, person, draft, found, request.query_params.get("kept", ""))
    notice = BROUGHT_BACK if typed else OPENED if request.query_params.get("opened") else ""
    return show(request, _topic_view(request, services, person, draft, found, typed, notice=notice), store=False)


@router.post("/requests/{reference}/{topic}", dependencies=EVERYBODY)
async def save_topic(request: Request, services: Serving, reference: str, topic: str) -> Response:
    async with request.form(max_fields=MAX_FIELDS, max_files=0) as posted:
        return await run_in_threadpool(_save_topic, request, services, reference, topic, posted)


def _led(services: Services, person: Person, reference: str) -> Draft:
    """Raises :class:`NotFound`, and :class:`NotAllowed` for those who only write with the lead."""
    draft = drafts.draft(services.store, person, reference)
    if not draft.is_led:
        raise NotAllowed("Whoever leads the request does this.", hint="You may change its answers.")
    return draft


def task_list(request: Request, services: Services, person: Person, reference: str) -> Response:
    draft = drafts.draft(services.store, person, reference)
    if not draft.open_parts:
        return see_other(f"/account/requests/{reference}")
    rows = [(topic.group, _task(draft, topic)) for topic in draft.topics]
    by_group: dict[str, list[TaskRow]] = {}
    for group, row in rows:
        by_group.setdefault(group, []).append(row)
    view = TaskListView(
        layout=layout(request, services, is_indexable=False), reference=reference, project=project_of(draft), csrf=person.csrf,
        groups=tuple((group, tuple(found)) for group, found in by_group.items()), parts=_parts(draft), minutes=sum(row.minutes for _, row in rows),
        status_href=_status_href(draft), is_led=draft.is_led, example_action=f"/requests/{reference}/example" if is_demonstration(services) else None,
    )
    return show(request, view, store=False)


def _begin(request: Request, services: Services, person: Person, posted: FormData) -> Response:
    require_form_token(person, _text(posted, "csrf"))
    refs = _chosen(posted)
    try:
        columns = with_columns((), {ref: tables for ref, tables in choices.chosen(request, services).items() if ref in refs})
        known = {COLUMNS: columns} if columns else {}
        reference = drafts.begin(services.store, services.sealer, person, refs, services.prefill, known=known, now=utc_now())
    except Unprocessable as error:
        offered = tuple(dict.fromkeys((*held(request, services), *refs)))
        return show(request, _choose_view(request, services, person, offered, refs, mistakes(error)), store=False)
    response = see_other(f"/requests/{reference}")
    choices.forget(request, services, refs)
    keep(services, response, remove(held(request, services), *refs))
    return response


def _change_datasets(request: Request, services: Services, person: Person, reference: str, posted: FormData) -> Response:
    require_form_token(person, _text(posted, "csrf"))
    refs = _chosen(posted)
    try:
        drafts.change_datasets(services.store, services.sealer, person, reference, refs, chosen=choices.chosen(request, services), now=utc_now())
    except Unprocessable as error:
        draft = drafts.draft(services.store, person, reference)
        return show(request, _datasets_view(request, services, person, draft, refs, mistakes(error)), store=False)
    response = see_other(f"/requests/{reference}")
    choices.forget(request, services, refs)
    keep(services, response, remove(held(request, services), *refs))
    return response


def _send(request: Request, services: Services, person: Person, reference: str, posted: FormData) -> Response:
    require_form_token(person, _text(posted, "csrf"))
    chosen, read, promised, linked = ([one for one in posted.getlist(name) if isinstance(one, str)] for name in ("parts", "advice", "promise", "linked"))
    discloses = bool(_text(posted, "discloses"))
    place = services.limits.take("submit", account=person.subject, now=utc_now())
    try:
        submit(
            services.store, services.sealer, person, reference, parts=chosen, advice=read, promises=promised, discloses=discloses, linked=linked,
            rules=services.uploads.rules, now=utc_now(),
        )
    except (Unprocessable, Conflict) as error:
        services.limits.give_back(place, now=utc_now())
        draft = drafts.draft(services.store, person, reference)
        view = _check_view(request, services, person, draft, chosen, error)
        return show(request, replace(view, promised=frozenset(promised), discloses=discloses, linked=frozenset(linked)), store=False)
    services.jobs.enqueue("deliver")
    return see_other(f"/requests/{reference}/sent")


def _save_topic(request: Request, services: Services, reference: str, slug: str, posted: FormData) -> Response:
    person, is_background = visitor(request, services), _text(posted, "background") == "1"
    if person is None:
        return _keep_for_later(request, services, reference, slug, posted)
    require_form_token(person, _text(posted, "csrf"))
    draft = drafts.draft(services.store, person, reference)
    topic = _topic(draft, slug)
    shown = set(posted.getlist("shown"))
    questions = [question for question in questions_of(draft, topic) if question.key in shown]
    typed, why = typed_answers(questions, posted), reasons(questions, posted)
    judged = judge(questions, typed, reasons=why, held=draft.answers)
    try:
        version = drafts.save(
            services.store, services.sealer, person, reference, judged.answers, seen_version=_number(posted, "version"), kept=judged.kept, now=utc_now()
        )
    except AnswersChanged as error:
        if is_background:
            return JSONResponse({"detail": error.message}, 409)
        now_held, theirs = drafts.draft(services.store, person, reference), error.extra
        clash = Typed(answers=typed, reasons=why, judged=judged, theirs=theirs)
        return show(request, _topic_view(request, services, person, now_held, topic, clash), store=False)
    if is_background:
        words = {question.key: word_count(text) for question in questions if question.words and isinstance(text := typed[question.key], str)}
        return JSONResponse({"version": version, "words": words, "unsaved": [*judged.faults, *judged.suspicions]})
    if judged.faults or judged.suspicions:
        wrong = Typed(answers=typed, reasons=why, judged=judged)
        return show(request, _topic_view(request, services, person, drafts.draft(services.store, person, reference), topic, wrong), store=False)
    return see_other(_onwards(drafts.draft(services.store, person, reference), slug, shown, _text(posted, "then")))


def _onwards(draft: Draft, slug: str, shown: set[Any], then: str) -> str:
    """Where to go on after a page was saved: to what it opened, or to the next topic."""
    base = f"/requests/{draft.reference}"
    topics = draft.topics
    place = next((number for number, topic in enumerate(topics) if topic.slug == slug), None)
    if then == "later" or place is None:
        return base
    if then == "more":
        return f"{base}/{slug}"
    if then.startswith("files:"):
        return f"{base}/attach/{quote(then.removeprefix('files:'))}"
    opened = next((asked.key for asked in topics[place].asked if asked.key not in shown and asked.key not in draft.answers), None)
    if opened is not None:
        return f"{base}/{slug}?opened=1#q-{opened}"
    if place + 1 < len(topics):
        return f"{base}/{topics[place + 1].slug}"
    return f"{base}/check"


def _keep_for_later(request: Request, services: Services, reference: str, slug: str, posted: FormData) -> Response:
    """The sign-in has ended: keep what was typed for the person whose form it is, and bring them back to it."""
    path = f"/requests/{quote(reference)}/{quote(slug)}"
    pairs = [(name, value) for name, value in posted.multi_items() if isinstance(value, str) and name not in ("csrf", "background")]
    token = kept_texts.keep(
        services.store, services.sealer, session_token=session_token(request, services), form_token=_text(posted, "csrf"), pairs=pairs, now=utc_now()
    )
    wanted = f"{path}?kept={token}" if token else path
    way = with_next("/sign-in", wanted)
    if _text(posted, "background") == "1":
        return JSONResponse({"detail": "Your sign-in has ended.", "sign_in": way}, 401)
    return see_other(way)


def _brought_back(services: Services, person: Person, draft: Draft, topic: AskedTopic, token: str) -> Typed | None:
    pairs = kept_texts.take(services.store, services.sealer, person, token) if token else None
    if pairs is None:
        return None
    posted = FormData([*pairs])
    shown = set(posted.getlist("shown"))
    questions = [question for question in questions_of(draft, topic) if question.key in shown]
    return Typed(answers=typed_answers(questions, posted), reasons=reasons(questions, posted))


def _topic(draft: Draft, slug: str) -> AskedTopic:
    found = next((topic for topic in draft.topics if topic.slug == slug), None)
    if found is None:
        raise NotFound("This request asks nothing here.", hint="Its page lists what it asks.")
    return found


def _topic_view(
    request: Request, services: Services, person: Person, draft: Draft, topic: AskedTopic, typed: Typed | None = None, *, notice: str = ""
) -> TopicView:
    fields = question_fields(draft, topic, services.uploads.rules, typed)
    errors = [FieldError(one.id, f"{one.label}: {one.error}") for one in fields if one.error]
    errors += [FieldError(f"{one.id}-keep", f"{one.label}: {one.doubt} Take it out, or say why it stays.") for one in fields if one.doubt]
    errors += [FieldError(one.id, f"{one.label}: somebody saved another answer meanwhile. Compare both and choose.") for one in fields if one.theirs is not None]
    return TopicView(
        layout=layout(request, services, is_indexable=False), reference=draft.reference, project=project_of(draft), heading=topic.title,
        action=f"/requests/{draft.reference}/{topic.slug}", csrf=person.csrf, version=draft.version, fields=fields, errors=tuple(errors),
        notice=notice, is_conflict=typed is not None and bool(typed.theirs),
    )


def _task(draft: Draft, topic: AskedTopic) -> TaskRow:
    again = {key for part in draft.parts for key in part.asked_again}
    lacking = {one.key for part in draft.open_parts for one in missing(part.form, draft.answers)}
    asked = [one for one in topic.asked if one.question.type != "datasets"]
    return TaskRow(
        words=topic.title, href=f"/requests/{draft.reference}/{topic.slug}", answered=sum(one.key in draft.answers for one in asked), asked=len(asked),
        minutes=minutes_left(topic, draft.answers), is_done=not any(one.key in lacking for one in asked), is_asked_again=any(one.key in again for one in asked),
    )


def _parts(draft: Draft) -> tuple[DraftPartRow, ...]:
    return tuple(
        DraftPartRow(
            part=part.part, name=part.name, datasets=tuple(part.datasets.values()), route=ROUTES[part.channel], state=part.state.state,
            missing=len(missing(part.form, draft.answers)), questions=len(asked_of(part.form, draft.answers)),
            is_new_form=part.newer_form is not None and part.state.state == "draft",
        )
        for part in draft.parts
    )


def _check_view(
    request: Request, services: Services, person: Person, draft: Draft, chosen: Sequence[str], error: GatewayError | None = None
) -> CheckAnswersView:
    faults: Mapping[str, str] = error.fields if error else {}
    asked = {key for part in draft.drafts for key in asked_of(part.form, draft.answers)}
    lacking = {one.key: one.sentence for part in draft.drafts for one in missing(part.form, draft.answers)}
    topics = tuple(
        (topic.title, tuple(_line(draft, topic, one.key, faults, lacking) for one in topic.asked if one.key in asked)) for topic in draft.topics
    )
    named = {line.key for _, lines in topics for line in lines}
    errors = [
        FieldError(f"q-{key}", sentence) if key in named else FieldError(key if key.startswith("advice-") or key in ("discloses", "linked") else "", sentence) for key, sentence in faults.items()
    ]
    advice = before_sending(services.store, draft.reference, subject=person.subject, now=utc_now())
    if error is not None and not errors:
        errors = [FieldError("", f"{error.message} {error.hint}".strip())]
    return CheckAnswersView(
        layout=layout(request, services, is_indexable=False), reference=draft.reference, project=project_of(draft),
        action=f"/requests/{draft.reference}/check", csrf=person.csrf, topics=tuple(one for one in topics if one[1]), chosen=tuple(chosen), errors=tuple(errors),
        parts=tuple(part for part in _parts(draft) if part.state == "draft"), discloses=draft.discloses, status_href=_status_href(draft),
        advice=tuple(advice_panel(one) for one in advice),
    )


def _line(draft: Draft, topic: AskedTopic, key: str, faults: Mapping[str, str], lacking: Mapping[str, str]) -> CheckLine:
    asked = next(one for one in topic.asked if one.key == key)
    question = asked.question
    text = "\n".join(draft.titles.values()) if question.type == "datasets" else in_words(question, draft.answers.get(key), names=draft.names)
    href = f"/requests/{draft.reference}/{topic.slug}#q-{key}"
    return CheckLine(key=key, label=question.label, text=text, href=href, error=faults.get(key) or lacking.get(key, ""), only=asked.only)


def _choose_view(
    request: Request, services: Services, person: Person, offered: Sequence[str], chosen: Sequence[str], errors: tuple[FieldError, ...] = ()
) -> ChooseDatasetsView:
    begun = tuple(Link(f"{project_of(draft)} ({draft.reference})", f"/requests/{draft.reference}") for draft in drafts.begun(services.store, person))
    return ChooseDatasetsView(
        layout=layout(request, services, is_indexable=False), groups=groups(services, offered, choices.chosen(request, services)), chosen=tuple(chosen), action="/requests",
        csrf=person.csrf, drafts=begun, errors=errors,
    )


def _datasets_view(
    request: Request, services: Services, person: Person, draft: Draft, chosen: Sequence[str], errors: tuple[FieldError, ...] = ()
) -> ChooseDatasetsView:
    offered = tuple(dict.fromkeys((*draft.titles, *held(request, services))))
    return ChooseDatasetsView(
        layout=layout(request, services, is_indexable=False), groups=groups(services, offered, choices.chosen(request, services)), chosen=tuple(chosen),
        action=f"/requests/{draft.reference}/datasets", csrf=person.csrf, reference=draft.reference, errors=errors,
    )


def _delete_view(
    request: Request, services: Services, person: Person, draft: Draft, errors: tuple[FieldError, ...] = ()
) -> DeleteDraftView:
    return DeleteDraftView(
        layout=layout(request, services, is_indexable=False), reference=draft.reference, project=project_of(draft), csrf=person.csrf, errors=errors,
        action=f"/requests/{draft.reference}/delete", recipients=tuple(part.name for part in draft.parts if part.state.state != "draft"),
    )


def project_of(draft: Draft) -> str:
    return str(draft.answers.get("project.title") or UNTITLED)


def _status_href(draft: Draft) -> str | None:
    is_sent = any(part.state.state != "draft" for part in draft.parts)
    return f"/account/requests/{draft.reference}" if is_sent else None


def _chosen(posted: FormData) -> list[str]:
    return list(dict.fromkeys(one for one in posted.getlist("datasets") if isinstance(one, str)))


def _text(posted: FormData, name: str) -> str:
    value = posted.get(name)
    return value if isinstance(value, str) else ""


def _number(posted: FormData, name: str) -> int:
    text = _text(posted, name)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0

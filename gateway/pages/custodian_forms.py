"""``/w/{custodian}/form``: the team administrator chooses what the custodian asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from starlette.datastructures import FormData

from frontend.views.custodian_forms import ChoosableQuestion, CustodianFormView
from frontend.views.forms import FieldError
from gateway.access.bank.forms import annex_key
from gateway.access.bank.questions import Question
from gateway.access.bank.whole import BANK, CORE, OPTIONAL, TOPICS
from gateway.access.part_forms import newest_form, publish, published_forms
from gateway.accounts.people import Person
from gateway.accounts.roles import Action
from gateway.accounts.sessions import require_form_token
from gateway.api.asking import Serving
from gateway.errors import NotFound, Unprocessable
from gateway.pages.limited import by_account
from gateway.pages.sent_files import sent_file
from gateway.pages.showing import layout, see_other, show
from gateway.pages.signed_in import SignedIn
from gateway.store.database import utc_now
from gateway.uploads.checking import check, refused
from gateway.uploads.scanning import WHILE_SOMEBODY_WAITS
from gateway.wiring import Services

router = APIRouter(prefix="/w")
TYPES: Final = (
    ("long", "Long text"), ("text", "One line"), ("yes_no", "Yes or no"), ("choice", "One of several"), ("multi", "Several of several"), ("date", "Date"),
    ("number", "Whole number"), ("tick", "A box to tick"),
)
ANNEX_FIELDS: Final = ("label", "name", "help", "words", "why", "reason", "type", "need", "choices", "private")
MAX_ANNEX: Final = 60


@router.get("/{custodian}/form")
def form_page(request: Request, services: Serving, person: SignedIn, custodian: str) -> Response:
    _require_chooser(person, custodian)
    form = newest_form(services.store, custodian)
    return show(request, _view(request, services, person, custodian, form.document.model_dump(mode="json")), store=False)


@router.post("/{custodian}/form/template", dependencies=[by_account("attach")])
async def save_template(request: Request, services: Serving, person: SignedIn, custodian: str) -> Response:
    async with request.form(max_fields=5, max_files=1) as posted:
        csrf, (name, body) = _text(posted, "csrf"), await sent_file(posted)
    return await run_in_threadpool(_save_template, request, services, person, custodian, csrf, name, body)


@router.post("/{custodian}/form")
async def save(request: Request, services: Serving, person: SignedIn, custodian: str) -> Response:
    async with request.form(max_fields=1500, max_files=0) as posted:
        return await run_in_threadpool(_save, request, services, person, custodian, posted)


def _save(request: Request, services: Services, person: Person, custodian: str, posted: FormData) -> Response:
    _require_chooser(person, custodian)
    require_form_token(person, _text(posted, "csrf"))
    held = newest_form(services.store, custodian).document.template
    document = {**_document(posted), "template": held.model_dump() if held else None}
    version = _text(posted, "version")
    try:
        publish(
            services.store, custodian, document, actor=person.subject, now=utc_now(), seen_version=int(version) if version.isascii() and version.isdigit() else None
        )
    except Unprocessable as error:
        view = _view(request, services, person, custodian, document, _errors(error, document, custodian))
        return show(request, view, store=False)
    return see_other(f"/w/{custodian}/form?published=1")


def _save_template(request: Request, services: Services, person: Person, custodian: str, csrf: str, name: str, body: bytes) -> Response:
    _require_chooser(person, custodian)
    require_form_token(person, csrf)
    form = newest_form(services.store, custodian)
    document = form.document.model_dump(mode="json")
    try:
        kept = _template(services, name, body)
        publish(services.store, custodian, {**document, "variant": "documents", "template": kept}, actor=person.subject, now=utc_now())
    except Unprocessable as error:
        errors = tuple(FieldError("file", sentence) for sentence in error.fields.values())
        return show(request, _view(request, services, person, custodian, document, errors), store=False)
    return see_other(f"/w/{custodian}/form?published=1")


def _template(services: Services, name: str, body: bytes) -> dict[str, str]:
    """Raises :class:`Unprocessable` for a file that cannot be offered."""
    if not name:
        raise refused("Choose a file first.")
    checked = check(name, body)
    if not checked.is_document:
        raise refused("Offer your form as PDF, DOCX or ODT.")
    state = services.uploads.judged(checked.body, seconds=WHILE_SOMEBODY_WAITS)
    if not services.uploads.rules.allow(state):
        raise refused(services.uploads.rules.words(state))
    return {"name": checked.name, "media_type": checked.media_type, "sha256": services.files.put(checked.body)}


def _require_chooser(person: Person, custodian: str) -> None:
    """Raises :class:`NotFound`: to others the page does not exist."""
    if not person.may(Action.FORMS, custodian=custodian):
        raise NotFound("There is nothing at this address.")


def _document(posted: FormData) -> dict[str, Any]:
    """What was chosen, as :class:`gateway.access.bank.forms.FormDocument` wants it."""
    chosen = {
        key: {"need": need, "why": _text(posted, f"why:{key}").strip(), "private": bool(_text(posted, f"private:{key}"))}
        for key in BANK if (need := _text(posted, f"need:{key}"))
    }
    guidance = {key: text for key in BANK if (text := _text(posted, f"guidance:{key}").strip())}
    rows = ({name: _text(posted, f"annex:{number}:{name}").strip() for name in ANNEX_FIELDS} for number in range(MAX_ANNEX))
    return {
        "variant": _text(posted, "variant") or "questions", "optional": chosen, "guidance": guidance,
        "annex": [_annex(row) for row in rows if row["label"] or row["name"]],
    }


def _annex(row: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {name: row[name] for name in ("label", "name", "help", "why", "reason", "type", "need")}
    choices = [line.strip() for line in row["choices"].splitlines() if line.strip()]
    return {**found, "private": bool(row["private"]), "choices": choices, "words": int(row["words"]) if row["words"].isascii() and row["words"].isdigit() else None}


def _errors(error: Unprocessable, document: Mapping[str, Any], custodian: str) -> tuple[FieldError, ...]:
    """With the ids of the page's fields."""
    places = {annex_key(custodian, one["name"]): f"annex-{number}" for number, one in enumerate(document["annex"])}
    found = [FieldError(_place(where, places), f"{where}: {sentence}") for where, sentence in error.fields.items()]
    return tuple(found) or (FieldError("", f"{error.message} {error.hint}".strip()),)


def _place(where: str, annex: Mapping[str, str]) -> str:
    head, _, rest = where.partition(".")
    if where in annex:
        return annex[where]
    if head == "annex" and rest.split(".")[0].isdigit():
        return f"annex-{rest.split('.')[0]}"
    return {"optional": f"need-{rest}", "guidance": f"guidance-{rest}"}.get(head, "")


def _view(
    request: Request, services: Services, person: Person, custodian: str, document: Mapping[str, Any], errors: tuple[FieldError, ...] = ()
) -> CustodianFormView:
    form = newest_form(services.store, custodian)
    empty = dict.fromkeys(ANNEX_FIELDS, "")
    rows = [{**empty, **{name: _shown(one.get(name)) for name in ANNEX_FIELDS}} for one in document["annex"]]
    return CustodianFormView(
        layout=layout(request, services, is_indexable=False), custodian_name=form.name, action=f"/w/{custodian}/form", csrf=person.csrf,
        version=form.version, variant=document["variant"], annex=(*rows, empty), types=TYPES, counts=(len(CORE), len(OPTIONAL)), errors=errors,
        own_form=form.document.template.name if form.document.template else None, template_action=f"/w/{custodian}/form/template",
        topics=tuple((topic.title, tuple(_choosable(one, document) for one in topic.questions)) for topic in TOPICS),
        published=tuple((number, at.isoformat()) for number, at in published_forms(services.store, custodian)),
        is_published=bool(request.query_params.get("published")) and form.version > 0,
    )


def _choosable(question: Question, document: Mapping[str, Any]) -> ChoosableQuestion:
    chosen = document["optional"].get(question.key, {})
    return ChoosableQuestion(
        key=question.key, label=question.label, help=question.help, need=question.need, chosen=chosen.get("need", ""), why=chosen.get("why", ""), is_private=bool(chosen.get("private")),
        guidance=document["guidance"].get(question.key, ""),
    )


def _shown(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return "\n".join(str(one) for one in value)
    return "" if value is None or value is False else str(value)


def _text(posted: FormData, name: str) -> str:
    value = posted.get(name)
    return value if isinstance(value, str) else ""

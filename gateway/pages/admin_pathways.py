"""``/admin/pathways``: the gateway's administrators keep the ways to data. To everybody else there is nothing here."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from frontend.views.forms import FieldError
from frontend.views.pathways import EditionRow, EditPathwayView, PathwayCard, PathwayOffice, PathwayRow
from gateway.access.pathways.documents import checked, differences
from gateway.access.pathways.keeping import Edition, editions, pathways_now, publish
from gateway.access.pathways.pathway import Pathway
from gateway.accounts.people import Person
from gateway.accounts.roles import Action
from gateway.accounts.sessions import require_form_token
from gateway.api.asking import Serving
from gateway.errors import Conflict, NotFound, Unprocessable
from gateway.pages.acting import typed_in
from gateway.pages.pathway_forms import Typed, last_fields, read, step_fields, top_fields, typed
from gateway.pages.pathways import card_of
from gateway.pages.showing import layout, mistakes, see_other, show
from gateway.pages.signed_in import SignedIn
from gateway.store import accounts
from gateway.store.database import utc_now
from gateway.wiring import Services

router = APIRouter(prefix="/admin/pathways")
NEW: Final = "new"
FORM: Final = "way"
MAX_FIELDS: Final = 260


@router.get("")
def listing(request: Request, services: Serving, person: SignedIn) -> Response:
    _require(person)
    today = utc_now().date()
    with services.store.reading() as session:
        found = pathways_now(session)
    rows = tuple(
        PathwayRow(id=one.id, title=one.title, nation=one.nation, version=one.version, last_checked=one.last_checked.isoformat(), is_unchecked=one.is_unchecked(today))
        for one in found.values()
    )
    published = found.get(request.query_params.get("published", ""))
    return show(request, PathwayOffice(layout=layout(request, services, is_indexable=False), rows=rows, published=published.title if published else ""), store=False)


@router.get("/{name}")
def form_page(request: Request, services: Serving, person: SignedIn, name: str) -> Response:
    _require(person)
    present = _present(services, name)
    return show(request, _view(request, services, person, name, present, typed(present) if present else {}), store=False)


@router.post("/{name}")
async def save(request: Request, services: Serving, person: SignedIn, name: str) -> Response:
    async with request.form(max_fields=MAX_FIELDS, max_files=0) as posted:
        return await run_in_threadpool(_save, request, services, person, name, typed_in(posted))


def _save(request: Request, services: Services, person: Person, name: str, posted: dict[str, str]) -> Response:
    _require(person)
    require_form_token(person, posted.get("csrf", ""))
    present = _present(services, name)
    got = read(posted.get("id", "").strip() if name == NEW else name, posted)
    seen = posted.get("version", "")
    try:
        _whole(got)
        if posted.get("do") == "preview":
            return show(request, _previewed(request, services, person, name, present, got), store=False)
        publish(services.store, got.pathway, seen_version=int(seen[:6]) if seen.isascii() and seen.isdigit() else 0, actor=person.subject, now=utc_now())
    except Unprocessable as error:
        errors = tuple(FieldError(f"{FORM}-{one.field}", one.message) for one in mistakes(error))
        return show(request, _view(request, services, person, name, present, got.values, errors=errors), store=False)
    except Conflict as error:
        assert present is not None
        view = _view(request, services, person, name, present, got.values)
        view = replace(view, overtaken=f"{error.message} {error.hint}", differs=differences(present, got.pathway), preview=_card(present))
        return show(request, view, store=False)
    return see_other(f"/admin/pathways?published={got.pathway.id}")


def _whole(got: Typed) -> None:
    """Raises :class:`Unprocessable` for what the form cannot be read as, and for what is wrong with it."""
    faults = dict(got.faults)
    try:
        checked(got.pathway, today=utc_now().date())
    except Unprocessable as error:
        faults = {**error.fields, **faults}
    if faults:
        raise Unprocessable("The way to data was not published.", fields=faults)


def _previewed(request: Request, services: Services, person: Person, name: str, present: Pathway | None, got: Typed) -> EditPathwayView:
    view = _view(request, services, person, name, present, got.values)
    return replace(view, preview=_card(got.pathway), differs=differences(present, got.pathway) if present else ())


def _require(person: Person) -> None:
    if not person.may(Action.ADMINISTER):
        raise NotFound("There is nothing at this address.")


def _present(services: Services, name: str) -> Pathway | None:
    """None for a new one. Raises :class:`NotFound`."""
    with services.store.reading() as session:
        found = pathways_now(session).get(name)
    if found is None and name != NEW:
        raise NotFound("There is no such way.", hint="The page of ways lists all of them.")
    return found


def _view(
    request: Request, services: Services, person: Person, name: str, present: Pathway | None, values: dict[str, str], errors: tuple[FieldError, ...] = ()
) -> EditPathwayView:
    count = sum(key.startswith("steps.") and key.endswith(".position") for key in values)
    with services.store.reading() as session:
        found = editions(session, name)
        names = accounts.names(session, [one.by for one in found if one.by])
    return EditPathwayView(
        layout=layout(request, services, is_indexable=False), csrf=person.csrf, action=f"/admin/pathways/{name}", name=present.title if present else "",
        version=present.version if present else 0, values={f"{FORM}-{field}": text for field, text in values.items()}, errors=errors,
        first=top_fields(is_new=name == NEW), steps=step_fields(count), last=last_fields(), history=tuple(_row(one, names) for one in found),
    )


def _row(one: Edition, names: dict[str, str]) -> EditionRow:
    by = names.get(one.by, "somebody whose account is closed") if one.by else None
    return EditionRow(version=one.pathway.version, at=one.at.isoformat() if one.at else None, by=by, changed=one.changed, source=one.pathway.source)


def _card(one: Pathway) -> PathwayCard:
    return card_of(one, utc_now().date())

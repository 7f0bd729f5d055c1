"""``/admin/pathways``: the gateway's administrators keep the ways to data. To everybody else there is nothing here."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from frontend.views.forms import FieldError
from frontend.views.pathways import EditionRow, EditPathwayView, PathwayCard, PathwayOffice, PathwayRemoval, PathwayRow
from frontend.views.requests import ActionField
from gateway.access.pathways.documents import checked, differences
from gateway.access.pathways.keeping import Edition, editions, pathways_now, publish, remove, restore
from gateway.access.pathways.listing import PATHWAYS
from gateway.access.pathways.pathway import Pathway
from gateway.access.pathways.using import used_by
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
TAKEN_BACK: Final = {"remove": remove, "restore": restore}


@router.get("")
def listing(request: Request, services: Serving, person: SignedIn) -> Response:
    _require(person)
    today = utc_now().date()
    with services.store.reading() as session:
        found = pathways_now(session)
        gone = () if (name := request.query_params.get("removed", "")) in found else editions(session, name)
    rows = tuple(
        PathwayRow(id=one.id, title=one.title, nation=one.nation, version=one.version, last_checked=one.last_checked.isoformat(), is_unchecked=one.is_unchecked(today))
        for one in found.values()
    )
    published = found.get(request.query_params.get("published", ""))
    return show(request, PathwayOffice(layout=layout(request, services, is_indexable=False), rows=rows, published=published.title if published else "", removed=gone[0].pathway.title if gone else ""), store=False)


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
    seen = _seen(posted)
    if present is not None and (wanted := posted.get("do", "")) in TAKEN_BACK:
        return _take_back(request, services, person, present, wanted, posted)
    try:
        _whole(got)
        if posted.get("do") == "preview":
            return show(request, _previewed(request, services, person, name, present, got), store=False)
        publish(services.store, got.pathway, seen_version=seen, actor=person.subject, now=utc_now())
    except Unprocessable as error:
        errors = tuple(FieldError(f"{FORM}-{one.field}", one.message) for one in mistakes(error))
        return show(request, _view(request, services, person, name, present, got.values, errors=errors), store=False)
    except Conflict as error:
        assert present is not None
        view = _view(request, services, person, name, present, got.values)
        view = replace(view, overtaken=f"{error.message} {error.hint}", differs=differences(present, got.pathway), preview=_card(present))
        return show(request, view, store=False)
    return see_other(f"/admin/pathways?published={got.pathway.id}")


def _seen(posted: dict[str, str]) -> int:
    version = posted.get("version", "")
    return int(version[:6]) if version.isascii() and version.isdigit() else 0


def _take_back(request: Request, services: Services, person: Person, present: Pathway, wanted: str, posted: dict[str, str]) -> Response:
    """Remove a way that was added here, or restore one that came with the gateway."""
    confirmed = posted.get("confirm", "")
    try:
        TAKEN_BACK[wanted](services.store, present.id, typed=confirmed, seen_version=_seen(posted), actor=person.subject, now=utc_now())
    except (Unprocessable, Conflict) as error:
        errors = tuple(FieldError(f"{FORM}-{one.field}" if one.field else "", one.message) for one in mistakes(error))
        view = _view(request, services, person, present.id, present, {**typed(present), "confirm": confirmed}, errors)
        return show(request, view, store=False)
    return see_other(f"/admin/pathways?{'removed' if wanted == 'remove' else 'published'}={present.id}")


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
        used = used_by(session, name) if name not in PATHWAYS else ()
    return EditPathwayView(
        layout=layout(request, services, is_indexable=False), csrf=person.csrf, action=f"/admin/pathways/{name}", name=present.title if present else "",
        version=present.version if present else 0, values={f"{FORM}-{field}": text for field, text in values.items()}, errors=errors,
        first=top_fields(is_new=name == NEW), steps=step_fields(count), last=last_fields(), history=tuple(_row(one, names) for one in found),
        removal=_removal(present, used) if present is not None else None,
    )


def _removal(present: Pathway, used: tuple[str, ...]) -> PathwayRemoval | None:
    """None for one that is as it came with the gateway."""
    came = PATHWAYS.get(present.id)
    if came is not None and not differences(came, present):
        return None
    return PathwayRemoval(
        do="restore" if came is not None else "remove", used=used,
        confirm=ActionField(name="confirm", label="Type its name to confirm", kind="text", hint=present.id),
    )


def _row(one: Edition, names: dict[str, str]) -> EditionRow:
    by = names.get(one.by, "somebody whose account is closed") if one.by else None
    return EditionRow(version=one.pathway.version, at=one.at.isoformat() if one.at else None, by=by, changed=one.changed, source=one.pathway.source, is_removed=one.is_removed)


def _card(one: Pathway) -> PathwayCard:
    return card_of(one, utc_now().date())

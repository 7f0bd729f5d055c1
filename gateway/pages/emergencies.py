"""``/admin/requests``: what administrators may do about a request: read a part in an emergency, and hand its lead over for an organisation.
To everybody else there is nothing here."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from frontend.addresses import dataset_path
from frontend.views.emergencies import EmergencyPartRow, EmergencyPartView, EmergencyView
from frontend.views.forms import FieldError
from frontend.views.layout import Link
from frontend.views.requests import Answer
from gateway.access import break_glass, collaborators
from gateway.access.statistics import PERIOD
from gateway.accounts.people import Person
from gateway.accounts.roles import Action
from gateway.accounts.step_up import Sensitive
from gateway.api.asking import Serving
from gateway.errors import Conflict, NotFound, Unprocessable
from gateway.pages.requests import timeline_event
from gateway.pages.showing import layout, mistakes, see_other, show
from gateway.pages.sign_in import Text
from gateway.pages.signed_in import FromOwnForm, SignedIn, fresh_factor
from gateway.store import enquiries
from gateway.store.database import utc_now
from gateway.wiring import Services

router = APIRouter(prefix="/admin/requests")


@router.get("")
def look_up(request: Request, services: Serving, person: SignedIn) -> Response:
    _require(person)
    reference = request.query_params.get("reference", "").strip()[:40]
    return show(request, _view(request, services, person, reference, done=request.query_params.get("done", "")), store=False)


@router.post("/lead", dependencies=[fresh_factor(Sensitive.BREAK_GLASS)])
def hand_over(
    request: Request, services: Serving, person: FromOwnForm, reference: Text = "", email: Text = "", evidence: Text = ""
) -> Response:
    _require(person)
    try:
        collaborators.offer_lead_for_organisation(
            services.store, services.sealer, person, reference, address=email, evidence=evidence, now=utc_now()
        )
    except (Unprocessable, Conflict) as error:
        view = _view(request, services, person, reference, values={"email": email, "evidence": evidence}, errors=mistakes(error))
        return show(request, view, store=False)
    services.jobs.enqueue("deliver")
    return see_other("/admin/requests?done=lead")


@router.post("/parts/{part}", dependencies=[fresh_factor(Sensitive.BREAK_GLASS)])
def open_part(request: Request, services: Serving, person: FromOwnForm, part: str, reference: Text = "", reason: Text = "") -> Response:
    _require(person)
    try:
        break_glass.break_glass(services.store, services.sealer, person, part, reason=reason, now=utc_now())
    except (Unprocessable, Conflict) as error:
        errors = tuple(FieldError(f"{part}-{one.field}" if one.field == "reason" else "", one.message) for one in mistakes(error))
        return show(request, _view(request, services, person, reference, errors=errors), store=False)
    services.jobs.enqueue("deliver")
    return see_other(f"/admin/requests/parts/{part}")


@router.get("/parts/{part}")
def read_part(request: Request, services: Serving, person: SignedIn, part: str) -> Response:
    """Looking only: the page has no form."""
    _require(person)
    found = break_glass.opened(services.store, person, part, now=utc_now())
    held = found.detail
    view = EmergencyPartView(
        layout=layout(request, services, is_indexable=False), reference=held.reference, custodian_name=held.custodian_name, project_title=held.title,
        state=held.state.state, until=found.until.isoformat(), reason=found.reason, people=tuple((one.name, one.address) for one in held.people),
        datasets=tuple(Link(line.title or line.ref, dataset_path(line.ref)) for line in held.datasets),
        answers=tuple(Answer(question=line.label, answer=line.text, topic=line.topic) for line in held.lines),
        events=tuple(timeline_event(entry) for entry in held.timeline),
    )
    return show(request, view, store=False)


def _require(person: Person) -> None:
    """Raises :class:`NotFound`: to others it does not exist."""
    if not person.may(Action.ADMINISTER):
        raise NotFound("There is nothing at this address.")


def _view(
    request: Request, services: Services, person: Person, reference: str, *, values: dict[str, str] | None = None,
    errors: tuple[FieldError, ...] = (), done: str = "",
) -> EmergencyView:
    try:
        found = break_glass.parts_of(services.store, person, reference, now=utc_now()) if reference else ()
    except NotFound:
        found = ()
    with services.store.reading() as session:
        wanted = enquiries.unlisted_wanted(session, since=utc_now() - PERIOD)
    return EmergencyView(
        layout=layout(request, services, is_indexable=False), csrf=person.csrf, reference=reference, done=done, values=values or {}, errors=errors, unlisted_wanted=wanted,
        parts=tuple(
            EmergencyPartRow(
                part=one.part, custodian_name=one.custodian, state=one.state, open_until=one.open_until.isoformat() if one.open_until else None
            )
            for one in found
        ),
    )

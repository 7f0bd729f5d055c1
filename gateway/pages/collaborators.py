"""``/account/requests/{reference}/people``: who is on a request beside its lead; and ``/join/{token}``, where somebody joins one."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from frontend.views.collaborators import CollaboratorRow, CollaboratorsView, JoinView
from frontend.views.forms import FieldError
from gateway.access import collaborators, terms
from gateway.access.collaborators import Collaborator
from gateway.access.participants import ROLES
from gateway.accounts.people import Person
from gateway.accounts.sessions import require_form_token
from gateway.api.asking import Serving
from gateway.errors import Conflict, NotFound, Unprocessable
from gateway.pages.acting import typed_in
from gateway.pages.limited import by_account
from gateway.pages.showing import layout, mistakes, see_other, show, show_private
from gateway.pages.sign_in import Text
from gateway.pages.signed_in import FromOwnForm, SignedIn
from gateway.store.database import utc_now
from gateway.wiring import Services

router = APIRouter()
PEOPLE: Final = "/account/requests/{reference}/people"
FIELDS: Final = ("email", "role", "needs_access")


@router.get(PEOPLE)
def people(request: Request, services: Serving, person: SignedIn, reference: str) -> Response:
    return show(request, _view(request, services, person, reference), store=False)


@router.post(PEOPLE, dependencies=[by_account("message")])
async def change(request: Request, services: Serving, person: SignedIn, reference: str) -> Response:
    async with request.form(max_fields=20, max_files=0) as posted:
        return await run_in_threadpool(_change, request, services, person, reference, typed_in(posted))


@router.get("/join/{token}")
def invitation(request: Request, services: Serving, person: SignedIn, token: str) -> Response:
    """Opening the link changes nothing."""
    return show_private(request, _join_view(request, services, person, token))


@router.post("/join/{token}")
def join(request: Request, services: Serving, person: FromOwnForm, token: str, accepted: Text = "", may_be_named: Text = "") -> Response:
    found = collaborators.invited(services.store, person, token, now=utc_now())
    try:
        is_on = collaborators.join(services.store, services.sealer, person, token, accepted=accepted, now=utc_now(), may_be_named=bool(may_be_named))
    except (Unprocessable, Conflict) as error:
        return show_private(request, _join_view(request, services, person, token, mistakes(error)))
    services.jobs.enqueue("deliver")
    return see_other(f"/account/requests/{found.reference}/people" if is_on else "/account")


def _change(request: Request, services: Services, person: Person, reference: str, posted: dict[str, str]) -> Response:
    require_form_token(person, posted.get("csrf", ""))
    try:
        _do(services, person, reference, posted)
    except (Unprocessable, Conflict) as error:
        values = {name: posted.get(name, "") for name in FIELDS}
        return show(request, _view(request, services, person, reference, values=values, errors=mistakes(error)), store=False)
    services.jobs.enqueue("deliver")
    return see_other(f"/account/requests/{reference}/people")


def _do(services: Services, person: Person, reference: str, posted: dict[str, str]) -> None:
    store, sealer, now, what = services.store, services.sealer, utc_now(), posted.get("do", "")
    member = int(posted["member"]) if posted.get("member", "").isdigit() and len(posted["member"]) < 10 else 0
    if what == "invite":
        collaborators.invite(
            store, sealer, person, reference, address=posted.get("email", ""), role=posted.get("role", ""), needs_access=bool(posted.get("needs_access")), now=now,
        )
    elif what == "take-back":
        collaborators.take_back(store, person, reference, member, now=now)
    elif what == "confirm":
        collaborators.confirm(store, sealer, person, reference, member, now=now)
    elif what == "remove":
        collaborators.remove(store, sealer, person, reference, member, now=now)
    elif what == "offer":
        collaborators.offer_lead(store, sealer, person, reference, member, now=now)
    elif what == "lead":
        collaborators.accept_lead(store, sealer, person, reference, now=now)
    elif what == "decline":
        collaborators.decline_lead(store, person, reference)
    elif what == "terms":
        collaborators.accept_terms(store, sealer, person, reference, accepted=posted.get("accepted", ""), now=now)
    else:
        raise NotFound("This page does not know that step.", hint="Open the page again.")


def _view(
    request: Request, services: Services, person: Person, reference: str, *, values: dict[str, str] | None = None, errors: tuple[FieldError, ...] = ()
) -> CollaboratorsView:
    found = collaborators.people(services.store, person, reference)
    return CollaboratorsView(
        layout=layout(request, services, is_indexable=False), reference=reference, action=f"/account/requests/{reference}/people", csrf=person.csrf,
        back=f"/requests/{reference}", lead_name=found.lead_name, lead_organisation=found.lead_organisation, is_led=found.is_lead, offer=found.offer,
        rows=tuple(_row(one) for one in found.others if one.has_joined or found.is_lead), roles=tuple(ROLES.items()), terms=terms.TERMS,
        terms_version=terms.VERSION, must_accept=found.own is not None and not found.own.has_accepted_terms, values=values or {}, errors=errors,
    )


def _row(one: Collaborator) -> CollaboratorRow:
    return CollaboratorRow(
        number=one.id, name=one.name, address=one.address, organisation=one.organisation, role=one.role, needs_access=one.needs_access,
        has_joined=one.has_joined, waits=one.waits, has_accepted_terms=one.has_accepted_terms, until=one.until.isoformat(), is_offered_lead=one.is_offered_lead,
    )


def _join_view(request: Request, services: Services, person: Person, token: str, errors: tuple[FieldError, ...] = ()) -> JoinView:
    found = collaborators.invited(services.store, person, token, now=utc_now())
    return JoinView(
        layout=layout(request, services, is_indexable=False), action=f"/join/{token}", csrf=person.csrf, reference=found.reference,
        lead_name=found.lead_name, role=found.role, needs_access=found.needs_access, is_for_address=found.is_for_address, address=person.address,
        needs_factor=not person.has_second_factor, terms=terms.TERMS, terms_version=terms.VERSION, errors=errors,
    )

"""``/admin/people``: accounts as the gateway's administrators see them. To everybody else there is nothing here."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from frontend.views.members import PeopleView, PersonRow
from gateway.accounts import operator
from gateway.accounts.people import Person
from gateway.accounts.roles import Action
from gateway.accounts.step_up import Sensitive
from gateway.api.asking import Serving
from gateway.errors import Conflict, NotFound
from gateway.pages import lost
from gateway.pages.showing import layout, see_other, show
from gateway.pages.signed_in import FromOwnForm, SignedIn, fresh_factor
from gateway.store import accounts, custodians
from gateway.store.accounts import Listed
from gateway.store.database import utc_now
from gateway.wiring import Services

router = APIRouter(prefix="/admin/people")
ACCOUNTS_CHANGE = [fresh_factor(Sensitive.ROLES)]
SHOWN: Final = 200


@router.get("")
def people(request: Request, services: Serving, person: SignedIn) -> Response:
    _require_administrator(person)
    wanted = request.query_params.get("q", "").strip()[:100]
    with services.store.reading() as session:
        rows = accounts.listing(session, text=wanted, limit=SHOWN)
        without = custodians.without_holder(session, accounts.custodians_with(session, "team_admin"))
    view = PeopleView(
        layout=layout(request, services, is_indexable=False), csrf=person.csrf, q=wanted,
        people=tuple(_row(one, person) for one in rows), without_admin=tuple((one.name, f"/w/{one.slug}/members") for one in without),
        recoveries=lost.rows(services, person, None, now=utc_now()),
    )
    return show(request, view, store=False)


@router.post("/{subject}/suspend", dependencies=ACCOUNTS_CHANGE)
def suspend(services: Serving, person: FromOwnForm, subject: str) -> Response:
    operator.suspend(services.store, _address(services, person, subject), now=utc_now())
    return see_other("/admin/people")


@router.post("/{subject}/resume", dependencies=ACCOUNTS_CHANGE)
def resume(services: Serving, person: FromOwnForm, subject: str) -> Response:
    operator.resume(services.store, _address(services, person, subject))
    return see_other("/admin/people")


@router.post("/{subject}/end-sessions", dependencies=ACCOUNTS_CHANGE)
def end_sessions(services: Serving, person: FromOwnForm, subject: str) -> Response:
    operator.end_sessions(services.store, _address(services, person, subject), now=utc_now())
    return see_other("/admin/people")


def _require_administrator(person: Person) -> None:
    if not person.may(Action.ADMINISTER):
        raise NotFound("There is nothing at this address.")


def _address(services: Services, person: Person, subject: str) -> str:
    """Raises :class:`NotFound`, and :class:`Conflict` for one's own account."""
    _require_administrator(person)
    with services.store.reading() as session:
        account = accounts.by_subject(session, subject)
    if account is None or account.address is None:
        raise NotFound("There is no such account.")
    if subject == person.subject:
        raise Conflict("This is your own account.", hint="Your own sign-ins are on your security page; closing is on your account page.")
    return account.address


def _row(one: Listed, person: Person) -> PersonRow:
    seen = one.account.last_signed_in_at
    return PersonRow(
        subject=one.account.subject, name=one.account.name or "", address=one.account.address or "", state=one.account.state,
        roles=tuple(held.words for held in one.held), last_seen=seen.isoformat() if seen else None, has_second_factor=one.has_second_factor,
        is_self=one.account.subject == person.subject,
    )

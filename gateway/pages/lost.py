"""For who lost every way into an account: asking, waiting, a new password; stopping it; and the word of those who know them."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response

from frontend.views.lost import LostView, RecoverView, RecoveryRow, StopRecoveryView
from gateway.accounts import recovery
from gateway.accounts.people import Person
from gateway.accounts.step_up import Sensitive
from gateway.api.asking import Serving
from gateway.errors import Unprocessable
from gateway.pages.limited import network
from gateway.pages.showing import layout, mistakes, see_other, show, show_private
from gateway.pages.sign_in import Secret, Text
from gateway.pages.signed_in import MEMBERS, FromOwnForm, fresh_factor
from gateway.store.database import utc_now
from gateway.store.recoveries import Recovering
from gateway.wiring import Services

router = APIRouter()
WORD = [fresh_factor(Sensitive.ROLES)]
TEAM, GATEWAY = "/w/{custodian}/members/recoveries/{number}", "/admin/people/recoveries/{number}"


@router.get("/lost")
def form(request: Request, services: Serving) -> Response:
    return show(request, LostView(layout=layout(request, services, is_indexable=False)), store=False)


@router.post("/lost")
def ask(request: Request, services: Serving, email: Text = "", reach: Text = "") -> Response:
    frame, typed = layout(request, services, is_indexable=False), {"email": email.strip(), "reach": reach.strip() or email.strip()}
    try:
        recovery.ask(
            services.store, services.sealer, services.limits, address=typed["email"], reach=typed["reach"], network=network(request, services),
            now=utc_now(),
        )
    except Unprocessable as error:
        return show(request, LostView(layout=frame, values=typed, errors=mistakes(error)), store=False)
    services.jobs.enqueue("deliver")
    return show(request, LostView(layout=frame, values=typed, is_sent=True), store=False)


@router.get("/lost/stop/{token}")
def stop_form(request: Request, services: Serving, token: str) -> Response:
    recovery.can_stop(services.store, token, now=utc_now())
    return show_private(request, StopRecoveryView(layout=layout(request, services), action=f"/lost/stop/{token}"))


@router.post("/lost/stop/{token}")
def stop(request: Request, services: Serving, token: str) -> Response:
    recovery.stop(services.store, token, now=utc_now())
    return show_private(request, StopRecoveryView(layout=layout(request, services), action="", is_stopped=True))


@router.get("/lost/{token}")
def recover_form(request: Request, services: Serving, token: str) -> Response:
    return show_private(request, _recover_view(request, services, token))


@router.post("/lost/{token}")
def recover(request: Request, services: Serving, token: str, password: Secret = "") -> Response:
    try:
        recovery.finish(services.store, services.sealer, token=token, password=password, now=utc_now())
    except Unprocessable as error:
        view = RecoverView(layout=layout(request, services), action=f"/lost/{token}", is_ripe=True, errors=mistakes(error))
        return show_private(request, view)
    services.jobs.enqueue("deliver")
    return see_other("/sign-in")


@router.post(f"{TEAM}/confirm", dependencies=[*MEMBERS, *WORD])
def confirm_for_team(services: Serving, person: FromOwnForm, custodian: str, number: int) -> Response:
    recovery.confirm(services.store, services.sealer, person, custodian, number, now=utc_now())
    services.jobs.enqueue("deliver")
    return see_other(f"/w/{custodian}/members")


@router.post(f"{TEAM}/refuse", dependencies=[*MEMBERS, *WORD])
def refuse_for_team(services: Serving, person: FromOwnForm, custodian: str, number: int) -> Response:
    recovery.refuse(services.store, person, custodian, number, now=utc_now())
    return see_other(f"/w/{custodian}/members")


@router.post(f"{GATEWAY}/confirm", dependencies=WORD)
def confirm_for_gateway(services: Serving, person: FromOwnForm, number: int) -> Response:
    recovery.confirm(services.store, services.sealer, person, None, number, now=utc_now())
    services.jobs.enqueue("deliver")
    return see_other("/admin/people")


@router.post(f"{GATEWAY}/refuse", dependencies=WORD)
def refuse_for_gateway(services: Serving, person: FromOwnForm, number: int) -> Response:
    recovery.refuse(services.store, person, None, number, now=utc_now())
    return see_other("/admin/people")


def rows(services: Services, person: Person, custodian: str | None, *, now: datetime) -> tuple[RecoveryRow, ...]:
    """Those that wait for the word of a team's administrator, or (None) of a gateway's."""
    return tuple(_row(one) for one in recovery.waiting(services.store, person, custodian, now=now))


def _row(one: Recovering) -> RecoveryRow:
    row = one.row
    says = "The team has confirmed." if row.confirmed_by else "The gateway has confirmed." if row.also_confirmed_by else "Nobody has confirmed yet."
    return RecoveryRow(
        number=row.id, name=one.account.name or "", address=one.account.address or "", reach=row.address, asked_at=row.asked_at.isoformat(), says=says
    )


def _recover_view(request: Request, services: Services, token: str) -> RecoverView:
    found = recovery.progress(services.store, token, now=utc_now())
    return RecoverView(
        layout=layout(request, services), action=f"/lost/{token}", is_ripe=found.is_ripe, ripe_at=found.ripe_at.isoformat() if found.ripe_at else None
    )

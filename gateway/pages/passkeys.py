"""Passkeys: signing in with one, confirming with one, setting up and removing them. A script (frontend/app.js) asks for the
options, lets the browser answer, and sends the form."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from frontend.views.accounts import RecoveryCodesView
from gateway.accounts import passkeys
from gateway.accounts.step_up import Sensitive
from gateway.api.asking import Serving
from gateway.errors import Unprocessable
from gateway.pages.account import again_view, security_view
from gateway.pages.limited import by_network
from gateway.pages.party import party
from gateway.pages.showing import layout, local_path, mistakes, see_other, show
from gateway.pages.sign_in import AFTER, Next, Text, sign_in_page
from gateway.pages.signed_in import FromOwnForm, fresh_factor, keep_session, session_token
from gateway.store.database import utc_now
from gateway.store.sealing import token_digest
from gateway.web.answers import JSON

router = APIRouter()
Answer = Annotated[str, Form(alias="credential", max_length=20_000)]
NO_STORE: Final = {"Cache-Control": "no-store"}


@router.post("/sign-in/passkey/options", dependencies=[by_network("passkey")])
def sign_in_options(services: Serving) -> Response:
    return _options(passkeys.offer_sign_in(services.store, party(services), now=utc_now()))


@router.post("/sign-in/passkey", dependencies=[by_network("passkey")])
def sign_in(request: Request, services: Serving, answer: Answer = "", wanted: Next = AFTER) -> Response:
    """Alone, or instead of the code after the password."""
    wanted, before = local_path(wanted, otherwise=AFTER), session_token(request, services)
    try:
        token = passkeys.sign_in(
            services.store, services.sealer, party(services), answer=answer, browser=request.headers.get("user-agent"), now=utc_now(),
            instead_of=token_digest(before) if before else None,
        )
    except Unprocessable as error:
        services.jobs.enqueue("deliver")
        return sign_in_page(request, services, wanted=wanted, errors=mistakes(error))
    return keep_session(services, see_other(wanted), token)


@router.post("/account/again/passkey/options")
def again_options(services: Serving, person: FromOwnForm) -> Response:
    return _options(passkeys.offer_again(services.store, party(services), person, now=utc_now()))


@router.post("/account/again/passkey")
def again(request: Request, services: Serving, person: FromOwnForm, answer: Answer = "", wanted: Next = AFTER) -> Response:
    wanted = local_path(wanted, otherwise=AFTER)
    try:
        token = passkeys.confirm(
            services.store, services.sealer, party(services), person, answer=answer, browser=request.headers.get("user-agent"), now=utc_now()
        )
    except Unprocessable as error:
        services.jobs.enqueue("deliver")
        return show(request, again_view(request, services, person, wanted, mistakes(error)), store=False)
    return keep_session(services, see_other(wanted), token)


@router.post("/account/security/passkeys/options", dependencies=[fresh_factor(Sensitive.FACTORS, if_any=True)])
def new_options(services: Serving, person: FromOwnForm) -> Response:
    return _options(passkeys.offer_new(services.store, party(services), person, now=utc_now()))


@router.post("/account/security/passkeys", dependencies=[fresh_factor(Sensitive.FACTORS, if_any=True)])
def add(request: Request, services: Serving, person: FromOwnForm, answer: Answer = "", name: Text = "", wanted: Next = "") -> Response:
    wanted = local_path(wanted, otherwise="")
    try:
        token, codes = passkeys.register(
            services.store, services.sealer, party(services), person, answer=answer, name=name, now=utc_now()
        )
    except Unprocessable as error:
        view = security_view(request, services, person, next_path=wanted, values={"name": name}, errors=mistakes(error))
        return show(request, view, store=False)
    services.jobs.enqueue("deliver")
    if not codes:
        return keep_session(services, see_other("/account/security"), token)
    view_of_codes = RecoveryCodesView(layout=layout(request, services, is_indexable=False), codes=codes, next_path=wanted)
    return keep_session(services, show(request, view_of_codes, store=False), token)


@router.post("/account/security/passkeys/{number}/remove", dependencies=[fresh_factor(Sensitive.FACTORS)])
def remove(services: Serving, person: FromOwnForm, number: int) -> Response:
    passkeys.remove(services.store, services.sealer, person, number, now=utc_now())
    services.jobs.enqueue("deliver")
    return see_other("/account/security")


def _options(as_json: str) -> Response:
    return Response(as_json, 200, NO_STORE, JSON)

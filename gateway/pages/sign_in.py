"""Registering, signing in and out, a new password, and the first administrator."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from frontend.views.accounts import (
    CodeView,
    ConfirmAddressView,
    ForgottenView,
    NewPasswordView,
    RecoveryCodesView,
    RegisterView,
    ScanView,
    SignInByLinkView,
    SignInFault,
    SignInView,
)
from frontend.views.forms import FieldError
from frontend.views.layout import Link, Notice
from gateway.accounts import registration, sessions, setup, sign_in
from gateway.accounts.factors import address_of, qr_code
from gateway.accounts.security import Offer, offer_secret
from gateway.api.asking import Serving
from gateway.errors import Unprocessable
from gateway.pages.limited import network
from gateway.pages.party import passkeys_here
from gateway.pages.showing import layout, local_path, mistakes, see_other, show, show_private, with_next
from gateway.pages.signed_in import FormToken, SignedIn, drop_session, keep_session, session_token, visitor
from gateway.store.database import utc_now
from gateway.store.sealing import token_digest
from gateway.wiring import Services

router = APIRouter()
AFTER: Final = "/account"
CLOSED: Final = Notice("Your account was deleted, and you are signed out everywhere.", kind="good")
Text = Annotated[str, Form(max_length=1000)]
Secret = Annotated[str, Form(max_length=5000)]
Next = Annotated[str, Form(alias="next", max_length=2000)]


def sign_in_page(
    request: Request, services: Services, *, wanted: str, values: dict[str, str] | None = None, errors: tuple[FieldError, ...] = (),
    fault: SignInFault | None = None, notices: tuple[Notice, ...] = (),
) -> Response:
    view = SignInView(
        layout=layout(request, services, is_indexable=False, notices=notices), next_path=wanted, values=values or {}, errors=errors, fault=fault,
        passkeys_here=passkeys_here(request, services),
        providers=tuple(
            Link(f"Sign in with {one.name}", with_next(f"/sign-in/with/{one.slug}", wanted))
            for one in services.identity_providers.listed
        ),
    )
    return show(request, view, store=False)


@router.get("/sign-in")
def sign_in_form(request: Request, services: Serving) -> Response:
    wanted = local_path(request.query_params.get("next", AFTER), otherwise=AFTER)
    if visitor(request, services) is not None:
        return see_other(wanted)
    return sign_in_page(request, services, wanted=wanted, notices=(CLOSED,) if "closed" in request.query_params else ())


@router.post("/sign-in")
def check_password(request: Request, services: Serving, email: Text = "", password: Secret = "", wanted: Next = AFTER) -> Response:
    wanted = local_path(wanted, otherwise=AFTER)
    before = session_token(request, services)
    try:
        done = sign_in.with_password(
            services.store, services.sealer, services.limits, address=email, password=password, network=network(request, services), now=utc_now(),
            browser=request.headers.get("user-agent"), instead_of=token_digest(before) if before else None,
        )
    except Unprocessable as error:
        return sign_in_page(request, services, wanted=wanted, values={"email": email}, errors=mistakes(error))
    return keep_session(services, see_other(wanted if done.is_complete else with_next("/sign-in/code", wanted)), done.token)


@router.get("/sign-in/code")
def code_form(request: Request, services: Serving) -> Response:
    half = sessions.half_way(services.store, session_token(request, services), now=utc_now())
    if half is None:
        return see_other("/sign-in")
    return _ask_code(request, services, local_path(request.query_params.get("next", AFTER), otherwise=AFTER))


@router.post("/sign-in/code")
def check_code(request: Request, services: Serving, code: Text = "", wanted: Next = AFTER) -> Response:
    now = utc_now()
    half = sessions.half_way(services.store, session_token(request, services), now=now)
    wanted = local_path(wanted, otherwise=AFTER)
    if half is None:
        return see_other(with_next("/sign-in", wanted))
    row, account = half
    try:
        token = sign_in.with_code(services.store, services.sealer, services.limits, account=account, session_row=row, code=code, now=now)
    except Unprocessable as error:
        return _ask_code(request, services, wanted, mistakes(error))
    return keep_session(services, see_other(wanted), token)


@router.get("/sign-in/link/{token}")
def link_form(request: Request, services: Serving, token: str) -> Response:
    return show_private(request, SignInByLinkView(layout=layout(request, services), action=f"/sign-in/link/{token}"))


@router.post("/sign-in/link/{token}")
def use_link(request: Request, services: Serving, token: str) -> Response:
    made = sign_in.with_link(services.store, token, browser=request.headers.get("user-agent"), now=utc_now())
    return keep_session(services, see_other(AFTER), made)


@router.post("/sign-out")
def sign_out(request: Request, services: Serving, person: SignedIn, csrf: FormToken = "") -> Response:
    sessions.require_form_token(person, csrf)
    sign_in.sign_out(services.store, session_token(request, services), now=utc_now())
    return drop_session(services, see_other("/"))


@router.get("/register")
def register_form(request: Request, services: Serving) -> Response:
    return show(request, RegisterView(layout=layout(request, services)), store=False)


@router.post("/register")
def register(request: Request, services: Serving, email: Text = "") -> Response:
    frame = layout(request, services, is_indexable=False)
    try:
        registration.ask(
            services.store, services.sealer, services.limits, address=email.strip(), network=network(request, services), now=utc_now()
        )
    except Unprocessable as error:
        return show(request, RegisterView(layout=frame, values={"email": email}, errors=mistakes(error)), store=False)
    services.jobs.enqueue("deliver")
    return show(request, RegisterView(layout=frame, values={"email": email.strip()}, is_sent=True), store=False)


@router.get("/register/{token}")
def confirm_form(request: Request, services: Serving, token: str) -> Response:
    address = registration.address_of(services.store, token, now=utc_now())
    return show_private(request, ConfirmAddressView(layout=layout(request, services), action=f"/register/{token}", address=address))


@router.post("/register/{token}")
def confirm(
    request: Request, services: Serving, token: str, name: Text = "", organisation: Text = "", password: Secret = "",
    is_adult: Text = "", agrees: Text = "",
) -> Response:
    now = utc_now()
    address = registration.address_of(services.store, token, now=now)
    typed = {"name": name, "organisation": organisation, "is_adult": is_adult, "agrees": agrees}
    try:
        registration.confirm(
            services.store, token=token, name=name, organisation=organisation, password=password, is_adult=bool(is_adult),
            agrees=bool(agrees), now=now,
        )
    except Unprocessable as error:
        view = ConfirmAddressView(
            layout=layout(request, services), action=f"/register/{token}", address=address, values=typed, errors=mistakes(error)
        )
        return show_private(request, view)
    done = sign_in.with_password(
        services.store, services.sealer, services.limits, address=address, password=password, network=network(request, services), now=now,
        browser=request.headers.get("user-agent"),
    )
    return keep_session(services, see_other(AFTER), done.token)


@router.get("/forgotten")
def forgotten_form(request: Request, services: Serving) -> Response:
    return show(request, ForgottenView(layout=layout(request, services, is_indexable=False)), store=False)


@router.post("/forgotten")
def forgotten(request: Request, services: Serving, email: Text = "") -> Response:
    frame = layout(request, services, is_indexable=False)
    try:
        sign_in.ask_for_reset(services.store, services.sealer, services.limits, address=email.strip(), network=network(request, services), now=utc_now())
    except Unprocessable as error:
        return show(request, ForgottenView(layout=frame, values={"email": email}, errors=mistakes(error)), store=False)
    services.jobs.enqueue("deliver")
    return show(request, ForgottenView(layout=frame, values={"email": email.strip()}, is_sent=True), store=False)


@router.get("/reset/{token}")
def reset_form(request: Request, services: Serving, token: str) -> Response:
    sign_in.can_reset(services.store, token, now=utc_now())
    return show_private(request, NewPasswordView(layout=layout(request, services), action=f"/reset/{token}"))


@router.post("/reset/{token}")
def reset(request: Request, services: Serving, token: str, password: Secret = "") -> Response:
    try:
        sign_in.reset(services.store, services.sealer, token=token, password=password, now=utc_now())
    except Unprocessable as error:
        view = NewPasswordView(layout=layout(request, services), action=f"/reset/{token}", errors=mistakes(error))
        return show_private(request, view)
    services.jobs.enqueue("deliver")
    return see_other("/sign-in")


@router.get("/setup/{token}")
def setup_form(request: Request, services: Serving, token: str) -> Response:
    now = utc_now()
    setup.require_setup(services.store, token, now=now)
    return show_private(request, setup_view(request, services, token, offer_secret(services.sealer, subject=setup.SETUP_SUBJECT, now=now)))


@router.post("/setup/{token}")
def set_up(
    request: Request, services: Serving, token: str, email: Text = "", name: Text = "", organisation: Text = "",
    password: Secret = "", offer: Secret = "", code: Text = "",
) -> Response:
    now = utc_now()
    typed = {"email": email, "name": name, "organisation": organisation}
    try:
        made, codes = setup.first_administrator(
            services.store, services.sealer, token=token, address=email.strip(), name=name, organisation=organisation, password=password,
            sealed_offer=offer, code=code, now=now,
        )
    except Unprocessable as error:
        renewed = offer_secret(services.sealer, subject=setup.SETUP_SUBJECT, now=now)
        return show_private(request, setup_view(request, services, token, renewed, values=typed, errors=mistakes(error)))
    view = RecoveryCodesView(layout=layout(request, services), codes=codes)
    return keep_session(services, show_private(request, view), made)


def setup_view(
    request: Request, services: Services, token: str, offer: Offer, *, values: dict[str, str] | None = None,
    errors: tuple[FieldError, ...] = (),
) -> ScanView:
    address = address_of(offer.secret, account=(values or {}).get("email") or "administrator", service=services.settings.service_name)
    return ScanView(
        layout=layout(request, services), action=f"/setup/{token}", qr_code=qr_code(address), secret=offer.secret, offer=offer.sealed,
        is_setup=True, values=values or {}, errors=errors,
    )


def _ask_code(request: Request, services: Services, wanted: str, errors: tuple[FieldError, ...] = ()) -> Response:
    view = CodeView(
        layout=layout(request, services, is_indexable=False), action="/sign-in/code", next_path=wanted,
        passkeys_here=passkeys_here(request, services), errors=errors,
    )
    return show(request, view, store=False)

"""Signing in with an identity provider: there, back, and what follows; the identities of one's account."""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import parse_qsl, urlencode

import structlog
from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from frontend.views.accounts import AddIdentityView, SignInFault, UnknownIdentityView
from gateway.accounts.oidc import arriving, linking
from gateway.accounts.oidc.faults import ProviderFault
from gateway.accounts.oidc.id_token import Claims
from gateway.accounts.oidc.linking import Pending
from gateway.accounts.oidc.provider import IdentityProvider
from gateway.accounts.oidc.returning import returned
from gateway.accounts.oidc.visit import LASTS, Purpose, Visit, begin
from gateway.accounts.people import Person
from gateway.accounts.step_up import Sensitive
from gateway.api.asking import Serving
from gateway.errors import Unprocessable
from gateway.pages.limited import network
from gateway.pages.showing import layout, local_path, mistakes, see_other, show
from gateway.pages.sign_in import AFTER, Text, sign_in_page
from gateway.pages.signed_in import (
    FromOwnForm,
    SignedIn,
    drop_visit,
    fresh_factor,
    keep_session,
    keep_visit,
    session_token,
    visit_cookie_name,
    visitor,
)
from gateway.store.database import utc_now
from gateway.store.sealing import token_digest
from gateway.wiring import Services

log = structlog.get_logger(__name__)
router = APIRouter()
NEW: Final = "/sign-in/new"
ADD: Final = "/account/identities/new"


def provider(services: Serving, slug: str) -> IdentityProvider:
    """A dependency: raises :class:`NotFound`."""
    return services.identity_providers.named(slug)


Chosen = Annotated[IdentityProvider, Depends(provider)]


@router.get("/sign-in/with/{slug}")
def leave(request: Request, services: Serving, chosen: Chosen) -> Response:
    wanted = local_path(request.query_params.get("next", AFTER), otherwise=AFTER)
    return see_other(wanted) if visitor(request, services) else _leave(request, services, chosen, "sign-in", wanted)


@router.get("/account/again/with/{slug}")
def leave_again(request: Request, services: Serving, person: SignedIn, chosen: Chosen) -> Response:
    wanted = local_path(request.query_params.get("next", AFTER), otherwise=AFTER)
    return _leave(request, services, chosen, "again", wanted, person)


@router.get("/account/identities/with/{slug}", dependencies=[fresh_factor(Sensitive.FACTORS, if_any=True)])
def leave_to_add(request: Request, services: Serving, person: SignedIn, chosen: Chosen) -> Response:
    return _leave(request, services, chosen, "add", ADD, person)


@router.get("/sign-in/from/{slug}")
def come_back(request: Request, services: Serving, chosen: Chosen) -> Response:
    now = utc_now()
    services.limits.take("provider", network=network(request, services), now=now)
    try:
        visit, claims = returned(
            services.store, services.sealer, services.identity_providers, chosen, query=parse_qsl(request.url.query, keep_blank_values=True),
            cookie=request.cookies.get(visit_cookie_name(services)), redirect_uri=_redirect_uri(services, chosen), now=now,
        )
        return _arrive(request, services, chosen, visit, claims)
    except ProviderFault as fault:
        return drop_visit(services, _failed(request, services, chosen, fault))


@router.get(NEW)
def unknown(request: Request, services: Serving) -> Response:
    return show(request, _unknown_view(request, services, _waiting(request, services)), store=False)


@router.post(NEW)
def make_account(
    request: Request, services: Serving, name: Text = "", organisation: Text = "", is_adult: Text = "", agrees: Text = ""
) -> Response:
    waiting = _waiting(request, services)
    try:
        token = linking.new_account(
            services.store, waiting, name=name, organisation=organisation, is_adult=bool(is_adult), agrees=bool(agrees),
            browser=request.headers.get("user-agent"), now=utc_now(),
        )
    except Unprocessable as error:
        view = _unknown_view(request, services, waiting, error, name=name, organisation=organisation, is_adult=is_adult, agrees=agrees)
        return show(request, view, store=False)
    return drop_visit(services, keep_session(services, see_other(AFTER), token))


@router.get(ADD)
def ask_to_add(request: Request, services: Serving, person: SignedIn) -> Response:
    waiting = _waiting(request, services)
    view = AddIdentityView(
        layout=layout(request, services, is_indexable=False), provider=waiting.provider_name, label=waiting.label, address=person.address,
        csrf=person.csrf,
    )
    return show(request, view, store=False)


@router.post(ADD, dependencies=[fresh_factor(Sensitive.FACTORS, if_any=True)])
def add(request: Request, services: Serving, person: FromOwnForm) -> Response:
    linking.add(services.store, services.sealer, person, _waiting(request, services), now=utc_now())
    services.jobs.enqueue("deliver")
    return drop_visit(services, see_other("/account/security"))


@router.post("/account/identities/{identity_id}/remove", dependencies=[fresh_factor(Sensitive.FACTORS, if_any=True)])
def remove(services: Serving, person: FromOwnForm, identity_id: int) -> Response:
    linking.remove(services.store, services.sealer, person, identity_id, now=utc_now())
    services.jobs.enqueue("deliver")
    return see_other("/account/security")


def _leave(
    request: Request, services: Services, chosen: IdentityProvider, purpose: Purpose, next_path: str, person: Person | None = None
) -> Response:
    try:
        metadata = services.identity_providers.metadata(chosen)
    except ProviderFault as fault:
        return _failed(request, services, chosen, fault)
    begun = begin(
        chosen, metadata, services.sealer, purpose=purpose, next_path=next_path, redirect_uri=_redirect_uri(services, chosen), now=utc_now(),
        account_id=person.account_id if person else None,
    )
    return keep_visit(services, see_other(begun.address), begun.cookie, seconds=round(LASTS.total_seconds()))


def _arrive(request: Request, services: Services, chosen: IdentityProvider, visit: Visit, claims: Claims) -> Response:
    now = utc_now()
    if visit.purpose == "again":
        token = arriving.show_again(services.store, claims, visitor(request, services), asked_by=visit.account_id, now=now)
        return drop_visit(services, keep_session(services, see_other(visit.next_path), token))
    if visit.purpose == "sign-in":
        before = session_token(request, services)
        done = arriving.sign_in(
            services.store, claims, browser=request.headers.get("user-agent"), instead_of=token_digest(before) if before else None, now=now
        )
        if done is not None:
            wanted = visit.next_path if done.is_complete else f"/sign-in/code?{urlencode({'next': visit.next_path})}"
            return drop_visit(services, keep_session(services, see_other(wanted), done.token))
    waiting = linking.pending(claims, chosen, now=now)
    target = ADD if visit.purpose == "add" else NEW
    return keep_visit(services, see_other(target), waiting.sealed(services.sealer), seconds=round(linking.LASTS.total_seconds()))


def _failed(request: Request, services: Services, chosen: IdentityProvider, fault: ProviderFault) -> Response:
    """The sign-in page, on which the other ways remain. Whoever is signed in sees the error alone."""
    log.warning("sign-in.provider-failed", provider=chosen.slug, code=fault.code)
    if visitor(request, services) is not None:
        raise type(fault)(fault.code, fault.message, hint=f"{fault.hint} Code: {fault.code}.")
    shown = SignInFault(fault.message, fault.hint, fault.code, fault.status)
    return sign_in_page(request, services, wanted=AFTER, fault=shown)


def _waiting(request: Request, services: Services) -> Pending:
    return linking.opened(request.cookies.get(visit_cookie_name(services)), services.sealer, now=utc_now())


def _redirect_uri(services: Services, chosen: IdentityProvider) -> str:
    return f"{services.settings.resolved_public_url}/sign-in/from/{chosen.slug}"


def _unknown_view(
    request: Request, services: Services, waiting: Pending, error: Unprocessable | None = None, **typed: str
) -> UnknownIdentityView:
    has_account = linking.has_account(services.store, waiting)
    return UnknownIdentityView(
        layout=layout(request, services, is_indexable=False), provider=waiting.provider_name, label=waiting.label, has_account=has_account,
        new_address=waiting.address if waiting.address_is_verified and not has_account else None,
        values=typed or {"name": waiting.name}, errors=mistakes(error) if error else (),
    )

"""Visas of GA4GH passports: taken into the profile, and given out for what a person may use."""

from __future__ import annotations

import re
from typing import Annotated, Final

import orjson
from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from frontend.views.profiles import VisaLine, VisasView
from gateway.access import visas as visas_out
from gateway.accounts.people import Person
from gateway.accounts.profile import visas
from gateway.accounts.profile.visas import Outcome
from gateway.accounts.step_up import Sensitive
from gateway.api.asking import Serving
from gateway.errors import NotFound
from gateway.pages.showing import layout, show
from gateway.pages.signed_in import FromOwnForm, SignedIn, fresh_factor
from gateway.store.database import utc_now
from gateway.web.answers import json_answer
from gateway.wiring import Services

router = APIRouter()
TOKEN: Final = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
Pasted = Annotated[str, Form(max_length=500_000)]


@router.get("/account/profile/visas")
def visas_form(request: Request, services: Serving, person: SignedIn) -> Response:
    return show(request, _view(request, services, person), store=False)


@router.post("/account/profile/visas")
def take_in(request: Request, services: Serving, person: FromOwnForm, passport: Pasted = "") -> Response:
    trusted = services.settings.visa_issuers
    if not trusted:
        raise NotFound("This gateway takes no visas.", hint="An operator may name issuers.")
    found = visas.take_in(
        services.store, services.identity_providers, trusted, person, TOKEN.findall(passport), now=utc_now()
    )
    return show(request, _view(request, services, person, found, is_read=True), store=False)


@router.get("/account/visas.json", dependencies=[fresh_factor(Sensitive.EXPORT)])
def given_out(services: Serving, person: SignedIn) -> Response:
    signed_by = visas_out.signer(services.settings.visa_key_file, services.settings.resolved_public_url)
    held = visas_out.issue(services.store, signed_by, person, now=utc_now())
    return Response(orjson.dumps({"ga4gh_passport_v1": held}), 200, {"Cache-Control": "no-store"}, "application/json")


@router.get(visas_out.KEYS_PATH)
def keys(request: Request, services: Serving) -> Response:
    return json_answer(request, visas_out.signer(services.settings.visa_key_file, services.settings.resolved_public_url).key_set)


def _view(
    request: Request, services: Services, person: Person, found: tuple[Outcome, ...] = (), *, is_read: bool = False
) -> VisasView:
    return VisasView(
        layout=layout(request, services, is_indexable=False), csrf=person.csrf, is_read=is_read,
        issuers=tuple(one.name for one in services.settings.visa_issuers), gives_out=services.settings.visa_key_file is not None,
        lines=tuple(VisaLine(one.kind, one.taken, one.words) for one in found),
    )

"""``/w/{custodian}/keys``: keys of a custodian's people for their programs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from frontend.views.forms import FieldError
from frontend.views.members import KeyRow, KeysView, NewKeyView
from gateway.accounts.key_rights import SCOPE_WORDS, lesser
from gateway.accounts.own_keys import TeamKeys, make_key, revoke, rotate, team_keys
from gateway.accounts.people import Person
from gateway.accounts.roles import Action
from gateway.accounts.step_up import Sensitive
from gateway.api.asking import Serving
from gateway.errors import Unprocessable
from gateway.models import ApiKey
from gateway.pages.showing import layout, mistakes, see_other, show
from gateway.pages.sign_in import Text
from gateway.pages.signed_in import FromOwnForm, SignedIn, fresh_factor
from gateway.store.database import utc_now
from gateway.web.auth import OVERLAP, NewKey
from gateway.wiring import Services

router = APIRouter(prefix="/w/{custodian}/keys")
KEYS_CHANGE = [fresh_factor(Sensitive.KEYS)]
IDLE_AFTER: Final = timedelta(days=90)
Scopes = Annotated[list[str] | None, Form(alias="scope")]


@router.get("")
def keys_page(request: Request, services: Serving, person: SignedIn, custodian: str) -> Response:
    return show(request, _view(request, services, person, custodian), store=False)


@router.post("", dependencies=KEYS_CHANGE)
def make(
    request: Request, services: Serving, person: FromOwnForm, custodian: str, name: Text = "", days: Text = "", networks: Text = "",
    scopes: Scopes = None,
) -> Response:
    wanted = scopes or []
    try:
        new = make_key(services.store, person, custodian, name=name, scopes=wanted, days=days, networks=networks, now=utc_now())
    except Unprocessable as error:
        typed = {"name": name, "days": days, "networks": networks, "scope": " ".join(wanted)}
        return show(request, _view(request, services, person, custodian, values=typed, errors=mistakes(error)), store=False)
    return _shown_once(request, services, custodian, new)


@router.post("/{prefix}/rotate", dependencies=KEYS_CHANGE)
def rotate_one(request: Request, services: Serving, person: FromOwnForm, custodian: str, prefix: str) -> Response:
    now = utc_now()
    new = rotate(services.store, person, custodian, prefix, now=now)
    return _shown_once(request, services, custodian, new, former_until=now + OVERLAP)


@router.post("/{prefix}/revoke", dependencies=KEYS_CHANGE)
def revoke_one(services: Serving, person: FromOwnForm, custodian: str, prefix: str) -> Response:
    revoke(services.store, person, custodian, prefix, now=utc_now())
    return see_other(f"/w/{custodian}/keys")


def _shown_once(request: Request, services: Services, custodian: str, new: NewKey, *, former_until: datetime | None = None) -> Response:
    view = NewKeyView(
        layout=layout(request, services, is_indexable=False), key=new.key, name=new.row.name, back=f"/w/{custodian}/keys",
        ends=new.row.expires_at.isoformat() if new.row.expires_at else "", former_until=former_until.isoformat() if former_until else None,
    )
    return show(request, view, store=False)


def _view(
    request: Request, services: Services, person: Person, custodian: str, *, values: dict[str, str] | None = None,
    errors: tuple[FieldError, ...] = (),
) -> KeysView:
    found, now = team_keys(services.store, person, custodian), utc_now()
    return KeysView(
        layout=layout(request, services, is_indexable=False), custodian_name=found.custodian.name, base=f"/w/{custodian}/keys",
        csrf=person.csrf, keys=tuple(_row(found, row, now) for row in found.rows),
        scopes=tuple((scope, SCOPE_WORDS[scope]) for scope in found.mine), values=values or {}, errors=errors,
        webhooks_href=f"/w/{custodian}/webhooks" if person.may(Action.MEMBERS, custodian=custodian) else None,
    )


def _row(found: TeamKeys, row: ApiKey, now: datetime) -> KeyRow:
    effective = lesser(row.scopes, found.allowed.get(row.owner, ())) if row.owner else tuple(row.scopes)
    has_ended = row.expires_at is not None and row.expires_at <= now
    state = "revoked" if row.revoked_at else "ended" if has_ended else "active"
    return KeyRow(
        prefix=row.prefix, name=row.name, owner=found.names.get(row.owner, "somebody who left") if row.owner else "the operator",
        scopes=effective, lacks=tuple(scope for scope in row.scopes if scope not in effective), state=state,
        ends=row.expires_at.isoformat() if row.expires_at else "", used=row.last_used_at.date().isoformat() if row.last_used_at else None,
        is_idle=state == "active" and now - (row.last_used_at or row.created_at) > IDLE_AFTER,
    )

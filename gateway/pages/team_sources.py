"""``/w/{custodian}/sources``: a custodian's own sources, for those who look after them."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from frontend.views.sources import SourcesView
from gateway.accounts.roles import Action
from gateway.api.asking import Serving
from gateway.errors import NotFound
from gateway.pages.showing import layout, show
from gateway.pages.signed_in import SignedIn
from gateway.pages.sources import source_rows
from gateway.store import custodians, sources

router = APIRouter(prefix="/w/{custodian}/sources")


@router.get("")
def listing(request: Request, services: Serving, person: SignedIn, custodian: str) -> Response:
    if not person.may(Action.RUN_HARVESTS, custodian=custodian):
        raise NotFound("There is nothing at this address for you.", hint="Ask the team administrator of the custodian for a role.")
    with services.store.reading() as session:
        owner = custodians.by_slug(session, custodian)
        shown = source_rows(session, sources.of_custodian(session, owner.id))
    view = SourcesView(
        layout=layout(request, services, is_indexable=False), rows=shown, custodian_name=owner.name,
        add_href=f"/w/{custodian}/sources/new" if person.may(Action.SOURCES, custodian=custodian) else None,
    )
    return show(request, view, store=False)

"""``/sources/{slug}/contacts``: who is told of a source's runs, how, and of which; for those who look after it."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, Request
from fastapi.responses import Response

from frontend.addresses import source_path
from frontend.views.forms import FieldError
from frontend.views.source_contacts import ContactRow, SourceContactsView
from gateway.accounts.people import Person
from gateway.api.asking import Serving
from gateway.errors import Unprocessable
from gateway.pages.showing import layout, mistakes, see_other, show
from gateway.pages.sign_in import Text
from gateway.pages.signed_in import FromOwnForm, SignedIn
from gateway.pages.stewarding import steward
from gateway.sources.upkeep import drop_contact, set_contact, set_webhook_contact
from gateway.store import contacts, webhooks
from gateway.wiring import Services

router = APIRouter(prefix="/sources/{slug}/contacts")


@router.get("")
def contacts_page(request: Request, services: Serving, person: SignedIn, slug: str) -> Response:
    return show(request, _view(request, services, person, slug), store=False)


@router.post("")
def name_contact(
    request: Request, services: Serving, person: FromOwnForm, slug: str, address: Text = "", webhook: Text = "", digest: Text = "",
) -> Response:
    steward(services, person, slug)
    try:
        if webhook:
            set_webhook_contact(services.store, slug, webhook, digest=digest)
        else:
            set_contact(services.store, slug, address.strip(), digest=digest)
    except Unprocessable as error:
        values = {"address": address, "webhook": webhook, "digest": digest}
        return show(request, _view(request, services, person, slug, values=values, errors=mistakes(error)), store=False)
    return see_other(f"{source_path(slug)}/contacts")


@router.post("/remove")
def remove_contact(services: Serving, person: FromOwnForm, slug: str, address: Text = "") -> Response:
    steward(services, person, slug)
    drop_contact(services.store, slug, address)
    return see_other(f"{source_path(slug)}/contacts")


def _view(
    request: Request, services: Services, person: Person, slug: str, *, values: dict[str, str] | None = None, errors: Sequence[FieldError] = (),
) -> SourceContactsView:
    feed = steward(services, person, slug)
    with services.store.reading() as session:
        named = contacts.named(session, feed)
        hooks = {one.public_id: one.url for one, _ in webhooks.of_custodian(session, feed.custodian_id)} if feed.custodian_id else {}
    return SourceContactsView(
        layout=layout(request, services, is_indexable=False), source_name=feed.name, source_slug=slug, csrf=person.csrf,
        contacts=tuple(ContactRow(one.address, one.digest, hooks.get(one.address)) for one in named), webhooks=tuple(hooks.items()),
        values=values or {}, errors=tuple(errors),
    )

"""``/w/{custodian}/webhooks``: the custodian's webhooks, what was sent to them lately, and sending it again."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from frontend.views.webhooks import WebhookLogView, WebhookMessageRow, WebhookRow
from gateway.accounts.people import Person
from gateway.accounts.roles import Action
from gateway.accounts.step_up import Sensitive
from gateway.api.asking import Serving
from gateway.errors import Conflict, NotFound
from gateway.models import WebhookEndpoint
from gateway.pages.showing import layout, see_other, show
from gateway.pages.signed_in import FromOwnForm, SignedIn, fresh_factor
from gateway.store import custodians, webhooks
from gateway.store.database import utc_now

router = APIRouter(prefix="/w/{custodian}/webhooks")
SHOWN: Final = 25


@router.get("")
def log(request: Request, services: Serving, person: SignedIn, custodian: str) -> Response:
    _require(person, custodian)
    with services.store.reading() as session:
        place = custodians.by_slug(session, custodian)
        found = [(endpoint, webhooks.messages(session, endpoint.id, before=None, limit=SHOWN)) for endpoint, _ in webhooks.of_custodian(session, place.id)]
    view = WebhookLogView(
        layout=layout(request, services, is_indexable=False), custodian_name=place.name, base=f"/w/{custodian}/webhooks", keys_href=f"/w/{custodian}/keys",
        csrf=person.csrf, webhooks=tuple(
            _row(endpoint, tuple(
                WebhookMessageRow(
                    id=one.message_id, event=one.event, state=one.state, attempts=one.attempts, at=(one.sent_at or one.created_at).isoformat(), trouble=one.last_error
                )
                for one in rows
            ))
            for endpoint, rows in found
        ),
    )
    return show(request, view, store=False)


@router.post("/{webhook_id}/messages/{message_id}", dependencies=[fresh_factor(Sensitive.KEYS)])
def send_again(services: Serving, person: FromOwnForm, custodian: str, webhook_id: str, message_id: str) -> Response:
    """Under the same id, whether or not it arrived before."""
    _require(person, custodian)
    with services.store.transaction() as tx:
        place = custodians.by_slug(tx.session, custodian)
        endpoint = webhooks.require(tx.session, webhook_id, custodian_id=place.id)
        if endpoint.state != "active":
            raise Conflict("This webhook is disabled.", hint="Enable it first, then send the message again.")
        webhooks.send_again(tx.session, endpoint, message_id, now=utc_now())
    services.jobs.enqueue("notify")
    return see_other(f"/w/{custodian}/webhooks")


def _require(person: Person, custodian: str) -> None:
    """Raises :class:`NotFound` for others than those who manage the team."""
    if not person.may(Action.MEMBERS, custodian=custodian):
        raise NotFound("There is nothing at this address.")


def _row(endpoint: WebhookEndpoint, messages: tuple[WebhookMessageRow, ...]) -> WebhookRow:
    return WebhookRow(
        id=endpoint.public_id, url=endpoint.url, is_active=endpoint.state == "active", trouble=endpoint.last_error,
        last_success=endpoint.last_success_at.isoformat() if endpoint.last_success_at else None, messages=messages,
    )

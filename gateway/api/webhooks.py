"""``/custodians/{slug}/webhooks``: where a custodian's systems are told what became of its datasets."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from gateway.api.asking import Pushing, Serving, custodian_key
from gateway.api.paging import Cursor, PageSize, page, position
from gateway.api.problems import problem_responses
from gateway.api.shapes.webhooks import MessagePage, MessageShape, WebhookList, WebhookShape, WebhookWithSecret
from gateway.errors import Conflict
from gateway.models import WebhookEndpoint, WebhookMessage
from gateway.store import webhooks
from gateway.web.answers import json_answer
from gateway.webhooks.endpoints import (
    EVENTS,
    NewEndpoint,
    add_endpoint,
    change_endpoint,
    remove_endpoint,
    rotate_secret,
)

router = APIRouter(prefix="/custodians/{slug}/webhooks", tags=["Push"])
Reader = Annotated[Pushing, Depends(custodian_key("runs:read"))]
Writer = Annotated[Pushing, Depends(custodian_key("datasets:write"))]
MessageId = Annotated[str, Path(description="The message's identifier, as its receiver gets it.", max_length=100)]
Id = Annotated[str, Path(alias="webhook_id", description="The webhook's identifier.", max_length=32)]
CAN_FAIL = problem_responses(401, 403, 404, 409, 422, 429)
PRIVATE = {"Cache-Control": "no-store"}


class NewWebhook(BaseModel):
    model_config = ConfigDict(extra="forbid")
    url: str = Field(max_length=2000, examples=["https://metadata.example.org/hooks/gateway"])
    events: list[str] = Field(list(EVENTS), description=f"Of {', '.join(EVENTS)}.")
    contact: str | None = Field(None, max_length=320, description="Gets a mail when the webhook is disabled.")


class WebhookChange(BaseModel):
    model_config = ConfigDict(extra="forbid")
    url: str | None = Field(None, max_length=2000)
    events: list[str] | None = None
    contact: str | None = Field(None, max_length=320)
    state: str | None = Field(None, pattern="^active$", description="active: start a disabled one anew.")


@router.get("", summary="Your webhooks", response_model=None, responses={200: {"model": WebhookList}, **CAN_FAIL})
def listing(request: Request, services: Serving, who: Reader) -> Response:
    with services.store.reading() as session:
        found = webhooks.of_custodian(session, who.custodian.id)
    return json_answer(request, {"items": [_shape(endpoint) for endpoint, _ in found]}, headers=PRIVATE)


@router.post("", summary="Add a webhook", status_code=201, response_model=None, responses={201: {"model": WebhookWithSecret}, **CAN_FAIL})
def add(request: Request, services: Serving, who: Writer, wanted: NewWebhook) -> Response:
    """The secret with which messages are signed is in this answer only."""
    new = add_endpoint(
        services.store, services.sealer, custodian=who.custodian.slug, url=wanted.url, events=wanted.events, contact=wanted.contact,
        now=services.clock(),
    )
    return _with_secret(request, new, status=201)


@router.patch("/{webhook_id}", summary="Change a webhook", response_model=None, responses={200: {"model": WebhookShape}, **CAN_FAIL})
def change(request: Request, services: Serving, who: Writer, webhook_id: Id, wanted: WebhookChange) -> Response:
    """What is not named stays. `state: active` starts a disabled webhook anew."""
    endpoint = change_endpoint(
        services.store, webhook_id, custodian_id=who.custodian.id, url=wanted.url, events=wanted.events, contact=wanted.contact,
        enable=wanted.state == "active",
    )
    return json_answer(request, _shape(endpoint), headers=PRIVATE)


@router.post("/{webhook_id}/rotate", summary="Get a new secret", response_model=None, responses={200: {"model": WebhookWithSecret}, **CAN_FAIL})
def rotate(request: Request, services: Serving, who: Writer, webhook_id: Id) -> Response:
    """For a day messages bear a signature by the old and one by the new secret."""
    new = rotate_secret(services.store, services.sealer, webhook_id, custodian_id=who.custodian.id, now=services.clock())
    return _with_secret(request, new, status=200)


@router.delete("/{webhook_id}", summary="Remove a webhook", status_code=204, response_model=None, responses=CAN_FAIL)
def remove(services: Serving, who: Writer, webhook_id: Id) -> Response:
    """What still waits for it is not sent."""
    remove_endpoint(services.store, webhook_id, custodian_id=who.custodian.id)
    return Response(status_code=204)


@router.get("/{webhook_id}/messages", summary="What was sent, and what waits", response_model=None, responses={200: {"model": MessagePage}, **CAN_FAIL})
def messages(request: Request, services: Serving, who: Reader, webhook_id: Id, limit: PageSize = 25, cursor: Cursor = None) -> Response:
    """Newest first, for ninety days."""
    with services.store.reading() as session:
        endpoint = webhooks.require(session, webhook_id, custodian_id=who.custodian.id)
        rows = webhooks.messages(session, endpoint.id, before=position(cursor) or None, limit=limit)
    following = rows[-1].id if len(rows) == limit else None
    return json_answer(request, page(request, [_message(row) for row in rows], next_position=following), headers=PRIVATE)


@router.post("/{webhook_id}/messages/{message_id}/resend", summary="Send a message again", status_code=202, response_model=None,
             responses={202: {"model": MessageShape}, **CAN_FAIL})
def resend(request: Request, services: Serving, who: Writer, webhook_id: Id, message_id: MessageId) -> Response:
    """Under the same id, whether or not it arrived before. A disabled webhook must be enabled first."""
    with services.store.transaction() as tx:
        endpoint = webhooks.require(tx.session, webhook_id, custodian_id=who.custodian.id)
        if endpoint.state != "active":
            raise Conflict("This webhook is disabled.", hint="Enable it first, then send the message again.")
        row = webhooks.send_again(tx.session, endpoint, message_id, now=services.clock())
    services.jobs.enqueue("notify")
    return json_answer(request, _message(row), status=202, headers=PRIVATE)


def _with_secret(request: Request, new: NewEndpoint, *, status: int) -> Response:
    return json_answer(request, {**_shape(new.endpoint), "secret": new.secret}, status=status, headers=PRIVATE)


def _shape(endpoint: WebhookEndpoint) -> dict[str, Any]:
    return {
        "id": endpoint.public_id, "url": endpoint.url, "events": endpoint.events, "contact": endpoint.contact, "state": endpoint.state,
        "sequence": endpoint.sequence, "failing_since": endpoint.failing_since, "last_error": endpoint.last_error,
        "last_success_at": endpoint.last_success_at, "created_at": endpoint.created_at,
    }


def _message(row: WebhookMessage) -> dict[str, Any]:
    return {
        "id": row.message_id, "event": row.event, "sequence": row.sequence, "state": row.state, "attempts": row.attempts,
        "due_at": row.due_at, "last_error": row.last_error, "created_at": row.created_at, "sent_at": row.sent_at, "data": row.data,
    }

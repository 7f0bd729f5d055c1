"""``PUT /rems/{custodian}/events``: a custodian's REMS tells that something happened to an application."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Header, Path, Request
from fastapi.responses import Response

from gateway.access.rems import notified
from gateway.api.asking import Serving
from gateway.api.problems import problem_responses
from gateway.channels.channel import DeliveryError
from gateway.errors import BadRequest, NotFound, Unavailable
from gateway.web.answers import json_answer

router = APIRouter(prefix="/rems", tags=["Requests"])
Secret = Annotated[str, Header(alias="x-gateway-notify", description="The secret that `gateway route rems` printed.")]


@router.put("/{custodian}/events", summary="Something happened in your REMS", response_model=None, responses=problem_responses(400, 401, 404, 503))
def event(
    request: Request, services: Serving, custodian: Annotated[str, Path(max_length=100)], told: Annotated[dict[str, Any], Body()], secret: Secret = "",
) -> Response:
    """What the notification says is not believed: the application is read again from your REMS. An application that did not come from the
    gateway is no matter. 503 asks REMS to tell it again later, as it does by itself."""
    application = told.get("application/id")
    if not isinstance(application, int):
        raise BadRequest("The notification names no application.", hint='It carries "application/id".')
    try:
        given = notified(
            services.store, services.sealer, services.channels.caller, custodian=custodian, secret=secret, application=application, now=services.clock()
        )
    except DeliveryError as error:
        raise Unavailable(error.message, hint="It will be told again.") from None
    except NotFound:
        given = []
    if given:
        services.jobs.enqueue("deliver")
    return json_answer(request, {"commands": given})

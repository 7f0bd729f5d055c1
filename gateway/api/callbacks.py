"""``POST /callbacks/parts/{part}``: a custodian's system says what it decided, signed as the gateway signs what it sends there."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from pydantic import ValidationError

from gateway.access import callbacks
from gateway.api.asking import Serving
from gateway.api.bodies import ArgumentsBody
from gateway.api.command_payloads import checked
from gateway.api.parts import PRIVATE, CommandBody, shape_for
from gateway.api.problems import problem_responses
from gateway.api.shapes.parts import PartAnswer
from gateway.errors import Unprocessable
from gateway.web.answers import json_answer
from gateway.wiring import Services

router = APIRouter(prefix="/callbacks", tags=["Requests"])
PartId = Annotated[str, Path(description="The part's id, as in the webhook.", pattern="^[0-9a-f]{24}$")]
SIGNATURE = ("webhook-id", "webhook-timestamp", "webhook-signature")


def signature(
    identity: Annotated[str, Header(alias="webhook-id", max_length=200, description="Of this message; one that was taken in is refused for a day.")] = "",
    timestamp: Annotated[str, Header(alias="webhook-timestamp", max_length=20, description="In seconds; five minutes off at most.")] = "",
    signed: Annotated[str, Header(alias="webhook-signature", max_length=1000, description="Standard Webhooks, with the secret of your route.")] = "",
) -> dict[str, str]:
    """A dependency."""
    return dict(zip(SIGNATURE, (identity, timestamp, signed), strict=True))


@router.post("/parts/{part}", summary="Say what you did with a request, signed", response_model=None,
             responses={200: {"model": PartAnswer}, **problem_responses(401, 409, 413, 422, 429)},
             openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": CommandBody.model_json_schema()}}}})
async def callback(
    request: Request, services: Serving, part: PartId, body: ArgumentsBody, headers: Annotated[dict[str, str], Depends(signature)]
) -> Response:
    """The same commands as with a key (`POST /parts/{part}/commands`), for systems that get requests as webhooks. Unsigned, wrongly signed
    and unknown are one answer."""
    return await run_in_threadpool(_callback, request, services, part, body, headers)


def _callback(request: Request, services: Services, part: str, body: bytes, headers: dict[str, str]) -> Response:
    now = services.clock()
    signed = callbacks.verified(services.store, services.sealer, part, headers=headers, body=body, now=now)
    services.limits.take("callback", key=f"route.{signed.route_id}", now=now)
    try:
        wanted = CommandBody.model_validate_json(body)
    except ValidationError as error:
        raise Unprocessable("The message is not understood.", hint='It carries "command", and "version" and "payload" where they matter.') from error
    callbacks.carry_out(
        services.store, services.sealer, signed, command=wanted.command, payload=checked(wanted.command, wanted.payload), version=wanted.version, now=now,
    )
    services.jobs.enqueue("deliver")
    return json_answer(request, shape_for(services, signed.custodian_id, part), headers=PRIVATE)

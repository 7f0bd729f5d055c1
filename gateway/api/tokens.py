"""``/oauth``: tokens for programs that speak OAuth 2."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any
from urllib.parse import unquote_plus

import orjson
from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from gateway.api.asking import Serving, came_from
from gateway.web.tokens import TokenError, issue, revoke

router = APIRouter(prefix="/oauth", tags=["Keys"])
Field_ = Annotated[str, Form(max_length=500)]


class TokenAnswer(BaseModel):
    access_token: str = Field(examples=["gwt_…"])
    token_type: str = Field(examples=["Bearer"])
    expires_in: int = Field(description="Seconds.", examples=[900])
    scope: str = Field(examples=["datasets:read datasets:write"])


class TokenRefusal(BaseModel):
    error: str = Field(examples=["invalid_client"])
    error_description: str


@router.post("/token", summary="Get a token with a key", response_model=None,
             responses={200: {"model": TokenAnswer}, 400: {"model": TokenRefusal}, 401: {"model": TokenRefusal}})
def token(
    request: Request, services: Serving, grant_type: Field_ = "", client_id: Field_ = "", client_secret: Field_ = "", scope: Field_ = "",
) -> Response:
    """Client credentials (RFC 6749, section 4.4), as form fields or in a Basic header. The client is a key: `client_id` is the
    eight characters after `gwk_`, `client_secret` the rest. The token lasts fifteen minutes."""
    try:
        if grant_type != "client_credentials":
            raise TokenError("unsupported_grant_type", "The one grant is client_credentials.")
        identifier, secret = _client(request, client_id, client_secret)
        issued = issue(
            services.store, client_id=identifier, client_secret=secret, scope=scope, address=came_from(request, services), now=services.clock()
        )
    except TokenError as error:
        return _refusal(error)
    return _answer({
        "access_token": issued.token, "token_type": "Bearer", "expires_in": issued.expires_in, "scope": " ".join(issued.scopes),
    })


@router.post("/revoke", summary="End a token", response_model=None, responses={200: {}, 401: {"model": TokenRefusal}})
def end(request: Request, services: Serving, token: Field_ = "", client_id: Field_ = "", client_secret: Field_ = "") -> Response:
    """RFC 7009. A token that is not known is no error."""
    try:
        identifier, secret = _client(request, client_id, client_secret)
        revoke(services.store, token, client_id=identifier, client_secret=secret)
    except TokenError as error:
        return _refusal(error)
    return _answer({})


def _client(request: Request, client_id: str, client_secret: str) -> tuple[str, str]:
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return client_id, client_secret
    try:
        name, _, secret = base64.b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise TokenError("invalid_client", "The Basic header cannot be read.") from None
    return unquote_plus(name), unquote_plus(secret)


def _refusal(error: TokenError) -> Response:
    is_client = error.code == "invalid_client"
    headers = {"WWW-Authenticate": "Basic"} if is_client else {}
    return _answer({"error": error.code, "error_description": error.description}, status=401 if is_client else 400, headers=headers)


def _answer(value: dict[str, Any], *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    kept = {"Cache-Control": "no-store", "Pragma": "no-cache", **(headers or {})}
    return Response(orjson.dumps(value), status, kept, "application/json")

"""``/oai``: this catalogue as an OAI-PMH 2.0 repository."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request
from fastapi.responses import Response

from gateway.api.asking import Serving
from gateway.api.bodies import ArgumentsBody
from gateway.providers.oai.answers import written
from gateway.providers.oai.asked import Asked, OaiError, read_request
from gateway.providers.oai.provider import Provider
from gateway.wiring import Services

router = APIRouter(tags=["OAI-PMH"])
XML = "text/xml; charset=utf-8"
ARGUMENTS = ("verb", "identifier", "metadataPrefix", "from", "until", "set", "resumptionToken")
IN_QUERY = [{"name": name, "in": "query", "schema": {"type": "string"}, "required": name == "verb"} for name in ARGUMENTS]
FORM = {"content": {"application/x-www-form-urlencoded": {"schema": {
    "type": "object", "required": ["verb"], "properties": {name: {"type": "string"} for name in ARGUMENTS},
}}}}
ANSWERS: dict[int | str, dict[str, Any]] = {200: {"content": {"text/xml": {}}, "description": "An answer or an error of the protocol."}}


@router.get("/oai", summary="OAI-PMH 2.0", response_model=None, responses=ANSWERS, openapi_extra={"parameters": IN_QUERY})
def asked_by_get(request: Request, services: Serving) -> Response:
    """All six verbs; formats `oai_dc`, `datacite` and `dcat`; a set for each custodian; deleted records are kept. Errors are those of
    the protocol, with status 200."""
    return _answer(services, parse_qsl(request.url.query, keep_blank_values=True, max_num_fields=50))


@router.post("/oai", summary="OAI-PMH 2.0 by form", response_model=None, responses=ANSWERS, openapi_extra={"requestBody": FORM})
def asked_by_post(services: Serving, body: ArgumentsBody) -> Response:
    """As by GET, with the arguments in a form."""
    return _answer(services, parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=50))


def _answer(services: Services, pairs: list[tuple[str, str]]) -> Response:
    provider: Provider = services.oai
    asked: Asked | None = None
    try:
        asked = read_request(pairs)
        said = provider.answer(asked)
    except OaiError as error:
        return _written(services, asked, error)
    return _written(services, asked, said)


def _written(services: Services, asked: Asked | None, said: Any) -> Response:
    body = written(services.oai.address, asked, said, now=services.clock())
    return Response(body, 200, {"Cache-Control": "no-store"}, XML)

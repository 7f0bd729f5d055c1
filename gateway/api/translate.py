"""``/translate`` and ``/datasets/{ref}/as/{target}``: descriptions in other published versions; nothing is stored."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from gateway.api.asking import Serving
from gateway.api.problems import problem_responses
from gateway.api.shapes.schemas import TranslationAnswer
from gateway.judging.translation import translated
from gateway.web.answers import json_answer

router = APIRouter(tags=["Validation"])
Strict = Annotated[bool, Query(description="Refuse a result that would not conform, with every reason.")]


@router.post(
    "/translate", summary="Translate a document", response_model=None,
    responses={200: {"model": TranslationAnswer}, **problem_responses(400, 404, 413, 422)},
    openapi_extra={
        "requestBody": {
            "required": True, "description": "One dataset record in any shape that can be harvested.",
            "content": {"application/json": {"schema": {"type": "object"}, "example": {"summary": {"title": "My dataset"}}}},
        }
    },
)
async def translate(
    request: Request, to: Annotated[str, Query(description="The version to write.", examples=["HDRUK 3.0.0"])], strict: Strict = False
) -> Response:
    """The document in another version, and what was chosen, lost or is missing. Nothing is ever filled in."""
    body = await request.body()
    written = await run_in_threadpool(translated, body, to, is_strict=strict)
    return json_answer(request, {"target": written.target, **written.as_json()})


@router.get("/datasets/{ref}/as/{target}", summary="A dataset in another version", response_model=None,
            responses={200: {"model": TranslationAnswer}, **problem_responses(400, 404, 410, 422)})
def as_target(
    request: Request, services: Serving, ref: Annotated[str, Path(examples=["mfrggzdfmz"])],
    target: Annotated[str, Path(examples=["HDRUK 3.0.0"])], strict: Strict = False,
) -> Response:
    """What the custodian submitted, written in another version, with the report."""
    version = services.catalogue.get(ref).row.version
    _, body = services.catalogue.original(version)
    written = translated(body, target, is_strict=strict)
    return json_answer(request, {"target": written.target, **written.as_json()})

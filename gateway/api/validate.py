"""``/validate``: judge a document; nothing is stored."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from gateway.api.asking import Serving
from gateway.api.problems import problem_responses
from gateway.api.shapes.schemas import ValidationAnswer
from gateway.judging.validation import judge
from gateway.web.answers import json_answer

router = APIRouter(tags=["Validation"])


@router.post(
    "/validate", summary="Check a document", response_model=None,
    responses={200: {"model": ValidationAnswer}, **problem_responses(400, 413, 422)},
    openapi_extra={
        "requestBody": {
            "required": True,
            "description": "One dataset record in any shape that can be harvested.",
            "content": {"application/json": {"schema": {"type": "object"}, "example": {"summary": {"title": "My dataset"}}}},
        }
    },
)
async def validate(
    request: Request, services: Serving,
    version: Annotated[str | None, Query(description="Check against this version instead of the detected one.", examples=["4.0.0"])] = None,
) -> Response:
    """Every finding at once: path, rule, severity, message and hint. Nothing is stored and no key is needed."""
    body = await request.body()
    judgement = await run_in_threadpool(judge, body, version=version, today=services.clock().date())
    return json_answer(request, judgement.as_json())

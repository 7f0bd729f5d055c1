"""``/csp-report``: browsers say what the content security policy kept from running. It is logged, and nothing else."""

from __future__ import annotations

import json
from typing import Final

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import Response

from gateway.errors import BadRequest

router = APIRouter()
log = structlog.get_logger(__name__)
LONGEST_BYTES: Final = 8_000
TOLD: Final = ("effective-directive", "violated-directive", "blocked-uri", "source-file", "line-number")


@router.post("/csp-report", status_code=204)
async def policy_report(request: Request) -> Response:
    """Raises :class:`BadRequest` for what is no report."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_BYTES:
            raise BadRequest("This is too long for a report.")
    try:
        report = json.loads(body)["csp-report"]
        told = {name: str(report[name])[:200] for name in TOLD if name in report}
    except (ValueError, KeyError, TypeError, RecursionError):
        raise BadRequest("This is no report of a content security policy.") from None
    log.warning("policy.violated", **{name.replace("-", "_"): value for name, value in told.items()})
    return Response(status_code=204)

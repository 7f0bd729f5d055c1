"""One handler for every error: problem details (RFC 9457) for programs, a page for people."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import orjson
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException

from gateway.errors import STEP_UP, GatewayError, PreconditionFailed, TooMany, Unavailable

log = structlog.get_logger(__name__)
PROBLEM = "application/problem+json"


class Problem(BaseModel):
    """Problem details, RFC 9457. ``errors`` names what is wrong with single values."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "about:blank", "title": "Not found", "status": 404, "detail": "There is no dataset 'x'.",
                    "hint": "Search for its title.", "instance": "/api/v1/datasets/x", "reference": "5f2a9c01", "errors": [],
                }
            ]
        }
    )
    type: str = "about:blank"
    title: str
    status: int
    detail: str
    hint: str = ""
    instance: str
    reference: str
    errors: list[dict[str, str]] = []
    findings: list[dict[str, Any]] | None = Field(None, description="About a dataset that was refused.")
    message: str | None = Field(None, description="As detail, at the addresses that HDR UK's programs use.")


def problem_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For a route's ``responses``: these statuses answer problem details."""
    return {status: {"model": Problem, "content": {PROBLEM: {}}, "description": "Problem details"} for status in statuses}


def add_error_answers(app: FastAPI, page_for: Callable[..., Response]) -> None:
    """``page_for`` makes the page that people get (gateway/pages/errors.py)."""
    app.state.error_page = page_for
    app.add_exception_handler(GatewayError, answer_to)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(OperationalError, _database)


def answer_to(request: Request, error: Exception) -> Response:
    """The problem document, or the page, for an expected error."""
    assert isinstance(error, GatewayError)
    headers = {}
    if isinstance(error, Unavailable | TooMany):
        headers["Retry-After"] = str(error.retry_after_seconds)
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, PreconditionFailed) and isinstance(error.extra, dict) and error.extra.get("etag"):
        headers["ETag"] = error.extra["etag"]
    fields = [{"field": name, "message": sentence} for name, sentence in error.fields.items()]
    return _answer(request, error.status, error.title, error.message, error.hint, fields=fields, headers=headers, extra=error.extra)


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    words = {404: "There is nothing at this address.", 405: "This address does not take that method."}
    detail = words.get(error.status_code, str(error.detail))
    return _answer(request, error.status_code, str(error.detail), detail, "", headers=dict(error.headers or {}))


def _unreadable(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    fields = [
        {"field": ".".join(str(part) for part in flaw["loc"][1:]) or str(flaw["loc"][0]), "message": str(flaw["msg"])}
        for flaw in error.errors()
    ]
    named = ", ".join(sorted({flaw["field"] for flaw in fields}))
    return _answer(request, 422, "Something needs to be changed", f"These values cannot be used: {named}.", "", fields=fields)


def _database(request: Request, error: Exception) -> Response:
    log.error("database.unreachable", error=str(error.__cause__ or error)[:300])
    return _answer(
        request, 503, "Part of the service cannot be reached", "The database cannot be reached just now.",
        "Nothing is lost. Try again in a moment.", headers={"Retry-After": "30"},
    )


def unexpected(request: Request, error: Exception) -> Response:
    reference = secrets.token_hex(4)
    log.error("request.failed", path=request.url.path, reference=reference, exc_info=error)
    return _answer(
        request, 500, "Something went wrong", "This is a fault on our side; it has been recorded.",
        "Try again later, and quote the reference if it stays.", reference=reference,
    )


def _answer(
    request: Request, status: int, title: str, detail: str, hint: str, *, fields: list[dict[str, str]] | None = None,
    headers: dict[str, str] | None = None, reference: str | None = None, extra: Any = None,
) -> Response:
    reference = reference or secrets.token_hex(4)
    headers = {"Cache-Control": "no-store", **(headers or {})}
    if _wants_page(request) or extra == STEP_UP:
        retry = headers.get("Retry-After")
        page: Response = request.app.state.error_page(
            request, status, message=detail, hint=hint, reference=reference, extra=extra,
            retry_after_seconds=int(retry) if retry else None,
        )
        page.headers.update(headers)
        return page
    problem = {
        "type": "about:blank", "title": title, "status": status, "detail": detail, "hint": hint,
        "instance": request.url.path, "reference": reference, "errors": fields or [],
        **(extra if isinstance(extra, dict) else {}),
    }
    if request.url.path.startswith("/api/v1/integrations/"):
        problem["message"] = detail  # where the programs of HDR UK's custodians look for it
    body = orjson.dumps(_clean(problem), default=str)
    return Response(body, status, headers, PROBLEM)


def _wants_page(request: Request) -> bool:
    path = request.url.path
    is_twin = path.rsplit("/", 1)[-1].endswith((".json", ".csv", ".atom"))
    return not path.startswith(("/api/", "/healthz", "/readyz", "/openapi.json")) and not is_twin


def _clean(value: Any) -> Any:
    """What was sent may hold text that cannot be encoded (lone surrogates); say so instead of failing."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {name: _clean(item) for name, item in value.items()}
    return value

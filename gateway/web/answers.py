"""How a handler answers: a body with a weak entity tag, 304 where the asker has it, and the cache headers of the page kind."""

from __future__ import annotations

import hashlib
from typing import Any, Final

import orjson
from fastapi import Request
from fastapi.responses import Response

from gateway.access.files import Download
from gateway.uploads.names import disposition

BASKET_COOKIE: Final = "basket"
CHOICE_COOKIE: Final = "columns"
"""Finds the columns that were ticked for the datasets of the basket."""
VISIT_COOKIE: Final = "visit"
"""Of the browser that asked for a mailbox's code; sent to that one page alone."""
SESSION_COOKIES: Final = ("session", "__Host-session")
"""Over http (loopback) and over https."""
VISIT_COOKIES: Final = ("sign-in", "__Host-sign-in")
"""While a browser is away at an identity provider; over http and over https."""
OUR_COOKIES: Final = (BASKET_COOKIE, CHOICE_COOKIE, *SESSION_COOKIES, *VISIT_COOKIES)
DATA_POLICY: Final = "default-src 'none'; frame-ancestors 'none'"
"""For everything that is not a page: nothing in it may run or load."""
JSON: Final = "application/json"
HTML: Final = "text/html; charset=utf-8"


def session_cookie(token: str, *, is_https: bool) -> str:
    """As in ``Set-Cookie``. With https the name ties the cookie to this very host."""
    plain, bound = SESSION_COOKIES
    return f"{bound}={token}; HttpOnly; Path=/; SameSite=lax; Secure" if is_https else f"{plain}={token}; HttpOnly; Path=/; SameSite=lax"


def answer(
    request: Request, body: bytes, media_type: str, *, status: int = 200, headers: dict[str, str] | None = None,
    store: bool = True,
) -> Response:
    """A readable answer. With ``store=False`` nothing may keep it (forms, tokens, requests)."""
    if not store:
        return Response(body, status, {"Cache-Control": "no-store", **(headers or {})}, media_type)
    tag = f'W/"{hashlib.sha256(body).hexdigest()[:24]}"'
    private = any(cookie in request.cookies for cookie in OUR_COOKIES)
    kept = {
        "ETag": tag,
        "Cache-Control": "private, no-cache" if private else "public, no-cache",
        "Vary": "Cookie, Accept-Encoding",
        **(headers or {}),
    }
    if status == 200 and tag in _tags(request.headers.get("if-none-match", "")):
        return Response(status_code=304, headers=kept)
    return Response(body, status, kept, media_type)


def attached(file: Download) -> Response:
    """A file that somebody attached: to be saved, never to be shown, run or guessed at."""
    headers = {
        "Cache-Control": "no-store", "Content-Disposition": disposition(file.ascii_name, file.name), "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": f"{DATA_POLICY}; sandbox", "X-Robots-Tag": "noindex",
    }
    return Response(file.body, 200, headers, file.media_type)


def json_answer(request: Request, value: Any, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """JSON with sorted nothing and no surprises: times in ISO 8601, no NaN."""
    return answer(request, orjson.dumps(value, default=str), JSON, status=status, headers=headers)


def _tags(header: str) -> set[str]:
    return {tag.strip() for tag in header.split(",")}

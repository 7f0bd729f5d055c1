"""Cursors: opaque to the caller, a position to us."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import Query, Request

from gateway.errors import BadRequest

LONGEST_QUERY = 20_000
"""Characters of a query that are taken; of more than a thousand the first thousand are read."""
PageSize = Annotated[int, Query(ge=1, le=100, description="Items a page.")]
Cursor = Annotated[str | None, Query(max_length=200, description="From `next` of the page before.")]


def position(cursor: str | None) -> int:
    """Raises :class:`BadRequest` for a cursor that this API did not make."""
    if not cursor:
        return 0
    try:
        marker, _, number = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        marker, number = "", ""
    if marker != "at" or not number.isascii() or not number.isdigit() or len(number) > 15:
        raise BadRequest("That cursor cannot be read.", hint="Use `next` of the page before, or leave the cursor out.")
    return int(number)


def page(request: Request, items: list[Any], *, next_position: int | None, **more: Any) -> dict[str, Any]:
    """A list answer: its items, and the whole address of the next page, or null."""
    return {**more, "items": items, "next": _next(request, next_position) if next_position is not None else None}


def _next(request: Request, number: int) -> str:
    cursor = base64.urlsafe_b64encode(f"at:{number}".encode()).decode().rstrip("=")
    following = request.url.include_query_params(cursor=cursor)
    public = request.app.state.services.settings.public_url
    if public is not None:  # behind a proxy the request does not know under which name it was asked for
        base = urlsplit(str(public))
        following = following.replace(scheme=base.scheme, netloc=base.netloc)
    return str(following)

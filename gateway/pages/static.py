"""The built static files: named by their content, so kept for a year; compressed twins where they are accepted."""

from __future__ import annotations

import mimetypes
import re
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, Response

from frontend.render import STATIC_PREFIX, static_folder
from gateway.errors import NotFound

router = APIRouter()
TWINS: Final = (("br", ".br"), ("gzip", ".gz"))
KEPT: Final = "public, max-age=31536000, immutable"
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,100}")


@router.get(STATIC_PREFIX + "{name}")
def static_file(request: Request, name: str) -> Response:
    path = static_folder() / name
    if not _NAME.fullmatch(name) or not path.is_file():
        raise NotFound("There is no such file.")
    headers = {"Cache-Control": KEPT, "Vary": "Accept-Encoding"}
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    accepted = {coding.split(";")[0].strip() for coding in request.headers.get("accept-encoding", "").split(",")}
    for coding, suffix in TWINS:
        twin = path.with_name(name + suffix)
        if coding in accepted and twin.is_file():
            return FileResponse(twin, media_type=media_type, headers={**headers, "Content-Encoding": coding})
    return FileResponse(path, media_type=media_type, headers=headers)

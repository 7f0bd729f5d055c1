"""``/check``: judge a description as a harvest would, without storing it."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from starlette.datastructures import UploadFile

from frontend.views.checking import CheckView
from gateway.api.asking import Serving
from gateway.judging.reports import checked
from gateway.judging.validation import try_to_judge
from gateway.pages.limited import by_network
from gateway.pages.showing import layout, show

router = APIRouter()
LARGEST_BYTES: Final = 8 * 1024 * 1024
SHOWN_CHARACTERS: Final = 200_000


@router.get("/check")
def form(request: Request, services: Serving) -> Response:
    return show(request, CheckView(layout=layout(request, services)))


@router.post("/check", dependencies=[by_network("upload")])
async def check(request: Request, services: Serving) -> Response:
    async with request.form(max_fields=10, max_part_size=LARGEST_BYTES) as posted:
        file, text = posted.get("file"), posted.get("document")
        body = await file.read() if isinstance(file, UploadFile) and file.filename else b""
        name = file.filename if isinstance(file, UploadFile) and body else "What you typed"
    typed = text if isinstance(text, str) else ""
    sent = body or typed.encode("utf-8", "surrogatepass")
    judgement = await run_in_threadpool(try_to_judge, sent, today=services.clock().date())
    shown = "" if body else typed[:SHOWN_CHARACTERS]
    view = CheckView(layout=layout(request, services, is_indexable=False), documents=(checked(str(name), judgement),), text=shown)
    return show(request, view, store=False)

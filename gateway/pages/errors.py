"""Error pages for people, and the tombstone of a dataset that was removed."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode, urlsplit

import structlog
from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.exc import SQLAlchemyError

from frontend.addresses import dataset_path
from frontend.render import page
from frontend.views.dataset import TombstoneView
from frontend.views.layout import Layout, Link, PageView
from frontend.views.reading import ErrorView
from gateway.catalogue.published import Tombstone
from gateway.errors import STEP_UP, GatewayError
from gateway.pages.showing import layout, see_other
from gateway.wiring import Services
from search.engine import Query

log = structlog.get_logger(__name__)
SUGGESTIONS = 3


def error_page(
    request: Request, status: int, *, message: str = "", hint: str = "", reference: str = "", extra: Any = None,
    retry_after_seconds: int | None = None,
) -> Response:
    """The page for an error; never raises, whatever part of the service is down."""
    if status == 401 or extra == STEP_UP:
        return see_other(f"{'/sign-in' if status == 401 else '/account/again'}?{urlencode({'next': _way_back(request)})}")
    services: Services = request.app.state.services
    frame = _frame(request, services)
    view: PageView
    if isinstance(extra, Tombstone):
        view = _tombstone(frame, extra, hint)
    else:
        view = ErrorView(
            layout=frame, code=status, message=message or None, advice=hint or None, reference=reference or None,
            retry_after_seconds=retry_after_seconds, suggestions=_suggestions(request, services) if status == 404 else (),
        )
    return HTMLResponse(page(view), status)


def _way_back(request: Request) -> str:
    """Where to go on afterwards: this page, or the one whose form was sent."""
    if request.method == "GET":
        return f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
    sender = urlsplit(request.headers.get("referer", ""))
    return sender.path or "/account"


def _frame(request: Request, services: Services) -> Layout:
    try:
        return layout(request, services, is_indexable=False)
    except (GatewayError, SQLAlchemyError):
        settings = services.settings
        return Layout(service_name=settings.service_name, path=request.url.path, contact=settings.contact, is_indexable=False)


def _tombstone(frame: Layout, stone: Tombstone, reason: str) -> TombstoneView:
    record, version = stone.record, stone.last_version
    return TombstoneView(
        layout=frame, dataset_title=record.title or record.local_id, custodian_name=stone.custodian_name, pid=record.pid,
        reason=reason or None, last_version=version.stated_version, withdrawn_at=record.last_changed_at.isoformat(),
    )


def _suggestions(request: Request, services: Services) -> tuple[Link, ...]:
    """Datasets that the words of the address may have meant."""
    if not request.url.path.startswith("/datasets/"):
        return ()
    wanted = request.url.path.removeprefix("/datasets/").split("/")[0].replace("-", " ")[:200]
    try:
        found = services.catalogue.search(Query(text=wanted, limit=SUGGESTIONS, highlight=False))
    except GatewayError:
        log.info("suggestions.unavailable")
        return ()
    return tuple(Link(str(hit.stored.get("title") or hit.id), dataset_path(hit.id)) for hit in found.hits)

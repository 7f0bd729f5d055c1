"""The web application: routes, middleware, and the worker that lives in the same process by default."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from urllib.parse import urlsplit

import structlog
from fastapi import FastAPI
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import BaseRoute

from gateway import __version__, api, pages
from gateway.api.problems import add_error_answers, unexpected
from gateway.settings import Settings
from gateway.store.database import utc_now
from gateway.web.auditing import Audited
from gateway.web.auth import revoke_exposed
from gateway.web.middleware import (
    BodyLimit,
    Faults,
    HeadRequests,
    KeysInAddresses,
    RenewedSessions,
    SameOriginWrites,
    SecurityHeaders,
)
from gateway.web.policy import policies
from gateway.wiring import Services, build
from harvesters.parsing import say_what_is_not_limited

log = structlog.get_logger(__name__)


def create_app(settings: Settings | None = None, *, services: Services | None = None) -> FastAPI:
    """The application over ``services``, or over services made from ``settings`` (default: the environment).

    Raises :class:`gateway.web.policy.Undeclared` where a route does not say who may use it.
    """
    built = services or build(settings or Settings())
    app = FastAPI(
        title=f"{built.settings.service_name} API", version=__version__, docs_url=None, redoc_url=None,
        openapi_url="/openapi.json", lifespan=_lifespan, description=api.DESCRIPTION, openapi_tags=api.TAGS,
    )
    app.state.services = built
    app.router.routes.extend(_routes())
    policies(app)
    add_error_answers(app, pages.error_page)
    app.add_middleware(RenewedSessions, is_https=built.settings.is_https)
    app.add_middleware(SameOriginWrites)
    app.add_middleware(KeysInAddresses, revoke=lambda key: revoke_exposed(built.store, key, now=utc_now()))
    app.add_middleware(BodyLimit)
    app.add_middleware(Audited, store=built.store)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=_hosts(built.settings))
    app.add_middleware(Faults, answer=unexpected)
    app.add_middleware(HeadRequests)
    app.add_middleware(SecurityHeaders, is_https=built.settings.is_https)
    return app


@cache
def _routes() -> tuple[BaseRoute, ...]:
    """The API and the pages. They know nothing of services, so all applications of a process share what is worked out about them."""
    frame = FastAPI(openapi_url=None)
    frame.include_router(api.router)
    frame.include_router(pages.router)
    return tuple(frame.routes)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    services: Services = app.state.services
    services.store.upgrade()
    reason = services.catalogue.ensure_index()
    if reason:
        log.info("index.rebuilt", reason=reason)
    if services.settings.worker:
        say_what_is_not_limited()
        services.jobs.start()
    try:
        yield
    finally:
        services.close()


def _hosts(settings: Settings) -> list[str]:
    """Names this server answers to: loopback, the address it listens on, and its public name."""
    public = urlsplit(settings.resolved_public_url).hostname
    return sorted({"localhost", "127.0.0.1", "[::1]", "::1", settings.host, public or "localhost"})

"""``gateway serve``. The web application is loaded only when it is served: other commands start in half the time."""

from __future__ import annotations

import contextlib
import socket
from typing import Annotated

import typer

from gateway.accounts.setup import setup_path
from gateway.errors import Conflict
from gateway.logs import configure_logs
from gateway.settings import Settings
from gateway.store.database import utc_now
from gateway.wiring import Services


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on (GATEWAY_HOST).")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on (GATEWAY_PORT).")] = None,
) -> None:
    """Serve pages and API, and work off schedules, harvests, the index and deliveries.

    Example: gateway serve --port 8080
    """
    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = Settings(**given)  # type: ignore[arg-type]  # names and types are those of the settings
    configure_logs(settings.log_level, as_json=settings.log_json)
    run_server(settings)


def require_free_port(settings: Settings) -> None:
    """Raises :class:`Conflict` where something listens there already: said before any work is done, not after."""
    with contextlib.closing(socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise Conflict(
                f"Cannot listen on {settings.host} port {settings.port}: {(error.strerror or str(error)).lower()}.",
                hint=f"Stop what is running there, or choose another port: GATEWAY_PORT={settings.port + 1}.",
            ) from error


def run_server(settings: Settings, services: Services | None = None) -> None:
    """Serve until stopped. Raises :class:`Conflict` where the port is taken."""
    import uvicorn

    from gateway.app import create_app

    require_free_port(settings)
    app = create_app(settings, services=services)
    announce_setup(app.state.services)
    config = uvicorn.Config(
        app, host=settings.host, port=settings.port, log_level="warning",
        server_header=False, timeout_graceful_shutdown=10, proxy_headers=False,
    )
    uvicorn.Server(config).run()


def announce_setup(services: Services) -> None:
    """While there is no administrator, say where the first one is made; the link of the last start stops working."""
    services.store.upgrade()
    path = setup_path(services.store, now=utc_now())
    if path is not None:
        typer.echo(f"There is no administrator yet. Make the first one, within 60 minutes: {services.settings.resolved_public_url}{path}")


def routes() -> None:
    """Print every route of the web application and who may use it.

    Example: gateway routes
    """
    from gateway.app import create_app
    from gateway.web.policy import policies

    for policy in policies(create_app(Settings(worker=False))):
        typer.echo(policy)

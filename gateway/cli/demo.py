"""``gateway demo``: demonstration custodians on loopback ports, really harvested, and the gateway over them."""

from __future__ import annotations

import contextlib
from typing import Annotated

import typer

from demonstration.server import DemonstrationServers
from gateway.access.demonstration import begin_example
from gateway.accounts.demonstration import entrances, researcher, settle
from gateway.cli.harvest import harvest_run
from gateway.cli.serve import require_free_port, run_server
from gateway.logs import configure_logs
from gateway.settings import Settings
from gateway.sources.demonstration import register
from gateway.wiring import Services, build


def demo(
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="Stop after harvesting instead of serving.")] = True,
) -> None:
    """Start the demonstration custodians, harvest what is new over HTTP, and serve the catalogue.

    Example: gateway demo
    """
    settings = Settings()
    settings = settings.model_copy(update={"allow_networks": [*settings.allow_networks, "127.0.0.0/8"], "send_unscanned_files": True})
    if serve:
        require_free_port(settings)
    configure_logs(settings.log_level if serve else "WARNING", as_json=settings.log_json)
    with DemonstrationServers(base_port=settings.demo_port) as servers:
        services = build(settings)
        try:
            _prepare(services, servers)
            if serve:
                _announce(settings, services, servers)
                with contextlib.suppress(KeyboardInterrupt):
                    run_server(settings, services)
        finally:
            services.close()


def _prepare(services: Services, servers: DemonstrationServers) -> None:
    services.store.upgrade()
    services.catalogue.ensure_index()
    added = register(services.store, services.sealer, servers.custodians, now=services.clock())
    settle(services.store, services.sealer, custodian=None, now=services.clock())
    if added:
        typer.echo(f"Registered {added} demonstration custodians.")
    services.harvesting.queue_due()
    run_ids = services.harvesting.claimable()
    for run_id in run_ids:
        harvest_run(services, run_id)
    services.catalogue.index_pending()
    person = researcher(services.store)
    if person is not None:
        begin_example(services.store, services.sealer, person, services.prefill, now=services.clock())
    if not run_ids:
        typer.echo("The demonstration catalogue is there already; nothing is due.")


def _announce(settings: Settings, services: Services, servers: DemonstrationServers) -> None:
    first, last = servers.custodians[0].base_url, servers.custodians[-1].base_url
    typer.echo(f"Demonstration custodians answer at {first} to {last}.")
    if settings.mail_url is None:
        typer.echo(f"Messages land in {settings.data_dir.resolve() / 'outbox'}.")
    typer.echo("")
    typer.echo("  Sign in as one of these, once per link; nothing needs it but what they may do:")
    for who, path in entrances(services.store, now=services.clock()):
        typer.echo(f"    {who + ':':32} {settings.resolved_public_url}{path}")
    typer.echo("  The researcher has a request with example answers that is ready to be checked and sent; the account page lists it.")
    typer.echo("")
    typer.echo(f"  The gateway is at {settings.resolved_public_url}  (Ctrl+C stops it)")
    typer.echo("")

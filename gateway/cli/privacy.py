"""``gateway privacy``: the inventory of personal data, and the work on retention by hand."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from gateway.cli.services import counted, print_json, services
from gateway.privacy.inventory import inventory
from gateway.privacy.retention import Means, purge
from gateway.store.database import utc_now

app = typer.Typer(no_args_is_help=True, help="Personal data: what is kept, and what is due to go.")


@app.command("inventory")
def inventory_command() -> None:
    """Print every kind of personal data and every column that can hold it, as JSON.

    Example: gateway privacy inventory
    """
    held = inventory()
    print_json({
        "kinds": {name: asdict(kind) for name, kind in held.kinds.items()}, "tables": {name: asdict(table) for name, table in held.tables.items()},
        "places": held.places,
    })


@app.command("purge")
def purge_command(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Take away now what is due to go, instead of with the nightly work.

    Example: gateway privacy purge --dry-run
    """
    with services() as built:
        done = purge(built.store, Means(built.sealer, built.channels.addresses), now=utc_now(), is_dry=dry_run)
    if as_json:
        print_json(done)
        return
    for kind, count in done.items():
        typer.echo(f"{kind}: {counted(count, 'row')} {'would go' if dry_run else 'went'}")

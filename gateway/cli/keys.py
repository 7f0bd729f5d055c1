"""``gateway key``: keys for programs that write."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from gateway.auth import SCOPES, create_key
from gateway.cli.services import print_json, services
from gateway.models import ApiKey
from gateway.store import keys
from gateway.store.database import utc_now

app = typer.Typer(no_args_is_help=True, help="Create, list and revoke API keys.")


@app.command()
def create(
    name: Annotated[str, typer.Option(help="What the key is for, e.g. the program that will use it.")],
    scope: Annotated[list[str] | None, typer.Option(help=f"May be repeated; of {', '.join(SCOPES)}. Default: all.")] = None,
    days: Annotated[int, typer.Option(min=0, help="Days until it ends; 0 for never.")] = 365,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Create a key and print it. It cannot be shown again.

    Example: gateway key create --name night-harvest --scope harvest
    """
    with services() as built:
        new = create_key(built.store, name=name, scopes=tuple(scope or SCOPES), valid_for_days=days or None, now=utc_now())
    if as_json:
        print_json({"key": new.key, **_as_json(new.row)})
        return
    typer.echo(new.key)
    typer.echo("Keep it now: it cannot be shown again. Use it as 'Authorization: Bearer <key>'.", err=True)


@app.command("list")
def listing(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List keys without their secrets.

    Example: gateway key list
    """
    with services() as built, built.store.reading() as session:
        rows = [_as_json(row) for row in keys.listing(session)]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        typer.echo(f"{row['prefix']}  {row['state']:8}  {row['name']}  ({', '.join(row['scopes'])})")
    if not rows:
        typer.echo("No keys yet. Create one with: gateway key create --name NAME", err=True)


@app.command()
def revoke(prefix: Annotated[str, typer.Argument(help="The eight characters that gateway key list shows.")]) -> None:
    """Revoke a key at once.

    Example: gateway key revoke 1f2e3d4c
    """
    with services() as built, built.store.transaction() as tx:
        row = keys.revoke(tx.session, prefix, now=utc_now())
    typer.echo(f"{row.prefix} ({row.name}) no longer works.")


def _as_json(row: ApiKey) -> dict[str, Any]:
    ended = row.expires_at is not None and row.expires_at <= utc_now()
    return {
        "prefix": row.prefix, "name": row.name, "scopes": row.scopes,
        "state": "revoked" if row.revoked_at else "ended" if ended else "active",
        "created_at": row.created_at, "expires_at": row.expires_at, "last_used_at": row.last_used_at,
    }

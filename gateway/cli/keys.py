"""``gateway key``: keys for programs that write."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

import typer

from gateway.cli.services import print_json, services
from gateway.models import ApiKey
from gateway.store import custodians, keys
from gateway.store.database import utc_now
from gateway.web.auth import LONGEST_DAYS, SCOPES, NewKey, create_key, rotate_key

app = typer.Typer(no_args_is_help=True, help="Create, rotate, list and revoke API keys.")
Days = Annotated[int, typer.Option(min=1, max=LONGEST_DAYS, help="Days until it ends.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Prefix = Annotated[str, typer.Argument(help="The eight characters that gateway key list shows.")]


@app.command()
def create(
    name: Annotated[str, typer.Option(help="What the key is for, e.g. the program that will use it.")],
    scope: Annotated[list[str] | None, typer.Option(help=f"May be repeated; of {', '.join(SCOPES)}. Default: all of its kind.")] = None,
    custodian: Annotated[str | None, typer.Option(help="The custodian whose datasets it may push. Without one: a key for operators.")] = None,
    network: Annotated[list[str] | None, typer.Option(help="It may be used from here only, e.g. 192.0.2.0/24; may be repeated.")] = None,
    days: Days = LONGEST_DAYS,
    as_json: Json = False,
) -> None:
    """Create a key and print it. It cannot be shown again.

    Example: gateway key create --name trust-push --custodian example-trust --scope datasets:write
    """
    with services() as built:
        new = create_key(
            built.store, name=name, scopes=scope, custodian=custodian, networks=network or [], valid_for_days=days, now=utc_now()
        )
    _show(new, as_json=as_json)


@app.command()
def rotate(
    prefix: Prefix,
    overlap_days: Annotated[int, typer.Option(min=0, max=90, help="Days for which the old key still works.")] = 7,
    days: Days = LONGEST_DAYS,
    as_json: Json = False,
) -> None:
    """Create a key with the same rights, and let the old one end a little later.

    Example: gateway key rotate 1f2e3d4c --overlap-days 14
    """
    with services() as built:
        new = rotate_key(built.store, prefix, overlap=timedelta(days=overlap_days), valid_for_days=days, now=utc_now())
    _show(new, as_json=as_json)


def _show(new: NewKey, *, as_json: bool) -> None:
    if as_json:
        print_json({"key": new.key, **_as_json(new.row)})
        return
    typer.echo(new.key)
    typer.echo("Keep it now: it cannot be shown again. Use it as 'Authorization: Bearer <key>'.", err=True)


@app.command("list")
def listing(
    custodian: Annotated[str | None, typer.Option(help="Only those of this custodian.")] = None, as_json: Json = False
) -> None:
    """List keys without their secrets.

    Example: gateway key list
    """
    with services() as built, built.store.reading() as session:
        whose = custodians.by_slug(session, custodian).id if custodian else None
        found = keys.listing(session, custodian_id=whose)
        owners = custodians.by_ids(session, {row.custodian_id for row in found if row.custodian_id})
        rows = [{**_as_json(row), "custodian": owners[row.custodian_id].slug if row.custodian_id else None} for row in found]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        typer.echo(f"{row['prefix']}  {row['state']:8}  {row['name']}  {row['custodian'] or 'operators'}  ({', '.join(row['scopes'])})")
    if not rows:
        typer.echo("No keys yet. Create one with: gateway key create --name NAME", err=True)


@app.command()
def revoke(prefix: Prefix) -> None:
    """Revoke a key at once.

    Example: gateway key revoke 1f2e3d4c
    """
    with services() as built, built.store.transaction() as tx:
        row = keys.revoke(tx.session, prefix, now=utc_now())
    typer.echo(f"{row.prefix} ({row.name}) no longer works.")


def _as_json(row: ApiKey) -> dict[str, Any]:
    ended = row.expires_at is not None and row.expires_at <= utc_now()
    return {
        "prefix": row.prefix, "name": row.name, "scopes": row.scopes, "networks": row.networks,
        "state": "revoked" if row.revoked_at else "ended" if ended else "active",
        "created_at": row.created_at, "expires_at": row.expires_at, "last_used_at": row.last_used_at,
    }

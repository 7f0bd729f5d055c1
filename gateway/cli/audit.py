"""``gateway audit``: read it, verify it, sign its heads, drop what is old enough."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from gateway.audit.heads import sign_heads
from gateway.audit.pruning import KEPT_FOR, prune
from gateway.audit.verify import verify
from gateway.cli.services import counted, print_json, services
from gateway.models import AuditRow
from gateway.store import audit
from gateway.store.audit import Entry
from gateway.store.database import utc_now

app = typer.Typer(no_args_is_help=True, help="The audit: who did what, in chains that show every later change.")
Stream = Annotated[str | None, typer.Option(help="One stream: gateway, security, or organisation/<short name>. Default: all.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("verify")
def verify_command(stream: Stream = None, as_json: Json = False) -> None:
    """Check every row against its hash, the row before it, and the signed heads. Exit code 1 if a row is wrong; the first is named.

    Example: gateway audit verify
    """
    with services() as built:
        found = verify(built.store, built.audit_signer, stream=stream)
        with built.store.transaction() as tx:
            told = f"stream/{stream or 'all'}"
            audit.note(tx.session, Entry(stream=audit.GATEWAY, action="audit.verified", object=told, outcome="wrong" if found.wrong else "right"))
    if as_json:
        wrong = [{"stream": one.stream, "sequence": one.sequence, "kind": one.kind} for one in found.wrong]
        print_json({"rows": found.rows, "streams": found.streams, "signed_days": found.days, "wrong": wrong})
    elif found.wrong:
        for one in found.wrong:
            typer.echo(one.sentence)
    else:
        typer.echo(f"Right: {counted(found.rows, 'row')} in {counted(found.streams, 'stream')}, {counted(found.days, 'signed day')}.")
    raise typer.Exit(1 if found.wrong else 0)


@app.command()
def show(
    stream: Annotated[str, typer.Option(help="gateway, security, or organisation/<short name>.")] = audit.GATEWAY,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many of the newest rows.")] = 50,
    as_json: Json = False,
) -> None:
    """Print rows of the audit, the newest first.

    Example: gateway audit show --stream organisation/hfea
    """
    with services() as built, built.store.reading() as session:
        rows = audit.rows(session, stream, limit=limit)
    if as_json:
        print_json([_as_json(row) for row in rows])
        return
    for row in rows:
        typer.echo(f"{row.sequence:6}  {row.at:%Y-%m-%d %H:%M:%S}  {row.actor} ({row.role})  {row.action}  {row.object}  {row.outcome}")
    if not rows:
        typer.echo("No rows. gateway audit show --stream security shows sign-ins.", err=True)


@app.command()
def sign() -> None:
    """Sign today's heads now instead of with the nightly work.

    Example: gateway audit sign
    """
    with services() as built:
        count = sign_heads(built.store, built.audit_signer, now=utc_now())
    typer.echo(f"Signed the heads of {counted(count, 'stream')}." if count else "Today's heads were signed already.")


@app.command("prune")
def prune_command(stream: Annotated[str, typer.Option(help="gateway, security, or organisation/<short name>.")]) -> None:
    """Drop the rows of a stream that are older than seven years; a signed checkpoint stays in their place.

    Example: gateway audit prune --stream security
    """
    with services() as built:
        count = prune(built.store, built.audit_signer, stream, now=utc_now())
    typer.echo(f"Dropped {counted(count, 'row')} older than {KEPT_FOR.days} days from {stream}.")


def _as_json(row: AuditRow) -> dict[str, Any]:
    return {
        "stream": row.stream, "sequence": row.sequence, "at": row.at, "actor": row.actor, "role": row.role, "action": row.action,
        "object": row.object, "outcome": row.outcome, "request_id": row.request_id, "digest": row.digest, "previous": row.previous, "hash": row.hash,
    }

"""``gateway link``: records of different sources that are one dataset."""

from __future__ import annotations

import getpass
from typing import Annotated, Any

import typer

from gateway.catalogue.linking import decide_link
from gateway.cli.services import print_json, services
from gateway.store import links

app = typer.Typer(no_args_is_help=True, help="Judge which records of different sources are one dataset.")
Number = Annotated[int, typer.Argument(help="The link's number, as gateway link list shows it.", min=1)]


@app.command("list")
def listing(
    state: Annotated[str, typer.Option(help="linked, proposed or rejected.")] = "proposed",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List pairs of records: linked by an identifier, proposed by their titles, or rejected.

    Example: gateway link list
    """
    with services() as built, built.store.reading() as session:
        rows = links.listing(session, state=state, limit=1000)
        held = links.records_of(session, rows)
    shown: list[dict[str, Any]] = [
        {"id": row.id, "state": row.state, "evidence": row.evidence, "datasets": [held[row.record_a].title, held[row.record_b].title]}
        for row in rows
    ]
    if as_json:
        print_json(shown)
        return
    for one in shown:
        typer.echo(f"link {one['id']}  {one['datasets'][0]}  =  {one['datasets'][1]}  ({', '.join(map(str, one['evidence'].values()))})")
    if not rows:
        typer.echo("None.")


@app.command()
def accept(number: Number) -> None:
    """Say that two records are one dataset.

    Example: gateway link accept 3
    """
    _decide(number, "linked")


@app.command()
def reject(number: Number) -> None:
    """Say that two records are not one dataset. No harvest links them again.

    Example: gateway link reject 3
    """
    _decide(number, "rejected")


def _decide(number: int, state: str) -> None:
    with services() as built:
        decide_link(built.store, number, state=state, by=getpass.getuser(), now=built.clock())
        built.jobs.enqueue("index")
    typer.echo(f"Link {number} is {state}.")

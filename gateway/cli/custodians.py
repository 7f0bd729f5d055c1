"""``gateway custodian``: organisations answerable for datasets."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.cli.services import print_json, services
from gateway.errors import Unprocessable
from gateway.store import custodians
from gateway.store.custodians import LONGEST_NAME
from gateway.store.database import utc_now

app = typer.Typer(no_args_is_help=True, help="Organisations answerable for datasets.")


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="Its name, as people know it.")],
    contact: Annotated[str | None, typer.Option(help="Mail address for questions.")] = None,
    description: Annotated[str | None, typer.Option(help="What it is, in a sentence or two.")] = None,
    category: Annotated[str | None, typer.Option(help="What kind of organisation, e.g. NHS trust.")] = None,
    nation: Annotated[list[str] | None, typer.Option(help="Where its data are from, e.g. Wales; may be repeated.")] = None,
    identifier: Annotated[str | None, typer.Option(help="Its identifier elsewhere, e.g. its ROR address.")] = None,
) -> None:
    """Register a custodian, so that it can be given keys, sources and a way to take requests. Prints its short name.

    Example: gateway custodian add "Example Trust" --contact data@example.org --nation England
    """
    if not 0 < len(name.strip()) <= LONGEST_NAME:
        raise Unprocessable(f"A name has 1 to {LONGEST_NAME} characters.")
    with services() as built, built.store.transaction() as tx:
        made = custodians.add(
            tx.session, name=name.strip(), now=utc_now(), contact=contact, description=description, category=category,
            nations=nation or [], identifier=identifier,
        )
    typer.echo(made.slug)


@app.command("list")
def listing(
    text: Annotated[str, typer.Option(help="Only those whose name holds this.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List custodians by name with the number of their datasets.

    Example: gateway custodian list --text trust
    """
    with services() as built, built.store.reading() as session:
        cards = custodians.directory(session, text=text)
    rows = [
        {"slug": card.custodian.slug, "name": card.custodian.name, "datasets": card.datasets, "origin": card.custodian.origin} for card in cards
    ]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        typer.echo(f"{row['slug']}  {row['name']}  {row['datasets']}")
    if not rows:
        typer.echo('No custodians yet. Add one with: gateway custodian add "NAME"', err=True)

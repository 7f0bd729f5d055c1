"""``gateway note``: curators' notes beside records."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer

from gateway.cli.services import print_json, services
from gateway.errors import BadRequest, NotFound
from gateway.store import explanations, notes

app = typer.Typer(no_args_is_help=True, help="Write notes beside datasets; no harvest touches them.")
Dataset = Annotated[str, typer.Argument(help="Any identifier of the dataset.")]


@app.command()
def add(dataset: Dataset, text: Annotated[str, typer.Argument(help="The note.")]) -> None:
    """Write a note beside a dataset.

    Example: gateway note add mfrggzdfmz "The contact moved; asked on 3 May."
    """
    if not text.strip():
        raise BadRequest("The note is empty.", hint="Say what the next reader should know.")
    with services() as built, built.store.transaction() as tx:
        note = notes.add(tx.session, dataset, text=text.strip(), by=getpass.getuser(), now=built.clock())
    typer.echo(f"Note {note.id} is kept.")


@app.command("list")
def listing(dataset: Dataset, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List the notes beside a dataset.

    Example: gateway note list mfrggzdfmz
    """
    with services() as built, built.store.reading() as session:
        record = explanations.find(session, dataset)
        if record is None:
            raise NotFound(f"There is no dataset {dataset!r}.", hint="Use the identifier that its source uses.")
        rows = notes.of_record(session, record.id)
    if as_json:
        print_json([{"id": row.id, "text": row.text, "by": row.by, "at": row.at} for row in rows])
        return
    for row in rows:
        typer.echo(f"note {row.id}  {row.at:%Y-%m-%d}  {row.by}: {row.text}")
    if not rows:
        typer.echo("No notes.")


@app.command()
def withdraw(number: Annotated[int, typer.Argument(help="The note's number.", min=1)]) -> None:
    """Take a note away.

    Example: gateway note withdraw 3
    """
    with services() as built, built.store.transaction() as tx:
        notes.withdraw(tx.session, number, now=built.clock())
    typer.echo(f"Note {number} is withdrawn.")

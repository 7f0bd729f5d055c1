"""``gateway harvest undo``: take back what a run changed."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer

from gateway.cli.outcomes import in_words
from gateway.cli.services import print_json, services
from gateway.sources.undoing import undo_run
from gateway.store import runs


def undo(
    number: Annotated[int, typer.Argument(help="The run's number.", min=1)],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Take back what a run changed: datasets become what they were before it, those it added are removed.

    Example: gateway harvest undo 42
    """
    with services() as built:
        run = undo_run(built.store, number, by=getpass.getuser(), now=built.clock())
        built.catalogue.index_pending()
        with built.store.reading() as session:
            skipped = [row for row in runs.outcomes(session, run.id, outcome="unchanged") if row.reason == "changed-since"]
    if as_json:
        print_json({"run": run.id, "undoes": number, "counters": run.counters})
        return
    typer.echo(f"Run {run.id} undid run {number}: {in_words(run.counters)}.")
    for row in skipped:
        typer.echo(f"  left alone: {row.title or row.local_id}: {row.detail}")
    typer.echo("The next harvest of this source brings back what the source still says.", err=True)

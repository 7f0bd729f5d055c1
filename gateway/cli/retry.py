"""``gateway harvest retry``: fetch again what failed in a run."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.cli.harvest import GOOD, harvest_run
from gateway.cli.services import print_json, services


def retry(
    number: Annotated[int, typer.Argument(help="The run's number.", min=1)],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Ask the source again for each record that could not be read or was refused in a run, and for nothing else.

    Example: gateway harvest retry 42
    """
    with services() as built:
        report = harvest_run(built, built.harvesting.queue_retry(number), quiet=as_json)
        built.catalogue.index_pending()
    if as_json:
        print_json(report)
    if report["state"] not in GOOD:
        raise typer.Exit(1)

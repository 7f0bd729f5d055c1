"""``gateway harvest replay`` and ``gateway db tidy``: work on what is kept."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.cli.harvest import GOOD, harvest_run
from gateway.cli.services import print_json, services
from gateway.store import sources

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def replay(
    slug: Annotated[str | None, typer.Argument(help="The source. Without one, every source.")] = None, as_json: Json = False
) -> None:
    """Read the documents that were kept again, without any request, and publish what they say by the present mapping.

    Example: gateway harvest replay hfea
    """
    with services() as built:
        with built.store.reading() as session:
            slugs = [sources.by_slug(session, slug).slug] if slug else [one.slug for one in sources.listing(session)]
        queued = [built.harvesting.queue_run(one, trigger="replay", wanted="audit") for one in slugs]
        reports = [harvest_run(built, run_id, quiet=as_json) for run_id in queued]
        built.catalogue.index_pending()
    if as_json:
        print_json(reports)
    if any(report["state"] not in GOOD for report in reports):
        raise typer.Exit(1)


def tidy(as_json: Json = False) -> None:
    """Do now what is done once a day: forget what is kept no longer, and compare the index with the database.

    Example: gateway db tidy
    """
    with services() as built:
        done = built.housekeeping.keep_house(now=built.clock())
    if as_json:
        print_json(done)
        return
    for name, count in done.items():
        typer.echo(f"{name.replace('_', ' '):18} {count}")

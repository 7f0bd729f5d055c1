"""``gateway harvest cancel | pause | resume`` and ``gateway source schedule | contact``."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from gateway.cli.outcomes import in_words
from gateway.cli.services import print_json_line, services
from gateway.models import Run, RunEvent, Source
from gateway.sources import upkeep as source_upkeep
from gateway.store import runs
from gateway.wiring import Services

LOOK_SECONDS = 1.0
TOLD = ("stage", "host", "path", "note", "done", "declared_total", "seconds_left")

Slug = Annotated[str, typer.Argument(help="The source's short name, as gateway source list shows it.")]


def cancel(run: Annotated[int, typer.Argument(help="The run's number.", min=1)]) -> None:
    """Stop a run within two seconds, whoever works on it. What it committed stays; nothing is removed.

    Example: gateway harvest cancel 42
    """
    with services() as built:
        built.harvesting.cancel(run)
    typer.echo(f"Run {run} is asked to stop.")


def follow(
    run: Annotated[int, typer.Argument(help="The run's number.", min=1)],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object for each event, and one for the end.")] = False,
) -> None:
    """Print what a run does, wherever it is worked off, until it is over. Exit code 1 if it failed.

    Example: gateway harvest follow 42
    """
    with services() as built:
        row = _followed(built, run, as_json=as_json)
    if as_json:
        print_json_line({"run": row.id, "state": row.state, "counters": row.counters, "reason": row.reason, "error": row.error})
    else:
        typer.echo(f"Run {row.id}: {row.state} ({in_words(row.counters)}).{f' {row.error}' if row.error else ''}")
    raise typer.Exit(1 if row.state == "failed" else 0)


def _followed(built: Services, run_id: int, *, as_json: bool) -> Run:
    last = 0
    while True:
        with built.store.reading() as session:
            row, news = runs.by_id(session, run_id), runs.events(session, run_id, after=last)
        for event in news:
            last = event.seq
            _tell(event, as_json=as_json)
        if row.state not in runs.ACTIVE:
            return row
        time.sleep(LOOK_SECONDS)


def _tell(event: RunEvent, *, as_json: bool) -> None:
    if as_json:
        print_json_line({"seq": event.seq, "at": event.at, "kind": event.kind, "data": event.data})
        return
    data = event.data
    counts = in_words({name: count for name, count in data.items() if name not in TOLD})
    where = f" {data['host']}{data.get('path', '')}" if data.get("host") else ""
    left = f", about {data['seconds_left']} s left" if data.get("seconds_left") else ""
    note = f". {data['note']}" if data.get("note") else ""
    typer.echo(f"{event.at:%H:%M:%S} {event.kind}{where}: {counts}{left}{note}")


def pause(slug: Slug) -> None:
    """Start no run of the source on schedule until it is resumed. A run that goes on ends as it would.

    Example: gateway harvest pause hfea
    """
    with services() as built:
        source_upkeep.pause(built.store, slug)
    typer.echo(f"{slug} is paused. Go on with: gateway harvest resume {slug}")


def resume(slug: Slug) -> None:
    """Run a paused source on its schedule again.

    Example: gateway harvest resume hfea
    """
    with services() as built:
        source = source_upkeep.resume(built.store, slug, now=built.clock())
    typer.echo(f"{slug} is active. {_next_run(source)}")


def schedule(
    slug: Slug,
    when: Annotated[str, typer.Argument(metavar="SCHEDULE", help="@hourly, @daily, @weekly, manual, or five cron fields.")],
    timezone: Annotated[str | None, typer.Option(help="Whose clock it goes by; unchanged if not given.")] = None,
) -> None:
    """Run the source at other times.

    Example: gateway source schedule hfea '30 4 * * 1-5' --timezone Europe/London
    """
    with services() as built:
        source = source_upkeep.reschedule(built.store, slug, when, timezone=timezone, now=built.clock())
    typer.echo(f"{slug}: {source.schedule} ({source.timezone}). {_next_run(source)}")


def contact(
    slug: Slug,
    address: Annotated[str, typer.Argument(help="A mail address, or with --webhook the id of a webhook of the source's custodian.")],
    digest: Annotated[str, typer.Option(help="Which runs that did not fail to tell of: never, problems, changes or always.")] = "problems",
    webhook: Annotated[bool, typer.Option("--webhook", help="Tell a webhook instead of a mail address.")] = False,
    remove: Annotated[bool, typer.Option("--remove", help="Tell this address nothing any more.")] = False,
) -> None:
    """Name who is told when the source fails (at the first, third and seventh time in a row, then weekly).

    Example: gateway source contact hfea data@example.org --digest changes
    """
    with services() as built:
        if remove:
            source_upkeep.drop_contact(built.store, slug, address)
        elif webhook:
            source_upkeep.set_webhook_contact(built.store, slug, address, digest=digest)
        else:
            source_upkeep.set_contact(built.store, slug, address, digest=digest)
    typer.echo(f"{address} {'is told nothing more' if remove else 'is told'} about {slug}.")


def _next_run(source: Source) -> str:
    return f"Next run: {source.next_due_at:%Y-%m-%d %H:%M} UTC." if source.next_due_at else "It runs by hand only."


def add_to(harvest_app: typer.Typer, source_app: typer.Typer) -> None:
    harvest_app.command("cancel")(cancel)
    harvest_app.command("follow")(follow)
    harvest_app.command("pause")(pause)
    harvest_app.command("resume")(resume)
    source_app.command("schedule")(schedule)
    source_app.command("contact")(contact)

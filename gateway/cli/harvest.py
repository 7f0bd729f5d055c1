"""``gateway harvest``: run sources now, with a live bar on a terminal and lines elsewhere.

Without the name of a command it runs: ``gateway harvest hfea`` is ``gateway harvest run hfea``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from typer.core import TyperGroup

from gateway.cli.outcomes import REFUSED, in_words, refusal
from gateway.cli.services import counted, print_json, services
from gateway.errors import BadRequest
from gateway.harvesting import Progress as RunProgress
from gateway.harvesting import Watch
from gateway.models import Outcome, Run
from gateway.store import runs, sources
from gateway.wiring import Services

GOOD = ("succeeded", "partial", "held")
OVER = (*GOOD, "failed", "cancelled")
INTERRUPTED = 130
SHOWN_REFUSALS = 5


class RunByDefault(TyperGroup):
    """Takes a first word that names no command for a source."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        names_command = bool(args) and (args[0] in self.commands or args[0] == "--help")
        return super().parse_args(ctx, args if names_command else ["run", *args])


app = typer.Typer(cls=RunByDefault, help="Run sources, and look after what their runs did.")


@app.command("run")
def harvest(
    slug: Annotated[str | None, typer.Argument(help="The source to run. Without one, all sources that are due.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Run all active sources, due or not.")] = False,
    audit: Annotated[bool, typer.Option("--audit", help="Read every record again, whatever the listing says.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON report a run.")] = False,
) -> None:
    """Harvest one source, or all that are due, and index what changed.

    Example: gateway harvest run hfea
    """
    if slug and every:
        raise BadRequest("A source and --all were given.", hint="Give one of them.")
    with services() as built, _interruptible():
        run_ids = _queue(built, slug, every=every, audit=audit)
        reports = [harvest_run(built, run_id, quiet=as_json) for run_id in run_ids]
        indexed = built.catalogue.index_pending()
    if as_json:
        print_json(reports)
    elif not run_ids:
        typer.echo("Nothing is due.")
    elif indexed:
        typer.echo(f"Indexed {counted(indexed, 'dataset')}.")
    if any(report["state"] not in GOOD for report in reports):
        raise typer.Exit(1)


def _queue(built: Services, slug: str | None, *, every: bool, audit: bool) -> list[int]:
    wanted = "audit" if audit else "incremental"
    if slug:
        return [built.harvesting.queue_run(slug, wanted=wanted)]
    if every or audit:
        with built.store.reading() as session:
            names = [source.slug for source in sources.listing(session) if source.state == "active"]
        return [built.harvesting.queue_run(name, wanted=wanted) for name in names]
    built.harvesting.queue_due()
    return built.harvesting.claimable()


def harvest_run(built: Services, run_id: int, *, quiet: bool = False) -> dict[str, Any]:
    """Run it and show how it goes; returns the report."""
    with _shown(quiet) as watch:
        run = built.harvesting.run(run_id, watch=watch)
    with built.store.reading() as session:
        source = sources.by_id(session, run.source_id)
        refused = [row for outcome in REFUSED for row in runs.outcomes(session, run.id, outcome=outcome, limit=SHOWN_REFUSALS)]
    report = {
        "source": source.slug, "run": run.id, "state": run.state, "counters": run.counters, "reason": run.reason,
        "error": run.error, "requests": run.http.get("requests", 0), "seconds": run.timings_ms.get("total", 0) / 1000,
    }
    if not quiet:
        typer.echo(_sentence(source.name, run))
        _show_refusals(built, source.slug, run, refused[:SHOWN_REFUSALS])
    return report


def _sentence(name: str, run: Run) -> str:
    if run.state not in OVER:
        return f"{name}: another worker is reading this source just now; run {run.id} follows it."
    is_idle = run.state == "succeeded" and not set(run.counters) - {"unchanged"}
    ending = " Nothing new; nothing was written." if is_idle else f" {run.error}" if run.error else ""
    return f"{name}: {run.state} ({in_words(run.counters)}).{ending}"


def _show_refusals(built: Services, slug: str, run: Run, shown: list[Outcome]) -> None:
    for row in shown:
        typer.echo(f"  {refusal(row.outcome, row.title or row.local_id, row.reason, row.detail)}")
    more = sum(run.counters.get(outcome, 0) for outcome in REFUSED) - len(shown)
    if more > 0:
        typer.echo(f"  and {more} more: {built.settings.resolved_public_url}/sources/{slug}/runs/{run.id}")


@contextmanager
def _interruptible() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        typer.echo("Stopped. What was committed stays; the next harvest of the source goes on.", err=True)
        raise typer.Exit(INTERRUPTED) from None


@contextmanager
def _shown(quiet: bool) -> Iterator[Watch | None]:
    if quiet:
        yield None
        return
    if not sys.stderr.isatty():
        yield _print_line
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("starting", total=None)

        def show(progress: RunProgress) -> None:
            total = progress.declared_total
            bars.update(task, description=progress.source, completed=progress.done, total=total)

        yield show


def _print_line(progress: RunProgress) -> None:
    if progress.stage == "finished":
        return
    done = f"{progress.done} of {progress.declared_total}" if progress.declared_total else counted(progress.done, "record")
    typer.echo(f"  {progress.source}: {done}", err=True)

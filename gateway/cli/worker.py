"""``gateway worker`` and ``gateway beat``: the processes beside the web server where jobs are queued on Redis."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.cli.services import services
from gateway.errors import Unprocessable
from gateway.jobs.celery_queue import CeleryJobs
from gateway.wiring import Services
from harvesters.parsing import say_what_is_not_limited


def worker(
    concurrency: Annotated[int, typer.Option(min=1, max=64, help="Jobs at once.")] = 4,
    ping: Annotated[bool, typer.Option("--ping", help="Only ask whether a worker answers; exit code 1 where none does.")] = False,
) -> None:
    """Work off harvests, index and deliveries that were queued on GATEWAY_QUEUE_URL.

    Example: gateway worker --concurrency 8
    """
    with services(quiet=False) as built:
        jobs = _celery(built)
        if ping:
            names = jobs.answering()
            typer.echo("\n".join(names) or "No worker answers.")
            raise typer.Exit(0 if names else 1)
        say_what_is_not_limited()
        built.catalogue.ensure_index()
        jobs.work(concurrency=concurrency, when_stopping=built.harvesting.close)


def beat() -> None:
    """Ring the tick at which workers look for what is due. One process is enough.

    Example: gateway beat
    """
    with services(quiet=False) as built:
        _celery(built).beat(built.settings.data_dir.resolve())


def _celery(built: Services) -> CeleryJobs:
    if not isinstance(built.jobs, CeleryJobs):
        raise Unprocessable(
            "There is no queue to work off: GATEWAY_QUEUE_URL is not set.",
            hint="Without it the web server works off its own jobs. With Redis: GATEWAY_QUEUE_URL=redis://127.0.0.1:6379/0.",
        )
    return built.jobs

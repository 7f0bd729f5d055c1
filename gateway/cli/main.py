"""``gateway``: its groups, and how errors are shown."""

from __future__ import annotations

import io
import os
import sys

import typer

from gateway import __version__
from gateway.cli import (
    account,
    audit,
    catalogue,
    checking,
    custodians,
    database,
    demo,
    forms,
    harvest,
    keys,
    looking_after,
    mail,
    privacy,
    requests,
    serve,
    source,
    template,
    upkeep,
    webhooks,
    worker,
)
from gateway.cli.refusals import in_words
from gateway.errors import GatewayError

app = typer.Typer(
    name="gateway", no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False,
    help="Metadata catalogue and dataset discovery gateway for health data.",
)
app.command("serve")(serve.serve)
app.command("routes")(serve.routes)
app.command("worker")(worker.worker)
app.command("beat")(worker.beat)
app.command("demo")(demo.demo)
app.command("validate")(checking.validate)
app.command("translate")(checking.translate)
app.command("template")(template.template)
app.command("search")(catalogue.search)
looking_after.add_to(harvest.app, database.db_app, app)
upkeep.add_to(harvest.app, source.app)
app.add_typer(harvest.app, name="harvest")
app.add_typer(source.app, name="source")
app.add_typer(database.index_app, name="index")
app.add_typer(database.db_app, name="db")
app.add_typer(account.app, name="account")
app.add_typer(audit.app, name="audit")
app.add_typer(custodians.app, name="custodian")
app.add_typer(keys.app, name="key")
app.add_typer(privacy.app, name="privacy")
app.add_typer(webhooks.app, name="webhook")
app.add_typer(mail.app, name="mail")
app.add_typer(forms.app, name="form")
app.add_typer(requests.route_app, name="route")
app.add_typer(requests.request_app, name="request")


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"gateway {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: bool = typer.Option(False, "--version", callback=_show_version, is_eager=True, help="Print the version."),
) -> None:
    """Metadata catalogue and dataset discovery gateway for health data."""


def main() -> None:
    """Run the command line; what goes wrong becomes a sentence and a hint instead of a trace."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # A terminal that lacks a character shows its number.
    try:
        app()
    except Exception as error:
        if os.environ.get("GATEWAY_LOG_LEVEL", "").upper() == "DEBUG" and not isinstance(error, GatewayError):
            raise
        _refuse(in_words(error))
        sys.exit(2)


def _refuse(error: GatewayError) -> None:
    typer.echo(f"gateway: {error.message}", err=True)
    for name, sentence in error.fields.items():
        typer.echo(f"  {name}: {sentence}", err=True)
    if error.hint:
        typer.echo(f"  {error.hint}", err=True)

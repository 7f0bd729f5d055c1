"""``gateway mail``: what comes back by mail."""

from __future__ import annotations

import sys

import typer

from gateway.cli.services import services
from gateway.enquiries.receiving import receive
from gateway.mailing.returned import take_report
from gateway.store.database import utc_now

app = typer.Typer(no_args_is_help=True, help="Mail that comes back.")


@app.callback()
def _mail() -> None:
    """Mail that comes back."""


@app.command("receive")
def receive_command() -> None:
    """Read one message from standard input, as a mail system hands it over, and add it where it belongs.

    Taken are first answers to letters of the gateway, from the address that the letter went to, and reports that a message came back or
    was complained of. All else is dropped with a word on why.

    Example: gateway mail receive < message.eml
    """
    content = sys.stdin.buffer.read()
    with services() as built:
        if report := take_report(built.store, built.channels.addresses, content, now=utc_now()):
            typer.echo(f"Taken: {report.replace('_', ' ')}.")
            return
        done = receive(built.store, built.sealer, content, now=utc_now())
        if done.is_taken:
            built.jobs.enqueue("deliver")
    typer.echo("Taken." if done.is_taken else f"Dropped: {done.reason}")

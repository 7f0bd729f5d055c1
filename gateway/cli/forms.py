"""``gateway form``: what a custodian asks of those who want its data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.access.bank.forms import read_document
from gateway.access.bank.whole import CORE
from gateway.access.part_forms import newest_form, publish, require_sound
from gateway.cli.services import print_json, services
from gateway.errors import BadRequest
from gateway.store.database import utc_now

app = typer.Typer(no_args_is_help=True, help="What custodians ask of those who want their data.")
Slug = Annotated[str, typer.Argument(help="The custodian's short name.")]
Document = Annotated[Path, typer.Argument(help="The form as JSON, as gateway form show --json prints it.", exists=True, dir_okay=False)]


@app.callback()
def _form() -> None:
    """What custodians ask of those who want their data."""


@app.command("show")
def show(custodian: Slug, as_json: Annotated[bool, typer.Option("--json", help="Print JSON, to change and publish.")] = False) -> None:
    """Show what a custodian asks beyond the core.

    Example: gateway form show hfea
    """
    with services() as built:
        form = newest_form(built.store, custodian)
    if as_json:
        print_json(form.document.model_dump(mode="json"))
        return
    typer.echo(f"{form.name}, version {form.version}: {len(CORE)} questions of the core, as {form.document.variant}.")
    for key, chosen in form.document.optional.items():
        typer.echo(f"  {chosen.need:8} {key}")
    for key, question in form.annex.items():
        typer.echo(f"  {'require' if question.need == 'R' else 'offer':8} {key}  {question.label}")


@app.command("check")
def check(custodian: Slug, document: Document) -> None:
    """Check a form without publishing it.

    Example: gateway form check hfea form.json
    """
    require_sound(read_document(_read(document)), custodian=custodian)
    typer.echo("The form can be published.")


@app.command("publish")
def publish_command(custodian: Slug, document: Document) -> None:
    """Publish the next version of a custodian's form. Requests that are under way keep theirs.

    Example: gateway form publish hfea form.json
    """
    with services() as built:
        form = publish(built.store, custodian, _read(document), actor="operator", now=utc_now())
    typer.echo(f"{form.name} now asks by version {form.version}.")


def _read(document: Path) -> dict[str, Any]:
    """Raises :class:`BadRequest`."""
    try:
        found = json.loads(document.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BadRequest(f"{document} is not JSON: {error}.") from None
    if not isinstance(found, dict):
        raise BadRequest(f"{document} holds no form.", hint="It is an object, as gateway form show --json prints it.")
    return found

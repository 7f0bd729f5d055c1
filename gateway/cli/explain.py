"""``gateway harvest explain``: why a dataset is not visible, or not current."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.catalogue.explaining import explain as find_out
from gateway.catalogue.explaining import explanation_shape
from gateway.cli.services import print_json, services


def explain(
    dataset: Annotated[str, typer.Argument(help="Any identifier: the custodian's own, a DOI, or the address of its page here.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say why a dataset is not visible, or not current, and what to do.

    Example: gateway harvest explain 00000000-0000-4000-8000-000000000001
    """
    with services() as built:
        found = find_out(built.store, dataset, now=built.clock())
    if as_json:
        print_json(explanation_shape(found))
        return
    typer.echo(f"{found.record.title or found.local_id if found.record else found.local_id} ({found.source.name})")
    for answer in found.answers:
        typer.echo(f"  {answer.sentence}{f' {answer.hint}' if answer.hint else ''}")
    for finding in found.findings:
        if finding["severity"] == "error":
            typer.echo(f"  {finding['path'] or '/'}: {finding['message']} {finding['hint']}")
    for row in found.outcomes[:5]:
        typer.echo(f"  run {row.run_id}, {row.at:%Y-%m-%d %H:%M} UTC: {row.outcome}")
    due = found.source.next_due_at
    typer.echo(f"  Next run: {f'{due:%Y-%m-%d %H:%M} UTC' if due else 'not planned'}.")

"""How a dry run is told on the command line."""

from __future__ import annotations

from typing import Any, Final

import typer

from gateway.cli.outcomes import REFUSED, in_words, refusal
from gateway.cli.services import print_json
from harvesters.reasons import REASONS

SHOWN_CHANGES: Final = 5


def show_diff(diff: dict[str, Any], *, as_json: bool = False, fails: bool = True) -> None:
    """Ends with exit code 1 where the source failed, unless ``fails`` is not wanted."""
    print_json(diff) if as_json else _print(diff)
    if diff["failure"] and fails:
        raise typer.Exit(1)


def _print(diff: dict[str, Any]) -> None:
    typer.echo(f"Would be: {in_words(diff['counters'])}. Requests: {diff['requests']}. Nothing was written.")
    for record in diff["records"]:
        if record["outcome"] in REFUSED:
            typer.echo(f"  {refusal(record['outcome'], record['title'] or record['local_id'], record['reason'], record['detail'])}")
        for change in record["changes"][:SHOWN_CHANGES]:
            typer.echo(f"  {record['title'] or record['local_id']}: {change['path']}: {_brief(change['before'])} -> {_brief(change['after'])}")
    for label in ("missing", "removed"):
        if diff[label]:
            typer.echo(f"  Would be {label}: {len(diff[label])}")
    if diff["why_held"]:
        typer.echo(f"  Held back: {diff['why_held']}")
    if diff["failure"]:
        typer.echo(f"  The source failed: {diff['failure']['message']} {REASONS[diff['failure']['reason']].hint}", err=True)


def _brief(value: Any) -> str:
    text = "nothing" if value is None else str(value)
    return text if len(text) <= 60 else f"{text[:59]}…"

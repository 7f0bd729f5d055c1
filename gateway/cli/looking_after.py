"""The commands of ``gateway harvest`` that look after what runs did."""

from __future__ import annotations

import typer

from gateway.cli import holds, source, undo


def add_to(app: typer.Typer) -> None:
    app.command("holds")(holds.listing)
    app.command("approve")(holds.approve)
    app.command("reject")(holds.reject)
    app.command("undo")(undo.undo)
    app.command("dry-run")(source.dry_run)

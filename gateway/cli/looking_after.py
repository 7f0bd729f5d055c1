"""The commands of ``gateway harvest`` that look after what runs did, and housekeeping."""

from __future__ import annotations

import typer

from gateway.cli import explain, holds, links, notes, replay, retry, source, undo


def add_to(app: typer.Typer, database: typer.Typer, root: typer.Typer) -> None:
    root.add_typer(links.app, name="link")
    root.add_typer(notes.app, name="note")
    database.command("tidy")(replay.tidy)
    app.command("holds")(holds.listing)
    app.command("approve")(holds.approve)
    app.command("reject")(holds.reject)
    app.command("undo")(undo.undo)
    app.command("retry")(retry.retry)
    app.command("explain")(explain.explain)
    app.command("replay")(replay.replay)
    app.command("dry-run")(source.dry_run)

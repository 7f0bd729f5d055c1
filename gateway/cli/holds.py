"""``gateway harvest holds``, ``approve`` and ``reject``: removals that wait for a person."""

from __future__ import annotations

import getpass
from typing import Annotated, Any

import typer

from gateway.cli.services import counted, print_json, services
from gateway.models import Hold
from gateway.sources import holds as deciding
from gateway.store import holds, sources

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Number = Annotated[int, typer.Argument(help="The hold's number, as gateway harvest holds shows it.", min=1)]


def listing(
    slug: Annotated[str | None, typer.Argument(help="Only those of this source.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Also those that are decided or dissolved.")] = False,
    as_json: Json = False,
) -> None:
    """List removals that wait for a person, with the datasets that would go.

    Example: gateway harvest holds
    """
    with services() as built, built.store.reading() as session:
        source_id = sources.by_slug(session, slug).id if slug else None
        rows = holds.listing(session, states=() if every else ("open",), source_id=source_id, limit=100)
        shown = [
            _as_json(row, sources.by_id(session, row.source_id).slug, [one.title or one.local_id for one in holds.records_of(session, row)])
            for row in rows
        ]
    if as_json:
        print_json(shown)
        return
    for one in shown:
        typer.echo(f"hold {one['id']}  {one['source']}  {one['state']}  run {one['run']}: {one['why']}")
        for title in one["records"] if one["state"] == "open" else ():
            typer.echo(f"  {title}")
    if not rows:
        typer.echo("Nothing waits for a decision.")


def approve(number: Number, as_json: Json = False) -> None:
    """Remove the datasets that a hold lists. They return by themselves if the source lists them again.

    Example: gateway harvest approve 3
    """
    with services() as built:
        decision = deciding.approve(built.store, number, by=getpass.getuser(), now=built.clock())
        built.catalogue.index_pending()
    _say(decision, f"Removed {counted(decision.removed, 'dataset')}.", as_json=as_json)


def reject(number: Number, as_json: Json = False) -> None:
    """Keep the datasets that a hold lists, until the source lists them again.

    Example: gateway harvest reject 3
    """
    with services() as built:
        decision = deciding.reject(built.store, number, by=getpass.getuser(), now=built.clock())
    _say(decision, f"Kept {counted(len(decision.hold.local_ids), 'dataset')}.", as_json=as_json)


def _say(decision: deciding.Decision, sentence: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"id": decision.hold.id, "state": decision.hold.state, "removed": decision.removed})
    else:
        typer.echo(sentence)


def _as_json(row: Hold, slug: str, titles: list[str]) -> dict[str, Any]:
    return {
        "id": row.id, "source": slug, "run": row.run_id, "state": row.state, "why": row.why, "records": titles,
        "created_at": row.created_at, "expires_at": row.expires_at, "decided_at": row.decided_at, "decided_by": row.decided_by,
    }

"""``gateway db`` and ``gateway index``."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.cli.services import counted, services
from gateway.errors import Conflict
from search.engine import IndexLocked, SearchError

db_app = typer.Typer(no_args_is_help=True, help="The database.")
index_app = typer.Typer(no_args_is_help=True, help="The search index.")


@db_app.callback()
def _db() -> None:
    """The database."""


@index_app.callback()
def _index() -> None:
    """The search index."""


@db_app.command()
def upgrade() -> None:
    """Bring the database to the newest schema. Every command does so by itself; this only does it.

    Example: gateway db upgrade
    """
    with services() as built:
        typer.echo(f"The database is at the newest schema ({built.store.engine.dialect.name}).")


@index_app.command()
def rebuild(
    force: Annotated[bool, typer.Option("--force", help="Accept an index that lost more than 5 % of its documents.")] = False,
) -> None:
    """Build the search index anew from the database; the old one serves until the new one is complete.

    Example: gateway index rebuild
    """
    with services() as built:
        try:
            count = built.catalogue.rebuild(force=force, progress=lambda done: typer.echo(f"  {counted(done, 'dataset')}", err=True))
        except IndexLocked as error:
            raise Conflict(
                "The running server owns the index.", hint="Stop it first; it also rebuilds an unusable index by itself at start."
            ) from error
        except SearchError as error:
            raise Conflict(str(error), hint="Use --force if that is what you want.") from error
    typer.echo(f"Indexed {counted(count, 'dataset')}.")


@index_app.command("roll-back")
def roll_back() -> None:
    """Let the index serve that served before the last rebuild, on a search server; what was written since is indexed again.

    Example: gateway index roll-back
    """
    with services() as built:
        try:
            missing = built.catalogue.roll_back()
        except SearchError as error:
            raise Conflict(str(error), hint="A search server keeps the former index for a day, and one only.") from error
        built.catalogue.index_pending()
    typer.echo(f"The former index serves again. Indexed anew, as it differed from the database: {counted(missing, 'dataset')}.")

"""``gateway search``."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.cli.services import counted, print_json, services
from search.engine import Query


def search(
    words: Annotated[list[str], typer.Argument(help="What to look for.")],
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many to show.")] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Search the catalogue.

    Example: gateway search diabetes primary care
    """
    with services() as built:
        built.catalogue.ensure_index()
        built.catalogue.index_pending()
        page = built.catalogue.search(Query(text=" ".join(words), limit=limit))
    if as_json:
        print_json({"total": page.total, "items": [{"ref": hit.id, "score": hit.score, **hit.stored} for hit in page.hits]})
        return
    typer.echo(counted(page.total, "dataset"))
    for hit in page.hits:
        typer.echo(f"{hit.id}  {hit.stored.get('title')}  ({hit.stored.get('custodian_name') or 'custodian not reported'})")

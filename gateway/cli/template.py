"""``gateway template``: the spreadsheet that a custodian without an endpoint fills in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.errors import Unprocessable
from schemas.templates import template_csv, template_workbook


def template(
    path: Annotated[Path, typer.Argument(help="The file to write, ending in .xlsx or .csv.")] = Path("datasets.xlsx"),
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file if it is there.")] = False,
) -> None:
    """Write an empty template: a workbook, or its sheet of datasets as CSV.

    Example: gateway template datasets.xlsx
    """
    makers = {".xlsx": template_workbook, ".csv": template_csv}
    if path.suffix.lower() not in makers:
        raise Unprocessable(f"{path.name} ends in neither .xlsx nor .csv.", hint="For example: gateway template datasets.xlsx")
    if path.exists() and not overwrite:
        raise Unprocessable(f"There is a file {path} already.", hint="Give another name, or add --overwrite.")
    path.write_bytes(makers[path.suffix.lower()]())
    typer.echo(f"Wrote {path}. Filled in, it is read with: gateway source add NAME --kind files --path {path}")

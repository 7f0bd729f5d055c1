"""Columns that were ticked, as rows of the question on tables and columns. Why they are needed is left for the applicant to say."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from gateway.access.bank.reading import MAX_ROWS
from gateway.access.bank.whole import BANK
from gateway.catalogue.chosen_columns import ChosenTable
from gateway.errors import Unprocessable

KEY: Final = "data.fields"
EVERY: Final = "All columns"
UNNAMED: Final = "A table without a name"
LONGEST: Final = next(column.characters for column in BANK[KEY].columns if column.name == "columns")
Rows = list[dict[str, str]]


def with_columns(rows: Sequence[Mapping[str, str]], chosen: Mapping[str, Sequence[ChosenTable]]) -> Rows:
    """The rows, and after them what they do not name yet of the columns chosen by dataset. Raises :class:`Unprocessable` for more than
    the question can hold."""
    found = [dict(row) for row in rows]
    for ref, tables in chosen.items():
        for one in tables:
            found += _new(ref, one, rows)
    if len(found) > MAX_ROWS:
        raise Unprocessable(f"A request names columns in {MAX_ROWS} rows at most.", hint="Take rows out of it, or untick some columns.")
    return found


def without_datasets(rows: Sequence[Mapping[str, str]], kept: Collection[str]) -> Rows:
    """The rows on these datasets alone."""
    return [dict(row) for row in rows if row.get("dataset") in kept]


def _new(ref: str, chosen: ChosenTable, rows: Sequence[Mapping[str, str]]) -> Iterator[dict[str, str]]:
    table = chosen.table.strip() or UNNAMED
    cells = [row.get("columns", "") for row in rows if row.get("dataset") == ref and row.get("table") == table]
    if EVERY in cells:
        return
    named = f", {', '.join(cells)}, "
    names = [name.strip() for name in chosen.columns]
    for cell in _cells([name for name in names if f", {name}, " not in named]) if names else [EVERY]:
        yield {"dataset": ref, "table": table, "columns": cell}


def _cells(names: Sequence[str]) -> Iterator[str]:
    """The names side by side, in as many cells as they need."""
    cell = ""
    for name in names:
        if cell and len(cell) + len(name) + 2 > LONGEST:
            yield cell
            cell = ""
        cell = f"{cell}, {name}" if cell else name
    if cell:
        yield cell

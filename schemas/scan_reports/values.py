"""Values of columns, with consent only: none of a column that is sensitive, holds free text or is nearly unique; none that is rare."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from schemas.scan_reports.overview import Row, Scan, ScannedColumn, ScannedTable

SHEET_NAME_LIMIT: Final = 31
TEXT_FROM: Final = 50
NEARLY_UNIQUE: Final = 0.5
TRUNCATED: Final = "list truncated"
NUMBERS: Final = ("int", "real", "float", "double", "decimal", "numeric", "date", "time")


def with_values(
    scan: Scan, tables: list[dict[str, Any]], sheets: Mapping[str, Sequence[Row]], *, sensitive: Collection[tuple[str, str]] = ()
) -> list[dict[str, Any]]:
    """The tables with the frequent values of their columns. ``sensitive`` are (table, column) pairs in lower case."""
    scanned = {table.name: table for table in scan.tables}
    for table in tables:
        rows = _sheet_of(str(table["name"]), sheets)
        known = {column.name: column for column in scanned[str(table["name"])].columns}
        for column in table.get("columns", ()):
            found = known.get(str(column["name"]))
            if found is not None and _may_be_shown(scanned[str(table["name"])], found, sensitive):
                _add(column, rows, minimum=scan.minimum_cell_count)
    return tables


def _may_be_shown(table: ScannedTable, column: ScannedColumn, sensitive: Collection[tuple[str, str]]) -> bool:
    is_text = column.longest is None or column.longest > TEXT_FROM
    is_unique = column.unique is None or column.unique > NEARLY_UNIQUE
    is_measure = column.data_type.casefold().startswith(NUMBERS)
    return not (is_text or is_unique or is_measure or (table.name.casefold(), column.name.casefold()) in sensitive)


def _sheet_of(name: str, sheets: Mapping[str, Sequence[Row]]) -> Sequence[Row]:
    """The sheet of a table: spreadsheet programs cut names at 31 characters."""
    if name in sheets:
        return sheets[name]
    cut = [rows for sheet, rows in sheets.items() if len(sheet) >= SHEET_NAME_LIMIT - 3 and name.startswith(sheet.rstrip("."))]
    return cut[0] if len(cut) == 1 else ()


def _add(column: dict[str, Any], rows: Sequence[Row], *, minimum: int) -> None:
    place = next((place for place, cell in enumerate(rows[0][1]) if cell == column["name"]), None) if rows else None
    if place is None:
        return
    values = []
    for _, cells in rows[1:]:
        value, frequency = (cells[at].strip() if at < len(cells) else "" for at in (place, place + 1))
        if value.casefold().startswith(TRUNCATED):
            column["description"] = f"{column.get('description', '')} Only the most frequent values are listed.".strip()
        elif value and frequency.isascii() and frequency.isdigit() and int(frequency) >= minimum:
            values.append({"name": value, "frequency": int(frequency)})
    if values:
        column["values"] = values

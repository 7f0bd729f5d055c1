"""Tables and columns as the files that custodians fill in: CSV, and XLSX workbooks with one row for each column.

Headings are found by name, in the wording of the published templates or as paths of the specification; the order of the
columns of the file does not count. Nothing is guessed: a cell that is neither yes nor no leaves ``sensitive`` unknown.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from schemas.document import SIZE_LIMIT_BYTES, Unreadable
from schemas.reader import Loss, excerpt
from schemas.record import Column, Table
from schemas.spreadsheet_guard import guarded, unguarded
from schemas.workbook import NoTableFile, rows_of_workbook, workbook_of_rows

HEADINGS: Final = ("Table Name", "Table Description", "Column Name", "Column Description", "Data Type", "Sensitive")
PATHS: Final = (
    "structuralmetadata.tables.name", "structuralmetadata.tables.description", "structuralmetadata.tables.columns.name",
    "structuralmetadata.tables.columns.description", "structuralmetadata.tables.columns.datatype", "structuralmetadata.tables.columns.sensitive",
)  # fmt: skip
TRUTHS: Final = {"true": True, "yes": True, "y": True, "1": True, "false": False, "no": False, "n": False, "0": False}
HEADING_ROWS: Final = 10
NO_TABLES: Final = NoTableFile(
    "no-headings", "The file has no row of headings that is known here.", f"Name the columns {', '.join(HEADINGS)}, as the template does."
)


@dataclass(frozen=True, slots=True)
class TableFile:
    """``losses`` have the place of a cell (``/12/Sensitive``: row and heading) as their path."""

    tables: tuple[Table, ...]
    losses: tuple[Loss, ...]


def read_table_file(body: bytes) -> TableFile:
    """Tables from the bytes of a CSV or XLSX file. Raises :class:`Unreadable` (too-large, encoding, bad-workbook, no-headings)."""
    if len(body) > SIZE_LIMIT_BYTES:
        raise Unreadable("too-large", f"The file has {len(body) // 2**20} MB.", f"At most {SIZE_LIMIT_BYTES // 2**20} MB are read.")
    if body.startswith(b"PK"):
        sheets = rows_of_workbook(body)
        found = next((sheet for sheet in sheets if _headings(sheet) is not None), None)
        if found is None:
            raise NO_TABLES
        return _Reader().read(found)
    return _Reader().read(_rows_of_csv(body))


def read_table_rows(rows: Iterable[tuple[int, dict[str, str]]]) -> TableFile:
    """Tables from rows whose cells are named by ``HEADINGS`` already, each with the number it has in its file."""
    return _Reader().read_named(rows)


def write_csv(tables: Iterable[Table]) -> tuple[bytes, tuple[Loss, ...]]:
    """The tables as CSV (RFC 4180, UTF-8), and what the file has no place for."""
    rows, losses = _rows(tables)
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([guarded(cell) for cell in row] for row in rows)
    return text.getvalue().encode(), losses


def write_workbook(tables: Iterable[Table]) -> tuple[bytes, tuple[Loss, ...]]:
    """As :func:`write_csv`, as an XLSX workbook of one sheet."""
    rows, losses = _rows(tables)
    return workbook_of_rows("Structural metadata", rows), losses


def _rows_of_csv(body: bytes) -> list[list[str]]:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable("encoding", "The file is not UTF-8.", "Save it as CSV UTF-8, or send the workbook itself.") from None
    start = text[:4000].split("\n", 1)[0]
    delimiter = max(",;\t", key=start.count)
    try:
        return [[unguarded(cell) for cell in row] for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)]
    except csv.Error as problem:
        raise NoTableFile("bad-csv", f"The file is no CSV: {problem}.", "Save it again as CSV UTF-8.") from None


def _headings(rows: Sequence[Sequence[str]]) -> tuple[int, dict[str, int]] | None:
    """The last row of headings near the top, and which heading stands in which column."""
    known = {name.lower().replace(" ", ""): name for name in HEADINGS} | dict(zip(PATHS, HEADINGS, strict=True))
    found = None
    for number, row in enumerate(rows[:HEADING_ROWS]):
        places = {known[key]: place for place, cell in enumerate(row) if (key := cell.strip().lower().replace(" ", "")) in known}
        if "Column Name" in places and "Table Name" in places:
            found = number, places
    return found


class _Reader:
    def __init__(self) -> None:
        self._losses: list[Loss] = []
        self._tables: dict[str, Table] = {}
        self._current = ""

    def read(self, rows: Sequence[Sequence[str]]) -> TableFile:
        found = _headings(rows)
        if found is None:
            raise NO_TABLES
        first, places = found
        return self.read_named(
            (number, {name: row[place] for name, place in places.items() if place < len(row) and row[place].strip()})
            for number, row in enumerate(rows[first + 1 :], first + 2)
        )

    def read_named(self, rows: Iterable[tuple[int, dict[str, str]]]) -> TableFile:
        for number, cells in rows:
            if cells:
                self._row(number, cells)
        return TableFile(tuple(self._tables.values()), tuple(self._losses))

    def _row(self, number: int, cells: dict[str, str]) -> None:
        table = self._table(number, cells)
        if "Column Name" not in cells:
            for name in ("Column Description", "Data Type", "Sensitive"):
                self._leave(number, name, cells, "The row names no column.")
            return
        column = Column(
            name=cells["Column Name"], description=cells.get("Column Description"), data_type=cells.get("Data Type"),
            sensitive=self._sensitive(number, cells),
        )  # fmt: skip
        if table.columns is not None:
            table.columns.append(column)

    def _table(self, number: int, cells: dict[str, str]) -> Table:
        if "Table Name" not in cells and self._tables:
            self._note("inherited", number, "Table Name", self._current, "The row above names the table.")
        else:
            self._current = cells.get("Table Name", "")
        if self._current not in self._tables:
            self._tables[self._current] = Table(name=self._current or None, columns=[])
        table, description = self._tables[self._current], cells.get("Table Description")
        if description is not None and table.description not in (None, description):
            self._leave(number, "Table Description", cells, "Another description of this table stands above.")
        elif description is not None:
            table.description = description
        return table

    def _sensitive(self, number: int, cells: dict[str, str]) -> bool | None:
        given = cells.get("Sensitive", "").strip().lower()
        if given and given not in TRUTHS:
            self._leave(number, "Sensitive", cells, "Neither yes nor no; it stays unknown.")
        return TRUTHS.get(given)

    def _leave(self, number: int, name: str, cells: dict[str, str], why: str) -> None:
        if name in cells:
            self._note("carried", number, name, cells[name], why)

    def _note(self, kind: str, number: int, name: str, value: str, why: str) -> None:
        self._losses.append(Loss(kind, f"/{number}/{name}", None, excerpt(value), why))


def _rows(tables: Iterable[Table]) -> tuple[list[list[str]], tuple[Loss, ...]]:
    rows: list[list[str]] = [list(HEADINGS)]
    losses: list[Loss] = []
    for number, table in enumerate(tables):
        if not table.columns:
            rows.append([table.name or "", table.description or "", "", "", "", ""])
        for place, column in enumerate(table.columns or ()):
            sensitive = "" if column.sensitive is None else str(column.sensitive).upper()
            name = "" if column.name is None else str(column.name)
            rows.append([table.name or "", table.description or "", name, column.description or "", column.data_type or "", sensitive])
            losses += _left_out(f"/structuralMetadata/tables/{number}/columns/{place}", column)
    return rows, tuple(losses)


def _left_out(path: str, column: Column) -> Iterator[Loss]:
    if column.values:
        yield Loss("dropped", f"{path}/values", None, f"{len(column.values)} codes", "The file has no place for code lists.")
    if column.name is not None and not isinstance(column.name, str):
        yield Loss("dropped", f"{path}/name", None, excerpt(column.name), "A name that is no text is written as one.")

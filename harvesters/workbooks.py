"""CSV and XLSX files as filled-in templates: rows by the parsing process, their meaning by schemas/templates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from harvesters.folder import FoundFile
from harvesters.parsing import BIG_FILE, parse
from harvesters.source import PageUnreadable
from schemas.findings import Finding
from schemas.spreadsheet_guard import unguarded
from schemas.table_files import read_table_rows
from schemas.templates import Filled, NoHeadings, Note, read_rows, read_sheets, sheets_of
from schemas.templates.reading import place_name
from schemas.templates.sheets import Row
from schemas.words import field_name

RULE = "TPL-01"
MOST_NOTES = 200


def filled_templates(file: FoundFile, charset: str | None = None) -> Iterator[tuple[Filled, tuple[Finding, ...]]]:
    """Each dataset of the file with what was noticed in its cells. Raises :class:`PageUnreadable`."""
    if file.suffix == ".csv":
        yield from _filled_table(file, charset)
        return
    named, notes = _rows(file, charset)
    try:
        filled, general = read_sheets(named)
    except NoHeadings as problem:
        raise PageUnreadable("no-headings", f"{problem}") from None
    for one in filled:
        yield one, tuple(_finding(note) for note in [*one.notes, *general, *notes][:MOST_NOTES])


def _filled_table(file: FoundFile, charset: str | None) -> Iterator[tuple[Filled, tuple[Finding, ...]]]:
    """A CSV file, which may be long, row by row."""
    notes: list[Note] = []
    try:
        for one in read_rows(_csv_rows(file, charset, notes)):
            yield one, tuple(_finding(note) for note in [*one.notes, *notes][:MOST_NOTES])
    except NoHeadings as problem:
        raise PageUnreadable("no-headings", f"{problem}") from None


def _csv_rows(file: FoundFile, charset: str | None, notes: list[Note]) -> Iterator[Row]:
    for value in parse("csv", file.path, limits=BIG_FILE, charset=charset):
        if "cells" in value:
            yield value["row"], [unguarded(cell) for cell in value["cells"]]
        else:
            notes.append(_about_encoding(file))


def with_tables(document: Any, file: FoundFile) -> tuple[Any, tuple[Finding, ...]]:
    """The document with the tables of another file added to it. Raises :class:`PageUnreadable`."""
    named, notes = _rows(file, None)
    sheets = [sheet for sheet in sheets_of(named) if sheet.kind == "tables"]
    if not sheets:
        raise PageUnreadable("no-headings", f"{file.name} has no row of headings with Table Name and Column Name.")
    rows = [
        (number, {name: cells[place] for place, name in sheet.columns.items() if place < len(cells) and cells[place].strip()})
        for sheet in sheets for number, cells in sheet.rows
    ]  # fmt: skip
    read = read_table_rows(rows)
    tables = [table.model_dump(by_alias=True, exclude_none=True) for table in read.tables]
    if not isinstance(document, Mapping):
        return document, ()
    structure = document.get("structuralMetadata")
    kept = structure if isinstance(structure, Mapping) else {}
    held = kept.get("tables")
    together = {**kept, "tables": [*(held if isinstance(held, list) else []), *tables]}
    return {**document, "structuralMetadata": together}, tuple(_finding(note) for note in notes[:MOST_NOTES])


def _rows(file: FoundFile, charset: str | None) -> tuple[dict[str, list[Row]], list[Note]]:
    """The rows of each sheet by its name, and notes about cells and encoding."""
    named: dict[str, list[Row]] = {}
    notes: list[Note] = []
    options = {"charset": charset} if file.suffix == ".csv" else {}
    for value in parse("csv" if file.suffix == ".csv" else "xlsx", file.path, limits=BIG_FILE, **options):
        if "cells" in value:
            cells = [unguarded(cell) for cell in value["cells"]] if file.suffix == ".csv" else value["cells"]
            named.setdefault(value["sheet"], []).append((value["row"], cells))
        elif "error" in value and len(notes) < MOST_NOTES:
            notes.append(_about_error(value))
        elif "warning" in value:
            notes.append(_about_encoding(file))
    return named, notes


def _about_encoding(file: FoundFile) -> Note:
    return Note(file.name, "", "The file is not UTF-8; it was read as Windows-1252.", "Save it as CSV UTF-8, or say which encoding it has.")


def _about_error(value: Mapping[str, Any]) -> Note:
    place = f"{value['sheet']}, {place_name(value['row'], value['column'])}"
    return Note(place, "", f"The cell holds the error {value['error']}; it was left out.", "Mend the formula, or write the value.")


def _finding(note: Note) -> Finding:
    return Finding(
        rule=RULE, severity="warning" if not note.path else "advice", path=note.path, field=field_name(note.path), message=f"{note.place}: {note.message}",
        hint=note.hint,
    )  # fmt: skip

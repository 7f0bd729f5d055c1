"""A filled-in template -> documents in the shape of the specification, one for each dataset."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from typing import Any, Final

from schemas.table_files import read_table_rows
from schemas.templates.cells import several, whole_number
from schemas.templates.fields import BY_PATH, VALUE_PATHS
from schemas.templates.sheets import HEADING_ROWS, Row, Sheet, sheets_of
from schemas.workbook import NoTableFile

NULLS: Final = frozenset({"null", "nan", "#n/a"})
DOTTED: Final = re.compile(r"[A-Za-z]+(?:\.[A-Za-z]+)+")
AGES: Final = re.compile(r"\s*([0-9]{1,3})\s*-\s*([0-9]{1,3})\s*", re.ASCII)
AGE_RANGE: Final = "coverage.typicalagerange"


class NoHeadings(ValueError):
    """No sheet has the headings of a template."""


@dataclass(frozen=True, slots=True)
class Note:
    """What was noticed in a cell (``B7``) or sheet of the file; ``path`` is the field it concerns, where there is one."""

    place: str
    path: str
    message: str
    hint: str


@dataclass(slots=True)
class Filled:
    """One dataset of a template. ``local_id`` is empty where the row has no identifier; ``place`` names the row."""

    document: dict[str, Any]
    place: str
    local_id: str = ""
    notes: list[Note] = field(default_factory=list)


def read_sheets(named: Mapping[str, Sequence[Row]]) -> tuple[list[Filled], list[Note]]:
    """The datasets in the rows of a file's sheets, and notes that concern no single dataset.

    Raises :class:`NoHeadings`.
    """
    sheets = sheets_of(named)
    if not any(sheet.kind == "datasets" for sheet in sheets):
        raise NoHeadings("No sheet has a row of headings with summary.title, or Title, in it.")
    notes: list[Note] = []
    filled = [one for sheet in sheets if sheet.kind == "datasets" for one in _datasets(sheet)]
    by_id = {one.local_id: one for one in filled if one.local_id}
    for sheet in sheets:
        for owner, rows in _by_dataset(sheet) if sheet.kind != "datasets" else ():
            dataset = by_id.get(owner) if owner else filled[0] if len(filled) == 1 else None
            if dataset is None:
                notes.append(_ownerless(sheet, owner, rows[0][0]))
            else:
                _add(dataset, sheet, rows)
    return filled, notes


def read_rows(rows: Iterable[Row]) -> Iterator[Filled]:
    """The datasets of a file that is one sheet, as its rows come: only its beginning is held. Raises :class:`NoHeadings`."""
    coming = iter(rows)
    beginning = list(islice(coming, HEADING_ROWS + 2))
    sheet = next((sheet for sheet in sheets_of({"": beginning}) if sheet.kind == "datasets"), None)
    if sheet is None:
        raise NoHeadings("The file has no row of headings with summary.title, or Title, in it.")
    yield from _datasets(replace(sheet, rows=chain(sheet.rows, coming)))


def place_name(row: int, column: int) -> str:
    """``(7, 1)`` -> ``B7``."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row}"


def _ownerless(sheet: Sheet, owner: str, row: int) -> Note:
    which = f"the dataset {owner!r}, which is not in the file" if owner else "no dataset, and the file holds several"
    return Note(
        f"{sheet.name} row {row}", "/structuralMetadata", f"Rows of the sheet {sheet.name!r} name {which}.",
        "Put the dataset's identifier in the first column, under the heading Dataset id.",
    )


def _by_dataset(sheet: Sheet) -> Iterator[tuple[str, list[Row]]]:
    found: dict[str, list[Row]] = {}
    for number, cells in sheet.rows:
        place = sheet.id_place
        owner = cells[place].strip() if place is not None and place < len(cells) else ""
        found.setdefault(owner, []).append((number, cells))
    yield from found.items()


# datasets


def _datasets(sheet: Sheet) -> Iterator[Filled]:
    for number, cells in sheet.rows:
        filled = Filled({"summary": {"dataCustodian": {}}}, f"row {number}" if not sheet.name else f"{sheet.name}, row {number}")
        for place, path in sheet.columns.items():
            _fill(filled, path, place, number, cells)
        for place, heading in sheet.unknown.items():
            if place < len(cells) and cells[place].strip():
                _keep_unknown(filled, heading, cells[place], place_name(number, place))
        if sheet.id_place is not None and sheet.id_place < len(cells) and cells[sheet.id_place].strip():
            filled.document["identifier"] = cells[sheet.id_place].strip()
        _identify(filled, number)
        yield filled


def _keep_unknown(filled: Filled, heading: str, text: str, place: str) -> None:
    """A cell under a heading that no field has; an age range as it was written until 2.2 is two fields now."""
    ages = AGES.fullmatch(text) if heading.casefold() == AGE_RANGE else None
    if ages:
        _put(filled.document, "coverage.typicalAgeRangeMin", int(ages[1]))
        _put(filled.document, "coverage.typicalAgeRangeMax", int(ages[2]))
        return
    _put(filled.document, heading, text)
    filled.notes.append(Note(
        place, "/" + heading.replace(".", "/"), f"The heading {heading!r} is not known; the cell is kept beside the record.",
        "Use the headings of the template, or leave the column out.",
    ))  # fmt: skip


def _fill(filled: Filled, path: str, place: int, number: int, cells: Sequence[str]) -> None:
    text = cells[place] if place < len(cells) else ""
    if not text.strip() or text.strip().casefold() in NULLS:
        return
    kind = BY_PATH[path.casefold()].cell
    value: Any = several(text) if kind == "list" else whole_number(text) if kind == "number" else text.strip()
    if path == "identifier":
        value = text.strip()
    if not _put(filled.document, path, value):
        filled.notes.append(Note(
            place_name(number, place), "/" + path.replace(".", "/"), f"Two columns stand for {path}; the first one was read.", "Keep one of them.",
        ))  # fmt: skip


def _put(document: dict[str, Any], path: str, value: Any) -> bool:
    """Whether the place was free."""
    *sections, name = path.split(".") if DOTTED.fullmatch(path) else [path]
    holder = document
    for section in sections:
        inner = holder.setdefault(section, {})
        if not isinstance(inner, dict):
            return False
        holder = inner
    if name in holder:
        return False
    holder[name] = value
    return True


def _identify(filled: Filled, number: int) -> None:
    """Without an identifier, custodian and title together stand for one."""
    summary = filled.document.get("summary", {})
    stated = str(filled.document.get("identifier") or "").strip()
    if stated:
        filled.local_id = stated
        return
    custodian = summary.get("dataCustodian", {}).get("name", "") if isinstance(summary.get("dataCustodian"), dict) else ""
    title = str(summary.get("title") or "").strip()
    filled.local_id = f"{custodian}: {title}".strip(": ") if title else ""
    filled.notes.append(Note(
        f"row {number}", "/identifier", "The row has no identifier; the custodian's name and the title stand for it.",
        "Give each dataset an identifier of its own in a column identifier. Until then a new title means a new dataset.",
    ))  # fmt: skip


# other sheets


def _add(filled: Filled, sheet: Sheet, rows: Sequence[Row]) -> None:
    {"tables": _add_tables, "observations": _add_observations, "values": _add_values}[sheet.kind](filled, sheet, rows)


def _add_tables(filled: Filled, sheet: Sheet, rows: Sequence[Row]) -> None:
    try:
        read = read_table_rows([(number, _named(sheet, cells)) for number, cells in rows])
    except NoTableFile as problem:
        filled.notes.append(Note(sheet.name, "/structuralMetadata", problem.message, problem.hint))
        return
    tables = [table.model_dump(by_alias=True, exclude_none=True) for table in read.tables]
    filled.document.setdefault("structuralMetadata", {}).setdefault("tables", []).extend(tables)
    filled.notes += [
        Note(f"{sheet.name} {loss.from_path.strip('/')}", "/structuralMetadata/tables", f"{loss.value!r}: {loss.message}", "See the template.")
        for loss in read.losses if loss.kind == "carried"
    ]  # fmt: skip


def _named(sheet: Sheet, cells: Sequence[str]) -> dict[str, str]:
    return {name: cells[place] for place, name in sheet.columns.items() if place < len(cells) and cells[place].strip()}


def _add_observations(filled: Filled, sheet: Sheet, rows: Sequence[Row]) -> None:
    found = []
    for _, cells in rows:
        stated = {path.rpartition(".")[2]: text.strip() for path, text in _named(sheet, cells).items()}
        one: dict[str, Any] = dict(stated)
        if "measuredValue" in stated:
            one["measuredValue"] = whole_number(stated["measuredValue"])
        found.append(one)
    filled.document.setdefault("observations", []).extend(one for one in found if one)


def _add_values(filled: Filled, sheet: Sheet, rows: Sequence[Row]) -> None:
    """Codes of a column, found by the names of table and column; without those it is not known whose they are."""
    tables = filled.document.get("structuralMetadata", {}).get("tables", [])
    columns = {(table.get("name"), column.get("name")): column for table in tables for column in table.get("columns", ())}
    for number, cells in rows:
        stated = _named(sheet, cells)
        column = columns.get((stated.get("Table Name"), stated.get("Column Name")))
        if column is None:
            place = f"{sheet.name} row {number}"
            filled.notes.append(Note(place, "/structuralMetadata/tables", "The row names no column of the tables.", "Name the table and the column as in the sheet of tables."))
            continue
        name, description, frequency = (stated.get(path, "").strip() for path in VALUE_PATHS)
        code = {"name": name, "description": description, "frequency": whole_number(frequency) if frequency else None}
        column.setdefault("values", []).append({key: value for key, value in code.items() if value not in ("", None)})

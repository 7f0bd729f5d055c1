"""A register file as rows: CSV in UTF-8 or Windows-1252, or a workbook. Every fault is told by its row and column.

An error keeps its row out; a remark does not. Nothing here looks at the catalogue or the database.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from gateway.errors import Unprocessable
from gateway.register.columns import DATES, LISTS, REQUIRED, SECTOR, column, listed, sector
from schemas.document import Unreadable
from schemas.spreadsheet_guard import unguarded
from schemas.workbook import rows_of_workbook

LARGEST_BYTES: Final = 8 * 1024 * 1024
LARGEST_ROWS: Final = 5000
SUMMARY_WORDS: Final = 300
NEEDED: Final = "This may not be empty: it is one of the seven fields that every entry needs."
ENOUGH_HEADINGS: Final = 7
SERIAL: Final = re.compile(r"([2-6]\d{4})(?:\.0+)?")
BRITISH: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
EPOCH: Final = date(1899, 12, 30)
"""Day 0 of spreadsheets, as they count since they took 1900 for a leap year."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """``row`` counts as the spreadsheet does, from 1. ``written`` is what stood there."""

    row: int
    column: str
    sentence: str
    written: str = ""
    is_error: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One data use: value by the standard's heading. A line with errors is not imported."""

    row: int
    values: Mapping[str, str]
    faults: tuple[Fault, ...]

    @property
    def is_good(self) -> bool:
        return not any(fault.is_error for fault in self.faults)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterFile:
    """``sectors`` maps each spelling that was changed to the listed sector; ``ignored`` are headings that are not known."""

    lines: tuple[Line, ...]
    ignored: tuple[str, ...]
    sectors: Mapping[str, str]
    encoding: str


def read_register(body: bytes) -> RegisterFile:
    """Raises :class:`Unprocessable` for what is no register file at all."""
    if len(body) > LARGEST_BYTES:
        raise _unreadable(f"The file is larger than {LARGEST_BYTES // 2**20} MB.", "Split it into several files.")
    encoding, sheets = ("workbook", _workbook(body)) if body.startswith(b"PK") else _csv(body)
    for rows in sheets:
        place = next((number for number, row in enumerate(rows) if _is_heading(row)), None)
        if place is not None:
            return _read(rows, place, encoding)
    raise _unreadable("The file has no row of headings that is known here.", "Use the published template, and keep its row of headings.")


def _workbook(body: bytes) -> list[list[list[str]]]:
    try:
        return rows_of_workbook(body)
    except Unreadable as error:
        raise _unreadable(error.message, error.hint) from None


def _csv(body: bytes) -> tuple[str, list[list[list[str]]]]:
    try:
        encoding, text = "utf-8", body.decode("utf-8-sig")
    except UnicodeDecodeError:
        encoding, text = "windows-1252", body.decode("cp1252", "replace")
    if "\x00" in text:
        raise _unreadable("The file is neither CSV nor an XLSX workbook.", "Save it as CSV UTF-8.")
    try:
        return encoding, [list(csv.reader(io.StringIO(text, newline=""), delimiter=sign)) for sign in ",;\t"]
    except csv.Error as error:
        raise _unreadable(f"The file cannot be read as CSV: {error}.", "Save it as CSV UTF-8.") from None


def _unreadable(sentence: str, hint: str) -> Unprocessable:
    return Unprocessable(sentence, hint=hint, fields={"file": f"{sentence} {hint}"})


def _is_heading(row: Sequence[str]) -> bool:
    """Of a table, not of the standard's own description of its fields, which has one on each row."""
    return len({found for cell in row if (found := column(cell))}) >= ENOUGH_HEADINGS


def _read(rows: Sequence[Sequence[str]], place: int, encoding: str) -> RegisterFile:
    headings = [column(cell) for cell in rows[place]]
    ignored = tuple(cell.strip() for cell, found in zip(rows[place], headings, strict=True) if found is None and cell.strip())
    if len(rows) - place > LARGEST_ROWS:
        raise _unreadable(f"The file has more than {LARGEST_ROWS:,} rows.", "Split it into several files.")
    sectors: dict[str, str] = {}
    lines = []
    for number, row in enumerate(rows[place + 1 :], place + 2):
        written = {name: unguarded(cell).replace("\r\n", "\n").strip() for name, cell in zip(headings, row, strict=False) if name}
        if any(written.values()):
            lines.append(_line(number, written, sectors))
    return RegisterFile(lines=tuple(lines), ignored=ignored, sectors=sectors, encoding=encoding)


def _line(number: int, written: dict[str, str], sectors: dict[str, str]) -> Line:
    faults: list[Fault] = []
    values = dict(written)
    for name in DATES:
        values[name] = _date(number, name, written.get(name, ""), faults)
    for name in LISTS:
        if said := written.get(name, ""):
            values[name] = _choice(number, name, said, faults)
    if said := written.get(SECTOR, ""):
        values[SECTOR] = _sector(number, said, sectors, faults)
    faults += [Fault(row=number, column=name, sentence=NEEDED) for name in REQUIRED if not written.get(name)]
    words = len(values.get("Lay summary", "").split())
    if words > SUMMARY_WORDS:
        faults.append(Fault(row=number, column="Lay summary", sentence=f"It should have {SUMMARY_WORDS} words at most; it has {words}.", is_error=False))
    starts, ends = values["Project start date"], values["Project end date"]
    if starts and ends and ends < starts:
        faults.append(Fault(row=number, column="Project end date", sentence="It lies before the project’s start.", written=ends, is_error=False))
    return Line(row=number, values={name: text for name, text in values.items() if text}, faults=tuple(faults))


def _date(number: int, name: str, written: str, faults: list[Fault]) -> str:
    """In ISO 8601, from ISO, a spreadsheet's serial number, or day/month/year."""
    if not written:
        return ""
    try:
        if serial := SERIAL.fullmatch(written):
            return (EPOCH + timedelta(days=int(serial[1]))).isoformat()
        if british := BRITISH.fullmatch(written):
            day, month, year = map(int, british.groups())
            return date(year, month, day).isoformat()
        return date.fromisoformat(written[:10] if written[10:11] in ("T", " ") else written).isoformat()
    except ValueError:
        faults.append(Fault(row=number, column=name, sentence="Write the date as 2026-11-30.", written=written))
        return ""


def _choice(number: int, name: str, written: str, faults: list[Fault]) -> str:
    found = listed(name, written)
    if found is None:
        sentence = f"Choose one of: {', '.join(LISTS[name])}."
        faults.append(Fault(row=number, column=name, sentence=sentence, written=written, is_error=name in REQUIRED))
    return found or written


def _sector(number: int, written: str, sectors: dict[str, str], faults: list[Fault]) -> str:
    found = sector(written)
    if found is None:
        faults.append(Fault(row=number, column=SECTOR, sentence="This sector is not listed; it is kept as it is written.", written=written, is_error=False))
        return written
    if found != written:
        sectors[written] = found
    return found

"""XLSX workbooks from outside (ECMA-376) as rows of texts, read as a stream and within limits.

A formula is never looked at, only the value that was stored beside it; links to other files are never opened; a workbook with
macros is refused. Dates become ISO dates, by the format of their cell.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import BinaryIO, Final

from lxml import etree

from harvesters.parsing.archive import Meter, opened
from harvesters.parsing.csv_rows import FIELD_CHARACTERS, check_size
from harvesters.parsing.document import Document, Unparsable, Value

RELATION: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
STRICT_RELATION: Final = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"
SMALL_PART_BYTES: Final = 16 * 1024 * 1024
TEXT_CHARACTERS: Final = 64 * 1024 * 1024
"""Of all cells together: a long text may be shared by a million of them."""
DATE_FORMATS: Final = frozenset([*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)])
FORMAT_TEXT: Final = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.')
CELL: Final = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
ERRORS_ARE: Final = "error-cell"


def rows(document: Document, *, only: list[str] | None = None) -> Iterator[Value]:
    """``{"sheet": name, "row": number, "cells": […]}`` for each row of a visible sheet that says anything, and
    ``{"sheet": …, "row": …, "column": …, "error": "#REF!"}`` for each cell that holds an error. ``only`` names the sheets to read, in lower case; others are never opened.

    Raises :class:`Unparsable` (bad-workbook, macros, encrypted, dtd-forbidden, too-large, compression, unsafe-archive).
    """
    try:
        with opened(document) as archive:
            _check_macros(archive)
            yield from _Workbook(archive, Meter(document.size_bytes)).rows(only)
    except etree.XMLSyntaxError as problem:
        raise Unparsable("bad-workbook", f"A part of the workbook is not well-formed: {str(problem)[:200]}.") from None


def _check_macros(archive: zipfile.ZipFile) -> None:
    names = archive.namelist()
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise Unparsable("macros", "The workbook holds macros.")
    if "xl/workbook.xml" not in names:
        raise Unparsable("bad-workbook", "The archive is no XLSX workbook: it has no xl/workbook.xml.")


class _Workbook:
    def __init__(self, archive: zipfile.ZipFile, meter: Meter) -> None:
        self._archive = archive
        self._meter = meter
        self._left_characters = TEXT_CHARACTERS
        self._count = 0
        self._shared = list(self._shared_texts())
        self._is_date, self._epoch = self._date_styles(), self._first_day()

    def rows(self, only: list[str] | None) -> Iterator[Value]:
        for name, part in self._sheets():
            if only is None or name.strip().casefold() in only:
                yield from self._sheet(name, part)

    # parts

    def _open(self, name: str) -> BinaryIO:
        return _Metered(self._archive.open(name), self._meter)  # type: ignore[return-value]

    def _tree(self, name: str) -> etree._Element | None:
        """A small part as a whole."""
        if name not in self._archive.namelist():
            return None
        if self._archive.getinfo(name).file_size > SMALL_PART_BYTES:
            raise Unparsable("too-large", f"The part {name} of the workbook is larger than is read.")
        with self._open(name) as part:
            body = part.read(SMALL_PART_BYTES + 1)
        _refuse_document_type(body)
        return etree.fromstring(body, _parser())

    def _sheets(self) -> Iterator[tuple[str, str]]:
        """Name and part of each visible worksheet, in the order of the workbook."""
        relations = self._tree("xl/_rels/workbook.xml.rels")
        targets = {one.get("Id"): one.get("Target", "") for one in relations} if relations is not None else {}
        book = self._tree("xl/workbook.xml")
        for sheet in book.iter("{*}sheet") if book is not None else ():
            target = targets.get(sheet.get(RELATION) or sheet.get(STRICT_RELATION), "")
            part = posixpath.normpath(target.lstrip("/") if target.startswith("/") else f"xl/{target}")
            if sheet.get("state", "visible") == "visible" and "worksheets/" in part and part in self._archive.namelist():
                yield sheet.get("name", "")[:200], part

    def _shared_texts(self) -> Iterator[str]:
        if "xl/sharedStrings.xml" not in self._archive.namelist():
            return
        for item in self._elements("xl/sharedStrings.xml", "si"):
            text = _text(item)
            self._spend(text, 0)
            yield text

    def _date_styles(self) -> list[bool]:
        """For each cell style, whether its numbers are dates."""
        styles = self._tree("xl/styles.xml")
        if styles is None:
            return []
        custom = {one.get("numFmtId"): one.get("formatCode", "") for one in styles.iter("{*}numFmt")}
        formats = next(iter(styles.iter("{*}cellXfs")), ())
        return [_is_date_format(one.get("numFmtId", "0"), custom) for one in formats]

    def _first_day(self) -> datetime:
        book = self._tree("xl/workbook.xml")
        said = next(iter(book.iter("{*}workbookPr")), None) if book is not None else None
        is_1904 = said is not None and said.get("date1904") in ("1", "true")
        return datetime(1904, 1, 1) if is_1904 else datetime(1899, 12, 30)  # noqa: DTZ001  a workbook has no time zones

    def _elements(self, part: str, name: str) -> Iterator[etree._Element]:
        """The elements of that name, each cleared after use, so that memory does not grow with the part."""
        with self._open(part) as body:
            for _, element in etree.iterparse(
                body, events=("end",), tag=f"{{*}}{name}", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
            ):  # fmt: skip
                yield element
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]

    # cells

    def _sheet(self, name: str, part: str) -> Iterator[Value]:
        number = 0
        for row in self._elements(part, "row"):
            stated = row.get("r") or ""
            number = int(stated) if stated.isdigit() and len(stated) < 8 else number + 1
            cells: list[str] = []
            for column, cell in enumerate(row.iter("{*}c")):
                place = self._place(cell, column)
                if cell.get("t") == "e":
                    yield {"sheet": name, "row": number, "column": place, "error": (cell.findtext("{*}v") or "")[:40]}
                elif value := self._value(cell, number):
                    check_size(0, place + 1, number)
                    cells += [""] * (place + 1 - len(cells))
                    cells[place] = value
            if any(text.strip() for text in cells):
                self._count += 1
                check_size(self._count, len(cells), number)
                yield {"sheet": name, "row": number, "cells": cells}

    def _place(self, cell: etree._Element, otherwise: int) -> int:
        """``C12`` -> 2; cells without a reference stand where they stand."""
        found = CELL.fullmatch(cell.get("r") or "")
        if not found:
            return otherwise
        column = 0
        for letter in found[1]:
            column = column * 26 + ord(letter) - 64
        return column - 1

    def _value(self, cell: etree._Element, number: int) -> str:
        kind, stored = cell.get("t"), cell.findtext("{*}v") or ""
        if kind == "s":
            text = self._shared[int(stored)] if stored.isdigit() and int(stored) < len(self._shared) else ""
        elif kind == "inlineStr":
            text = _text(cell)
        elif kind == "b":
            text = {"1": "TRUE", "0": "FALSE"}.get(stored, stored)
        elif kind in (None, "n"):
            text = self._number(stored, cell.get("s") or "")
        else:
            text = stored
        self._spend(text, number)
        return text

    def _number(self, stored: str, style: str) -> str:
        is_date = style.isdigit() and int(style) < len(self._is_date) and self._is_date[int(style)]
        try:
            value = float(stored)
        except ValueError:
            return stored
        if is_date and 1 <= value < 2_958_466:
            moment = self._epoch + timedelta(days=value)
            return f"{moment:%Y-%m-%d}" if value == int(value) else f"{moment:%Y-%m-%dT%H:%M:%S}"
        return str(int(value)) if value == int(value) and abs(value) < 10**15 else stored

    def _spend(self, text: str, number: int) -> None:
        if len(text) > FIELD_CHARACTERS:
            raise Unparsable("too-large", f"A cell of row {number} is longer than {FIELD_CHARACTERS:,} characters.")
        self._left_characters -= len(text)
        if self._left_characters < 0:
            raise Unparsable("too-large", f"The cells of the workbook hold more than {TEXT_CHARACTERS // 2**20} million characters.")


class _Metered:
    """A part of the workbook that counts what it unfolds to and refuses a document type at its start."""

    def __init__(self, part: object, meter: Meter) -> None:
        self._part = part
        self._meter = meter
        self._is_begun = False

    def read(self, size: int = -1) -> bytes:
        piece: bytes = self._part.read(size)  # type: ignore[attr-defined]
        self._meter.add(len(piece))
        if not self._is_begun:
            _refuse_document_type(piece)
            self._is_begun = True
        return piece

    def __enter__(self) -> _Metered:
        return self

    def __exit__(self, *_: object) -> None:
        self._part.close()  # type: ignore[attr-defined]


def _refuse_document_type(start: bytes) -> None:
    if b"<!DOCTYPE" in start[:65_536] or b"<!ENTITY" in start[:65_536]:
        raise Unparsable("dtd-forbidden", "A part of the workbook has a document type declaration.")


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def _text(item: etree._Element) -> str:
    """The runs of a text; how Chinese and Japanese are pronounced is no part of it."""
    return "".join(
        run.text or "" for run in item.iter("{*}t") if run.getparent() is None or not str(run.getparent().tag).endswith("}rPh")
    )


def _is_date_format(number: str, custom: dict[str | None, str]) -> bool:
    if number in custom:
        code = FORMAT_TEXT.sub("", custom[number]).lower()
        return any(letter in code for letter in "ymd") or ("h" in code and "s" in code)
    return number.isdigit() and int(number) in DATE_FORMATS

"""CSV from outside as rows of texts: whichever encoding and delimiter, within limits."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from typing import Final

from harvesters.parsing.document import Document, Unparsable, Value

ROWS: Final = 1_000_000
COLUMNS: Final = 500
FIELD_CHARACTERS: Final = 1024 * 1024
DELIMITERS: Final = ",;\t|"
BOMS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def rows(document: Document, *, charset: str | None = None) -> Iterator[Value]:
    """``{"sheet": "", "row": number, "cells": […]}`` for each row that says anything; first, perhaps, ``{"warning": "encoding"}``.

    Raises :class:`Unparsable` (encoding, bad-csv, too-large).
    """
    text, is_sure = _text(document.read(), charset)
    if not is_sure:
        yield {"warning": "encoding"}
    csv.field_size_limit(FIELD_CHARACTERS)
    start = text[:10_000].split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(DELIMITERS, key=start.count), strict=True)
    count = 0
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                count += 1
                yield _row(reader.line_num, cells, count)
    except csv.Error as problem:
        if "field limit" in str(problem):
            raise Unparsable("too-large", f"A field before line {reader.line_num} is longer than {FIELD_CHARACTERS:,} characters.") from None
        raise Unparsable("bad-csv", f"Line {reader.line_num} is no CSV: {problem}.") from None


def _row(number: int, cells: list[str], count: int) -> Value:
    check_size(count, len(cells), number)
    return {"sheet": "", "row": number, "cells": cells}


def check_size(rows_so_far: int, columns: int, number: int) -> None:
    if rows_so_far > ROWS:
        raise Unparsable("too-large", f"The table has more than {ROWS:,} rows.")
    if columns > COLUMNS:
        raise Unparsable("too-large", f"Row {number} has {columns:,} columns; at most {COLUMNS} are read.")


def _text(body: bytes, charset: str | None) -> tuple[str, bool]:
    """The text, and whether its encoding is known rather than guessed."""
    for mark, name in BOMS:
        if body.startswith(mark):
            return _decoded(body, name), True
    if charset:
        return _decoded(body, charset), True
    try:
        return body.decode("utf-8"), True
    except UnicodeDecodeError:
        return _decoded(body, "cp1252"), False


def _decoded(body: bytes, name: str) -> str:
    try:
        return body.decode(name)
    except LookupError:
        raise Unparsable("encoding", f"{name[:40]!r} is no character encoding that is known.") from None
    except UnicodeDecodeError as error:
        raise Unparsable("encoding", f"The bytes are not {name.upper()}, first at byte {error.start:,}.") from None

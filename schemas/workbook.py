"""XLSX workbooks (ECMA-376) as rows of text, with nothing but the standard library.

Why this exists: a workbook comes from outside. A zip archive can unfold to gigabytes, and XML can declare entities that do;
so each part is read up to a limit, and a part with a document type is refused. Formulas are never looked at, only the value
that was stored beside them; macros and links are never opened.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from typing import Final
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from schemas.document import Unreadable

SHEET: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
PART_LIMIT_BYTES: Final = 60 * 1024 * 1024
ROW_LIMIT: Final = 200_000
COLUMN_LIMIT: Final = 200
BAD: Final = "Save it again as XLSX, or as CSV UTF-8."
# XML takes no control characters; a cell cannot hold them.
NOT_XML: Final = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
FIXED_DATE: Final = (1980, 1, 1, 0, 0, 0)  # so that equal rows give equal bytes


class NoTableFile(Unreadable):
    """A file of tables that cannot be read. A person sends it; no harvest meets these reasons, so they are not among its own."""


def rows_of_workbook(body: bytes) -> list[list[list[str]]]:
    """Each visible sheet as rows of cells. Raises :class:`NoTableFile` (bad-workbook)."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            texts = _shared_texts(archive)
            return [_rows(_part(archive, name), texts) for name in _sheets(archive)]
    except (zipfile.BadZipFile, KeyError, ET.ParseError, ValueError, EOFError, NotImplementedError, RuntimeError) as problem:
        raise NoTableFile("bad-workbook", f"The workbook cannot be read: {str(problem)[:100]}.", BAD) from None


def _part(archive: zipfile.ZipFile, name: str) -> ET.Element:
    with archive.open(name) as part:
        content = part.read(PART_LIMIT_BYTES + 1)
    if len(content) > PART_LIMIT_BYTES:
        raise ValueError("it unfolds to more than is read")
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise ValueError("it declares a document type")
    return ET.fromstring(content)  # noqa: S314 (see above)


def _sheets(archive: zipfile.ZipFile) -> list[str]:
    """The parts of the visible sheets, in the order of the workbook."""
    relations = {relation.get("Id"): relation.get("Target", "") for relation in _part(archive, "xl/_rels/workbook.xml.rels")}
    shown = [sheet for sheet in _part(archive, "xl/workbook.xml").iter(f"{SHEET}sheet") if sheet.get("state", "visible") == "visible"]
    targets = [relations.get(sheet.get(RELATION, ""), "") for sheet in shown]
    return [target.removeprefix("/") if target.startswith("/") else f"xl/{target}" for target in targets if "worksheets/" in target]


def _shared_texts(archive: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in archive.namelist():
        return []
    return [_text(item) for item in _part(archive, "xl/sharedStrings.xml").iter(f"{SHEET}si")]


def _text(item: ET.Element) -> str:
    return "".join(run.text or "" for run in item.iter(f"{SHEET}t"))


def _rows(sheet: ET.Element, texts: Sequence[str]) -> list[list[str]]:
    rows: list[list[str]] = []
    for row in sheet.iter(f"{SHEET}row"):
        number = int(row.get("r") or len(rows) + 1)
        if number > ROW_LIMIT:
            raise ValueError(f"it has more than {ROW_LIMIT:,} rows")
        rows += [[] for _ in range(number - len(rows))]
        for cell in row.iter(f"{SHEET}c"):
            place = _place(cell.get("r")) if cell.get("r") else len(rows[number - 1])
            if place < COLUMN_LIMIT:
                rows[number - 1] += [""] * (place + 1 - len(rows[number - 1]))
                rows[number - 1][place] = _value(cell, texts)
    return rows


def _place(reference: str | None) -> int:
    """``C12`` -> 2."""
    letters = re.match(r"[A-Z]{1,3}", reference or "")
    place = 0
    for letter in letters.group() if letters else "A":
        place = place * 26 + ord(letter) - 64
    return place - 1


def _value(cell: ET.Element, texts: Sequence[str]) -> str:
    kind, stored = cell.get("t"), cell.findtext(f"{SHEET}v") or ""
    if kind == "s":
        return texts[int(stored)] if stored and int(stored) < len(texts) else ""
    if kind == "inlineStr":
        return _text(cell)
    return {"1": "TRUE", "0": "FALSE"}.get(stored, stored) if kind == "b" else stored


def workbook_of_rows(title: str, rows: Sequence[Sequence[str]]) -> bytes:
    """A workbook of one sheet, every cell a text."""
    return workbook_of_sheets({title: rows})


def workbook_of_sheets(sheets: Mapping[str, Sequence[Sequence[str]]]) -> bytes:
    """A workbook of these sheets in their order, every cell a text."""
    body = io.BytesIO()
    parts = [(f"xl/worksheets/sheet{number}.xml", _sheet(rows)) for number, rows in enumerate(sheets.values(), 1)]
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (*_frame(list(sheets)), *parts):
            archive.writestr(zipfile.ZipInfo(name, FIXED_DATE), content, zipfile.ZIP_DEFLATED)
    return body.getvalue()


def _frame(titles: Sequence[str]) -> tuple[tuple[str, str], ...]:
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    kinds = "http://schemas.openxmlformats.org/package/2006/content-types"
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"
    document = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    main, types = SHEET.strip("{}"), "application/vnd.openxmlformats-officedocument.spreadsheetml"
    numbers = range(1, len(titles) + 1)
    overrides = "".join(f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{types}.worksheet+xml"/>' for number in numbers)
    links = "".join(f'<Relationship Id="rId{number}" Type="{document}/worksheet" Target="worksheets/sheet{number}.xml"/>' for number in numbers)
    named = "".join(f'<sheet name="{escape(title)}" sheetId="{number}" r:id="rId{number}"/>' for number, title in enumerate(titles, 1))
    return (
        ("[Content_Types].xml",
         f'{head}<Types xmlns="{kinds}"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
         f'<Override PartName="/xl/workbook.xml" ContentType="{types}.sheet.main+xml"/>{overrides}</Types>'),
        ("_rels/.rels", f'{head}<Relationships xmlns="{relations}"><Relationship Id="rId1" Type="{document}/officeDocument" Target="xl/workbook.xml"/></Relationships>'),
        ("xl/_rels/workbook.xml.rels", f'{head}<Relationships xmlns="{relations}">{links}</Relationships>'),
        ("xl/workbook.xml", f'{head}<workbook xmlns="{main}" xmlns:r="{document}"><sheets>{named}</sheets></workbook>'),
    )  # fmt: skip


def _sheet(rows: Sequence[Sequence[str]]) -> str:
    lines = []
    for number, row in enumerate(rows, 1):
        cells = "".join(f'<c t="inlineStr"><is><t xml:space="preserve">{escape(NOT_XML.sub("�", cell))}</t></is></c>' for cell in row)
        lines.append(f'<row r="{number}">{cells}</row>')
    return f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><worksheet xmlns="{SHEET.strip("{}")}"><sheetData>{"".join(lines)}</sheetData></worksheet>'

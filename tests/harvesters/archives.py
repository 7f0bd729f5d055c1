"""Archives and workbooks for tests, made here: sound ones, and ones that would do harm if they were trusted."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Callable, Mapping
from typing import Final

SMALL: Final = b'{"identifier": "a", "summary": {"title": "t"}}'
MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
DOCUMENT: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006/relationships"


def archive(members: Mapping[str, bytes | str], *, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", compression) as opened:
        for name, content in members.items():
            opened.writestr(name, content)
    return body.getvalue()


def workbook(
    sheets: Mapping[str, str], *, shared: str = "", styles: str = "", hidden: tuple[str, ...] = (), also: Mapping[str, bytes | str] | None = None
) -> bytes:
    """A workbook of sheets given as the XML of their rows."""
    named = "".join(
        f'<sheet name="{name}" sheetId="{number}" r:id="rId{number}" state="{"hidden" if name in hidden else "visible"}"/>'
        for number, name in enumerate(sheets, 1)
    )
    links = "".join(
        f'<Relationship Id="rId{number}" Type="{DOCUMENT}/worksheet" Target="worksheets/sheet{number}.xml"/>' for number in range(1, len(sheets) + 1)
    )
    members: dict[str, bytes | str] = {
        "[Content_Types].xml": "<Types/>",
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{DOCUMENT}"><sheets>{named}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">{links}</Relationships>',
        **{
            f"xl/worksheets/sheet{number}.xml": f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'
            for number, rows in enumerate(sheets.values(), 1)
        },
    }
    if shared:
        members["xl/sharedStrings.xml"] = f'<sst xmlns="{MAIN}">{shared}</sst>'
    if styles:
        members["xl/styles.xml"] = f'<styleSheet xmlns="{MAIN}">{styles}</styleSheet>'
    return archive(members | dict(also or {}))


def row(number: int, *cells: str) -> str:
    """A row of inline texts."""
    return f'<row r="{number}">' + "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in cells) + "</row>"


HEADINGS: Final = row(1, "identifier", "summary.title", "summary.dataCustodian.name")
ONE_DATASET: Final = HEADINGS + row(2, "a", "Sleep", "Example Trust")


def _many_members() -> bytes:
    return archive({f"{number}.json": b"" for number in range(100_000)}, compression=zipfile.ZIP_STORED)


def _bomb() -> bytes:
    """Unfolds to a thousand times its size."""
    return archive({f"{number}.json": b" " * 10_000_000 for number in range(8)})


def _link() -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as opened:
        info = zipfile.ZipInfo("link.json")
        info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        opened.writestr(info, "/etc/passwd")
    return body.getvalue()


def _encrypted() -> bytes:
    """A sound archive whose directory says that its member is encrypted."""
    body = bytearray(archive({"a.json": SMALL}, compression=zipfile.ZIP_STORED))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        body[body.index(mark) + place] |= 1
    return bytes(body)


def _doubled() -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as opened:
        opened.writestr("a.json", SMALL)
        opened.writestr("A.json", SMALL)
    return body.getvalue()


def _shared_bomb() -> bytes:
    """One long text, shared by ten thousand cells."""
    cells = "".join(f'<row r="{number}"><c r="A{number}" t="s"><v>0</v></c></row>' for number in range(2, 10_002))
    return workbook({"Datasets": HEADINGS + cells}, shared=f"<si><t>{'x' * 1_000_000}</t></si>")


HOSTILE_ARCHIVES: Final[dict[str, tuple[Callable[[], bytes], str]]] = {
    "ratio 1,000": (_bomb, "compression"),
    "name that leads out": (lambda: archive({"../a.json": SMALL}), "unsafe-archive"),
    "name with backslashes that leads out": (lambda: archive({"x\\..\\..\\a.json": SMALL}), "unsafe-archive"),
    "absolute name": (lambda: archive({"/etc/a.json": SMALL}), "unsafe-archive"),
    "drive letter": (lambda: archive({"C:/a.json": SMALL}), "unsafe-archive"),
    "link": (_link, "unsafe-archive"),
    "archive within": (lambda: archive({"in.zip": archive({"a.json": SMALL})}), "nested-archive"),
    "encrypted": (_encrypted, "encrypted"),
    "100,000 members": (_many_members, "too-large"),
    "one name twice": (_doubled, "unsafe-archive"),
    "not an archive": (lambda: b"PK\x03\x04 and then something else", "bad-archive"),
    "cut off": (lambda: archive({"a.json": SMALL * 50})[:-40], "bad-archive"),
    "empty": (lambda: b"", "bad-archive"),
}
HOSTILE_WORKBOOKS: Final[dict[str, tuple[Callable[[], bytes], str]]] = {
    "macros": (lambda: workbook({"Datasets": ONE_DATASET}, also={"xl/vbaProject.bin": b"Attribute VB_Name"}), "macros"),
    "shared texts": (_shared_bomb, "too-large"),
    "document type": (lambda: workbook({"Datasets": ONE_DATASET}, also={"xl/styles.xml": '<!DOCTYPE x [<!ENTITY a "b">]><styleSheet/>'}), "dtd-forbidden"),
    "bad XML": (lambda: workbook({"Datasets": "<row><c>"}), "bad-workbook"),
    "no workbook inside": (lambda: archive({"a.txt": "x"}), "bad-workbook"),
    "before 2007, or encrypted": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512, "encrypted"),
    "no headings": (lambda: workbook({"Notes": row(1, "Hello", "there")}), "no-headings"),
    "600 columns": (lambda: workbook({"Datasets": HEADINGS + row(2, *(["x"] * 600))}), "too-large"),
    "a cell of 2 MiB": (lambda: workbook({"Datasets": HEADINGS + row(2, "a", "x" * 2_097_152)}), "too-large"),
    "name that leads out": (lambda: workbook({"Datasets": ONE_DATASET}, also={"../../x": b""}), "unsafe-archive"),
}

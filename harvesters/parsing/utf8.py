"""A document's bytes as UTF-8: by its byte order mark, else as it is, else by its declared encoding, else Windows-1252."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from harvesters.parsing.document import Document, Unparsable

CHUNK_BYTES: Final = 1024 * 1024
MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip
XML_DECLARATION: Final = re.compile(rb"""\A\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["'][^>]{0,100}\?>""", re.IGNORECASE)


@dataclass(slots=True)
class Utf8:
    """``warnings`` are reason codes. ``declaration`` is an XML declaration that no longer holds and is to be skipped."""

    document: Document
    warnings: list[str] = field(default_factory=list)
    skipped_bytes: int = 0

    def open(self) -> BinaryIO:
        opened = self.document.open()
        opened.seek(self.skipped_bytes)
        return opened

    def read(self) -> bytes:
        with self.open() as opened:
            return opened.read()

    def chunks(self, overlap: int = 0) -> Iterator[bytes]:
        """The text in pieces; each begins with the last ``overlap`` bytes of the one before."""
        before = b""
        with self.open() as opened:
            while chunk := opened.read(CHUNK_BYTES):
                yield before + chunk
                before = (before + chunk)[-overlap:] if overlap else b""


def as_utf8(document: Document, charset: str | None = None) -> Utf8:
    """Raises :class:`Unparsable` (``encoding``, ``empty-answer``)."""
    with document.open() as opened:
        start = opened.read(1024)
    if not start.strip(b"\0 \t\r\n"):
        raise Unparsable("empty-answer", "The document has no content.")
    mark, encoding = next(((mark, name) for mark, name in MARKS if start.startswith(mark)), (b"", ""))
    declared = XML_DECLARATION.match(start.removeprefix(mark))
    if encoding and encoding != "utf-8":
        return _rewritten(document, encoding, skip=len(mark))
    plain = Utf8(document, skipped_bytes=len(mark))
    if _is_utf8(plain):
        is_contradicted = declared is not None and not _is_utf8_name(declared.group(1).decode())
        return Utf8(document, skipped_bytes=len(mark) + declared.end()) if is_contradicted and declared else plain
    stated = declared.group(1).decode() if declared else charset
    if stated and not _is_utf8_name(stated) and _is_known(stated):
        return _rewritten(document, stated, skip=declared.end() if declared else 0)
    found = _rewritten(document, "cp1252", skip=declared.end() if declared else 0)
    found.warnings.append("encoding")
    return found


def _is_utf8(text: Utf8) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for chunk in text.chunks():
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _rewritten(document: Document, encoding: str, *, skip: int) -> Utf8:
    target = document.spool / "utf8"
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with document.open() as opened, target.open("wb") as written:
            opened.seek(skip)
            while chunk := opened.read(CHUNK_BYTES):
                written.write(decoder.decode(chunk).encode("utf-8"))
            written.write(decoder.decode(b"", final=True).encode("utf-8"))
    except UnicodeError:
        raise Unparsable("encoding", f"The document cannot be read as {encoding[:40]}.") from None
    return _without_declaration(Document(None, target, document.spool))


def _without_declaration(document: Document) -> Utf8:
    """UTF-16 with a declaration that names it: read after the mark was taken off."""
    assert isinstance(document.path, Path)
    with document.open() as opened:
        declared = XML_DECLARATION.match(opened.read(1024))
    return Utf8(document, skipped_bytes=declared.end() if declared else 0)


def _is_utf8_name(name: str) -> bool:
    return name.lower() in ("utf-8", "utf8", "us-ascii", "ascii")


def _is_known(name: str) -> bool:
    try:
        "".encode(name)  # codecs such as "zip" are no encodings of text
    except (LookupError, UnicodeError):
        return False
    return True

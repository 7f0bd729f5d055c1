"""Word and OpenDocument texts: archives whose members are judged before they are read. No macros, no objects, nothing fetched from elsewhere."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from typing import Final

from gateway.access.bank.identifiers import warnings
from harvesters.parsing.archive import ARCHIVES, Meter, opened
from harvesters.parsing.document import Document, Unparsable, Value

MOST_MEMBERS: Final = 1_000
PIECE_BYTES: Final = 512 * 1024
END: Final = b"PK\x05\x06"
END_BYTES: Final = 22
TYPES: Final = "[Content_Types].xml"
DOCX_TYPE: Final = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
ODT_TYPE: Final = b"application/vnd.oasis.opendocument.text"
_ACTIVE: Final = re.compile(
    r"(^|/)(vbaproject|vbadata)|^(word/)?(activex|embeddings|customui)/|^(basic|scripts)/|/afchunk|\.(bin|exe|dll|js|vbs|ps1|bat|cmd|scr|lnk|hta|swf|html?|svg)$", re.IGNORECASE
)
_XML: Final = re.compile(r"\.(xml|rels|rdf)$", re.IGNORECASE)
_REACHES_OUT: Final = re.compile(rb"<\w*:?Relationship\b(?=[^>]*TargetMode\s*=\s*[\"']External)(?![^>]*Type\s*=\s*[\"'][^\"']*/hyperlink[\"'])", re.IGNORECASE)
_SCRIPTED: Final = re.compile(rb"macroEnabled|<\w+:event-listener\b|vnd\.sun\.star\.script:|=\s*[\"']\s*(?:macro|javascript|vbscript):|<script:|encryption-data", re.IGNORECASE)
_DOCTYPE: Final = re.compile(rb"<!DOCTYPE|<!ENTITY", re.IGNORECASE)
_PARAGRAPH: Final = re.compile(r"</(?:w|text):[ph]>")
_TAG: Final = re.compile(r"<[^>]*>")


def docx(document: Document) -> Iterator[Value]:
    _require_whole(document)
    with opened(document) as archive:
        _check_members(archive)
        meter = Meter(document.size_bytes)
        if "word/document.xml" not in archive.namelist() or TYPES not in archive.namelist():
            raise Unparsable("wrong-kind", "This is no Word document (DOCX).")
        if DOCX_TYPE not in _read(archive, TYPES, meter):
            raise Unparsable("wrong-kind", "This is no Word document (DOCX) without macros.")
        text = _checked(archive, "word/document.xml", meter)
    yield {"warnings": list(warnings(text))}


def odt(document: Document) -> Iterator[Value]:
    _require_whole(document)
    with opened(document) as archive:
        _check_members(archive)
        meter = Meter(document.size_bytes)
        names = archive.namelist()
        if not names or names[0] != "mimetype" or "content.xml" not in names or _read(archive, "mimetype", meter).strip() != ODT_TYPE:
            raise Unparsable("wrong-kind", "This is no OpenDocument text (ODT).")
        text = _checked(archive, "content.xml", meter)
    yield {"warnings": list(warnings(text))}


def _require_whole(document: Document) -> None:
    """The archive begins where the file does and ends where it ends: nothing else hides in front of it or behind."""
    body = document.read()
    is_whole = body.startswith(b"PK\x03\x04") and body[-END_BYTES:].startswith(END) and body.count(END) == 1
    if not is_whole or b"%PDF-" in body[:1024]:
        raise Unparsable("wrong-kind", "This is no such document, or something else is hidden in it. Save it again in your word processor.")


def _check_members(archive: zipfile.ZipFile) -> None:
    infos = archive.infolist()
    if len(infos) > MOST_MEMBERS:
        raise Unparsable("too-large", f"The document has {len(infos):,} parts; at most {MOST_MEMBERS:,} are accepted.")
    if min((info.header_offset for info in infos), default=0) != 0:
        raise Unparsable("unsafe-archive", "Something is hidden in the document. Save it again in your word processor.")
    for info in infos:
        if _ACTIVE.search(info.filename):
            raise Unparsable("macros", "The document holds macros or embedded objects. Save it without them.")
        if info.filename.lower().endswith((*ARCHIVES, ".docx", ".docm", ".odt", ".xlsx", ".xlsm", ".pptx")):
            raise Unparsable("nested-archive", "The document holds another document. Send that one by itself.")


def _checked(archive: zipfile.ZipFile, main: str, meter: Meter) -> str:
    """Reads every member, so that all of it is metered and whole; gives the text of the main one."""
    text = ""
    for info in archive.infolist():
        content = _read(archive, info.filename, meter) if _XML.search(info.filename) else _skimmed(archive, info.filename, meter)
        if content.startswith(b"PK\x03\x04"):
            raise Unparsable("nested-archive", "The document holds another document. Send that one by itself.")
        if _XML.search(info.filename):
            _check_xml(info.filename, content)
        if info.filename == main:
            text = _TAG.sub("", _PARAGRAPH.sub("\n", content.decode("utf-8", "replace")))
    return text


def _check_xml(name: str, content: bytes) -> None:
    plain = content if not content.startswith((b"\xff\xfe", b"\xfe\xff")) else content.decode("utf-16", "replace").encode()
    if _DOCTYPE.search(plain):
        raise Unparsable("dtd-forbidden", "A part of the document declares entities of its own.")
    if _SCRIPTED.search(plain):
        raise Unparsable("macros", "The document holds macros, scripts or encrypted parts. Save it without them.")
    if name.lower().endswith(".rels") and _REACHES_OUT.search(plain):
        raise Unparsable("reaches-out", "The document fetches a template or a picture from elsewhere. Put it into the document, and save it again.")


def _read(archive: zipfile.ZipFile, name: str, meter: Meter) -> bytes:
    return b"".join(_pieces(archive, name, meter))


def _skimmed(archive: zipfile.ZipFile, name: str, meter: Meter) -> bytes:
    """The beginning; the rest is read and let go."""
    start = b""
    for piece in _pieces(archive, name, meter):
        start = start or piece[:8]
    return start


def _pieces(archive: zipfile.ZipFile, name: str, meter: Meter) -> Iterator[bytes]:
    with archive.open(name) as member:
        while piece := member.read(PIECE_BYTES):
            meter.add(len(piece))
            yield piece

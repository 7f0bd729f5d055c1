"""Files as people send them, and files as nobody should: made here, byte by byte."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

from fpdf import FPDF
from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""The agreed test string that scanners report; harmless. In two pieces, so that no scanner reports this file."""
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
RELATIONS = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
ODT = "application/vnd.oasis.opendocument.text"


def pdf(text: str = "A protocol.", *, link: str | None = None) -> bytes:
    made = FPDF()
    made.add_page()
    made.set_font("Helvetica", "", 11)
    made.cell(text=text, link=link or "")
    return bytes(made.output())


def pdf_of(*objects: bytes, packed: bytes = b"", filters: bytes = b"/FlateDecode", trailer: bytes = b"") -> bytes:
    """A small PDF with these objects, and ``packed`` inside an object stream."""
    body = b"%PDF-1.7\n" + b"".join(b"%d 0 obj\n%s\nendobj\n" % (number, one) for number, one in enumerate(objects, 1))
    if packed:
        body += b"90 0 obj\n<< /Type /ObjStm /N 1 /First 4 /Filter %s /Length %d >>\nstream\n%s\nendstream\nendobj\n" % (filters, len(packed), packed)
    return body + b"trailer << /Root 1 0 R " + trailer + b" >>\nstartxref\n9\n%%EOF\n"


def object_stream(inner: bytes, *, broken: bool = False) -> bytes:
    packed = zlib.compress(b"5 0 " + inner + b" " * 40)
    return packed[:-4] + b"\0\0\0\0" if broken else packed


def archive(members: Mapping[str, bytes | str], *, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as made:
        for name, content in members.items():
            made.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content, compression)
    return out.getvalue()


def docx(text: str = "A protocol.", **more: bytes | str) -> bytes:
    """``more`` are further members, by name with ``/`` written as ``__``."""
    body = f'<w:document xmlns:w="w"><w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:body></w:document>'
    members: dict[str, bytes | str] = {"[Content_Types].xml": TYPES, "_rels/.rels": RELATIONS.format(""), "word/document.xml": body}
    return archive({**members, **{name.replace("__", "/"): content for name, content in more.items()}})


def relation(kind: str, target: str) -> str:
    return RELATIONS.format(f'<Relationship Id="r1" Type="{OFFICE}/{kind}" Target="{target}" TargetMode="External"/>')


def odt(text: str = "A protocol.", **more: bytes | str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("mimetype", ODT)
        made.writestr("content.xml", f'<office:document-content xmlns:office="o" xmlns:text="t"><text:p>{text}</text:p></office:document-content>')
        for name, content in more.items():
            made.writestr(name.replace("__", "/"), content)
    return out.getvalue()


def picture(kind: str, *, secret: str = "", size: tuple[int, int] = (40, 20), turned: int = 1) -> bytes:
    """The left half red. ``secret`` is written into every place beside the picture that the format has."""
    made = Image.new("RGB", size, "white")
    ImageDraw.Draw(made).rectangle((0, 0, size[0] // 2 - 1, size[1]), fill="red")
    exif = Image.Exif()
    exif[0x0112] = turned
    exif[0x010F] = f"Camera {secret}"
    exif[0x8825] = {1: "N", 2: (51.0, 30.0, 0.0)}
    out = io.BytesIO()
    if kind == "PNG":
        notes = PngInfo()
        notes.add_text("Author", secret)
        notes.add_itxt("XML:com.adobe.xmp", f"<x>{secret}</x>")
        made.save(out, format="PNG", pnginfo=notes, exif=exif)
    else:
        made.save(out, format="JPEG", quality=90, exif=exif, comment=f"comment {secret}".encode(), xmp=f"<x>{secret}</x>".encode())
    return out.getvalue()


def pixel_bomb(width: int, height: int) -> bytes:
    """A PNG of few bytes that asks for that many pixels."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack("!I", len(content)) + name + content + struct.pack("!I", zlib.crc32(name + content))

    header = struct.pack("!IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 10_000)) + chunk(b"IEND", b"")

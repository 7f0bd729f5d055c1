"""PDF: nothing that runs, reaches out, or carries other files.

Why this exists: viewers run scripts, start programs, unpack attachments and send forms where a document says so. It says so by names, which may
stand in the file, in compressed parts of it, or be written with escapes. So all of it is searched, whatever the structure claims: a viewer mends
broken files, and what mends differently must not see what was not searched.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import Final

from harvesters.parsing.document import Document, Unparsable, Value

UNFOLDED_BYTES: Final = 256 * 1024 * 1024
RATIO: Final = 50
RATIO_FROM_BYTES: Final = 64 * 1024 * 1024
PIECE_BYTES: Final = 4096
"""Of packed bytes; they unfold to four mebibytes at most."""
HEADER_BYTES: Final = 2
DEFLATED: Final = 8
LONGEST_NAME: Final = 128
_ENDS: Final = rb"(?=[\s\x00/<>\[\](%]|$)"
REFUSED: Final[tuple[tuple[re.Pattern[bytes], str], ...]] = tuple(
    (re.compile(rb"/(?:" + names + rb")" + _ENDS), words)
    for names, words in (
        (rb"JavaScript|Rendition", "The PDF holds scripts. Print it to a new PDF, and send that."),
        (rb"Launch|GoToE|ImportData|SubmitForm", "The PDF starts programs, or sends what is typed into it. Print it to a new PDF, and send that."),
        (rb"EmbeddedFiles?|FileAttachment|RichMedia|3D|Movie|Sound", "The PDF holds attached files, sound or film. Send them by themselves, or print it to a new PDF."),
        (rb"XFA", "The PDF is a form of a kind that few programs open. Print it to a new PDF, and send that."),
        (rb"Encrypt", "The PDF is protected with a password. Send it without protection."),
    )
)
_WEB_ADDRESS: Final = re.compile(rb"\(https?://[^()\s]*\)")
_ESCAPE: Final = re.compile(rb"#([0-9A-Fa-f]{2})")
_STREAM: Final = re.compile(rb"stream[ \t]*(?:\r?\n|\r)")
_ODD_FILTERS: Final = re.compile(rb"/(?:LZWDecode|ASCII85Decode|ASCIIHexDecode|RunLengthDecode|Crypt)" + _ENDS + rb"|/FlateDecode\s*(?:/FlateDecode|\d+\s+\d+\s+R)")
_WEB_PAGE: Final = re.compile(rb"<\s*(?:!doctype|html|head|body|script|iframe|svg|\?php)", re.IGNORECASE)


def inspect(document: Document) -> Iterator[Value]:
    body = document.read()
    _check_ends(body)
    plain = _plain(body)
    _search(plain)
    if b"/ObjStm" in plain and _ODD_FILTERS.search(plain):
        raise Unparsable("unsafe", "Parts of the PDF are packed so that they cannot be looked into. Print it to a new PDF, and send that.")
    _search_packed(body)
    yield {"warnings": []}


def _check_ends(body: bytes) -> None:
    if not re.match(rb"%PDF-[12]\.\d", body):
        raise Unparsable("wrong-kind", "This is no PDF document.")
    rest = body[-1024:].rpartition(b"%%EOF")
    if not rest[1] or rest[2].strip(b"\r\n\t \x00"):
        raise Unparsable("wrong-kind", "The PDF does not end as it should: it is cut off, or something is hidden behind it.")
    if _WEB_PAGE.search(body[:4096]) or b"PK\x05\x06" in body[-70_000:]:
        raise Unparsable("wrong-kind", "Something else is hidden in the PDF. Print it to a new PDF, and send that.")


def _search(text: bytes) -> None:
    for pattern, words in REFUSED:
        if pattern.search(text):
            raise Unparsable("active", words)


def _plain(text: bytes) -> bytes:
    """Names without escapes; addresses of web pages left out, in which a name may stand by chance."""
    return _ESCAPE.sub(lambda found: bytes([int(found[1], 16)]), _WEB_ADDRESS.sub(b"()", text))


def _search_packed(body: bytes) -> None:
    unfolded = 0
    for found in _STREAM.finditer(body):
        for text in _unfolded(body, found.end()):
            unfolded += len(text)
            if unfolded > UNFOLDED_BYTES or (unfolded > RATIO_FROM_BYTES and unfolded > RATIO * len(body)):
                raise Unparsable("compression", "The PDF unfolds to far more than its size. Print it to a new PDF, and send that.")
            _search(_plain(text))


def _unfolded(body: bytes, start: int) -> Iterator[bytes]:
    """What a compressed part holds, in overlapping pieces: all that comes before it breaks off, as viewers show it too."""
    if body[start : start + 1] and body[start] & 0x0F != DEFLATED:
        return
    packed, tail, is_whole = zlib.decompressobj(-zlib.MAX_WBITS), b"", True
    for at in range(start + HEADER_BYTES, len(body), PIECE_BYTES):
        piece, before = body[at : at + PIECE_BYTES], packed.copy()
        try:
            text = packed.decompress(piece)
        except zlib.error:
            text, is_whole = _until_it_breaks(before, piece), False
        yield tail + text
        tail = (tail + text)[-LONGEST_NAME:]
        if packed.eof or not is_whole:
            return


def _until_it_breaks(packed: zlib._Decompress, piece: bytes) -> bytes:
    text = b""
    for one in piece:
        try:
            text += packed.decompress(bytes([one]))
        except zlib.error:
            break
    return text

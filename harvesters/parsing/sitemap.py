"""robots.txt and sitemaps: ``urlset``, ``sitemapindex``, plain lists; packed with gzip or not.

Yields ``{"url": address, "lastmod": text or None}`` for pages and ``{"sitemap": address}`` for further sitemaps.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

from lxml import etree

from harvesters.parsing.document import Document, Unparsable
from harvesters.parsing.utf8 import as_utf8

ENTRIES_AT_MOST: Final = 55_000
SIZE_LIMIT_BYTES: Final = 55 * 1024 * 1024
"""50,000 and 50 MiB are the protocol's limits; a tenth more is tolerated."""
ROBOTS_LIMIT_BYTES: Final = 512 * 1024
CHUNK: Final = 64 * 1024
RATIO: Final = 1000
GZIP: Final = b"\x1f\x8b"
DOCTYPE: Final = re.compile(rb"<!\s?(DOCTYPE|ENTITY)", re.IGNORECASE)
HTML: Final = re.compile(rb"<!doctype\s+html|<html[\s>]", re.IGNORECASE)
ADDRESS: Final = re.compile(r"https?://\S+")


def entries(document: Document, *, charset: str | None = None) -> Iterator[dict[str, Any]]:
    document = _unpacked(document)
    written = as_utf8(document, charset)
    with written.open() as opened:
        start = opened.read(1024).lstrip()
    if HTML.search(start):
        raise Unparsable("html-instead-of-data", "A web page came back where a sitemap was expected.")
    found = _xml(written.chunks(overlap=0), written.open()) if start[:1] == b"<" else _text(written.open())
    for number, entry in enumerate(found):
        if number >= ENTRIES_AT_MOST:
            raise Unparsable("too-large", f"The sitemap has more than {ENTRIES_AT_MOST:,} entries.")
        yield entry


def _unpacked(document: Document) -> Document:
    with document.open() as opened:
        if opened.read(2) != GZIP:
            if document.size_bytes > SIZE_LIMIT_BYTES:
                raise Unparsable("too-large", f"The sitemap is larger than {SIZE_LIMIT_BYTES:,} bytes.")
            return document
        opened.seek(0)
        target = document.spool / "unpacked"
        with target.open("wb") as written:
            for step in _inflated(opened):
                written.write(step)
    return Document(None, target, document.spool)


def _inflated(opened: BinaryIO) -> Iterator[bytes]:
    inflater = zlib.decompressobj(16 + zlib.MAX_WBITS)
    size = 0
    try:
        while chunk := opened.read(CHUNK):
            while chunk and not inflater.eof:
                step = inflater.decompress(chunk, CHUNK)
                chunk, size = inflater.unconsumed_tail, size + len(step)
                if size > SIZE_LIMIT_BYTES:
                    raise Unparsable("too-large", f"The sitemap unfolds to more than {SIZE_LIMIT_BYTES:,} bytes.")
                yield step
    except zlib.error:
        raise Unparsable("compression", "The sitemap claims to be gzip but is not.") from None
    if not inflater.eof:
        raise Unparsable("truncated", "The packed sitemap broke off before its end.")


def _xml(chunks: Iterator[bytes], opened: BinaryIO) -> Iterator[dict[str, Any]]:
    """Namespaces differ and are often missing, so only local names count."""
    if any(DOCTYPE.search(chunk) for chunk in chunks):
        raise Unparsable("dtd-forbidden", "The XML holds a document type declaration, which is not read.")
    is_known = False
    try:
        with opened:
            for event, element in etree.iterparse(opened, events=("start", "end"), no_network=True, resolve_entities=False, load_dtd=False, huge_tree=False):
                name = etree.QName(element).localname if isinstance(element.tag, str) else ""
                is_known = is_known or name in ("urlset", "sitemapindex")
                if event == "end" and name in ("url", "sitemap"):
                    yield from _entry(element, name)
                    element.clear()
    except etree.XMLSyntaxError as problem:
        raise Unparsable("bad-xml", f"The sitemap is not well-formed XML: {str(problem)[:200]}") from None
    if not is_known:
        raise Unparsable("not-a-list", "The XML is no sitemap: it has neither urlset nor sitemapindex.")


def _entry(element: Any, name: str) -> Iterator[dict[str, Any]]:
    said = {etree.QName(child).localname: (child.text or "").strip() for child in element if isinstance(child.tag, str)}
    if not said.get("loc"):
        return
    if name == "sitemap":
        yield {"sitemap": said["loc"], "lastmod": said.get("lastmod") or None}
    else:
        yield {"url": said["loc"], "lastmod": said.get("lastmod") or None}


def _text(opened: BinaryIO) -> Iterator[dict[str, Any]]:
    is_list = False
    with opened:
        for line in opened:
            address = line.decode("utf-8").strip()
            if ADDRESS.fullmatch(address):
                is_list = True
                yield {"url": address, "lastmod": None}
            elif address and not is_list:
                raise Unparsable("not-a-list", "The text is no sitemap: its first line is no web address.")


def robots(document: Document) -> Iterator[list[str]]:
    """``[field, value]`` of each line that has both, fields in small letters."""
    for line in document.read()[:ROBOTS_LIMIT_BYTES].decode("utf-8", "replace").removeprefix("\ufeff").splitlines():
        field, colon, value = line.partition("#")[0].partition(":")
        if colon and value.strip():
            yield [field.strip().lower(), value.strip()]
        elif colon and field.strip().lower() == "disallow":
            yield ["disallow", ""]

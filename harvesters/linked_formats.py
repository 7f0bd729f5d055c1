"""Which syntax an answer is in: as configured, else by its media type, else by its address, else by how it begins."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Final, Literal
from urllib.parse import urlsplit

Format = Literal["turtle", "ntriples", "nquads", "trig", "rdfxml", "json", "html"]
ACCEPT: Final = (
    "text/turtle, application/n-triples;q=0.9, application/ld+json;q=0.8, application/rdf+xml;q=0.7, application/json;q=0.4, */*;q=0.1"
)
MEDIA_TYPES: Final[dict[str, Format]] = {
    "text/turtle": "turtle", "application/x-turtle": "turtle", "application/turtle": "turtle", "application/n-triples": "ntriples",
    "text/n-triples": "ntriples", "application/n-quads": "nquads", "application/trig": "trig", "application/rdf+xml": "rdfxml",
    "application/ld+json": "json", "application/json": "json", "text/json": "json", "application/xhtml+xml": "html",
}  # fmt: skip
VAGUE: Final = frozenset({"text/plain", "text/html", "application/xml", "text/xml", "application/octet-stream", "binary/octet-stream"})
"""Types that servers send for anything."""
SUFFIXES: Final[dict[str, Format]] = {
    ".ttl": "turtle", ".turtle": "turtle", ".n3": "turtle", ".nt": "ntriples", ".nq": "nquads", ".trig": "trig", ".rdf": "rdfxml",
    ".owl": "rdfxml", ".xml": "rdfxml", ".jsonld": "json", ".json": "json",
}  # fmt: skip
RDF_TYPES: Final = ("application/ld+json", *(name for name, format_ in MEDIA_TYPES.items() if format_ in ("turtle", "ntriples", "rdfxml")))
LOOKED_AT_BYTES: Final = 1024
TURTLE: Final = re.compile(rb"^\s*(?:#[^\n]*\n\s*)*(?:@?(?:prefix|base)\b|<[^>\s]*>\s+(?:a\s|<))", re.IGNORECASE)
NTRIPLES: Final = re.compile(rb"\A\s*(?:#[^\n]*\n\s*)*(?:<[^>\s]+>|_:\S+)\s+<[^>\s]+>\s+(?:<|_:|\")[^\n]*\.[ \t]*\r?\n")
HTML: Final = re.compile(rb"<!doctype\s+html|<html[\s>]|<head[\s>]|<body[\s>]", re.IGNORECASE)
RDF_XML: Final = re.compile(rb"<\?xml|<rdf:RDF|<!DOCTYPE\s+rdf", re.IGNORECASE)


def format_of(start: bytes, *, media_type: str, url: str, configured: Format | None = None) -> Format | None:
    """``start`` is the beginning of the answer. A page that comes under the name of data is still a page."""
    start = _plain_start(start)
    if HTML.search(start):
        return "html"
    if configured is not None:
        return configured
    named = MEDIA_TYPES.get(media_type) if media_type not in VAGUE else None
    return named or _by_suffix(url, start) or _by_start(start)


def _plain_start(start: bytes) -> bytes:
    """Of UTF-16, only what ASCII characters remain of it."""
    return start[:LOOKED_AT_BYTES].replace(b"\0", b"").removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff")


def _by_suffix(url: str, start: bytes) -> Format | None:
    found = SUFFIXES.get(PurePosixPath(urlsplit(url).path).suffix.lower())
    seems_json, seems_xml = start.lstrip()[:1] in (b"{", b"["), start.lstrip()[:1] == b"<" and RDF_XML.search(start) is not None
    if found == "json" and not (seems_json or start.lstrip().startswith(b"//")):
        return None
    return None if found == "rdfxml" and not seems_xml else found


def _by_start(start: bytes) -> Format | None:
    if RDF_XML.search(start):
        return "rdfxml"
    if start.lstrip()[:1] in (b"{", b"[") and not start.lstrip().startswith(b"[]"):
        return "json"
    if NTRIPLES.match(start):
        return "ntriples"
    return "turtle" if TURTLE.search(start) or start.lstrip().startswith((b"[]", b"<", b"@", b"#")) else None

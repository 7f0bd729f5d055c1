"""JSON that describes datasets: DCAT-US (``data.json``), schema.org, or any other JSON-LD, which is read as RDF.

Yields what rdf.py yields; a dataset of the first two kinds comes as ``json`` instead of ``graph``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, BinaryIO, Final

import ijson
from ijson.common import IncompleteJSONError, JSONError

from harvesters.parsing import rdf
from harvesters.parsing.contexts import names_schema_org, with_known_contexts
from harvesters.parsing.document import Document, Unparsable
from harvesters.parsing.json_value import DEPTH_LIMIT, SIZE_LIMIT_BYTES, json_value
from harvesters.parsing.schema_nodes import SchemaOrgDocument
from harvesters.parsing.utf8 import Utf8, as_utf8
from schemas.document import is_too_deep

DCAT_US: Final = "https://project-open-data.cio.gov/v1.1/schema/catalog.jsonld"
"""The context that marks a member of a DCAT-US catalogue where it names none."""
SCHEMA_ORG: Final = "https://schema.org/"
CATALOGUE_DEPTH: Final = 3
LOOKED_AT: Final = 200
"""Members of the root that are looked at to tell what a document is."""


def datasets(document: Document, *, base: str, charset: str | None = None) -> Iterator[dict[str, Any]]:
    written = as_utf8(document, charset)
    rdf.check(written, "jsonld")
    with _bad_json(written):
        kind, names = _kind(written)
        if kind == "schema.org":
            yield from schema_org_values(json_value(written.read()), base, written.warnings)
        elif kind == "DCAT-US":
            yield from _dcat_us(written, names)
        else:
            yield from _as_rdf(written, base)


@contextmanager
def _bad_json(written: Utf8) -> Iterator[None]:
    """Where a small document is no JSON, line and column are said."""
    try:
        yield
    except (IncompleteJSONError, JSONError) as problem:
        if written.document.size_bytes <= SIZE_LIMIT_BYTES:
            json_value(written.read())
        raise Unparsable("bad-json", f"The document is not valid JSON: {str(problem)[:200]}") from None


def _kind(written: Utf8) -> tuple[str, set[str]]:
    """By the root's own members: a context of schema.org, or a plain list called ``dataset``. Their names come along."""
    first = _first_bytes(written)
    if first[:1] == b"[":
        return "schema.org" if b"schema.org" in first else "JSON-LD", set()
    with written.open() as opened:
        context, names = _root(_after_comments(opened))
    if names_schema_org(context):
        return "schema.org", names
    is_plain = context is None or (isinstance(context, str) and "project-open-data" in context)
    if is_plain and ("dataset" in names or ("title" in names and "@graph" not in names)):
        return "DCAT-US", names
    return "JSON-LD", names


def _first_bytes(written: Utf8) -> bytes:
    with written.open() as opened:
        return opened.read(4096).lstrip()


def _after_comments(opened: BinaryIO) -> BinaryIO:
    start = opened.tell()
    while (line := opened.readline(64 * 1024)).lstrip().startswith(b"//"):
        start += len(line)
    opened.seek(start)
    return opened


def _root(opened: BinaryIO) -> tuple[Any, set[str]]:
    """The root's context and the names of its members, as far as the first list of datasets or graph."""
    context: Any = None
    names: set[str] = set()
    for name, value in _members(opened):
        names.add(name)
        if name == "@context":
            context = value
        if name in ("dataset", "@graph") or len(names) > LOOKED_AT:
            break
    return context, names


def _members(opened: BinaryIO) -> Iterator[tuple[str, Any]]:
    """Names of the root's members, with the value of the context only."""
    builder: ijson.ObjectBuilder | None = None
    for prefix, event, value in ijson.parse(opened, use_float=True):
        if prefix == "" and event == "map_key":
            if builder is not None:
                yield "@context", builder.value
                builder = None
            if value == "@context":
                builder = ijson.ObjectBuilder()
            else:
                yield value, None
        elif builder is not None and (prefix == "@context" or prefix.startswith("@context.")):
            builder.event(event, value)
        elif builder is not None:
            yield "@context", builder.value
            builder = None


def schema_org_values(value: Any, base: str, warnings: list[str]) -> Iterator[dict[str, Any]]:
    found = SchemaOrgDocument(value, base)
    page = {"next": found.following(), "total": found.total(), "warnings": warnings, "series": 0, "is_catalogue": found.is_catalogue()}
    yield {"page": page}
    for address, node in found.datasets():
        identifiers = [text for text in _identifiers(node.get("identifier", node.get("schema:identifier"))) if text.strip()]
        yield {"dataset": {"iri": address, "identifiers": identifiers, "json": {"@context": SCHEMA_ORG, **node}, "url": _url(node)}}


def _identifiers(value: Any) -> Iterator[str]:
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, str | int) and not isinstance(one, bool):
            yield str(one)
        elif isinstance(one, Mapping):
            inner, scheme = one.get("value", one.get("@value")), one.get("propertyID")
            if isinstance(inner, str | int):
                yield f"{scheme}:{inner}" if isinstance(scheme, str) and "://" not in str(inner) else str(inner)


def _url(node: Mapping[str, Any]) -> str | None:
    url = node.get("url", node.get("schema:url"))
    url = url[0] if isinstance(url, list) and url else url
    url = url.get("@id") if isinstance(url, Mapping) else url
    return url if isinstance(url, str) else None


def _dcat_us(written: Utf8, names: set[str]) -> Iterator[dict[str, Any]]:
    """One member after another: these catalogues may be very large."""
    yield {"page": {"next": [], "total": None, "warnings": written.warnings, "series": 0, "is_catalogue": True}}
    if not names & {"dataset", "catalog"}:
        yield {"dataset": _dcat_us_dataset(json_value(written.read()))}
        return
    for depth in range(CATALOGUE_DEPTH):
        with written.open() as opened:
            for member in ijson.items(_after_comments(opened), "catalog.item." * depth + "dataset.item", use_float=True):
                if isinstance(member, dict):
                    yield {"dataset": _dcat_us_dataset(member)}


def _dcat_us_dataset(member: dict[str, Any]) -> dict[str, Any]:
    if is_too_deep(member):
        raise Unparsable("too-deep", f"The document is nested more than {DEPTH_LIMIT} levels deep.")
    address = member.get("@id")
    identifier = member.get("identifier")
    if isinstance(identifier, Mapping):
        identifier = identifier.get("notation") or identifier.get("@id")
    return {
        "iri": address if isinstance(address, str) and address.strip() else None,
        "identifiers": [str(identifier)] if isinstance(identifier, str | int) and str(identifier).strip() else [],
        "json": {"@context": DCAT_US, **member},
    }  # fmt: skip


def _as_rdf(written: Utf8, base: str) -> Iterator[dict[str, Any]]:
    """As it is where its context is within it; otherwise with the contexts that are known put in."""
    try:
        table, warnings = rdf.parsed(written, "jsonld", base)
    except Unparsable as problem:
        if problem.reason == "bad-rdf":
            json_value(written.read()[: SIZE_LIMIT_BYTES + 1])  # says where, if it is no JSON at all
        if problem.reason != "unknown-context":
            raise
        value = with_known_contexts(json_value(written.read()))
        target = written.document.spool / "contexts.jsonld"
        target.write_bytes(json.dumps(value).encode())
        table, warnings = rdf.parsed(Utf8(Document(None, target, written.document.spool), written.warnings), "jsonld", base)
    try:
        yield from rdf.found(table, warnings)
    finally:
        table.close()

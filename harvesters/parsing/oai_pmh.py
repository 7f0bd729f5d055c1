"""Answers of an OAI-PMH 2.0 repository as plain values: the head of an answer first, then its records or other entries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from lxml import etree

from harvesters.parsing.document import Document, Unparsable
from harvesters.parsing.xml_records import value_of
from harvesters.parsing.xml_tree import child_text, children, local_name, namespace, text_in, tree

VERBS: Final = ("Identify", "ListMetadataFormats", "ListSets", "ListIdentifiers", "ListRecords", "GetRecord")
RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
ENTRIES: Final = ("record", "header", "metadataFormat", "set")


def answer(document: Document, *, charset: str | None = None) -> Iterator[dict[str, Any]]:
    """``{"head": …}``, then one ``{"record" | "header" | "metadataFormat" | "set": …}`` for each entry.

    Raises :class:`Unparsable`, ``not-a-list`` for XML that is no answer of a repository.
    """
    root, warnings = tree(document.read(), charset)
    if local_name(root) != "OAI-PMH":
        raise Unparsable("not-a-list", "This is XML, but no answer of an OAI-PMH repository.")
    part = next((child for child in root if local_name(child) in VERBS), None)
    yield {"head": _head(root, part, warnings)}
    for child in part if part is not None else ():
        if local_name(child) in ENTRIES:
            yield {local_name(child): _entry(child)}


def _head(root: etree._Element, part: etree._Element | None, warnings: list[str]) -> dict[str, Any]:
    token = next(iter(children(part, "resumptionToken")), None) if part is not None else None
    return {
        "verb": local_name(part) if part is not None else None,
        "responseDate": child_text(root, "responseDate"),
        "errors": [{"code": (one.get("code") or "").strip(), "text": text_in(one)} for one in children(root, "error")],
        "token": text_in(token) if token is not None else "",
        "total": token.get("completeListSize") if token is not None else None,
        "said": _said(part) if part is not None and local_name(part) == "Identify" else {},
        "warnings": warnings,
    }


def _said(part: etree._Element) -> dict[str, str]:
    return {local_name(child): text_in(child) for child in part if not len(child)}


def _entry(element: etree._Element) -> dict[str, Any]:
    if local_name(element) == "record":
        return _record(element)
    return _header(element) if local_name(element) == "header" else _said(element)


def _record(element: etree._Element) -> dict[str, Any]:
    header = next(iter(children(element, "header")), None)
    found = _header(header) if header is not None else {"identifier": None, "datestamp": None, "deleted": False, "sets": []}
    metadata = next(iter(children(element, "metadata")), None)
    if metadata is not None and len(metadata):
        payload = metadata[0]
        value = value_of(payload)
        found |= {
            "xml": etree.tostring(payload, encoding="unicode", with_tail=False), "namespace": namespace(payload),
            "types": _types(value) if value else None if namespace(payload) == RDF else [],
        }  # fmt: skip
    return found


def _header(element: etree._Element) -> dict[str, Any]:
    return {
        "identifier": child_text(element, "identifier"), "datestamp": child_text(element, "datestamp"),
        "deleted": (element.get("status") or "").strip().lower() == "deleted",
        "sets": [text for one in children(element, "setSpec") if (text := text_in(one))],
    }  # fmt: skip


def _types(value: dict[str, Any]) -> list[str]:
    """What kind of thing a record says it describes."""
    if "types" in value:
        return [text for text in (value["types"].get("resourceTypeGeneral"), value["types"].get("resourceType")) if text]
    stated = value.get("type") or []
    return [one["text"] if isinstance(one, dict) else str(one) for one in stated]

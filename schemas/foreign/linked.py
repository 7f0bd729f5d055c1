"""By what linked data is recognised: the graph of one DCAT dataset, an object of schema.org, a member of a DCAT-US catalogue.

A graph comes as ``{"mediaType": "application/n-triples", "graph": text}``: one statement a line, in a fixed order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

NTRIPLES: Final = "application/n-triples"
DCAT_US: Final = "https://project-open-data.cio.gov/v1.1/schema/catalog.jsonld"
SCHEMA_ORG: Final = re.compile(r"https?://(?:www\.)?schema\.org(?:/.*)?")
DATASET: Final = re.compile(
    r"^(<[^>\s]+>|_:\S+) <http://www\.w3\.org/1999/02/22-rdf-syntax-ns#type> <(?:http://www\.w3\.org/ns/dcat#|https?://schema\.org/)Dataset> \.$", re.MULTILINE
)
IDENTIFIER: Final = re.compile(
    r'^(<[^>\s]+>|_:\S+) <(?:http://purl\.org/dc/terms/|https?://schema\.org/)identifier> "((?:[^"\\]|\\.)*)"', re.MULTILINE
)
VOLATILE: Final = re.compile(
    r"^\S+ <(?:http://purl\.org/dc/terms/modified|https?://schema\.org/(?:dateModified|sdDatePublished)|https?://[^>]*#metadataModified)> .*\n", re.MULTILINE
)
"""Dates that many catalogues renew with every export."""
VOLATILE_MEMBERS: Final = ("sdDatePublished", "interactionStatistic", "dateModified")


def as_document(body: bytes) -> dict[str, str]:
    """A graph in N-Triples as the JSON value that stands for it."""
    return {"mediaType": NTRIPLES, "graph": body.decode("utf-8", "replace")}


def is_graph(document: Mapping[str, Any]) -> bool:
    return document.get("mediaType") == NTRIPLES and isinstance(document.get("graph"), str)


def graph_identities(document: Mapping[str, Any]) -> tuple[str, ...]:
    """The dataset's address, then its identifiers."""
    found = DATASET.search(document["graph"])
    subject = found.group(1) if found else ""
    address = [subject[1:-1]] if subject.startswith("<") else []
    stated = [text for owner, text in IDENTIFIER.findall(document["graph"]) if owner == subject and "\\" not in text]
    return tuple(dict.fromkeys(text.strip() for text in (*address, *stated) if text.strip()))


def graph_without_volatile(document: Mapping[str, Any]) -> dict[str, Any]:
    return {**document, "graph": VOLATILE.sub("", document["graph"])}


def is_schema_org(document: Mapping[str, Any]) -> bool:
    context = document.get("@context")
    named = context if isinstance(context, list) else [context]
    says_so = any(SCHEMA_ORG.fullmatch(one.get("@vocab", "") if isinstance(one, Mapping) else str(one)) for one in named)
    return says_so and "Dataset" in _types(document)


def _types(document: Mapping[str, Any]) -> list[str]:
    given = document.get("@type", document.get("type"))
    return [str(one).rpartition("/")[2].rpartition(":")[2] for one in (given if isinstance(given, list) else [given])]


def schema_org_identities(document: Mapping[str, Any]) -> tuple[str, ...]:
    found = [document.get("@id"), *_identifiers(document.get("identifier")), document.get("url")]
    return tuple(dict.fromkeys(text.strip() for text in found if isinstance(text, str) and text.strip()))


def _identifiers(value: Any) -> Iterator[str]:
    for one in value if isinstance(value, list) else [value]:
        inner = one.get("value", one.get("@id")) if isinstance(one, Mapping) else one
        if isinstance(inner, str):
            yield inner


def schema_org_without_volatile(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in VOLATILE_MEMBERS}


def is_dcat_us(document: Mapping[str, Any]) -> bool:
    return document.get("@context") == DCAT_US and "dataset" not in document


def dcat_us_identities(document: Mapping[str, Any]) -> tuple[str, ...]:
    identifier = document.get("identifier")
    if isinstance(identifier, Mapping):
        identifier = identifier.get("notation") or identifier.get("@id")
    return tuple(text.strip() for text in (document.get("@id"), identifier) if isinstance(text, str) and text.strip())


def dcat_us_without_volatile(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != "modified"}

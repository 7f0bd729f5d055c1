"""By what a DataCite description is recognised, what it is called, and which of its members change although nobody changed it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

KERNEL: Final = "datacite.org/schema/kernel"
MARKS: Final = ("titles", "creators", "publicationYear", "relatedIdentifiers", "rightsList", "descriptions")
VOLATILE: Final = frozenset({
    "viewCount", "viewsOverTime", "downloadCount", "downloadsOverTime", "referenceCount", "citationCount", "citationsOverTime",
    "partCount", "partOfCount", "versionCount", "versionOfCount", "xml", "updated", "metadataVersion",
})  # fmt: skip
DOI: Final = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)?(10\.[0-9]{4,9}/\S+)", re.ASCII | re.IGNORECASE)


def is_datacite(document: Mapping[str, Any]) -> bool:
    is_declared = KERNEL in str(document.get("schemaVersion"))
    return is_declared or ("doi" in document and sum(mark in document for mark in MARKS) >= 2)


def identities(document: Mapping[str, Any]) -> tuple[str, ...]:
    """The DOI in lower case first, then DOIs that are said to be identical to it."""
    related = document.get("relatedIdentifiers")
    same = [
        one.get("relatedIdentifier") for one in (related if isinstance(related, list) else ())
        if isinstance(one, Mapping) and one.get("relationType") == "IsIdenticalTo" and one.get("relatedIdentifierType") == "DOI"
    ]  # fmt: skip
    found = [DOI.fullmatch(text.strip()) for text in (document.get("doi"), document.get("id"), *same) if isinstance(text, str)]
    return tuple(dict.fromkeys(one.group(1).lower() for one in found if one))


def without_volatile(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in VOLATILE}

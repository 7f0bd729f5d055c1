"""By what simple Dublin Core (oai_dc) is recognised, and what it is called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from schemas.foreign.datacite import DOI

OAI_DC: Final = "http://www.openarchives.org/OAI/2.0/oai_dc/"


def is_dublin_core(document: Mapping[str, Any]) -> bool:
    return document.get("@schema") == OAI_DC


def identities(document: Mapping[str, Any]) -> tuple[str, ...]:
    """DOIs first: other identifiers are often addresses of pages."""
    stated = document.get("identifier")
    given = [one.get("text") if isinstance(one, Mapping) else one for one in (stated if isinstance(stated, list) else [stated])]
    texts = [text.strip() for text in given if isinstance(text, str) and text.strip()]
    dois = [found.group(1).lower() for text in texts if (found := DOI.fullmatch(text))]
    return tuple(dict.fromkeys([*dois, *(text for text in texts if not DOI.fullmatch(text))]))

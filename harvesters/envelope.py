"""Taking a dataset document out of what was wrapped around it."""

from __future__ import annotations

import json
from typing import Any

WRAPPERS = ("metadata", "data", "dataset")
MARKERS = frozenset({"summary", "required", "@context", "@type", "title", "name", "label", "dataModel"})
DEPTH = 5


def unwrapped(document: Any) -> Any:
    """The document inside ``{"metadata": …}``, ``{"data": …}``, JSON within a string, or an array of one element.

    What already looks like a dataset is left alone, as is anything that holds no document.
    """
    for _ in range(DEPTH):
        inner = _inner(document)
        if inner is None:
            return document
        document = inner
    return document


def _inner(document: Any) -> Any:
    if isinstance(document, list):
        return document[0] if len(document) == 1 else None
    if isinstance(document, str):
        return _json_in(document)
    if not isinstance(document, dict) or MARKERS & document.keys():
        return None
    if document.get("type") == "dois" and isinstance(document.get("attributes"), dict):
        return document["attributes"]
    wrapped = (document.get(name) for name in WRAPPERS)
    return next((value for value in wrapped if _may_be_document(value)), None)


def _may_be_document(value: Any) -> bool:
    if isinstance(value, str):
        return _json_in(value) is not None
    return (isinstance(value, dict) and bool(value)) or (isinstance(value, list) and len(value) == 1)


def _json_in(text: str) -> Any:
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None

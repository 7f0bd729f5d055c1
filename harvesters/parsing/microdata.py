"""Microdata in a page as JSON-LD values: an element with ``itemscope`` is an object, ``itemprop`` names its members."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urljoin

DEPTH: Final = 12
ITEMS_AT_MOST: Final = 5_000
ADDRESSES: Final = {"a": "href", "area": "href", "link": "href", "img": "src", "source": "src", "audio": "src", "video": "src", "iframe": "src", "object": "data"}
VALUES: Final = {"meta": "content", "data": "value", "meter": "value", "time": "datetime"}


def items(root: Any, base: str) -> Iterator[dict[str, Any]]:
    """The top-level items of schema.org in a page, in document order."""
    for number, element in enumerate(root.iter()):
        if number > ITEMS_AT_MOST * 20:
            return
        is_item = isinstance(element.tag, str) and element.get("itemscope") is not None and element.get("itemprop") is None
        if is_item and "schema.org" in str(element.get("itemtype", "")):
            yield {"@context": "https://schema.org/", **_item(element, base, DEPTH)}


def _item(element: Any, base: str, depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {"@type": str(element.get("itemtype", "")).split()}
    if str(element.get("itemid", "")).strip():
        found["@id"] = urljoin(base, element.get("itemid").strip())
    for name, value in _properties(element, base, depth):
        found.setdefault(name, []).append(value)
    return {name: value[0] if name not in ("@type", "@id") and len(value) == 1 else value for name, value in found.items()}


def _properties(element: Any, base: str, depth: int) -> Iterator[tuple[str, Any]]:
    """Of the item itself, not of the items within it."""
    for child in element:
        if not isinstance(child.tag, str):
            continue
        names = str(child.get("itemprop", "")).split()
        if names:
            value = _value(child, base, depth)
            yield from ((name, value) for name in names)
        if child.get("itemscope") is None:
            yield from _properties(child, base, depth)


def _value(element: Any, base: str, depth: int) -> Any:
    if element.get("itemscope") is not None:
        return _item(element, base, depth - 1) if depth else None
    if element.tag in VALUES and element.get(VALUES[element.tag]) is not None:
        return element.get(VALUES[element.tag])
    if element.tag in ADDRESSES:
        address = str(element.get(ADDRESSES[element.tag], "")).strip()
        return urljoin(base, address) if address else None
    return " ".join("".join(element.itertext()).split())

"""Many records from few: the demonstration's, over and over, each copy with identifiers and a title of its own."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from importlib.resources import files
from itertools import cycle
from typing import Any


def demonstration() -> list[dict[str, Any]]:
    folder = files("demonstration") / "custodians"
    found = [
        json.loads(document.read_text())
        for custodian in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if custodian.is_dir()
        for document in sorted(custodian.iterdir(), key=lambda entry: entry.name)
        if document.name.endswith(".json") and document.name != "custodian.json"
    ]
    return [one for one in found if one.get("summary", {}).get("title")]


def copies(originals: list[dict[str, Any]]) -> Iterator[bytes]:
    """The originals over and over, each copy with identifiers and a title of its own and without a past."""
    for number, original in enumerate(cycle(originals)):
        identity = str(uuid.uuid5(uuid.NAMESPACE_OID, f"copy {number}"))
        title = f"{original['summary']['title'][:130]} {number}"
        named = {name: identity for name in ("identifier", "id", "pid") if name in original}
        document = {**original, **named, "summary": {**original["summary"], "title": title}}
        document.pop("revisions", None)
        yield json.dumps(document).encode()

"""What each demonstration custodian is and holds, read from the folders beside this file (custodians/<slug>/)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

FACTS = "custodian.json"
SCHEMA = "https://raw.githubusercontent.com/HDRUK/schemata-2/master/hdr_schemata/models/HDRUK/{version}/schema.json"


@dataclass(frozen=True, slots=True)
class Document:
    """One dataset record, exactly as it is served. ``file_name`` ends in the specification's version it is written in."""

    file_name: str
    body: bytes
    content: dict[str, Any]

    @property
    def id(self) -> str:
        return str(self.content["identifier"])

    @property
    def specification(self) -> str:
        return self.file_name.removesuffix(".json").rpartition("-")[2]

    @property
    def etag(self) -> str:
        return etag(self.body)

    def list_entry(self, *, address: str, source: str) -> dict[str, Any]:
        """The item that stands for this record in a federation's list; empty texts where the record says nothing."""
        summary = self.content["summary"]
        return {
            "@schema": SCHEMA.format(version=self.specification),
            "type": "dataset",
            "persistentId": self.id,
            "name": summary.get("title") or "",
            "description": summary.get("abstract") or "",
            "version": self.content["version"],
            "self": address,
            "issued": self.content["issued"],
            "modified": self.content["modified"],
            "source": source,
        }


@dataclass(frozen=True, slots=True)
class Holding:
    """One custodian: the facts of its ``custodian.json``, and its records in the order of their file names."""

    facts: dict[str, Any]
    documents: tuple[Document, ...]


def etag(body: bytes) -> str:
    """A strong entity tag: equal bytes, equal tag."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def holdings() -> tuple[Holding, ...]:
    """Every demonstration custodian, in the order of the slugs."""
    return tuple(_holding(folder) for folder in _sorted(files("demonstration") / "custodians") if folder.is_dir())


def _holding(folder: Traversable) -> Holding:
    facts = json.loads((folder / FACTS).read_bytes())
    return Holding(facts, tuple(_documents(folder)))


def _documents(folder: Traversable) -> Iterator[Document]:
    for file in _sorted(folder):
        if file.name.endswith(".json") and file.name != FACTS:
            body = file.read_bytes()
            yield Document(file.name, body, json.loads(body))


def _sorted(folder: Traversable) -> list[Traversable]:
    return sorted(folder.iterdir(), key=lambda entry: entry.name)

"""Published shape -> canonical record, with everything that happened on the way.

``read`` recognises the shape, applies its table of fields (schemas/reading/), and carries what has no place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from schemas.detect import Detected, detect
from schemas.document import Unreadable
from schemas.extensions import extensions
from schemas.foreign import identities
from schemas.reader import Carried, Loss
from schemas.reading import read_into
from schemas.record import Dataset

__all__ = ["Carried", "Loss", "Reading", "Unreadable", "local_id", "read"]

UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
DOI: Final = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)?(10\.[0-9]{4,9}/\S+)", re.ASCII | re.IGNORECASE)
MAPPING_VERSION: Final = "4"
"""Of everything between a document and its canonical record and findings: detection, tables of fields, vocabularies, rules.
Raise it with a change that reads stored documents differently; records read with another version are then read again."""


@dataclass(frozen=True, slots=True)
class Reading:
    """``paths`` maps JSON Pointers of the canonical record to those of the submitted document.

    ``aliases`` are other identifiers of the same dataset, ``former_ids`` those of its earlier versions.
    """

    record: Dataset
    detected: Detected
    carried: tuple[Carried, ...]
    losses: tuple[Loss, ...]
    paths: Mapping[str, str]
    aliases: tuple[str, ...]
    former_ids: tuple[str, ...]

    @property
    def extensions(self) -> dict[str, Any]:
        """Partner fields under their own names; they stand among the carried values, from which writers give them back."""
        return extensions(self.detected.name, ((one.path, one.value) for one in self.carried))

    def carried_as_json(self) -> list[dict[str, Any]]:
        return [{"model": self.detected.model, "version": self.detected.version, **one.as_json()} for one in self.carried]


def read(document: Any, declared: str | None = None) -> Reading:
    """Translate a record of any readable shape. Raises :class:`Unreadable` (unknown-version) otherwise."""
    detected = detect(document, declared)
    reading = read_into(document, detected)
    record = Dataset.model_validate(reading.canonical)
    return Reading(
        record, detected, tuple(reading.carried), tuple(reading.losses), reading.paths,
        _aliases(document, record), _former_ids(document),
    )


def local_id(document: Any) -> str | None:
    """The identity a document claims for itself: its persistent id, else its identifier.

    The address of a dataset on a gateway stands for the UUID it ends in. Outer blanks are trimmed; of any length.
    """
    if not isinstance(document, Mapping):
        return None
    foreign = next((found for name in identities(document) if (found := _identity(name))), None)
    if foreign is not None:
        return foreign
    required = document.get("required")
    pids = [document.get("pid"), document.get("persistentId")]
    pids.append(required.get("gatewayPid") if isinstance(required, Mapping) else None)
    is_flat = "summary" not in document
    names = ("id", "identifier") if is_flat else ("identifier", "id", "@id")
    for value in (*pids, *(document.get(name) for name in names)):
        found = _identity(value)
        if found:
            return found
    return None


def _identity(value: Any) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value.strip():
        return None
    trimmed = value.strip()
    at_end = UUID.search(trimmed.lower(), max(0, len(trimmed) - 36))
    if "://" in trimmed and at_end and at_end.end() == len(trimmed):
        return at_end.group()
    return trimmed.lower() if UUID.fullmatch(trimmed.lower()) else trimmed


def _aliases(document: Mapping[str, Any], record: Dataset) -> tuple[str, ...]:
    candidates: list[Any] = [document.get("pid"), document.get("id"), document.get("identifier"), *identities(document)]
    required = document.get("required")
    if isinstance(required, Mapping):
        candidates += [required.get("gatewayPid"), required.get("gatewayId")]
    found = [identity for value in candidates if (identity := _identity(value))]
    doi = DOI.fullmatch((record.summary.doi_name or "").strip())
    if doi:
        found.append(doi.group(1).lower())
    return tuple(dict.fromkeys(found))


def _former_ids(document: Mapping[str, Any]) -> tuple[str, ...]:
    revisions = document.get("revisions")
    values: list[Any] = []
    if isinstance(revisions, Mapping):
        values = list(revisions.values())
    elif isinstance(revisions, list):
        values = [entry.get("url") for entry in revisions if isinstance(entry, Mapping)]
    found = [identity for value in values if (identity := _identity(value)) and UUID.fullmatch(identity)]
    now = local_id(document)
    found += [identity for name in ("id", "identifier") if (identity := _identity(document.get(name))) and UUID.fullmatch(identity)]
    return tuple(dict.fromkeys(identity for identity in found if identity != now))

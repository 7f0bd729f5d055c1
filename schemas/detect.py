"""Which published shape a document has: by declaration, corrected by marks that only one shape carries."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from schemas.document import Unreadable

NUMBER: Final = re.compile(r"(?<![0-9.])([1-4]\.[0-9]\.[0-9])(?![0-9.])", re.ASCII)
PARTNER_FIELDS: Final = ("datasetFilters", "projectGrants", "otherDataTypes", "icons", "erd")
LEGACY_FIELDS: Final = ("domainType", "documentationVersion")


@dataclass(frozen=True, slots=True)
class Detected:
    """``evidence`` says in words what the decision rests on; ``declared`` is what the document claims to be."""

    model: str
    version: str
    evidence: str
    declared: str | None = None

    @property
    def name(self) -> str:
        return f"{self.model} {self.version}"

    @property
    def contradicts_declaration(self) -> bool:
        return self.declared is not None and _family(self.declared) != _family(self.version)


def detect(document: Any, declared: str | None = None) -> Detected:
    """Raises :class:`Unreadable` (unknown-version) where no dataset record is recognised."""
    if not isinstance(document, Mapping):
        raise Unreadable("unknown-version", "The document is not a JSON object.", "Send one dataset record as a JSON object.")
    claimed = declared or declared_version(document)
    if isinstance(document.get("required"), Mapping):
        return _gateway_model(document, claimed)
    if "@context" in document or str(document.get("@type", "")).lower().endswith(("dataset", "datacatalog")):
        raise Unreadable(
            "unknown-version", "This is a schema.org document, which is not read yet.", "Send the record in a version of the HDR UK specification."
        )
    if isinstance(document.get("items"), list) and "summary" not in document:
        raise Unreadable("unknown-version", "This is a list of records, not a record.", "Send one record, or harvest the list.")
    if isinstance(document.get("summary"), Mapping):
        return _sectioned(document, document["summary"], claimed)
    if any(name in document for name in LEGACY_FIELDS) or ("title" in document and "publisher" in document):
        return Detected("HDRUK", "1.1.7", "flat record without sections", claimed)
    raise Unreadable(
        "unknown-version", "No published version of the specification is recognised.",
        "A record of version 2.0 or later has an object called summary; one of 1.1.7 has title and publisher at its root.",
    )


def declared_version(document: Mapping[str, Any]) -> str | None:
    """The number in ``@schema``, which may be a number, an address or an object."""
    schema = document.get("@schema") or document.get("$schema")
    if isinstance(schema, Mapping):
        schema = schema.get("version") or schema.get("url")
    if not isinstance(schema, str):
        return None
    if schema.strip().lower() == "latest":
        return "4.0.0"
    found = NUMBER.search(schema)
    return found.group(1) if found else None


def _gateway_model(document: Mapping[str, Any], claimed: str | None) -> Detected:
    summary = _mapping(document.get("summary"))
    publisher = _mapping(summary.get("publisher"))
    if "publisherName" in publisher:
        version, why = "1.0", "publisherName"
    elif any(name in document for name in PARTNER_FIELDS) or "funders" in summary:
        version, why = "2.1", "partner fields"
    elif "inPipeline" in summary or "followUp" in _mapping(document.get("coverage")):
        version, why = "2.0", "inPipeline or followUp"
    else:
        version, why = "1.1", "required.gatewayId without the fields of 2.0"
    return Detected("GWDM", version, why, claimed)


def _sectioned(document: Mapping[str, Any], summary: Mapping[str, Any], claimed: str | None) -> Detected:
    if "dataCustodian" in summary:
        return _modern(document, summary, claimed)
    mark = _mark_of_two(document, summary)
    if mark is None:
        version = claimed if claimed and claimed.startswith("2.") else "2.1.2"
        return Detected("HDRUK", version, "summary.publisher" if "publisher" in summary else "sections without a custodian", claimed)
    least, why = mark
    version = claimed if claimed and claimed.startswith("2.") and (claimed >= least or least == "2.0.1") else least
    return Detected("HDRUK", version, why, claimed)


def _mark_of_two(document: Mapping[str, Any], summary: Mapping[str, Any]) -> tuple[str, str] | None:
    """The least version of the 2.x line that carries what this record carries."""
    coverage, temporal = _mapping(document.get("coverage")), _mapping(_mapping(document.get("provenance")).get("temporal"))
    structure = document.get("structuralMetadata")
    access = _mapping(_mapping(document.get("accessibility")).get("access"))
    has_elements = isinstance(structure, list) and any("elements" in _mapping(table) for table in structure)
    of_2_2 = "populationSize" in summary or "datasetType" in summary or "tissuesSampleCollection" in document
    marks = (
        (isinstance(document.get("revisions"), Mapping) or "dataClasses" in _mapping(structure), "2.0.1",
         "extract of 2020 or 2021: a map of revisions or dataClasses"),
        (isinstance(access.get("accessServiceCategory"), list), "2.2.1", "a list of access categories"),
        (of_2_2, "2.2.0", "population size, dataset type or tissue samples in a 2.x record"),
        ("publishingFrequency" in temporal, "2.1.3", "publishingFrequency"),
        (has_elements, "2.1.0", "tables with elements"),
        ("physicalSampleAvailability" in coverage, "2.0.2", "physicalSampleAvailability"),
    )  # fmt: skip
    return next(((version, why) for is_shown, version, why in marks if is_shown), None)


def _modern(document: Mapping[str, Any], summary: Mapping[str, Any], claimed: str | None) -> Detected:
    origin = _mapping(_mapping(document.get("provenance")).get("origin"))
    types = origin.get("datasetType")
    first = types[0] if isinstance(types, list) and types else None
    if any(name in document for name in PARTNER_FIELDS) or "leadResearcher" in summary:
        return Detected("CRUK", "1.0.0", "partner fields", claimed)
    if isinstance(first, Mapping) or "datasetAliases" in summary:
        return Detected("HDRUK", "4.0.0", "types as objects or datasetAliases", claimed)
    if isinstance(first, str) or "datasetSubType" in origin or "alternateIdentifiers" in summary:
        return Detected("HDRUK", "3.0.0", "types as text, datasetSubType or alternateIdentifiers", claimed)
    if claimed in ("3.0.0", "4.0.0"):
        return Detected("HDRUK", claimed, "declared", claimed)
    return Detected("HDRUK", "4.0.0", "summary.dataCustodian; reads the same in 3.0.0", claimed)


def _family(version: str) -> str:
    return version.split(".", maxsplit=1)[0]


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}

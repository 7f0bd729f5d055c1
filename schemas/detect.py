"""Which published shape a document has: by declaration, corrected by marks that only some versions carry.

Where several versions remain, each is checked and the one with the fewest findings is taken; ties go to the newest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any, Final

from schemas.document import Unreadable
from schemas.explain import explain, is_valid
from schemas.foreign import shape_of
from schemas.older_values import COHORT_VARIABLES
from schemas.versions import VERSIONS

NUMBER: Final = re.compile(r"(?<![0-9.])([1-4]\.[0-9]\.[0-9])(?![0-9.])", re.ASCII)
GATEWAY_NUMBER: Final = re.compile(r"(?:^|GWDM[ /_-]?)([12]\.[0-9])$", re.ASCII | re.IGNORECASE)
LEGACY_FIELDS: Final = ("domainType", "documentationVersion")
COUNTED: Final = 500
TWINS: Final = {"2.1.1": "2.1.0"}
TWO: Final = ("2.0.1", "2.0.2", "2.1.0", "2.1.2", "2.1.3", "2.2.0", "2.2.1")
MOST_CANDIDATES: Final = 3


@dataclass(frozen=True, slots=True)
class Detected:
    """``evidence`` says in words what the decision rests on; ``declared`` is what the document claims to be.

    ``equally`` names other versions that the document fits just as well.
    """

    model: str
    version: str
    evidence: str
    declared: str | None = None
    equally: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.model} {self.version}"

    @property
    def contradicts_declaration(self) -> bool:
        return self.declared is not None and _plain(self.declared) != _plain(self.version)


@dataclass(frozen=True, slots=True)
class Mark:
    """A field at one of these dotted paths speaks for versions from ``least`` to ``most``. Some count only as lists."""

    why: str
    paths: tuple[str, ...]
    least: str = TWO[0]
    most: str = TWO[-1]
    kind: type = object

    def is_on(self, document: Mapping[str, Any]) -> bool:
        return any(isinstance(found, self.kind) for path in self.paths for found in _at(document, path))


PUBLISHER_FIELDS: Final = (
    "accessRights", "deliveryLeadTime", "accessService", "accessRequestCost", "dataUseLimitation", "dataUseRequirements",
)  # fmt: skip
MARKS_OF_TWO: Final = (
    Mark("linkageOpportunity", ("enrichmentAndLinkage.linkageOpportunity",), most="2.0.1"),
    Mark("access fields of the publisher", tuple(f"summary.publisher.{name}" for name in PUBLISHER_FIELDS), most="2.1.0"),
    Mark("accrualPeriodicity", ("provenance.temporal.accrualPeriodicity",), most="2.1.2"),
    Mark("physicalSampleAvailability", ("coverage.physicalSampleAvailability",), most="2.1.3"),
    Mark("tables with elements", ("structuralMetadata.[].elements",), least="2.1.0"),
    Mark("publishingFrequency", ("provenance.temporal.publishingFrequency",), least="2.1.3"),
    Mark("population size, dataset type, cohort variables or samples",
         ("summary.populationSize", "summary.datasetType", "summary.datasetSubType", "tissuesSampleCollection",
          *(f"coverage.{name}" for name in COHORT_VARIABLES)), least="2.2.0"),
    Mark("synthetic data in the linkage", ("enrichmentAndLinkage.syntheticDataWebLink",), least="2.2.1"),
    Mark("a list of access categories", ("accessibility.access.accessServiceCategory",), least="2.2.1", kind=list),
)  # fmt: skip
UNRELEASED: Final = Mark("fields of the unreleased 4.1.0", ("summary.funders", "project"))
PARTNER: Final = Mark(
    "partner fields",
    ("datasetFilters", "projectGrants", "otherDataTypes", "icons", "erd", "summary.leadResearcher", "summary.leadResearchInstitute"),
)
TYPES_AS_TEXT: Final = Mark("types as text", ("provenance.origin.datasetType.[]",), kind=str)
MARKS_OF_THREE: Final = (
    TYPES_AS_TEXT, Mark("datasetSubType or alternateIdentifiers", ("provenance.origin.datasetSubType", "summary.alternateIdentifiers")),
)  # fmt: skip
MARKS_OF_FOUR: Final = (
    Mark("types as objects", ("provenance.origin.datasetType.[]",), kind=dict), Mark("datasetAliases", ("summary.datasetAliases",)),
)  # fmt: skip
MARKS_OF_GATEWAY: Final = (
    ("1.0", Mark("publisherName or physicalSampleAvailability",
                 ("summary.publisher.publisherName", "coverage.physicalSampleAvailability"))),
    ("2.1", Mark("partner fields", ("icons", "projectGrants", "datasetFilters", "erd", "summary.funders"))),
    ("2.0", Mark("inPipeline, followUp, demographics or omics", ("summary.inPipeline", "coverage.followUp",
                 "coverage.datasetCompleteness", "provenance.origin.imageContrast", "demographicFrequency", "omics"))),
    ("2.0", Mark("links as lists", ("linkage.publicationAboutDataset", "linkage.publicationUsingDataset",
                 *(f"linkage.datasetLinkage.{name}" for name in ("isDerivedFrom", "isPartOf", "isMemberOf", "linkedDatasets"))), kind=list)),
    ("1.2", Mark("access category or synthetic data", ("accessibility.access.accessServiceCategory", "linkage.syntheticDataWebLink"))),
)  # fmt: skip


def detect(document: Any, declared: str | None = None) -> Detected:
    """Raises :class:`Unreadable` (unknown-version) where no dataset record is recognised."""
    if isinstance(document, list):
        raise Unreadable("unknown-version", f"This is a list of {len(document)} records, not a record.", "Send each record by itself, or harvest the list.")
    if not isinstance(document, Mapping):
        raise Unreadable("unknown-version", "The document is not a JSON object.", "Send one dataset record as a JSON object.")
    claimed = (version_named(declared) if declared else None) or declared_version(document)
    shape = shape_of(document)
    if shape is not None:
        return Detected(shape.model, shape.version, shape.evidence)
    if isinstance(document.get("required"), Mapping):
        return _gateway_model(document, claimed)
    if "@context" in document or str(document.get("@type", "")).lower().endswith(("dataset", "datacatalog")):
        raise Unreadable(
            "unknown-version", "This is a schema.org document, which is not read yet.", "Send the record in a version of the HDR UK specification."
        )
    if isinstance(document.get("items"), list) and "summary" not in document:
        raise Unreadable("unknown-version", "This is a list of records, not a record.", "Send one record, or harvest the list.")
    summary = document.get("summary")
    if isinstance(summary, Mapping):
        return _modern(document, claimed) if "dataCustodian" in summary else _two(document, claimed)
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
    return version_named(schema) if isinstance(schema, str) else None


def version_named(text: str) -> str | None:
    """The number in a name (``HDRUK 2.1.2``, ``GWDM 1.1``) or an address; ``latest`` is the newest."""
    if text.strip().lower() == "latest":
        return "4.0.0"
    found = NUMBER.search(text) or GATEWAY_NUMBER.search(text)
    return found.group(1) if found else None


def _gateway_model(document: Mapping[str, Any], claimed: str | None) -> Detected:
    for version, mark in MARKS_OF_GATEWAY:
        if mark.is_on(document):
            return Detected("GWDM", version, mark.why, claimed)
    if claimed in ("1.0", "1.1", "1.2"):
        return Detected("GWDM", claimed, "declared", claimed)
    return _best(document, "GWDM", ["1.0", "1.1"], "required.gatewayId without the fields of other versions", claimed)


def _two(document: Mapping[str, Any], claimed: str | None) -> Detected:
    marks = [mark for mark in MARKS_OF_TWO if mark.is_on(document)]
    newer = [mark for mark in marks if mark.least != TWO[0]]
    if _is_extract(document) and not newer:
        version = claimed if claimed in ("2.0.0", "2.0.1") else "2.0.1"
        return Detected("HDRUK", version, "extract of 2020 or 2021: a map of revisions or dataClasses", claimed)
    least = max((mark.least for mark in marks), default=TWO[0])
    most = min((mark.most for mark in marks), default=TWO[-1])
    # A field that came later is the stronger mark: what was dropped is often left standing.
    candidates = [version for version in TWO if least <= version <= max(least, most)]
    why = ", ".join(mark.why for mark in marks) or "sections of the 2.x line"
    if claimed and TWINS.get(claimed, claimed) in (*candidates, *(["2.0.0"] if candidates[0] == "2.0.1" else [])):
        return Detected("HDRUK", TWINS.get(claimed, claimed), f"declared; {why}", claimed)
    if least < "2.2.0":  # which must have a type and a number of people, if only as null
        candidates = [version for version in candidates if version < "2.2.0"]
    return _best(document, "HDRUK", candidates, why, claimed)


def _is_extract(document: Mapping[str, Any]) -> bool:
    revisions, structure = document.get("revisions"), document.get("structuralMetadata")
    is_map = isinstance(revisions, Mapping) and not {"version", "url"} & revisions.keys()
    return is_map or (isinstance(structure, Mapping) and "dataClasses" in structure)


def _modern(document: Mapping[str, Any], claimed: str | None) -> Detected:
    if UNRELEASED.is_on(document) or claimed == "4.1.0":
        return Detected("HDRUK", "4.0.0", UNRELEASED.why, claimed)
    if PARTNER.is_on(document):
        return Detected("CRUK", "1.0.0", PARTNER.why, claimed)
    for version, marks in (("4.0.0", MARKS_OF_FOUR), ("3.0.0", MARKS_OF_THREE)):
        found = next((mark for mark in marks if mark.is_on(document)), None)
        if found is not None:
            return Detected("HDRUK", version, found.why, claimed)
    if claimed in ("3.0.0", "4.0.0"):
        return Detected("HDRUK", claimed, "declared", claimed)
    return _best(document, "HDRUK", ["3.0.0", "4.0.0"], "summary.dataCustodian", claimed)


def _best(document: Mapping[str, Any], model: str, candidates: Sequence[str], why: str, claimed: str | None) -> Detected:
    """The candidate with the fewest schema findings; at most three are tried, the newest ones."""
    tried = list(reversed(candidates))[:MOST_CANDIDATES]
    if len(tried) == 1:
        return Detected(model, tried[0], why, claimed)
    counts = {version: _flaws(document, f"{model} {version}") for version in tried}
    fewest = min(counts.values())
    best = [version for version in tried if counts[version] == fewest]
    evidence = f"{why}; fewest findings of {', '.join(tried)}"
    return Detected(model, best[0], evidence, claimed, tuple(f"{model} {version}" for version in best[1:]))


def _flaws(document: Mapping[str, Any], name: str) -> int:
    version = VERSIONS[name]
    return 0 if is_valid(document, version.schema) else sum(1 for _ in islice(explain(document, version), COUNTED))


def _at(document: Any, path: str) -> Iterator[Any]:
    """What stands at a dotted path; ``[]`` stands for any member of a list."""
    found = [document]
    for step in _steps(path):
        if step == "[]":
            found = [member for one in found if isinstance(one, list) for member in one]
        else:
            found = [one[step] for one in found if isinstance(one, dict) and step in one]
        if not found:
            break
    yield from found


@cache
def _steps(path: str) -> tuple[str, ...]:
    return tuple(path.split("."))


def _plain(version: str) -> str:
    """2.0.0 and 2.0.1 take the same documents, as do 2.1.0 and 2.1.1."""
    return {"2.0.0": "2.0.1", **TWINS}.get(version, version)

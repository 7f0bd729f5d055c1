"""Canonical record -> HDR UK 4.0.0 and 3.0.0, CRUK 1.0.0."""

from __future__ import annotations

from typing import Any, Final

from schemas.enumerations import DATASET_TYPES
from schemas.writing.writer import Row, Writing, first, joined, links_or_text, rows, same

_ORIGIN: Final = tuple(f"provenance.origin.{name}" for name in ("purpose", "source", "collectionSource", "imageContrast"))
_TIME: Final = tuple(
    f"provenance.temporal.{name}"
    for name in ("publishingFrequency", "distributionReleaseDate", "startDate", "endDate", "timeLag")
)
_LINKS: Final = tuple(
    f"enrichmentAndLinkage.{name}"
    for name in ("derivedFrom", "isPartOf", "linkableDatasets", "similarToDatasets", "investigations", "tools",
                 "publicationAboutDataset", "publicationUsingDataset")
)  # fmt: skip
SHARED: Final = (
    *rows(same, "identifier", "version", "revisions", "issued", "modified"),
    *rows(same, *(f"summary.{name}" for name in ("title", "abstract", "dataCustodian", "populationSize", "keywords", "doiName", "contactPoint"))),
    *rows(same, "documentation.description", "documentation.inPipeline"),
    *rows(links_or_text, "documentation.associatedMedia", "coverage.spatial"),
    *rows(same, *(f"coverage.{name}" for name in ("typicalAgeRangeMin", "typicalAgeRangeMax", "datasetCompleteness", "materialType",
                                                  "followUp", "pathway"))),
    *rows(same, *_ORIGIN, *_TIME, "accessibility.usage"),
    *rows(joined(", "), "accessibility.access.accessRights", "accessibility.access.accessRequestCost"),
    *rows(same, *(f"accessibility.access.{name}" for name in ("accessService", "accessServiceCategory", "deliveryLeadTime",
                                                              "jurisdiction", "dataController", "dataProcessor"))),
    *rows(same, "accessibility.formatAndStandards", *_LINKS, "observations", "structuralMetadata.tables",
          "structuralMetadata.syntheticDataWebLink", "demographicFrequency"),
    *rows(first, "omics.assay", "omics.platform"),
)  # fmt: skip


def write_4_0_0(writing: Writing) -> None:
    writing.apply((*SHARED, *rows(same, "summary.datasetAliases", "provenance.origin.datasetType")))


def write_3_0_0(writing: Writing) -> None:
    writing.apply((*SHARED, *rows(same, "summary.datasetAliases -> summary.alternateIdentifiers")))
    writing.apply(rows(_names, "provenance.origin.datasetType"))


def _names(writing: Writing, row: Row, value: list[dict[str, Any]]) -> list[str]:
    """Types by name, and all their sub-types in one list, which no longer says whose they are."""
    sub_types = [sub for entry in value for sub in entry.get("subTypes", ())]
    if sub_types:
        writing.put("provenance.origin.datasetSubType", list(dict.fromkeys(sub_types)))
        writing.say("joined", row.source, "provenance.origin.datasetSubType", sub_types, "Sub-types no longer say which type they belong to.", rule="4.4")
    say_what_is_not_told_apart(writing, row, value)
    return [entry["name"] for entry in value if "name" in entry]


def say_what_is_not_told_apart(writing: Writing, row: Row, value: list[dict[str, Any]]) -> None:
    """Of flat lists a sub-type is found back with its type only if that is the one declared type that permits it."""
    if not is_told_apart(value):
        writing.say(
            "narrowed", row.source, row.target, value, "Which sub-types belong to which type cannot be told from this version.", rule="T7",
            reversible=False,
        )  # fmt: skip


def is_told_apart(value: list[dict[str, Any]]) -> bool:
    names = [entry.get("name", "") for entry in value]
    if not all(name in DATASET_TYPES for name in names) or len(set(names)) < len(names):
        return False
    if any(entry.get("subTypes") == [] for entry in value):
        return False
    return all(
        [name for name in names if sub in DATASET_TYPES[name]] == [entry["name"]] for entry in value for sub in entry.get("subTypes", ())
    )

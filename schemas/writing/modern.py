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
    names = [entry["name"] for entry in value if "name" in entry]
    sub_types = [sub for entry in value for sub in entry.get("subTypes", ())]
    if len(names) < len(value):
        writing.drop(row.source, value, "A type without a name cannot be said in this version.")
    if any("subTypes" in entry for entry in value):
        writing.put("provenance.origin.datasetSubType", list(dict.fromkeys(sub_types)))
        writing.say(
            "joined", row.source, "provenance.origin.datasetSubType", sub_types, "Sub-types no longer say which type they belong to.",
            rule="T7", reversible=_is_told_apart(value),
        )
    return names


def _is_told_apart(value: list[dict[str, Any]]) -> bool:
    """Whether each sub-type is found back with its type: it is permitted by that declared type alone, and no type repeats."""
    names = [entry.get("name") for entry in value]
    if len(set(names)) < len(names) or any(entry.get("subTypes") == [] for entry in value):
        return False
    return all(
        [name for name in names if sub in DATASET_TYPES.get(str(name), ())] == [entry.get("name")]
        for entry in value
        for sub in entry.get("subTypes", ())
    )

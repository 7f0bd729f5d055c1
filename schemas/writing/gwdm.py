"""Canonical record -> GWDM 2.0 and 2.1. Identifiers that only the Gateway gives are never made up."""

from __future__ import annotations

from typing import Any, Final

from schemas.writing.hdruk_2 import ages
from schemas.writing.modern import say_what_is_not_told_apart
from schemas.writing.writer import Row, Writing, first, joined, lines, rows, same

TEXT: Final = lines()
SHARED: Final = (
    *rows(same, "version -> required.version", "revisions -> required.revisions", "issued -> required.issued",
          "modified -> required.modified"),
    *rows(same, "summary.title", "summary.abstract", "summary.contactPoint", "summary.doiName", "summary.populationSize",
          "documentation.description -> summary.description", "documentation.inPipeline -> summary.inPipeline",
          "summary.dataCustodian.name -> summary.publisher.name"),
    *rows(TEXT, "summary.keywords", "coverage.spatial", "documentation.associatedMedia -> linkage.associatedMedia",
          "enrichmentAndLinkage.tools -> linkage.tools", "enrichmentAndLinkage.investigations -> linkage.investigations",
          "structuralMetadata.syntheticDataWebLink -> linkage.syntheticDataWebLink"),
    *rows(same, "coverage.pathway", "coverage.followUp", "coverage.datasetCompleteness", "provenance.origin.imageContrast"),
    *rows(TEXT, "provenance.origin.purpose", "provenance.origin.source",
          "provenance.origin.collectionSource -> provenance.origin.collectionSituation"),
    *rows(same, "provenance.temporal.startDate", "provenance.temporal.timeLag", "provenance.temporal.distributionReleaseDate",
          "provenance.temporal.publishingFrequency -> provenance.temporal.accrualPeriodicity"),
    *rows(TEXT, "accessibility.usage.dataUseLimitation",
          "accessibility.usage.dataUseRequirements -> accessibility.usage.dataUseRequirement", "accessibility.access.jurisdiction"),
    *rows(joined(", "), "accessibility.access.accessRights", "accessibility.access.accessRequestCost"),
    *rows(same, "accessibility.access.accessService", "accessibility.access.deliveryLeadTime", "accessibility.access.dataController",
          "accessibility.access.dataProcessor", "accessibility.access.accessServiceCategory"),
    *rows(TEXT, "accessibility.formatAndStandards.vocabularyEncodingScheme -> accessibility.formatAndStandards.vocabularyEncodingSchemes",
          "accessibility.formatAndStandards.conformsTo",
          "accessibility.formatAndStandards.language -> accessibility.formatAndStandards.languages",
          "accessibility.formatAndStandards.format -> accessibility.formatAndStandards.formats"),
    *rows(same, "enrichmentAndLinkage.derivedFrom -> linkage.datasetLinkage.isDerivedFrom",
          "enrichmentAndLinkage.isPartOf -> linkage.datasetLinkage.isPartOf",
          "enrichmentAndLinkage.linkableDatasets -> linkage.datasetLinkage.linkedDatasets",
          "enrichmentAndLinkage.similarToDatasets -> linkage.datasetLinkage.isMemberOf",
          "enrichmentAndLinkage.publicationAboutDataset -> linkage.publicationAboutDataset",
          "enrichmentAndLinkage.publicationUsingDataset -> linkage.publicationUsingDataset",
          "structuralMetadata.tables -> structuralMetadata", "observations", "demographicFrequency"),
    *rows(first, "omics.assay", "omics.platform"),
)  # fmt: skip


def write_gwdm(writing: Writing) -> None:
    writing.apply(SHARED)
    if writing.source.startswith("GWDM"):
        writing.apply(rows(same, "identifier -> required.gatewayPid"))
    ages(writing)
    _publisher(writing)
    _end(writing)
    writing.apply(rows(_types, "provenance.origin.datasetType -> summary.datasetType"))
    writing.apply(rows(_creator, "accessibility.usage.resourceCreator"))


def _publisher(writing: Writing) -> None:
    """A ROR is told; any other identifier would pass for one that the Gateway gave."""
    source = "summary.dataCustodian.identifier"
    identifier = writing.take(source)
    if isinstance(identifier, str) and identifier.startswith("https://ror.org/"):
        writing.put("summary.publisher.rorId", identifier.removeprefix("https://ror.org/"))
        writing.say("reshaped", source, "summary.publisher.rorId", identifier, "A ROR stands without its address here.", rule="2.3")
    elif identifier is not None:
        writing.drop(source, identifier, "Only a ROR, or an identifier that the Gateway gave, can stand here.")


def _end(writing: Writing) -> None:
    end = writing.take("provenance.temporal.endDate")
    if end == "CONTINUOUS":
        writing.drop("provenance.temporal.endDate", end, "This model cannot say that collection goes on.", rule="T1")
    elif end is not None:
        writing.put("provenance.temporal.endDate", end)


def _types(writing: Writing, row: Row, value: list[dict[str, Any]]) -> str | None:
    names = [entry["name"] for entry in value if "name" in entry]
    sub_types = list(dict.fromkeys(sub for entry in value for sub in entry.get("subTypes", ())))
    if sub_types:
        writing.put("summary.datasetSubType", TEXT(writing, row, sub_types))
    say_what_is_not_told_apart(writing, row, value)
    return TEXT(writing, row, names) if names or not value else None


def _creator(writing: Writing, row: Row, value: list[str]) -> dict[str, Any] | None:
    text = TEXT(writing, row, value)
    return None if text is None else {"name": text}

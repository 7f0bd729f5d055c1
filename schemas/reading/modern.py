"""HDR UK 3.0.0 and 4.0.0, CRUK 1.0.0 -> canonical record."""

from __future__ import annotations

from typing import Final

from schemas import enumerations as values
from schemas.detect import Detected
from schemas.reader import Reading
from schemas.reading.converters import addresses, one_of_list, one_text, places, some_of_list, texts, whole_number
from schemas.reading.custodian import read_custodian
from schemas.reading.dataset_types import read_types
from schemas.reading.objects import read_demographics, read_observations, read_revisions
from schemas.reading.relations import read_related
from schemas.reading.rows import (
    ACCESS,
    FOLLOW_UP,
    FREQUENCY,
    MATERIAL,
    ORIGIN,
    PURPOSE,
    ROOT,
    SETTING,
    SUMMARY,
    TIME,
    rows,
)
from schemas.reading.tables import read_tables

MODERN: Final = (
    *ROOT, *SUMMARY, *ACCESS, *TIME,
    *rows(whole_number, "summary.populationSize", "coverage.typicalAgeRangeMin", "coverage.typicalAgeRangeMax"),
    *rows(texts, "summary.datasetAliases", "summary.datasetAliases <- summary.alternateIdentifiers"),
    *rows(one_text, "documentation.description", "coverage.datasetCompleteness", "coverage.pathway"),
    *rows(addresses, "documentation.associatedMedia", "enrichmentAndLinkage.investigations", "enrichmentAndLinkage.tools"),
    *rows(one_of_list(values.PIPELINE), "documentation.inPipeline"),
    *rows(places, "coverage.spatial"),
    *rows(texts, "enrichmentAndLinkage.publicationAboutDataset", "enrichmentAndLinkage.publicationUsingDataset", "structuralMetadata.syntheticDataWebLink"),
    *rows(MATERIAL, "coverage.materialType"),
    *rows(FOLLOW_UP, "coverage.followUp"),
    *rows(PURPOSE, "provenance.origin.purpose"),
    *rows(ORIGIN, "provenance.origin.source"),
    *rows(SETTING, "provenance.origin.collectionSource"),
    *rows(one_of_list(values.TERNARY), "provenance.origin.imageContrast"),
    *rows(FREQUENCY, "provenance.temporal.publishingFrequency"),
    *rows(one_of_list(values.ACCESS_SERVICE), "accessibility.access.accessServiceCategory"),
    *rows(some_of_list(values.ASSAY), "omics.assay"),
    *rows(some_of_list(values.PLATFORM), "omics.platform"),
)  # fmt: skip


def read_modern(reading: Reading, _: Detected) -> None:
    reading.apply(MODERN)
    read_custodian(reading, "summary.dataCustodian")
    read_revisions(reading)
    read_types(reading)
    for name in ("derivedFrom", "isPartOf", "linkableDatasets", "similarToDatasets"):
        read_related(reading, f"enrichmentAndLinkage.{name}", f"enrichmentAndLinkage.{name}")
    read_observations(reading)
    read_tables(reading, "structuralMetadata.tables", columns="columns")
    read_demographics(reading)

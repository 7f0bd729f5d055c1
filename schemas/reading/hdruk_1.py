"""HDR UK 1.1.7, a flat record -> canonical record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from schemas import enumerations as values
from schemas.detect import Detected
from schemas.reader import Reading, Value
from schemas.reading.converters import addresses, date, end_date, one_text, places, some_of_list, split_texts, texts
from schemas.reading.coverage import read_ages
from schemas.reading.objects import read_revisions
from schemas.reading.relations import read_papers, read_related
from schemas.reading.rows import FREQUENCY, LAG, MATERIAL, ORIGIN, PURPOSE, ROOT, SETTING, rows
from schemas.reading.tables import read_tables

FLAT: Final = (
    *ROOT,
    *rows(one_text, "summary.title <- title", "summary.abstract <- abstract", "summary.contactPoint <- contactPoint",
          "summary.doiName <- doi", "documentation.description <- description",
          "accessibility.access.accessService <- accessEnvironment", "accessibility.access.dataController <- dataController",
          "accessibility.access.dataProcessor <- dataProcessor"),
    *rows(split_texts, "summary.keywords <- keywords", "accessibility.access.jurisdiction <- jurisdiction",
          "accessibility.formatAndStandards.language <- language", "accessibility.formatAndStandards.format <- format"),
    *rows(places, "coverage.spatial <- geographicCoverage"),
    *rows(texts, "accessibility.access.accessRights <- accessRights",
          "accessibility.access.accessRequestCost <- accessRequestCost", "accessibility.usage.resourceCreator <- creator"),
    *rows(addresses, "documentation.associatedMedia <- media"),
    *rows(LAG, "accessibility.access.deliveryLeadTime <- accessRequestDuration"),
    *rows(FREQUENCY, "provenance.temporal.publishingFrequency <- periodicity"),
    *rows(date, "provenance.temporal.startDate <- datasetStartDate", "provenance.temporal.distributionReleaseDate <- releaseDate"),
    *rows(end_date, "provenance.temporal.endDate <- datasetEndDate"),
    *rows(MATERIAL, "coverage.materialType <- physicalSampleAvailability"),
    *rows(PURPOSE, "provenance.origin.purpose <- purpose"),
    *rows(ORIGIN, "provenance.origin.source <- source"),
    *rows(SETTING, "provenance.origin.collectionSource <- setting"),
    *rows(some_of_list(values.VOCABULARY, values.VOCABULARY_ALSO), "accessibility.formatAndStandards.vocabularyEncodingScheme <- controlledVocabulary"),
    *rows(some_of_list(values.STANDARD), "accessibility.formatAndStandards.conformsTo <- conformsTo"),
)  # fmt: skip


def read_hdruk_1(reading: Reading, _: Detected) -> None:
    reading.apply(FLAT)
    publisher = reading.value("publisher")
    if isinstance(publisher, str):
        left, arrow, right = publisher.rpartition(" > ")
        member = values.match(left.strip(), values.MEMBERSHIP) if arrow else None
        reading.put("summary.dataCustodian.name", "publisher", right.strip() if right.strip() else publisher, one_text)
        if member:
            reading.canonical["summary"]["dataCustodian"]["memberOf"] = member
            reading.note("split", "publisher", publisher, "The membership stands before the name.")
        elif left:
            reading.carry("publisher", publisher, "What stands before the name is no membership.")
    elif publisher is not None:
        reading.put("summary.dataCustodian.name", "publisher", _name_of(publisher), one_text)
    read_revisions(reading)
    read_ages(reading, "ageBand")
    read_related(reading, "enrichmentAndLinkage.linkableDatasets", "linkedDataset")
    read_papers(reading, "citations")
    read_tables(reading, "dataClasses", columns="dataElements")


def _name_of(value: Value) -> Value:
    return value.get("name") if isinstance(value, Mapping) else value

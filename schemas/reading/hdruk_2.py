"""HDR UK 2.0.0 to 2.2.1, and the extracts of 2020 and 2021 -> canonical record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from schemas import enumerations as values
from schemas.detect import Detected
from schemas.reader import Reading, pointer
from schemas.reading.converters import addresses, one_of_list, one_text, places, texts, whole_number
from schemas.reading.coverage import read_ages, read_samples
from schemas.reading.custodian import read_custodian
from schemas.reading.dataset_types import read_types
from schemas.reading.objects import read_observations, read_revisions
from schemas.reading.relations import read_links, read_papers, read_related_unless
from schemas.reading.rows import (
    ACCESS,
    FOLLOW_UP,
    FREQUENCY,
    LAG,
    LIMITATION,
    MATERIAL,
    ORIGIN,
    PURPOSE,
    REQUIREMENT,
    ROOT,
    SETTING,
    SUMMARY,
    TIME,
    rows,
)  # fmt: skip
from schemas.reading.tables import read_tables

SECTIONED: Final = (
    *ROOT, *SUMMARY, *ACCESS, *TIME,
    *rows(whole_number, "summary.populationSize"),
    *rows(texts, "summary.datasetAliases <- summary.alternateIdentifiers"),
    *rows(places, "coverage.spatial"),
    *rows(one_text, "documentation.description", "coverage.pathway"),
    *rows(addresses, "documentation.associatedMedia", "enrichmentAndLinkage.tools"),
    *rows(MATERIAL, "coverage.materialType <- coverage.physicalSampleAvailability"),
    *rows(FOLLOW_UP, "coverage.followUp <- coverage.followup", "coverage.followUp"),
    *rows(PURPOSE, "provenance.origin.purpose"),
    *rows(ORIGIN, "provenance.origin.source"),
    *rows(SETTING, "provenance.origin.collectionSource <- provenance.origin.collectionSituation"),
    *rows(FREQUENCY, "provenance.temporal.publishingFrequency <- provenance.temporal.accrualPeriodicity", "provenance.temporal.publishingFrequency"),
)  # fmt: skip


def read_hdruk_2(reading: Reading, detected: Detected) -> None:
    reading.apply(SECTIONED)
    read_custodian(reading, "summary.publisher")
    _inherited(reading)
    read_revisions(reading)
    read_types(reading)
    read_ages(reading, "coverage.typicalAgeRange")
    read_related_unless(reading, "enrichmentAndLinkage.isPartOf", "documentation.isPartOf", "NOT APPLICABLE")
    read_related_unless(reading, "enrichmentAndLinkage.linkableDatasets", "enrichmentAndLinkage.qualifiedRelation", "ALL")
    read_links(reading, "enrichmentAndLinkage.investigations", "accessibility.usage.investigations")
    read_papers(reading, "accessibility.usage.isReferencedBy")
    _category(reading)
    read_samples(reading)
    read_observations(reading)
    if isinstance(reading.document.get("structuralMetadata"), list):
        read_tables(reading, "structuralMetadata", columns="elements")
    else:
        read_tables(reading, "structuralMetadata.dataClasses", columns="dataElements")
    if detected.version == "2.2.1":
        reading.apply(rows(addresses, "structuralMetadata.syntheticDataWebLink <- enrichmentAndLinkage.syntheticDataWebLink"))


def _inherited(reading: Reading) -> None:
    """Up to 2.1.0 the custodian's own access fields are defaults: used only where the dataset's own are absent."""
    publisher = reading.value("summary.publisher")
    if not isinstance(publisher, Mapping):
        return
    access, usage = "accessibility.access", "accessibility.usage"
    for name, place, convert in (
        ("accessRights", access, texts), ("deliveryLeadTime", access, LAG), ("accessService", access, one_text),
        ("accessRequestCost", access, texts), ("dataUseLimitation", usage, LIMITATION), ("dataUseRequirements", usage, REQUIREMENT),
    ):  # fmt: skip
        value = publisher.get(name)
        if value is not None and pointer(f"{place}.{name}") not in reading.paths:
            reading.put(f"{place}.{name}", f"summary.publisher.{name}", value, convert)
            reading.note("inherited", f"summary.publisher.{name}", value, "The custodian's default holds for this dataset.")


def _category(reading: Reading) -> None:
    source = "accessibility.access.accessServiceCategory"
    value = reading.value(source)
    members = [member for member in value if member] if isinstance(value, list) else [value]
    if len(members) > 1:
        reading.carry(source, value, "Several access categories stand where one is due.", kind="ambiguous", rule="T25")
    elif members and members[0] is not None:
        reading.put(source, source, members[0], one_of_list(values.ACCESS_SERVICE))

"""The models of the HDR UK Gateway, GWDM 1.0 to 2.1 -> canonical record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from schemas import enumerations as values
from schemas.detect import Detected
from schemas.reader import Reading
from schemas.reading.converters import (
    addresses,
    date,
    gateway_texts,
    one_of_list,
    one_text,
    places,
    some_of_list,
    split_texts,
    whole_number,
)
from schemas.reading.coverage import read_ages, read_samples
from schemas.reading.dataset_types import read_types
from schemas.reading.objects import carry_keys, read_demographics, read_observations, read_revisions
from schemas.reading.relations import read_related
from schemas.reading.rows import (
    ACCESS,
    FOLLOW_UP,
    FREQUENCY,
    MATERIAL,
    ORIGIN,
    PURPOSE,
    REQUIREMENT,
    SETTING,
    SUMMARY,
    TIME,
    rows,
)
from schemas.reading.tables import read_tables

GATEWAY_MODEL: Final = (
    *rows(one_text, "identifier <- required.gatewayPid", "version <- required.version", "documentation.description <- summary.description"),
    *rows(date, "issued <- required.issued", "modified <- required.modified"),
    *SUMMARY, *TIME, *(row for row in ACCESS if row.source != "accessibility.usage.resourceCreator"),
    *rows(whole_number, "summary.populationSize"),
    *rows(gateway_texts, "summary.datasetAliases", "summary.datasetAliases <- summary.alternateIdentifiers"),
    *rows(places, "coverage.spatial"),
    *rows(one_text, "coverage.pathway", "coverage.datasetCompleteness"),
    *rows(one_of_list(values.TERNARY), "provenance.origin.imageContrast"),
    *rows(some_of_list(values.ASSAY), "omics.assay"),
    *rows(some_of_list(values.PLATFORM), "omics.platform"),
    *rows(one_of_list(values.PIPELINE), "documentation.inPipeline <- summary.inPipeline"),
    *rows(MATERIAL, "coverage.materialType", "coverage.materialType <- coverage.physicalSampleAvailability"),
    *rows(FOLLOW_UP, "coverage.followUp", "coverage.followUp <- coverage.followup"),
    *rows(PURPOSE, "provenance.origin.purpose"),
    *rows(ORIGIN, "provenance.origin.source"),
    *rows(SETTING, "provenance.origin.collectionSource <- provenance.origin.collectionSituation"),
    *rows(FREQUENCY, "provenance.temporal.publishingFrequency <- provenance.temporal.accrualPeriodicity"),
    *rows(REQUIREMENT, "accessibility.usage.dataUseRequirements <- accessibility.usage.dataUseRequirement"),
    *rows(some_of_list(values.VOCABULARY), "accessibility.formatAndStandards.vocabularyEncodingScheme <- accessibility.formatAndStandards.vocabularyEncodingSchemes"),
    *rows(split_texts, "accessibility.formatAndStandards.language <- accessibility.formatAndStandards.languages", "accessibility.formatAndStandards.format <- accessibility.formatAndStandards.formats"),
    *rows(one_of_list(values.ACCESS_SERVICE), "accessibility.access.accessServiceCategory"),
    *rows(addresses, "documentation.associatedMedia <- linkage.associatedMedia", "enrichmentAndLinkage.tools <- linkage.tools", "enrichmentAndLinkage.investigations <- linkage.investigations", "structuralMetadata.syntheticDataWebLink <- linkage.syntheticDataWebLink"),
    *rows(gateway_texts, "enrichmentAndLinkage.publicationAboutDataset <- linkage.publicationAboutDataset", "enrichmentAndLinkage.publicationUsingDataset <- linkage.publicationUsingDataset"),
)  # fmt: skip


def read_gwdm(reading: Reading, _: Detected) -> None:
    reading.apply(GATEWAY_MODEL)
    publisher = reading.value("summary.publisher")
    if isinstance(publisher, Mapping):
        name = publisher.get("name") or publisher.get("publisherName")
        reading.put("summary.dataCustodian.name", "summary.publisher.name", name, one_text)
        ror, gateway_id = publisher.get("rorId"), publisher.get("gatewayId") or publisher.get("publisherGatewayId")
        identifier = f"https://ror.org/{ror}" if isinstance(ror, str) and ror else gateway_id
        if isinstance(identifier, str | int) and not isinstance(identifier, bool):
            reading.canonical.setdefault("summary", {}).setdefault("dataCustodian", {})["identifier"] = identifier
    _creator(reading, "accessibility.usage.resourceCreator")
    read_samples(reading)
    read_revisions(reading, "required.revisions")
    read_types(reading, "summary.datasetType", "summary.datasetSubType")
    read_ages(reading, "coverage.typicalAgeRange")
    linkage = {"isDerivedFrom": "derivedFrom", "isPartOf": "isPartOf", "linkedDatasets": "linkableDatasets", "isMemberOf": "similarToDatasets"}
    for theirs, ours in linkage.items():
        read_related(reading, f"enrichmentAndLinkage.{ours}", f"linkage.datasetLinkage.{theirs}")
    read_observations(reading)
    read_demographics(reading)
    read_tables(reading, "structuralMetadata", columns="columns")


def _creator(reading: Reading, source: str) -> None:
    """In the Gateway's model a creator is text, or from 1.1 on an object with a name."""
    value = reading.value(source)
    if isinstance(value, Mapping):
        carry_keys(reading, source, value, {"name"})
        source, value = f"{source}.name", value.get("name")
    if value is not None:
        reading.put("accessibility.usage.resourceCreator", source, value, gateway_texts)

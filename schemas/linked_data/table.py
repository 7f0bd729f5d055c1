"""The one table between the canonical record and DCAT, read both ways.

A row says where a field stands in the graph. What its predicate cannot carry exactly (a text that is no address, a second
format, a value without a code) is written under the field's own term as well, ``own:`` and the field's path, and that is
what a reader trusts. A row without a predicate has its own term only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from schemas.linked_data.terms import ACCESS_RIGHTS, FREQUENCIES, LIMITATIONS, REQUIREMENTS, STATUSES
from schemas.linked_data.values import (
    ADDRESS_KIND,
    ANY,
    COUNT,
    DATE_KIND,
    DOI_KIND,
    LANGUAGE,
    MAIL,
    MEDIA,
    PLAIN,
    TEXT,
    Kind,
    code,
)


@dataclass(frozen=True, slots=True)
class Row:
    """``path`` is dotted, within the record or within the object a member row belongs to.

    ``node`` is the node that has the predicate; ``via`` a node in between for each value, as (predicate, class).
    ``many`` marks a list, of which the predicate carries ``limit`` at most. ``is_health`` predicates are written in
    HealthDCAT-AP only and read always. ``members`` are the rows of a list of objects. With ``names_node`` a value that is an
    address is the node in between itself. Nodes that also hang on ``unless`` are somebody else's. ``is_ours`` marks a
    predicate that others use in a wider sense, so that it is read in our own output only.
    """

    path: str
    predicate: str | None = None
    kind: Kind = PLAIN
    node: str = "dataset"
    via: tuple[str, str] | None = None
    many: bool = False
    limit: int | None = None
    is_health: bool = False
    members: tuple[Row, ...] = ()
    names_node: bool = False
    unless: str | None = None
    is_ours: bool = False

    @property
    def own(self) -> str:
        return f"own:{self.path}"


@dataclass(frozen=True, slots=True)
class Place:
    """A node that hangs on another. ``class_`` is its type, ``fragment`` its name behind the dataset's address."""

    parent: str
    link: str
    class_: str
    fragment: str


NODES: Final = {
    "custodian": Place("dataset", "dct:publisher", "foaf:Agent", "custodian"),
    "custodianContact": Place("custodian", "dcat:contactPoint", "vcard:Kind", "custodian-contact"),
    "contact": Place("dataset", "dcat:contactPoint", "vcard:Kind", "contact"),
    "period": Place("dataset", "dct:temporal", "dct:PeriodOfTime", "period"),
    "completeness": Place("dataset", "dqv:hasQualityAnnotation", "dqv:QualityAnnotation", "completeness"),
    "distribution": Place("dataset", "dcat:distribution", "dcat:Distribution", "access"),
    "rights": Place("distribution", "dct:rights", "dct:RightsStatement", "rights"),
    "policy": Place("distribution", "odrl:hasPolicy", "odrl:Policy", "policy"),
    "tables": Place("dataset", "own:structuralMetadata", "csvw:TableGroup", "tables"),
}


def _own(*paths: str, many: bool = False) -> tuple[Row, ...]:
    return tuple(Row(path, many=many, kind=ANY) for path in paths)


def _related(path: str) -> Row:
    return Row(path, many=True, members=_own("pid", "title", "url"))


VALUES: Final = Row("values", many=True, members=(
    Row("name", "skos:notation", ANY), Row("description", "skos:prefLabel", TEXT), Row("frequency", kind=ANY),
))  # fmt: skip
COLUMNS: Final = Row("columns", "csvw:column", many=True, members=(
    Row("name", "csvw:name", ANY), Row("description", "dct:description", TEXT), Row("dataType", "csvw:datatype"),
    Row("sensitive", kind=ANY), VALUES,
))  # fmt: skip
COUNTED: Final = (Row("count", "dqv:value", ANY),)

ROWS: Final[tuple[Row, ...]] = (
    Row("identifier", "dct:identifier"),
    Row("version", "dcat:version"),
    Row("revisions", many=True, members=_own("version", "url")),
    Row("issued", "dct:issued", DATE_KIND, "record"),
    Row("modified", "dct:modified", DATE_KIND, "record"),
    Row("summary.title", "dct:title", TEXT),
    Row("summary.abstract", "dct:abstract", TEXT),
    Row("summary.dataCustodian.identifier", "dct:identifier", ANY, "custodian"),
    Row("summary.dataCustodian.name", "foaf:name", PLAIN, "custodian"),
    Row("summary.dataCustodian.logo", "foaf:logo", ADDRESS_KIND, "custodian"),
    Row("summary.dataCustodian.description", "dct:description", TEXT, "custodian"),
    Row("summary.dataCustodian.contactPoint", "vcard:hasEmail", MAIL, "custodianContact", many=True, limit=1),
    Row("summary.dataCustodian.memberOf", node="custodian"),
    Row("summary.populationSize", "healthdcatap:numberOfUniqueIndividuals", COUNT, is_health=True),
    Row("summary.keywords", "dcat:keyword", TEXT, many=True),
    Row("summary.doiName", "owl:sameAs", DOI_KIND),
    Row("summary.contactPoint", "vcard:hasEmail", MAIL, "contact"),
    Row("summary.datasetAliases", "dct:alternative", TEXT, many=True),
    Row("documentation.description", "dct:description", TEXT),
    Row("documentation.associatedMedia", "foaf:page", ADDRESS_KIND, many=True),
    Row("documentation.inPipeline", "adms:status", code(STATUSES)),
    Row("coverage.spatial", "rdfs:label", TEXT, via=("dct:spatial", "dct:Location"), many=True, names_node=True),
    Row("coverage.typicalAgeRangeMin", "healthdcatap:minTypicalAge", COUNT, is_health=True),
    Row("coverage.typicalAgeRangeMax", "healthdcatap:maxTypicalAge", COUNT, is_health=True),
    Row("coverage.datasetCompleteness", "oa:hasBody", ADDRESS_KIND, "completeness", is_ours=True),
    *_own("coverage.materialType", many=True),
    *_own("coverage.followUp", "coverage.pathway"),
    *_own("provenance.origin.purpose", many=True),
    Row("provenance.origin.datasetType", many=True, members=(Row("name", "skos:prefLabel", TEXT), Row("subTypes", many=True))),
    *_own("provenance.origin.source", "provenance.origin.collectionSource", many=True),
    *_own("provenance.origin.imageContrast"),
    Row("provenance.temporal.publishingFrequency", "dct:accrualPeriodicity", code(FREQUENCIES)),
    *_own("provenance.temporal.distributionReleaseDate", "provenance.temporal.timeLag"),
    Row("provenance.temporal.startDate", "dcat:startDate", DATE_KIND, "period"),
    Row("provenance.temporal.endDate", "dcat:endDate", DATE_KIND, "period"),
    Row("accessibility.usage.dataUseLimitation", "odrl:action", code(LIMITATIONS), "policy", ("odrl:permission", "odrl:Permission"), many=True),
    Row("accessibility.usage.dataUseRequirements", "odrl:action", code(REQUIREMENTS), "policy", ("odrl:obligation", "odrl:Duty"), many=True),
    Row("accessibility.usage.resourceCreator", "foaf:name", PLAIN, via=("dct:creator", "foaf:Agent"), many=True),
    Row("accessibility.access.accessRights", "rdfs:label", TEXT, "rights", many=True),
    Row("accessibility.access.accessServiceCategory", "dct:accessRights", code(ACCESS_RIGHTS)),
    *_own("accessibility.access.accessService", "accessibility.access.deliveryLeadTime"),
    *_own("accessibility.access.accessRequestCost", "accessibility.access.jurisdiction", many=True),
    Row("accessibility.access.dataController", "foaf:name", PLAIN, via=("dpv:hasDataController", "dpv:DataController")),
    Row("accessibility.access.dataProcessor", "foaf:name", PLAIN, via=("dpv:hasDataProcessor", "dpv:DataProcessor")),
    Row("accessibility.formatAndStandards.vocabularyEncodingScheme", "rdfs:label", PLAIN, via=("own:vocabulary", "dct:Standard"), many=True),
    Row("accessibility.formatAndStandards.conformsTo", "rdfs:label", PLAIN, via=("dct:conformsTo", "dct:Standard"), many=True, unless="own:vocabulary"),
    Row("accessibility.formatAndStandards.language", "dct:language", LANGUAGE, many=True),
    Row("accessibility.formatAndStandards.format", "dcat:mediaType", MEDIA, "distribution", many=True, limit=1),
    _related("enrichmentAndLinkage.derivedFrom"),
    _related("enrichmentAndLinkage.isPartOf"),
    _related("enrichmentAndLinkage.linkableDatasets"),
    _related("enrichmentAndLinkage.similarToDatasets"),
    Row("enrichmentAndLinkage.investigations", "own:investigation", ADDRESS_KIND, many=True),
    Row("enrichmentAndLinkage.tools", "own:tool", ADDRESS_KIND, many=True),
    Row("enrichmentAndLinkage.publicationAboutDataset", "own:publicationAbout", DOI_KIND, many=True),
    Row("enrichmentAndLinkage.publicationUsingDataset", "own:publicationUsing", DOI_KIND, many=True),
    Row("observations", many=True, members=(
        Row("observedNode"), Row("measuredValue", "dqv:value", ANY), Row("disambiguatingDescription", "dct:description", TEXT),
        Row("observationDate", "dct:date", DATE_KIND), Row("measuredProperty", kind=ANY),
    )),
    Row("structuralMetadata.tables", "csvw:table", node="tables", many=True, members=(
        Row("name", "dct:title", TEXT), Row("description", "dct:description", TEXT), COLUMNS,
    )),
    Row("structuralMetadata.syntheticDataWebLink", "dcat:accessURL", ADDRESS_KIND, via=("adms:sample", "dcat:Distribution"), many=True, is_ours=True),
    Row("demographicFrequency.age", many=True, members=(Row("bin"), *COUNTED)),
    Row("demographicFrequency.ethnicity", many=True, members=(Row("bin"), *COUNTED)),
    Row("demographicFrequency.disease", many=True, members=(*_own("diseaseCode", "diseaseCodeVocabulary"), *COUNTED)),
    *_own("omics.assay", "omics.platform", many=True),
)  # fmt: skip
BY_PATH: Final = {row.path: row for row in ROWS}

FOREIGN: Final[tuple[Row, ...]] = (
    Row("issued", "dct:issued", DATE_KIND),
    Row("modified", "dct:modified", DATE_KIND),
    Row("coverage.spatial", "skos:prefLabel", TEXT, via=("dct:spatial", "dct:Location"), many=True),
    Row("accessibility.formatAndStandards.format", "dct:format", MEDIA, "distribution", many=True),
    Row("accessibility.usage.resourceCreator", "dct:creator", TEXT, many=True),
    Row("enrichmentAndLinkage.publicationUsingDataset", "dct:isReferencedBy", DOI_KIND, many=True),
    Row("summary.dataCustodian.contactPoint", "foaf:mbox", MAIL, "custodian", many=True),
    Row("summary.dataCustodian.logo", "foaf:depiction", ADDRESS_KIND, "custodian"),
)
"""How others state the same, read where the rows above found nothing."""

RELATED: Final = {
    "enrichmentAndLinkage.derivedFrom": ("prov:wasDerivedFrom", "dct:source"),
    "enrichmentAndLinkage.isPartOf": ("dct:isPartOf", "dcat:inSeries"),
    "enrichmentAndLinkage.linkableDatasets": ("dct:relation",),
}
"""Predicates whose objects are the addresses of related datasets."""

DERIVED: Final = (
    "rdf:type", "dcat:theme", "dct:provenance", "prov:wasGeneratedBy", "dqv:hasQualityMeasurement", "dct:relation",
    "prov:wasDerivedFrom", "dct:isPartOf", "dct:isReferencedBy", "adms:identifier", "dcat:accessURL", "dcat:landingPage",
    "prov:wasRevisionOf", "dcat:previousVersion", "dct:conformsTo", "healthdcatap:hasCodingSystem", "dct:type",
    "healthdcatap:numberOfRecords", "healthdcatap:healthCategory", "healthdcatap:healthTheme", "healthdcatap:hdab",
    "dcatap:applicableLegislation", "vcard:fn", "vcard:hasURL", "csvw:titles", "own:statedNone", "own:notStated", "owl:sameAs",
    "odrl:target", "oa:hasTarget", "dct:spatial",
)  # fmt: skip
"""What is written besides the rows, worked out from them or from the operator's settings; a reader passes it by."""


def health_row(row: Row, is_health: bool) -> Row:
    """The row as it is written: predicates of HealthDCAT-AP are for that profile only."""
    return replace(row, predicate=None, kind=ANY) if row.is_health and not is_health else row

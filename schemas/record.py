"""The canonical dataset record: the structure and names of the HDR UK dataset specification 4.0.0.

Everything behind the edge (store, search, pages, requests) sees only this shape. Lists are real lists, never
text glued by a delimiter. No field is mandatory: what is required is a question for validation. ``None`` means
*not stated*; an empty list means *stated to be none*. Attribute names are the specification's in snake case;
JSON uses the specification's own camel case.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel


class Part(BaseModel):
    """A piece of the record. Values are never coerced: a value of the wrong type is refused, not converted."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, strict=True, extra="forbid")


class Revision(Part):
    version: str | None = None
    url: str | None = None


class DataCustodian(Part):
    identifier: str | int | None = None
    name: str | None = None
    logo: str | None = None
    description: str | None = None
    contact_point: list[str] | None = None
    member_of: str | None = None


class Summary(Part):
    title: str | None = None
    abstract: str | None = None
    data_custodian: DataCustodian = Field(default_factory=DataCustodian)
    population_size: int | None = None
    keywords: list[str] | None = None
    doi_name: str | None = None
    contact_point: str | None = None
    dataset_aliases: list[str] | None = None


class Documentation(Part):
    description: str | None = None
    associated_media: list[str] | None = None
    in_pipeline: str | None = None


class Coverage(Part):
    spatial: list[str] | None = None
    typical_age_range_min: int | None = None
    typical_age_range_max: int | None = None
    dataset_completeness: str | None = None
    material_type: list[str] | None = None
    follow_up: str | None = None
    pathway: str | None = None


class DatasetType(Part):
    name: str | None = None
    sub_types: list[str] | None = None


class Origin(Part):
    purpose: list[str] | None = None
    dataset_type: list[DatasetType] | None = None
    source: list[str] | None = None
    collection_source: list[str] | None = None
    image_contrast: str | None = None


class Temporal(Part):
    publishing_frequency: str | None = None
    distribution_release_date: str | None = None
    start_date: str | None = None
    end_date: str | None = None
    time_lag: str | None = None


class Provenance(Part):
    origin: Origin = Field(default_factory=Origin)
    temporal: Temporal = Field(default_factory=Temporal)


class Usage(Part):
    data_use_limitation: list[str] | None = None
    data_use_requirements: list[str] | None = None
    resource_creator: list[str] | None = None


class Access(Part):
    access_rights: list[str] | None = None
    access_service: str | None = None
    access_service_category: str | None = None
    access_request_cost: list[str] | None = None
    delivery_lead_time: str | None = None
    jurisdiction: list[str] | None = None
    data_controller: str | None = None
    data_processor: str | None = None


class FormatAndStandards(Part):
    vocabulary_encoding_scheme: list[str] | None = None
    conforms_to: list[str] | None = None
    language: list[str] | None = None
    format: list[str] | None = None


class Accessibility(Part):
    usage: Usage = Field(default_factory=Usage)
    access: Access = Field(default_factory=Access)
    format_and_standards: FormatAndStandards = Field(default_factory=FormatAndStandards)


class RelatedDataset(Part):
    pid: str | None = None
    title: str | None = None
    url: str | None = None


class EnrichmentAndLinkage(Part):
    derived_from: list[RelatedDataset] | None = None
    is_part_of: list[RelatedDataset] | None = None
    linkable_datasets: list[RelatedDataset] | None = None
    similar_to_datasets: list[RelatedDataset] | None = None
    investigations: list[str] | None = None
    tools: list[str] | None = None
    publication_about_dataset: list[str] | None = None
    publication_using_dataset: list[str] | None = None


class Observation(Part):
    observed_node: str | None = None
    measured_value: int | None = None
    disambiguating_description: str | None = None
    observation_date: str | None = None
    measured_property: Any = None


class DataValue(Part):
    name: Any = None
    description: str | None = None
    frequency: int | None = None


class Column(Part):
    name: Any = None
    data_type: str | None = None
    description: str | None = None
    sensitive: bool | None = None
    values: list[DataValue] | None = None


class Table(Part):
    name: str | None = None
    description: str | None = None
    columns: list[Column] | None = None


class StructuralMetadata(Part):
    tables: list[Table] | None = None
    synthetic_data_web_link: list[str] | None = None


class AgeCount(Part):
    bin: str | None = None
    count: int | None = None


class EthnicityCount(Part):
    bin: str | None = None
    count: int | None = None


class DiseaseCount(Part):
    disease_code: str | int | None = None
    disease_code_vocabulary: str | None = None
    count: int | None = None


class DemographicFrequency(Part):
    age: list[AgeCount] | None = None
    ethnicity: list[EthnicityCount] | None = None
    disease: list[DiseaseCount] | None = None


class Omics(Part):
    assay: list[str] | None = None
    platform: list[str] | None = None


class Dataset(Part):
    """One dataset record. Sections are always present; a section in which nothing is stated is empty."""

    identifier: str | None = None
    version: str | None = None
    revisions: list[Revision] | None = None
    issued: str | None = None
    modified: str | None = None
    summary: Summary = Field(default_factory=Summary)
    documentation: Documentation = Field(default_factory=Documentation)
    coverage: Coverage = Field(default_factory=Coverage)
    provenance: Provenance = Field(default_factory=Provenance)
    accessibility: Accessibility = Field(default_factory=Accessibility)
    enrichment_and_linkage: EnrichmentAndLinkage = Field(default_factory=EnrichmentAndLinkage)
    observations: list[Observation] | None = None
    structural_metadata: StructuralMetadata = Field(default_factory=StructuralMetadata)
    demographic_frequency: DemographicFrequency = Field(default_factory=DemographicFrequency)
    omics: Omics = Field(default_factory=Omics)

    def as_json(self) -> dict[str, Any]:
        """The record as JSON values in the specification's names; what is not stated is left out."""
        document: dict[str, Any] = self.model_dump(by_alias=True, exclude_none=True)
        return {name: value for name, value in document.items() if value != {}}

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Dataset:
        """The record that :meth:`as_json` wrote. Raises ``pydantic.ValidationError`` on any other shape."""
        return cls.model_validate(document)

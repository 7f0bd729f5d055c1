"""What completeness counts: every field with its weight, what to do where it is empty, and a sound value of it.

The sound value is what the gain of filling a field is computed with; it never enters a record. A field that
``applies`` to no such record is left out of the count. An empty list is filled only where *none* is an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from operator import attrgetter
from typing import Any, Final

from pydantic.alias_generators import to_snake

from schemas.enumerations import DATASET_TYPES
from schemas.record import (
    AgeCount,
    Column,
    Dataset,
    DatasetType,
    DiseaseCount,
    EthnicityCount,
    Observation,
    Part,
    RelatedDataset,
    Table,
)  # fmt: skip
from schemas.rules import NOT_VALUES, PLACEHOLDERS, STOCK_ACCESS

ONE_VALUE: Final = 1
A_TEXT: Final = 3
TABLES: Final = 10

ABSTRACT: Final = "Routine records of one care setting in one area, with diagnoses, treatments and outcomes."
DESCRIPTION: Final = (
    "The data cover all contacts with one service since it began. They hold the dates of each contact, the diagnoses and "
    "procedures recorded at it and how it ended, one row for each contact. People are told apart by a pseudonym, so that "
    "several contacts of one person can be followed. Records are complete for the period stated."
)
RIGHTS: Final = "https://www.example.org/data/how-to-apply"


@dataclass(frozen=True, slots=True)
class Field:
    """``path`` is dotted, in the specification's names; ``words`` says what to do; ``instead`` is a field that serves too."""

    path: str
    weight: int
    words: str
    hint: str
    example: Any
    effort: int = ONE_VALUE
    instead: str | None = None
    none_counts: bool = False
    applies: Callable[[Dataset], bool] | None = None

    @property
    def pointer(self) -> str:
        return _pointer(self.path)

    def is_filled(self, record: Dataset) -> bool:
        value = value_at(record, self.path)
        if value is not None and _is_stated(self.path, value, self.none_counts):
            return True
        return self.instead is not None and _is_stated(self.instead, value_at(record, self.instead), self.none_counts)

    def is_counted(self, record: Dataset) -> bool:
        return self.applies is None or self.applies(record)

    def example_for(self, record: Dataset) -> Any:
        return self.example(record) if callable(self.example) else self.example


@cache
def _pointer(path: str) -> str:
    return "/" + path.replace(".", "/")


def value_at(record: Dataset, path: str) -> Any:
    """The value at a dotted path; None where nothing is stated."""
    return _getter(path)(record)


def with_value(record: Dataset, path: str, value: Any) -> Dataset:
    """The record with another value at a dotted path; the record given is left as it is."""
    changed = _with_value(record, _attributes(path), value)
    assert isinstance(changed, Dataset)
    return changed


def _with_value(part: Part, names: tuple[str, ...], value: Any) -> Part:
    first, *rest = names
    inner = _with_value(getattr(part, first), tuple(rest), value) if rest else value
    return part.model_copy(update={first: inner})


@cache
def _getter(path: str) -> attrgetter[Any]:
    return attrgetter(".".join(_attributes(path)))


@cache
def _attributes(path: str) -> tuple[str, ...]:
    return tuple(to_snake(name) for name in path.split("."))


def is_text(value: Any) -> bool:
    """Whether a text says something: neither blank nor a placeholder (TXT-01) nor the trace of a program (TXT-02)."""
    if not isinstance(value, str):
        return value is not None
    bare = value.strip()
    if not bare or value in NOT_VALUES:
        return False
    words = bare.rstrip(".")
    return len(words) > LONGEST_PLACEHOLDER or words.lower() not in PLACEHOLDERS


LONGEST_PLACEHOLDER: Final = max(map(len, PLACEHOLDERS))


MAY_BE_WORDS: Final = frozenset(
    (
        "coverage.followUp",
        "provenance.temporal.timeLag",
        "accessibility.access.deliveryLeadTime",
        "documentation.inPipeline",
    )
)
"""Closed lists that hold words which are placeholders elsewhere, such as Unknown and Not applicable."""


def _is_stated(path: str, value: Any, none_counts: bool) -> bool:
    if value is None or (path == "summary.populationSize" and value == -1):
        return False
    if isinstance(value, list):
        return (none_counts and not value) or any(_is_member(path, member) for member in value)
    return bool(value) if path in MAY_BE_WORDS else is_text(value)


def _is_member(path: str, value: Any) -> bool:
    if path == "accessibility.access.accessRights" and str(value).strip().rstrip(".").lower() in STOCK_ACCESS:
        return False
    return is_text(value)


# when a field applies


def type_names(record: Dataset) -> frozenset[str]:
    return frozenset(kind.name or "" for kind in record.provenance.origin.dataset_type or ())


def _is_imaging(record: Dataset) -> bool:
    return any(name.startswith("Imaging") for name in type_names(record))


def _is_omics(record: Dataset) -> bool:
    return "Omics" in type_names(record)


def _counts_people(record: Dataset) -> bool:
    """Only a population of nought, with no word on ages or groups, says that there are no people."""
    coverage, demographics = record.coverage, record.demographic_frequency
    stated = (
        coverage.typical_age_range_min, coverage.typical_age_range_max, demographics.age, demographics.ethnicity,
        demographics.disease,
    )  # fmt: skip
    return record.summary.population_size != 0 or any(value is not None for value in stated)


def _has_end(record: Dataset) -> bool:
    """While data are still released, a blank end date is the recommended form."""
    temporal = record.provenance.temporal
    return temporal.end_date is not None or temporal.publishing_frequency in (None, "Static")


def _has_release(record: Dataset) -> bool:
    temporal = record.provenance.temporal
    return temporal.distribution_release_date is not None or temporal.publishing_frequency not in (
        "Irregular",
        "Continuous",
    )


# sound values that keep what is there


def _with_sub_types(record: Dataset) -> list[DatasetType]:
    kept = [kind for kind in record.provenance.origin.dataset_type or () if kind.name in DATASET_TYPES]
    if not kept:
        return [DatasetType(name="Health and disease", sub_types=["Cardiovascular"])]
    return [
        kind.model_copy(update={"sub_types": kind.sub_types or [DATASET_TYPES[kind.name or ""][0]]}) for kind in kept
    ]


def _more_keywords(record: Dataset) -> list[str]:
    return [*(record.summary.keywords or ()), "hospital admissions", "long-term conditions", "prescriptions"]


def _observation(record: Dataset) -> list[Observation]:
    counted = record.summary.population_size or 0
    return [
        Observation(
            observed_node="Persons",
            measured_value=max(counted, 1),
            measured_property="Count",
            observation_date="2024-01-01",
        )
    ]


def _rows(section: str, *rows: Field) -> Iterator[Field]:
    for row in rows:
        yield replace(row, path=f"{section}.{row.path}")


LINKED: Final = [RelatedDataset(title="Hospital episodes")]
FIELDS: Final[tuple[Field, ...]] = (
    Field("identifier", 1, "Give the record an identifier", "A UUID, or the address of the record.", "b3a1f0de-5b1c-4b57-9d39-0d6a6f2c9f11"),
    Field("version", 1, "Number the version of the record", "Three numbers, such as 1.0.0.", "1.0.0"),
    Field("issued", 1, "Say when the record was first issued", "A date and time, such as 2024-03-31T00:00:00Z.", "2024-03-31T00:00:00Z"),
    Field("modified", 1, "Review the record and publish it anew", "Check every field, then set the date of modification to that day.", "2024-03-31T00:00:00Z", A_TEXT),
    *_rows(
        "summary",
        Field("title", 3, "Give the dataset a title of its own", "Say what, where and whose: 2 to 150 characters, no file name, no lone acronym.", "Hospital admissions in Exampleshire", A_TEXT),
        Field("abstract", 3, "Write an abstract", "One paragraph of 50 to 500 characters that says what the data are about, not the title again.", ABSTRACT, A_TEXT),
        Field("dataCustodian.name", 3, "Name the custodian", "The organisation that is answerable for access.", "Exampleshire Hospitals"),
        Field("dataCustodian.identifier", 1, "Identify the custodian", "The ROR identifier, such as https://ror.org/02mhbdp94.", "https://ror.org/02mhbdp94"),
        Field("dataCustodian.logo", 1, "Link the custodian's logo", "The address of a picture.", "https://www.example.org/logo.svg"),
        Field("dataCustodian.description", 1, "Describe the custodian", "A few sentences on what the organisation is.", "A group of hospitals that serves one county.", A_TEXT),
        Field("dataCustodian.memberOf", 1, "State the custodian's membership", "Hub, Alliance, Other or NCS.", "Alliance"),
        Field("populationSize", 3, "State the number of people", "The number of distinct people in the data: researchers look for it first.", 1000),
        Field("keywords", 2, "Add keywords", "Three or more search terms that do not repeat the title.", _more_keywords),
        Field("doiName", 1, "Give the dataset a DOI", "The DOI alone, such as 10.1234/abc.", "10.1234/abc"),
        Field("contactPoint", 3, "Give a contact", "The address of a team, which outlasts a person.", "data-access@example.org", instead="summary.dataCustodian.contactPoint"),
        Field("datasetAliases", 1, "List other names of the dataset", "Acronyms and former names by which people look for it.", ["EHA"], none_counts=True),
    ),
    *_rows(
        "documentation",
        Field("description", 3, "Describe the dataset", "200 characters or more: what is in it, how it came about, what it can and cannot show.", DESCRIPTION, A_TEXT),
        Field("associatedMedia", 1, "Link documents", "Addresses of data dictionaries, figures or dashboards.", ["https://www.example.org/dictionary"], none_counts=True),
        Field("inPipeline", 1, "Say whether the data can be applied for", "Available or Not available.", "Available"),
    ),
    *_rows(
        "coverage",
        Field("spatial", 3, "State the area covered", "A country or region, such as GB-ENG or England.", ["England"]),
        Field("typicalAgeRangeMin", 2, "State the lowest age", "Whole years; 0 to 150 means all ages.", 0, applies=_counts_people),
        Field("typicalAgeRangeMax", 2, "State the highest age", "Whole years; 0 to 150 means all ages.", 150, applies=_counts_people),
        Field("datasetCompleteness", 1, "Link a page on completeness", "The address of a page that says how complete the data are.", "https://www.example.org/completeness"),
        Field("materialType", 1, "Say whether physical samples exist", "The kinds of sample, or None/not available.", ["None/not available"], none_counts=True),
        Field("followUp", 1, "State the follow-up", "How long a person is typically seen in the data.", "1 - 10 Years"),
        Field("pathway", 1, "Describe the care pathway", "Which part of the pathway is represented, with what limits.", "Secondary care from referral to discharge.", A_TEXT),
    ),
    *_rows(
        "provenance.origin",
        Field("purpose", 2, "Say why the data were collected", "One or more of the list, such as Care or Audit.", ["Care"]),
        Field("datasetType", 3, "State the type of the dataset", "One or more types, each with its sub-types.", _with_sub_types),
        Field("source", 2, "Say from what kind of system the data come", "One or more of the list, such as EPR.", ["EPR"]),
        Field("collectionSource", 2, "Say where the data were collected", "The settings, such as Secondary care - In-patients.", ["Secondary care - In-patients"]),
        Field("imageContrast", 1, "Say whether contrast was used", "Yes, No or Not stated.", "No", applies=_is_imaging),
    ),
    *_rows(
        "provenance.temporal",
        Field("publishingFrequency", 2, "Say how often data are released", "One of the list, such as Monthly or Static.", "Daily"),
        Field("distributionReleaseDate", 1, "State the date of release", "The next release; for static data the release itself.", "2024-06-30", applies=_has_release),
        Field("startDate", 3, "Say when the data begin", "A date, such as 2010-01-01.", "2010-01-01"),
        Field("endDate", 1, "Say when the data end", "A date; leave it blank while collection goes on and the frequency says so.", "2023-12-31", applies=_has_end),
        Field("timeLag", 2, "State the time lag", "How long after an event its data arrive.", "1-2 months"),
    ),
    *_rows(
        "accessibility.usage",
        Field("dataUseLimitation", 1, "State the permitted uses", "One or more of the list, such as Research use only.", ["Research use only"]),
        Field("dataUseRequirements", 1, "State the conditions on use", "One or more of the list, such as Ethics approval required.", ["Ethics approval required"], none_counts=True),
        Field("resourceCreator", 1, "Say whom to cite", "The wording, usually the organisation.", ["Exampleshire Hospitals"]),
    ),
    *_rows(
        "accessibility.access",
        Field("accessRights", 3, "Explain how to get access", "The address of the page that explains it, or a few sentences.", [RIGHTS], A_TEXT),
        Field("accessServiceCategory", 2, "Say in what kind of environment the data are used", "TRE/SDE, Direct access, Open access or Varies based on project.", "TRE/SDE"),
        Field("accessService", 1, "Describe the environment", "What services and tools researchers get.", "A secure environment with R and Python.", A_TEXT),
        Field("accessRequestCost", 1, "Say what access costs", "An amount, a page with prices, or that it is free.", ["No charge"]),
        Field("deliveryLeadTime", 2, "State the time until access", "The typical time, such as 1-2 months.", "1-2 months"),
        Field("jurisdiction", 2, "State the jurisdiction", "Country codes, such as GB or GB-ENG.", ["GB"]),
        Field("dataController", 2, "Name the data controller", "The controller in data protection law.", "Exampleshire Hospitals"),
        Field("dataProcessor", 1, "Name the data processor", "The processor in data protection law.", "Exampleshire Data Services"),
    ),
    *_rows(
        "accessibility.formatAndStandards",
        Field("vocabularyEncodingScheme", 2, "State the coding systems", "One or more of the list, such as SNOMED CT.", ["SNOMED CT"]),
        Field("conformsTo", 2, "State the data models", "One or more of the list, such as OMOP or LOCAL.", ["OMOP"]),
        Field("language", 2, "State the language", "Two letters, such as en.", ["en"]),
        Field("format", 2, "State the formats", "Media types, such as text/csv.", ["text/csv"]),
    ),
    *_rows(
        "enrichmentAndLinkage",
        Field("derivedFrom", 1, "Say what the dataset was made from", "The datasets it comes from; an empty list says none.", LINKED, none_counts=True),
        Field("isPartOf", 1, "Say what the dataset is part of", "The datasets it belongs to; an empty list says none.", LINKED, none_counts=True),
        Field("linkableDatasets", 1, "Say what the dataset can be linked with", "Datasets that share people with it; an empty list says none.", LINKED, none_counts=True),
        Field("similarToDatasets", 1, "List similar datasets", "Datasets that resemble it; an empty list says none.", LINKED, none_counts=True),
        Field("investigations", 1, "Link projects that use the data", "Addresses of their pages.", ["https://www.example.org/project"], none_counts=True),
        Field("tools", 1, "Link tools for the data", "Addresses of code lists, software or notebooks.", ["https://www.example.org/tools"], none_counts=True),
        Field("publicationAboutDataset", 1, "List papers that describe the dataset", "Their DOIs.", ["10.1234/paper"], none_counts=True),
        Field("publicationUsingDataset", 1, "List papers that used the dataset", "Their DOIs.", ["10.1234/study"], none_counts=True),
    ),
    Field("observations", 2, "State counts", "How many people, events or findings, and when that was so.", _observation),
    Field("structuralMetadata.tables", 2, "Describe tables and columns", "Each table and column with its description and type, and the meaning of codes.", [Table(
        name="admission", description="One row for each admission.",
        columns=[Column(name="admitted", data_type="date", description="Day of admission.", sensitive=False)],
    )], TABLES),
    Field("structuralMetadata.syntheticDataWebLink", 1, "Link synthetic data", "The address of a synthetic version.", ["https://www.example.org/synthetic"], none_counts=True),
    *_rows(
        "demographicFrequency",
        Field("age", 1, "Count people by age group", "One count for each group.", [AgeCount(bin="20-24 years", count=10)], TABLES, applies=_counts_people),
        Field("ethnicity", 1, "Count people by ethnic group", "One count for each group.", [EthnicityCount(bin="Not stated", count=10)], TABLES, applies=_counts_people),
        Field("disease", 1, "Count people by disease", "One count for each disease.", [DiseaseCount(disease_code="I21", disease_code_vocabulary="ICD10", count=10)], TABLES, applies=_counts_people),
    ),
    *_rows(
        "omics",
        Field("assay", 1, "State the assay", "One of the list, such as Exome sequencing.", ["Exome sequencing"], applies=_is_omics),
        Field("platform", 1, "State the platform", "One of the list, such as Illumina.", ["Illumina"], applies=_is_omics),
    ),
)  # fmt: skip
BY_PATH: Final = {field.path: field for field in FIELDS}
SECTIONS: Final = {
    "": "Record", "summary": "Summary", "documentation": "Documentation", "coverage": "Coverage",
    "provenance": "Provenance", "accessibility": "Accessibility", "enrichmentAndLinkage": "Linkage",
    "observations": "Observations", "structuralMetadata": "Tables and columns",
    "demographicFrequency": "Demographics", "omics": "Omics",
}  # fmt: skip


def section_of(path: str) -> str:
    """The name of the section of a field; fields at the root belong to *Record*."""
    return SECTIONS.get(path.split(".", 1)[0], SECTIONS[""])

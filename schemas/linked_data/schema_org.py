"""Canonical record -> schema.org, as search engines and Bioschemas read it. Nothing is said that the record does not say.

There is no licence and no download address in a record, so there is none here: ``unfilled`` names both.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from schemas.linked_data.publication import Catalogue, Entry, Unfilled
from schemas.linked_data.schema_org_reader import LABELS, read_schema_org
from schemas.linked_data.values import DOI, is_address
from schemas.reader import Loss, excerpt, pointer
from schemas.record import Column, Dataset, RelatedDataset

Json = dict[str, Any]
DESCRIPTION_LIMIT: Final = 5000
DESCRIPTION_LEAST: Final = 50
VARIABLE_LIMIT: Final = 500
SENTENCE_END: Final = re.compile(r"[.!?](?=\s)")
NO_COST: Final = frozenset(
    ("free", "free of charge", "no charge", "no cost", "none", "nil", "£0", "0", "no charge for access")
)


@dataclass(frozen=True, slots=True)
class SchemaOrg:
    """``document`` is a JSON-LD object; ``losses`` are the fields that cannot be read back from it as they were."""

    document: Json
    losses: tuple[Loss, ...]
    unfilled: tuple[Unfilled, ...]

    def as_script(self) -> str:
        """The document as text that can stand inside a script element of a page."""
        text = json.dumps(self.document, ensure_ascii=False, indent=1)
        return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def write_schema_org(entry: Entry, catalogue: Catalogue) -> SchemaOrg:
    """One dataset. ``url`` is its page in this catalogue, ``sameAs`` the custodian's own."""
    document: Json = {"@context": "https://schema.org", "@type": "Dataset", "@id": entry.iri, "url": entry.page}
    for name, find in PROPERTIES.items():
        value = find(entry.record)
        if value not in (None, [], {}):
            document[name] = value
    if entry.source_page and is_address(entry.source_page):
        document["sameAs"] = entry.source_page
    document["includedInDataCatalog"] = {
        "@type": "DataCatalog",
        "@id": catalogue.iri,
        "name": catalogue.title,
        "url": catalogue.homepage or catalogue.iri,
    }
    return SchemaOrg(document, tuple(_losses(entry.record, document)), tuple(_unfilled(entry, document)))


def _unfilled(entry: Entry, document: Json) -> list[Unfilled]:
    found = [Unfilled(entry.iri, "license", "A record of the specification states no licence.")]
    if "name" not in document:
        found.append(Unfilled(entry.iri, "name", "The record has no title."))
    length = len(document.get("description", ""))
    if length < DESCRIPTION_LEAST:
        found.append(
            Unfilled(
                entry.iri,
                "description",
                f"Search engines ask for {DESCRIPTION_LEAST} characters; the description has {length}.",
            )
        )
    return found


def _losses(record: Dataset, document: Json) -> list[Loss]:
    """What reading the document would not give back, field by field."""
    back = dict(_leaves(read_schema_org(document)[0].record.as_json(), ""))
    losses = []
    for path, value in _leaves(record.as_json(), ""):
        if back.get(path) != value:
            is_there = path in back
            message = (
                "It is said in another form."
                if is_there
                else "schema.org has no place for it from which it could be read back."
            )
            losses.append(Loss("narrowed" if is_there else "dropped", pointer(path), None, excerpt(value), message))
    return losses


def _leaves(value: Json, path: str) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for name, inner in value.items():
        here = f"{path}.{name}" if path else name
        found += _leaves(inner, here) if isinstance(inner, dict) else [(here, inner)]
    return found


# properties


def _identifiers(record: Dataset) -> list[Any]:
    found: list[Any] = [record.identifier] if record.identifier else []
    doi = record.summary.doi_name
    if doi and DOI.fullmatch(doi):
        found.append(
            {
                "@type": "PropertyValue",
                "propertyID": "https://registry.identifiers.org/registry/doi",
                "value": doi,
                "url": f"https://doi.org/{doi}",
            }
        )
    return found


def _description(record: Dataset) -> str | None:
    """The description, or the abstract where there is none; cut at the end of a sentence where it is too long."""
    text = record.documentation.description or record.summary.abstract
    if text is None or len(text) <= DESCRIPTION_LIMIT:
        return text
    ends = [found.end() for found in SENTENCE_END.finditer(text, 0, DESCRIPTION_LIMIT)]
    return text[: ends[-1]] if ends else text[: DESCRIPTION_LIMIT - 1] + "…"


def _publisher(record: Dataset) -> Json:
    custodian = record.summary.data_custodian
    said: Json = {
        "name": custodian.name, "identifier": custodian.identifier, "logo": custodian.logo, "description": custodian.description,
        "memberOf": {"@type": "Organization", "name": custodian.member_of} if custodian.member_of else None,
        "contactPoint": [{"@type": "ContactPoint", "contactType": "custodian", "email": address} for address in custodian.contact_point or ()],
    }  # fmt: skip
    if record.summary.contact_point:
        said["contactPoint"] = [
            *said["contactPoint"],
            {"@type": "ContactPoint", "contactType": "access requests", "email": record.summary.contact_point},
        ]
    filled = {name: value for name, value in said.items() if value not in (None, [])}
    return {"@type": "Organization", **filled} if filled else {}


def _places(record: Dataset) -> list[Json]:
    return [
        {"@type": "Place", "@id": place} if is_address(place) else {"@type": "Place", "name": place}
        for place in record.coverage.spatial or ()
    ]


def _period(record: Dataset) -> str | None:
    start, end = record.provenance.temporal.start_date, record.provenance.temporal.end_date
    if start is None:
        return None
    return f"{start}/{'..' if end in (None, 'CONTINUOUS') else end}"


def _about(record: Dataset) -> list[Json]:
    """Each type as a term; each sub-type as a term of the set that its type is."""
    found: list[Json] = []
    for kind in record.provenance.origin.dataset_type or ():
        if kind.name:
            found.append({"@type": "DefinedTerm", "name": kind.name})
            terms = {"@type": "DefinedTermSet", "name": kind.name}
            found += [
                {"@type": "DefinedTerm", "name": name, "inDefinedTermSet": terms} for name in kind.sub_types or ()
            ]
    return found


def _measured(record: Dataset) -> list[Json]:
    """Counts of people and events, then the columns of the tables."""
    found: list[Json] = []
    size = record.summary.population_size
    if size is not None and size >= 0:
        found.append({"@type": "PropertyValue", "name": "Number of people", "value": size})
    for one in record.observations or ():
        if one.observed_node in ("Persons", "Events") and one.measured_value is not None:
            said = {
                "name": one.observed_node,
                "value": one.measured_value,
                "description": one.disambiguating_description,
            }
            found.append(
                {"@type": "PropertyValue", **{name: value for name, value in said.items() if value is not None}}
            )
    columns = [column for table in record.structural_metadata.tables or () for column in table.columns or ()]
    found += [_variable(column) for column in columns[:VARIABLE_LIMIT] if isinstance(column.name, str)]
    return found


def _variable(column: Column) -> Json:
    said = {"name": column.name, "description": column.description}
    return {"@type": "PropertyValue", **{name: text for name, text in said.items() if text is not None}}


def _conditions(record: Dataset) -> list[str]:
    """How to get access, then what else is said of it, each after its label."""
    access = record.accessibility.access
    said: dict[str, list[str]] = {
        "Environment": [access.access_service_category] if access.access_service_category else [],
        "Services": [access.access_service] if access.access_service else [],
        "Time until access": [access.delivery_lead_time] if access.delivery_lead_time else [],
        "Cost": access.access_request_cost or [],
        "Jurisdiction": access.jurisdiction or [],
    }
    assert tuple(said) == tuple(LABELS)
    return [*(access.access_rights or ()), *(f"{label}: {text}" for label, texts in said.items() for text in texts)]


def _usage(record: Dataset) -> list[Json]:
    usage = record.accessibility.usage
    found = [{"@type": "CreativeWork", "genre": "Limitation", "name": name} for name in usage.data_use_limitation or ()]
    return [
        *found,
        *(
            {"@type": "CreativeWork", "genre": "Requirement", "name": name}
            for name in usage.data_use_requirements or ()
        ),
    ]


def _subjects(record: Dataset) -> list[Json]:
    linkage = record.enrichment_and_linkage
    groups = (
        ("Document", record.documentation.associated_media),
        ("Project", linkage.investigations),
        ("Tool", linkage.tools),
    )
    return [
        {"@type": "CreativeWork", "genre": genre, "url": address}
        for genre, addresses in groups
        for address in addresses or ()
    ]


def _free(record: Dataset) -> bool | None:
    """Free only where every word on cost says so."""
    costs = record.accessibility.access.access_request_cost
    return True if costs and all(cost.strip().rstrip(".").lower() in NO_COST for cost in costs) else None


def _related(others: list[RelatedDataset] | None) -> list[Json]:
    said = [{"identifier": other.pid, "name": other.title, "url": other.url} for other in others or ()]
    return [{"@type": "Dataset", **{name: value for name, value in one.items() if value is not None}} for one in said]


def _citations(record: Dataset) -> list[Json]:
    dois = record.enrichment_and_linkage.publication_about_dataset or ()
    return [
        {"@type": "ScholarlyArticle", "@id": f"https://doi.org/{doi}", "identifier": doi}
        for doi in dois
        if DOI.fullmatch(doi)
    ]


def _techniques(record: Dataset) -> list[str]:
    return [*(record.provenance.origin.source or ()), *(record.omics.assay or ()), *(record.omics.platform or ())]


PROPERTIES: Final[dict[str, Callable[[Dataset], Any]]] = {
    "identifier": _identifiers,
    "name": lambda record: record.summary.title,
    "alternateName": lambda record: record.summary.dataset_aliases,
    "abstract": lambda record: record.summary.abstract,
    "description": _description,
    "version": lambda record: record.version,
    "datePublished": lambda record: record.issued,
    "dateModified": lambda record: record.modified,
    "keywords": lambda record: record.summary.keywords,
    "publisher": _publisher,
    "creator": lambda record: [{"@type": "Organization", "name": name} for name in record.accessibility.usage.resource_creator or ()],
    "creditText": lambda record: "; ".join(record.accessibility.usage.resource_creator or ()) or None,
    "spatialCoverage": _places,
    "temporalCoverage": _period,
    "about": _about,
    "measurementTechnique": _techniques,
    "variableMeasured": _measured,
    "inLanguage": lambda record: record.accessibility.format_and_standards.language,
    "distribution": lambda record: [{"@type": "DataDownload", "encodingFormat": one} for one in record.accessibility.format_and_standards.format or ()],
    "conditionsOfAccess": _conditions,
    "usageInfo": _usage,
    "isAccessibleForFree": _free,
    "creativeWorkStatus": lambda record: record.documentation.in_pipeline,
    "subjectOf": _subjects,
    "isBasedOn": lambda record: _related(record.enrichment_and_linkage.derived_from),
    "isPartOf": lambda record: _related(record.enrichment_and_linkage.is_part_of),
    "citation": _citations,
    "workExample": lambda record: [{"@type": "Dataset", "url": one} for one in record.structural_metadata.synthetic_data_web_link or ()],
}  # fmt: skip

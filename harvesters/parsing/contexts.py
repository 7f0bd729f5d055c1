"""JSON-LD contexts that documents name by address. Nothing is fetched: what a name means is written down here.

Only the terms that descriptions of datasets use are listed; a term that is not listed is passed over, as JSON-LD says.
"""

from __future__ import annotations

import re
from typing import Any, Final

from harvesters.parsing.document import Unparsable

DCT: Final = "http://purl.org/dc/terms/"
DCAT: Final = "http://www.w3.org/ns/dcat#"
HEALTH: Final = "http://healthdataportal.eu/ns/health#"
PREFIXES: Final = {
    "dct": DCT, "dcterms": DCT, "dcat": DCAT, "adms": "http://www.w3.org/ns/adms#", "foaf": "http://xmlns.com/foaf/0.1/",
    "vcard": "http://www.w3.org/2006/vcard/ns#", "skos": "http://www.w3.org/2004/02/skos/core#", "owl": "http://www.w3.org/2002/07/owl#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#", "prov": "http://www.w3.org/ns/prov#", "dcatap": "http://data.europa.eu/r5r/",
    "healthdcatap": HEALTH, "csvw": "http://www.w3.org/ns/csvw#", "hydra": "http://www.w3.org/ns/hydra/core#",
    "schema": "http://schema.org/", "sdo": "https://schema.org/", "dqv": "http://www.w3.org/ns/dqv#", "spdx": "http://spdx.org/rdf/terms#",
    "odrl": "http://www.w3.org/ns/odrl/2/", "locn": "http://www.w3.org/ns/locn#", "org": "http://www.w3.org/ns/org#",
}  # fmt: skip


def _terms(prefix: str, names: str, *, are_addresses: bool = False) -> dict[str, Any]:
    return {name: {"@id": f"{prefix}{name}", "@type": "@id"} if are_addresses else f"{prefix}{name}" for name in names.split()}


DCAT_TERMS: Final[dict[str, Any]] = {
    **PREFIXES, "id": "@id", "type": "@type",
    **_terms(DCAT, "Dataset Catalog Distribution DataService CatalogRecord DatasetSeries keyword version startDate endDate byteSize "
                   "spatialResolutionInMeters temporalResolution"),
    **_terms(DCAT, "dataset catalog distribution record service contactPoint theme landingPage accessURL downloadURL mediaType inSeries "
                   "accessService packageFormat compressFormat qualifiedRelation", are_addresses=True),
    **_terms(DCT, "title description identifier issued modified provenance alternative"),
    **_terms(DCT, "publisher creator spatial temporal accrualPeriodicity accessRights license rights conformsTo language format isPartOf "
                  "hasPart source relation isReferencedBy hasVersion isVersionOf type", are_addresses=True),
    **_terms(HEALTH, "numberOfRecords numberOfUniqueIndividuals minTypicalAge maxTypicalAge populationCoverage"),
    **_terms(HEALTH, "hasCodingSystem hasCodeValues healthCategory healthTheme hdab analytics", are_addresses=True),
    "name": "http://xmlns.com/foaf/0.1/name", "homepage": {"@id": "http://xmlns.com/foaf/0.1/homepage", "@type": "@id"},
    "page": {"@id": "http://xmlns.com/foaf/0.1/page", "@type": "@id"}, "Agent": "http://xmlns.com/foaf/0.1/Agent",
    "primaryTopic": {"@id": "http://xmlns.com/foaf/0.1/primaryTopic", "@type": "@id"},
    "fn": "http://www.w3.org/2006/vcard/ns#fn", "Kind": "http://www.w3.org/2006/vcard/ns#Kind",
    "hasEmail": {"@id": "http://www.w3.org/2006/vcard/ns#hasEmail", "@type": "@id"},
    "hasURL": {"@id": "http://www.w3.org/2006/vcard/ns#hasURL", "@type": "@id"},
    "status": {"@id": "http://www.w3.org/ns/adms#status", "@type": "@id"}, "sample": {"@id": "http://www.w3.org/ns/adms#sample", "@type": "@id"},
}  # fmt: skip
DCAT_TERMS["type"] = "@type"
HYDRA_TERMS: Final[dict[str, Any]] = {
    "hydra": PREFIXES["hydra"], **_terms(PREFIXES["hydra"], "Collection PartialCollectionView PagedCollection totalItems itemsPerPage"),
    **_terms(PREFIXES["hydra"], "view first next previous last nextPage previousPage member", are_addresses=True),
}  # fmt: skip
KNOWN: Final[tuple[tuple[re.Pattern[str], dict[str, Any]], ...]] = (
    (re.compile(r"https?://(www\.)?schema\.org(/.*)?"), {"@vocab": "http://schema.org/", "schema": "http://schema.org/"}),
    (re.compile(r"https?://(www\.)?w3\.org/ns/hydra/.*"), HYDRA_TERMS),
    (re.compile(r"https?://(www\.)?w3\.org/ns/csvw(\.jsonld)?#?"), {"csvw": PREFIXES["csvw"], "@vocab": PREFIXES["csvw"]}),
    (re.compile(r"https?://(www\.)?w3\.org/ns/dcat.*"), DCAT_TERMS),
    (re.compile(r"https?://[^/]+/.*(dcat[-_]?(ap|us|3)?|health-?dcat).*", re.IGNORECASE), DCAT_TERMS),
    (re.compile(r"https?://project-open-data\.cio\.gov/.*"), DCAT_TERMS),
)  # fmt: skip


def with_known_contexts(value: Any) -> Any:
    """The JSON-LD document with each context that is named replaced. Raises :class:`Unparsable` (``unknown-context``)."""
    if isinstance(value, list):
        return [with_known_contexts(member) for member in value]
    if not isinstance(value, dict):
        return value
    return {name: _context(inner) if name == "@context" else with_known_contexts(inner) for name, inner in value.items()}


def _context(context: Any) -> Any:
    if isinstance(context, str):
        return _known(context)
    if isinstance(context, list):
        return [_context(member) for member in context]
    if isinstance(context, dict):
        if "@import" in context:
            raise _unknown(context["@import"])
        return {name: {**term, "@context": _context(term["@context"])} if isinstance(term, dict) and "@context" in term else term for name, term in context.items()}
    return context


def _known(address: str) -> dict[str, Any]:
    for pattern, context in KNOWN:
        if pattern.fullmatch(address.strip()):
            return context
    raise _unknown(address)


def _unknown(address: Any) -> Unparsable:
    return Unparsable("unknown-context", f"The document names the JSON-LD context {str(address)[:200]!r}, which is not known here and never fetched.")


def names_schema_org(context: Any) -> bool:
    """Whether the first context named is that of schema.org."""
    if isinstance(context, list):
        return any(names_schema_org(member) for member in context[:3])
    if isinstance(context, dict):
        return re.fullmatch(r"https?://(www\.)?schema\.org/?", str(context.get("@vocab", ""))) is not None
    return isinstance(context, str) and KNOWN[0][0].fullmatch(context.strip()) is not None

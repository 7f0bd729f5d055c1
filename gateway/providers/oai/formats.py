"""The forms in which a record is given: Dublin Core, DataCite, DCAT."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from lxml import etree

from gateway.catalogue.linked_data import Publisher
from gateway.catalogue.published import Published
from schemas.linked_data.values import NOT_IN_XML
from schemas.writing import datacite
from schemas.writing.datacite import Element
from schemas.writing.dublin_core import dublin_core

XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
DC: Final = "http://purl.org/dc/elements/1.1/"
OAI_DC: Final = "http://www.openarchives.org/OAI/2.0/oai_dc/"
RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"


@dataclass(frozen=True, slots=True)
class Format:
    schema: str
    namespace: str
    write: Callable[[Published, Publisher], etree._Element]


def text_for_xml(text: str) -> str:
    """Without the characters that no XML document may hold."""
    return NOT_IN_XML.sub("", text)


def _names(published: Published, publisher: Publisher) -> tuple[list[str], str | None, str]:
    entry, record, custodian = publisher.entry(published), published.row.record, published.row.custodian
    doi = published.dataset.summary.doi_name
    known = [one for one in (doi, record.pid, record.local_id, *published.aliases) if one]
    return list(dict.fromkeys(known)), custodian.name if custodian else None, entry.page


def _dublin_core(published: Published, publisher: Publisher) -> etree._Element:
    identifiers, custodian, page = _names(published, publisher)
    root = etree.Element(f"{{{OAI_DC}}}dc", nsmap={"oai_dc": OAI_DC, "dc": DC, "xsi": XSI})
    root.set(f"{{{XSI}}}schemaLocation", f"{OAI_DC} http://www.openarchives.org/OAI/2.0/oai_dc.xsd")
    for name, text in dublin_core(published.dataset, identifiers=identifiers, custodian=custodian, page=page):
        etree.SubElement(root, f"{{{DC}}}{name}").text = text_for_xml(text)
    return root


def _datacite(published: Published, publisher: Publisher) -> etree._Element:
    identifiers, custodian, page = _names(published, publisher)
    year = published.row.record.first_seen_at.year
    described = datacite.datacite(published.dataset, identifiers=identifiers, custodian=custodian, page=page, year=year)
    root = _element(described, etree.Element(f"{{{datacite.NAMESPACE}}}resource", nsmap={None: datacite.NAMESPACE, "xsi": XSI}))
    root.set(f"{{{XSI}}}schemaLocation", f"{datacite.NAMESPACE} {datacite.SCHEMA}")
    return root


def _element(described: Element, made: etree._Element) -> etree._Element:
    made.text = text_for_xml(described.text) if described.text is not None else None
    for name, value in described.attributes.items():
        made.set(name, text_for_xml(value))
    for inner in described.inside:
        _element(inner, etree.SubElement(made, f"{{{datacite.NAMESPACE}}}{inner.name}"))
    return made


def _dcat(published: Published, publisher: Publisher) -> etree._Element:
    """Our own RDF/XML, as at the dataset's address that ends in .rdf."""
    body = publisher.dataset(published, "rdfxml").document
    return etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True, remove_blank_text=True, huge_tree=True))


FORMATS: Final[Mapping[str, Format]] = {
    "oai_dc": Format("http://www.openarchives.org/OAI/2.0/oai_dc.xsd", OAI_DC, _dublin_core),
    "datacite": Format(datacite.SCHEMA, datacite.NAMESPACE, _datacite),
    "dcat": Format("http://www.openarchives.org/OAI/2.0/rdf.xsd", RDF, _dcat),
}

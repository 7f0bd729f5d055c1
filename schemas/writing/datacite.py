"""Canonical record -> DataCite metadata, kernel 4: the elements and their order, to be written as XML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from schemas.record import Dataset
from schemas.writing.dublin_core import period

NAMESPACE: Final = "http://datacite.org/schema/kernel-4"
SCHEMA: Final = "https://schema.datacite.org/meta/kernel-4/metadata.xsd"
DOI: Final = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:)?(10\.[0-9]{4,9}/\S+)", re.ASCII | re.IGNORECASE)
YEAR: Final = re.compile(r"(?<![0-9])([12][0-9]{3})(?![0-9])", re.ASCII)
UNKNOWN: Final = ":unkn"
"""DataCite's own word for a value that must be there and is not known."""


@dataclass(frozen=True, slots=True)
class Element:
    name: str
    text: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    inside: tuple[Element, ...] = ()


def datacite(record: Dataset, *, identifiers: Sequence[str], custodian: str | None, page: str, year: int) -> Element:
    """``year`` is that of the publication here, where the record states none."""
    return Element("resource", inside=tuple(_parts(record, identifiers, custodian, page, year)))


def doi_in(text: str | None) -> str | None:
    found = DOI.fullmatch((text or "").strip())
    return found[1] if found else None


def _parts(record: Dataset, identifiers: Sequence[str], custodian: str | None, page: str, year: int) -> Iterator[Element]:
    summary, doi = record.summary, doi_in(record.summary.doi_name)
    answerable = summary.data_custodian.name or custodian or UNKNOWN
    creators = record.accessibility.usage.resource_creator or [answerable]
    yield Element("identifier", doi or page, {"identifierType": "DOI" if doi else "URL"})
    yield _list("creators", (_organisation("creator", name) for name in creators))
    yield _list("titles", [Element("title", summary.title or UNKNOWN)])
    yield Element("publisher", answerable)
    yield Element("publicationYear", _year(record) or str(year))
    yield Element("resourceType", "Dataset", {"resourceTypeGeneral": "Dataset"})
    yield from _filled("subjects", [Element("subject", word) for word in summary.keywords or () if word.strip()])
    yield from _filled("contributors", [_contributor(name) for name in (summary.data_custodian.name,) if name])
    yield from _filled("dates", list(_dates(record)))
    yield from (Element("language", code) for code in (record.accessibility.format_and_standards.language or [])[:1])
    others = [one for one in dict.fromkeys([page, *identifiers]) if one not in (doi, record.summary.doi_name)]
    yield from _filled("alternateIdentifiers", [_alternate(one, page) for one in others])
    yield from _filled("formats", [Element("format", one) for one in record.accessibility.format_and_standards.format or ()])
    yield from (Element("version", one) for one in (record.version,) if one)
    yield from _filled("rightsList", [_rights(one) for one in record.accessibility.access.access_rights or () if one.strip()])
    yield from _filled("descriptions", list(_descriptions(record)))
    yield from _filled("geoLocations", [Element("geoLocation", inside=(Element("geoLocationPlace", one),)) for one in record.coverage.spatial or ()])


def _dates(record: Dataset) -> Iterator[Element]:
    for kind, value in (("Issued", record.issued), ("Updated", record.modified), ("Collected", period(record))):
        if value:
            yield Element("date", value.replace("..", ""), {"dateType": kind})


def _descriptions(record: Dataset) -> Iterator[Element]:
    for kind, text in (("Abstract", record.summary.abstract), ("Other", record.documentation.description)):
        if text:
            yield Element("description", text, {"descriptionType": kind})


def _organisation(name: str, text: str) -> Element:
    return Element(name, inside=(Element(f"{name}Name", text, {"nameType": "Organizational"}),))


def _contributor(name: str) -> Element:
    return Element("contributor", None, {"contributorType": "DataManager"}, (Element("contributorName", name, {"nameType": "Organizational"}),))


def _alternate(text: str, page: str) -> Element:
    return Element("alternateIdentifier", text, {"alternateIdentifierType": "URL" if text == page else "Local"})


def _rights(text: str) -> Element:
    return Element("rights", text, {"rightsURI": text} if text.startswith(("http://", "https://")) and " " not in text else {})


def _year(record: Dataset) -> str | None:
    found = YEAR.search(record.issued or record.provenance.temporal.distribution_release_date or "")
    return found[1] if found else None


def _list(name: str, inside: Iterator[Element] | list[Element]) -> Element:
    return Element(name, inside=tuple(inside))


def _filled(name: str, inside: list[Element]) -> Iterator[Element]:
    """A list that must not be there where it is empty."""
    if inside:
        yield _list(name, inside)

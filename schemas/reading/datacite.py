"""DataCite descriptions (kernel 2 to 4) -> canonical record, from DataCite's own JSON and from XML read into that form."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from schemas.foreign.datacite import VOLATILE
from schemas.reader import Reading, Value, pointer
from schemas.reading.converters import ISO_DATE
from schemas.reading.foreign_fields import (
    DOI,
    Field,
    apply,
    carry_member,
    decoded,
    describe_all,
    doi,
    in_best_language,
    languages,
    plain_texts,
    related,
    set_value,
    text_of,
    version,
)

OF_DATACITE: Final = (
    *VOLATILE, "prefix", "suffix", "id", "state", "isActive", "source", "reason", "created", "registered", "published", "schemaVersion", "agency",
    "types.ris", "types.bibtex", "types.citeproc", "types.schemaOrg",
)  # fmt: skip
"""Members that say how DataCite keeps the description, or repeat others."""
RELATIONS: Final = {
    "IsPartOf": "isPartOf", "IsDerivedFrom": "derivedFrom", "IsVersionOf": "similarToDatasets", "IsNewVersionOf": "similarToDatasets",
    "IsPreviousVersionOf": "similarToDatasets", "IsVariantFormOf": "similarToDatasets",
}  # fmt: skip
PUBLICATIONS: Final = {
    "IsSupplementTo": "publicationAboutDataset", "IsDocumentedBy": "publicationAboutDataset", "IsDescribedBy": "publicationAboutDataset",
    "IsCitedBy": "publicationUsingDataset", "IsReferencedBy": "publicationUsingDataset",
}  # fmt: skip
TABLE: Final = (
    Field("identifier", ("doi", "id"), doi),
    Field("summary.doiName", ("doi", "id"), doi),
    Field("version", ("version",), version),
    Field("accessibility.formatAndStandards.language", ("language",), languages),
    Field("accessibility.formatAndStandards.format", ("formats",), plain_texts),
)
Entry = tuple[str, Mapping[str, Any]]


def read_datacite(reading: Reading, _: object = None) -> None:
    apply(reading, TABLE)
    _titles(reading)
    _descriptions(reading)
    _publisher(reading)
    _keywords(reading)
    _creators(reading)
    _places(reading)
    _dates(reading)
    _rights(reading)
    _relations(reading)
    for name in (*OF_DATACITE, *(name for name, value in reading.document.items() if value in ("", [], {}))):
        reading.value(name)


def _entries(reading: Reading, name: str) -> Iterator[Entry]:
    """The objects of a list with their places; texts stand for objects with nothing else."""
    value = reading.value(name)
    for number, member in enumerate(value if isinstance(value, list) else ()):
        place = f"{name}.{number}"
        if isinstance(member, Mapping):
            yield place, member
        elif text_of(member):
            yield place, {"text": member}


def _stated(entry: Mapping[str, Any], name: str) -> str | None:
    """The text of an entry, which some writers wrap once more."""
    value = entry.get(name, entry.get("text"))
    return text_of(value) if not isinstance(value, list) else None


def _titles(reading: Reading) -> None:
    """The title without a type is the title; others are other names."""
    found = [(place, {"text": text, "lang": entry.get("lang"), "kind": entry.get("titleType")}) for place, entry in _entries(reading, "titles")
             if (text := _stated(entry, "title"))]  # fmt: skip
    ordered = in_best_language([(place, entry) for place, entry in found if not entry["kind"]])
    ordered += in_best_language([(place, entry) for place, entry in found if entry["kind"]])
    for place, text in ordered[:1]:
        set_value(reading, "summary.title", place, decoded(reading, place, text))
    set_value(reading, "summary.datasetAliases", "titles", [decoded(reading, place, text) for place, text in ordered[1:]])


def _descriptions(reading: Reading) -> None:
    """The abstract first, then the other descriptions; where one stands in several languages, the best one."""
    by_kind: dict[str, list[tuple[str, Value]]] = {}
    for place, entry in _entries(reading, "descriptions"):
        if text := _stated(entry, "description"):
            by_kind.setdefault(str(entry.get("descriptionType") or "Other"), []).append((place, {"text": text, "lang": entry.get("lang")}))
    ordered = sorted(by_kind, key=lambda kind: kind != "Abstract")
    describe_all(reading, "descriptions", [text for kind in ordered for _, text in in_best_language(by_kind[kind])])


def _publisher(reading: Reading) -> None:
    value = reading.value("publisher")
    target = "summary.dataCustodian"
    if isinstance(value, Mapping):
        set_value(reading, f"{target}.name", "publisher.name", text_of(value))
        set_value(reading, f"{target}.identifier", "publisher.publisherIdentifier", text_of(value.get("publisherIdentifier")))
        reading.value("publisher.name"), reading.value("publisher.publisherIdentifier")
    else:
        set_value(reading, f"{target}.name", "publisher", text_of(value))


def _keywords(reading: Reading) -> None:
    words = [decoded(reading, place, text) for place, entry in _entries(reading, "subjects") if (text := _stated(entry, "subject"))]
    set_value(reading, "summary.keywords", "subjects", list(dict.fromkeys(words)))


def _creators(reading: Reading) -> None:
    names = [text for _, entry in _entries(reading, "creators") if (text := _stated(entry, "name"))]
    set_value(reading, "accessibility.usage.resourceCreator", "creators", list(dict.fromkeys(names)))


def _places(reading: Reading) -> None:
    names = []
    for place, entry in _entries(reading, "geoLocations"):
        named = entry.get("geoLocationPlace")
        names += [text for one in (named if isinstance(named, list) else [named]) if (text := text_of(one))]
        for name in ("geoLocationPoint", "geoLocationBox", "geoLocationPolygon"):
            carry_member(reading, f"{place}.{name}", entry.get(name), "A geometry is no name of a place.")
    set_value(reading, "coverage.spatial", "geoLocations", list(dict.fromkeys(names)))


def _dates(reading: Reading) -> None:
    for place, entry in _entries(reading, "dates"):
        text, kind = _stated(entry, "date") or "", entry.get("dateType")
        if kind in ("Collected", "Coverage"):
            _period(reading, place, entry, text)
        elif kind in ("Issued", "Updated") and ISO_DATE.fullmatch(text) and pointer(_date_field(kind)) not in reading.paths:
            set_value(reading, _date_field(kind), f"{place}.date", text)
        else:
            carry_member(reading, place, entry, "No field takes this date, or it is not a whole one.")


def _date_field(kind: object) -> str:
    return "issued" if kind == "Issued" else "modified"


def _period(reading: Reading, place: str, entry: Mapping[str, Any], text: str) -> None:
    """``2016-01-01/2020-12-31``, open at either end, or one day."""
    start, slash, end = (part.strip() for part in text.partition("/"))
    bounds = {"startDate": start, "endDate": end if slash else start}
    if not all(part in ("", "..") or ISO_DATE.fullmatch(part) for part in bounds.values()):
        carry_member(reading, place, entry, "Not a period of whole dates; it is not interpreted.")
        return
    for name, part in bounds.items():
        set_value(reading, f"provenance.temporal.{name}", f"{place}.date", part if part != ".." else "")


def _rights(reading: Reading) -> None:
    """What is said of rights in words; licences by address or code have no place in the record and are kept beside it."""
    texts = []
    for place, entry in _entries(reading, "rightsList"):
        if text := _stated(entry, "rights"):
            texts.append(decoded(reading, place, text))
        for name in ("rightsUri", "rightsIdentifier"):
            carry_member(reading, f"{place}.{name}", entry.get(name))
    set_value(reading, "accessibility.access.accessRights", "rightsList", list(dict.fromkeys(texts)))


def _relations(reading: Reading) -> None:
    datasets: dict[str, list[dict[str, str]]] = {}
    papers: dict[str, list[str]] = {}
    for place, entry in _entries(reading, "relatedIdentifiers"):
        text, kind = _stated(entry, "relatedIdentifier") or "", str(entry.get("relationType"))
        found = DOI.fullmatch(text)
        address = f"https://doi.org/{found.group(1).lower()}" if found else text if re.match(r"https?://", text) else ""
        if kind in RELATIONS and address:
            datasets.setdefault(RELATIONS[kind], []).append({"url": address})
        elif kind in PUBLICATIONS and found:
            papers.setdefault(PUBLICATIONS[kind], []).append(found.group(1).lower())
        elif kind != "IsIdenticalTo":
            carry_member(reading, place, entry)
    for name, members in datasets.items():
        related(reading, f"enrichmentAndLinkage.{name}", "relatedIdentifiers", members)
    for name, dois in papers.items():
        set_value(reading, f"enrichmentAndLinkage.{name}", "relatedIdentifiers", list(dict.fromkeys(dois)))

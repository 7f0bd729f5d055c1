"""schema.org datasets -> canonical records. Nothing is inferred: a licence is no access right, a creator no custodian.

JSON-LD is read as JSON: an object, a list of them, a ``@graph``, or the datasets of a catalogue. A context is looked at for
its name only and never fetched. What has no field here is reported.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from schemas.enumerations import ASSAY, DATASET_TYPES, LANGUAGE, LIMITATION, PIPELINE, PLATFORM, REQUIREMENT, SOURCE
from schemas.linked_data.reader import LinkedReading, validated
from schemas.linked_data.syntax import BYTE_ORDER_MARK, USUAL_LIMITS, Limits, Refused, check_document
from schemas.linked_data.values import DOI, DOI_ADDRESS, MEDIA_TYPE, date_term
from schemas.reader import Loss, excerpt

Json = Mapping[str, Any]
LOSS_LIMIT: Final = 500
ABSTRACT_LIMIT: Final = 500
PREFIX: Final = re.compile(r"^(https?://schema\.org/|schema:|sdo:|so:)")
LABELS: Final = {
    "Environment": "accessServiceCategory", "Services": "accessService", "Time until access": "deliveryLeadTime",
    "Cost": "accessRequestCost", "Jurisdiction": "jurisdiction",
}  # fmt: skip
"""Labels in the conditions of access that our own output has, and the fields behind them."""
MANY: Final = ("accessRequestCost", "jurisdiction")


def read_schema_org(document: Any, *, limits: Limits = USUAL_LIMITS) -> tuple[LinkedReading, ...]:
    """Every dataset of a JSON-LD document, given as bytes or as JSON value. Raises :class:`Refused`."""
    value = _parsed(document, limits) if isinstance(document, bytes) else document
    datasets = list(_datasets(value, limits.depth))
    if not datasets:
        raise Refused("The document holds no schema.org Dataset.")
    return tuple(_read(one) for one in datasets)


def _parsed(document: bytes, limits: Limits) -> Any:
    document = document.removeprefix(BYTE_ORDER_MARK)
    check_document(document, "jsonld", limits)
    try:
        return json.loads(document)
    except (ValueError, RecursionError) as problem:
        raise Refused(f"The document cannot be read as JSON: {str(problem)[:200]}") from None


def _datasets(value: Any, depth: int) -> Iterator[Json]:
    """Datasets in a list, a graph or a catalogue, in document order."""
    if depth == 0:
        return
    if isinstance(value, list):
        for one in value:
            yield from _datasets(one, depth - 1)
    elif isinstance(value, Mapping):
        node = plain(value)
        is_dataset = "Dataset" in types(node)
        if is_dataset:
            yield node
        for name in ("@graph", "dataset", "itemListElement", "item", "mainEntity"):
            if name in node and (name == "@graph" or not is_dataset):
                yield from _datasets(node[name], depth - 1)


def plain(value: Json) -> Json:
    """The object with names without prefix."""
    return {PREFIX.sub("", str(name)): inner for name, inner in value.items()}


def types(value: Json) -> list[str]:
    return [PREFIX.sub("", text) for text in _many(value.get("@type", value.get("type"))) if isinstance(text, str)]


def _many(value: Any) -> list[Any]:
    """A value or a list of values as a list; JSON-LD's own wrappers are taken off."""
    members = value if isinstance(value, list) else [] if value is None else [value]
    found: list[Any] = []
    for member in members:
        if isinstance(member, Mapping) and "@list" in member:
            found += _many(member["@list"])
        else:
            found.append(member["@value"] if isinstance(member, Mapping) and "@value" in member else member)
    return found


def _objects(value: Any) -> list[Json]:
    return [plain(one) for one in _many(value) if isinstance(one, Mapping)]


def _texts(value: Any) -> list[str]:
    return [one for one in _many(value) if isinstance(one, str) and one.strip()]


def _text(value: Any) -> str | None:
    return next(iter(_texts(value)), None)


def _names(value: Any) -> list[str]:
    """Names of things that are given as text or as objects with a name."""
    found = [
        one if isinstance(one, str) else _text(plain(one).get("name"))
        for one in _many(value)
        if isinstance(one, str | Mapping)
    ]
    return [name for name in found if name]


def _addresses(value: Any) -> list[str]:
    found = [
        one if isinstance(one, str) else _text(plain(one).get("url")) or _text(plain(one).get("@id"))
        for one in _many(value)
        if isinstance(one, str | Mapping)
    ]
    return [address for address in found if address]


def _read(value: Json) -> LinkedReading:
    canonical: dict[str, Any] = {}
    losses: list[Loss] = []
    for name, inner in value.items():
        if name in PASSED_BY:
            continue
        found = (
            [(path, one) for path, one in READERS[name](value) if one not in (None, [], {})] if name in READERS else []
        )
        for path, one in found:
            _put(canonical, path, one)
        losses += _left_behind(f"/{name}", inner, [text for _, one in found for text in _leaf_texts(one)])
    record, wrong = validated(canonical)
    return LinkedReading(record, _text(value.get("@id")), _text(value.get("url")), (*losses[:LOSS_LIMIT], *wrong))


def _left_behind(path: str, value: Any, found: list[str]) -> Iterator[Loss]:
    """The texts and numbers of a property of which no part was read."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if name not in SILENT:
                yield from _left_behind(f"{path}/{name}", inner, found)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _left_behind(f"{path}/{number}", inner, found)
    elif value is not None and str(value).strip():
        text = str(value)
        if not any(text in one or (one and one in text) for one in found):
            yield Loss("carried", path, None, excerpt(text), "No field takes this.")


def _leaf_texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _leaf_texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaf_texts(inner)
    else:
        yield str(value)


def _put(canonical: dict[str, Any], path: str, value: Any) -> None:
    *sections, name = path.split(".")
    place = canonical
    for section in sections:
        place = place.setdefault(section, {})
    place.setdefault(name, value)


# properties

Found = Iterable[tuple[str, Any]]


def _doi(text: Any) -> str | None:
    rest = DOI_ADDRESS.sub("", text.removeprefix("doi:"), count=1) if isinstance(text, str) else ""
    return rest if DOI.fullmatch(rest) else None


def _identifiers(value: Json) -> Found:
    """A property value that is a DOI is the dataset's DOI. A text is its identifier, and its DOI too if it is one."""
    for one in _many(value["identifier"]):
        text = _text(plain(one).get("value")) or _text(plain(one).get("@id")) if isinstance(one, Mapping) else one
        yield "summary.doiName", _doi(text)
        if not _doi(text) or isinstance(one, str):
            yield "identifier", text if isinstance(text, str) else None


def _descriptions(value: Json) -> Found:
    """A short description is an abstract, unless there is one already; ours repeats the abstract where there is no other."""
    text, abstract = _text(value.get("description")), _text(value.get("abstract"))
    yield "summary.abstract", abstract
    if text is not None and text != abstract:
        is_abstract = abstract is None and len(text) <= ABSTRACT_LIMIT
        yield "summary.abstract" if is_abstract else "documentation.description", text


def _publisher(value: Json) -> Found:
    for one in _objects(value["publisher"])[:1]:
        yield "summary.dataCustodian.name", _text(one.get("name"))
        identifier = one.get("identifier")
        yield (
            "summary.dataCustodian.identifier",
            identifier if isinstance(identifier, str | int) and not isinstance(identifier, bool) else None,
        )
        yield "summary.dataCustodian.logo", next(iter(_addresses(one.get("logo"))), None)
        yield "summary.dataCustodian.description", _text(one.get("description"))
        yield "summary.dataCustodian.memberOf", next(iter(_names(one.get("memberOf"))), None)
        contacts = [
            (_text(point.get("contactType")), mail)
            for point in _objects(one.get("contactPoint"))
            for mail in _texts(point.get("email"))
        ]
        yield "summary.contactPoint", next((mail for kind, mail in contacts if kind == "access requests"), None)
        yield "summary.dataCustodian.contactPoint", [mail for kind, mail in contacts if kind != "access requests"]
    for text in _texts(value["publisher"])[:1]:
        yield "summary.dataCustodian.name", text


def _keywords(value: Json) -> Found:
    words = _names(value["keywords"])
    is_one_text = isinstance(value["keywords"], str)
    yield (
        "summary.keywords",
        [part.strip() for part in words[0].split(",") if part.strip()] if is_one_text and words else words,
    )


def _places(value: Json) -> Found:
    found = [
        one if isinstance(one, str) else _text(plain(one).get("name")) or _text(plain(one).get("@id"))
        for one in _many(value["spatialCoverage"])
        if isinstance(one, str | Mapping)
    ]
    yield "coverage.spatial", [place for place in found if place]


def _period(value: Json) -> Found:
    start, _, end = (_text(value["temporalCoverage"]) or "").partition("/")
    yield "provenance.temporal.startDate", start if date_term(start) else None
    yield "provenance.temporal.endDate", end if date_term(end) else None


def _about(value: Json) -> Found:
    types: dict[str, list[str]] = {}
    for term in _objects(value["about"]):
        name, owner = _text(term.get("name")), next(iter(_names(term.get("inDefinedTermSet"))), None)
        if owner in DATASET_TYPES and name:
            types.setdefault(owner or "", []).append(name)
        elif owner is None and name in DATASET_TYPES:
            types.setdefault(name or "", [])
    yield (
        "provenance.origin.datasetType",
        [{"name": name, **({"subTypes": found} if found else {})} for name, found in types.items()],
    )


def _techniques(value: Json) -> Found:
    names = _names(value["measurementTechnique"])
    yield "provenance.origin.source", [name for name in names if name in SOURCE]
    yield "omics.assay", [name for name in names if name in ASSAY]
    yield "omics.platform", [name for name in names if name in PLATFORM and name not in SOURCE]


def _languages(value: Json) -> Found:
    found = [
        one if isinstance(one, str) else _text(plain(one).get("alternateName"))
        for one in _many(value["inLanguage"])
        if isinstance(one, str | Mapping)
    ]
    yield "accessibility.formatAndStandards.language", [code for code in found if code in LANGUAGE]


def _formats(value: Json) -> Found:
    formats = [text for one in _objects(value["distribution"]) for text in _texts(one.get("encodingFormat"))]
    yield (
        "accessibility.formatAndStandards.format",
        list(dict.fromkeys(text for text in formats if MEDIA_TYPE.fullmatch(text))),
    )


def _conditions(value: Json) -> Found:
    rights: list[str] = []
    said: dict[str, list[str]] = {}
    for text in _texts(value["conditionsOfAccess"]):
        label, colon, rest = text.partition(": ")
        if colon and label in LABELS:
            said.setdefault(LABELS[label], []).append(rest)
        else:
            rights.append(text)
    yield "accessibility.access.accessRights", rights
    for name, texts in said.items():
        yield f"accessibility.access.{name}", texts if name in MANY else texts[0]


def _usage(value: Json) -> Found:
    works = [(_text(one.get("genre")), _text(one.get("name"))) for one in _objects(value["usageInfo"])]
    yield (
        "accessibility.usage.dataUseLimitation",
        [name for genre, name in works if genre == "Limitation" and name in LIMITATION],
    )
    yield (
        "accessibility.usage.dataUseRequirements",
        [name for genre, name in works if genre == "Requirement" and name in REQUIREMENT],
    )


def _subjects(value: Json) -> Found:
    works = [(_text(one.get("genre")), _text(one.get("url"))) for one in _objects(value["subjectOf"])]
    for genre, path in (
        ("Document", "documentation.associatedMedia"),
        ("Project", "enrichmentAndLinkage.investigations"),
        ("Tool", "enrichmentAndLinkage.tools"),
    ):
        yield path, [address for kind, address in works if kind == genre and address]


def _related(path: str, name: str) -> Callable[[Json], Found]:
    def read(value: Json) -> Found:
        found = [{"title": one} if "://" not in one else {"url": one} for one in _texts(value[name])]
        for one in _objects(value[name]):
            said = {
                "pid": _text(one.get("identifier")),
                "title": _text(one.get("name")),
                "url": _text(one.get("url")) or _text(one.get("@id")),
            }
            found.append({key: text for key, text in said.items() if text})
        yield path, [one for one in found if one]

    return read


def _citations(value: Json) -> Found:
    found = [
        _doi(one)
        if isinstance(one, str)
        else _doi(_text(plain(one).get("@id"))) or _doi(_text(plain(one).get("identifier")))
        for one in _many(value["citation"])
        if isinstance(one, str | Mapping)
    ]
    yield "enrichmentAndLinkage.publicationAboutDataset", [doi for doi in found if doi]


def _status(value: Json) -> Found:
    status = _text(value["creativeWorkStatus"])
    yield "documentation.inPipeline", status if status in PIPELINE else None


def _one(path: str, name: str) -> Callable[[Json], Found]:
    return lambda value: [(path, _text(value[name]))]


def _date(path: str, name: str) -> Callable[[Json], Found]:
    return lambda value: [(path, text) for text in _texts(value[name])[:1] if date_term(text)]


READERS: Final[dict[str, Callable[[Json], Found]]] = {
    "identifier": _identifiers, "name": _one("summary.title", "name"),
    "alternateName": lambda value: [("summary.datasetAliases", _texts(value["alternateName"]))],
    "abstract": _descriptions, "description": _descriptions, "version": _one("version", "version"),
    "datePublished": _date("issued", "datePublished"), "dateModified": _date("modified", "dateModified"), "keywords": _keywords,
    "publisher": _publisher, "creator": lambda value: [("accessibility.usage.resourceCreator", _names(value["creator"]))],
    "spatialCoverage": _places, "temporalCoverage": _period, "about": _about, "measurementTechnique": _techniques,
    "inLanguage": _languages, "distribution": _formats, "conditionsOfAccess": _conditions, "usageInfo": _usage,
    "creativeWorkStatus": _status, "subjectOf": _subjects, "isBasedOn": _related("enrichmentAndLinkage.derivedFrom", "isBasedOn"),
    "isPartOf": _related("enrichmentAndLinkage.isPartOf", "isPartOf"), "citation": _citations,
}  # fmt: skip
SILENT: Final = ("@type", "type", "propertyID", "genre", "contactType")
PASSED_BY: Final = ("@context", "@type", "@id", "url", "type", "includedInDataCatalog", "creditText")

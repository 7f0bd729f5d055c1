"""The metadata quality score that the HDR UK Gateway published until 2021 for records of the 2.0.x versions.

Why this exists: custodians know these figures, and records of that time still carry them. They are reproduced to the last
digit, oddities included: two observation attributes are looked up under a name no record has, placeholders count as
filled, and a flaw inside a list member costs nothing where the list itself is no union. The score is shown beside
historic records only; the present one is :mod:`schemas.quality`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import jsonschema_rs

from schemas.enumerations import LANGUAGE, STANDARD, VOCABULARY

Json = dict[str, Any]
H: Final = 0.026845638
L: Final = 0.006711409
COUNTS: Final = "structuralMetadata.structuralMetadataCount"
FREQUENCY_PATH: Final = "provenance.temporal.accrualPeriodicity"
RELEASE_PATH: Final = "provenance.temporal.distributionReleaseDate"
RATINGS: Final = ((60, "Not Rated"), (70, "Bronze"), (80, "Silver"), (90, "Gold"))


@dataclass(frozen=True, slots=True)
class Attribute:
    """``allowed`` is a JSON Schema (draft 7) of the value; ``per`` the count that a structural attribute is divided by."""

    path: str
    weight: float
    allowed: Json | None = None
    is_required: bool = False
    per: str | None = None


@dataclass(frozen=True, slots=True)
class AttributeScore:
    attribute: str
    weight: float
    completeness: float
    error: float


@dataclass(frozen=True, slots=True)
class HistoricScore:
    """``completeness``, ``error`` and ``score`` are percentages with two decimals, as they were published."""

    completeness: float
    error: float
    score: float
    rating: str
    attributes: tuple[AttributeScore, ...]


def _text(least: int, most: int) -> Json:
    return {"type": "string", "minLength": least, "maxLength": most}


def _one_of(values: str | tuple[str, ...]) -> Json:
    names = [name.strip() for name in values.split("·")] if isinstance(values, str) else list(values)
    return {"type": "string", "enum": names}


def _either(*branches: Json) -> Json:
    return {"anyOf": list(branches)}


def _list(member: Json | list[Json], *, least: int = 0, is_unique: bool = False) -> Json:
    return {"type": "array", "items": member, "minItems": least, "uniqueItems": is_unique}


def _first(member: Json, *, least: int = 0, is_unique: bool = False) -> Json:
    """Draft 7 checks positional items only where they stand: the first member here, none after it."""
    return _list([member], least=least, is_unique=is_unique)


ANY: Final[Json] = {"type": "string"}
COMMA: Final[Json] = {"type": "string", "pattern": "[^,]"}
URI: Final[Json] = {"type": "string", "format": "uri"}
UUID: Final[Json] = {"type": "string", "pattern": "^[a-fA-F0-9]{8}(-[a-fA-F0-9]{4}){3}-[a-fA-F0-9]{12}$"}
DOI: Final[Json] = {"type": "string", "pattern": r"^10.[0-9]{4,9}/[-._;()/:a-zA-Z0-9]+$"}
AGE: Final = "(150|1[0-4][0-9]|[0-9]|[1-8][0-9]|9[0-9])"
AGE_RANGE: Final[Json] = {"type": "string", "pattern": f"{AGE}-{AGE}"}
COUNTRY: Final[Json] = {"type": "string", "pattern": "^[A-Z]{2}(-[A-Z]{2,3})?$"}
TITLE: Final = _text(2, 80)
SHORT: Final = _text(2, 1000)
DESCRIPTION: Final = _text(2, 3000)
LONG: Final = _text(2, 5000)
FREQUENCY: Final = _one_of(
    """STATIC · IRREGULAR · CONTINUOUS · BIENNIAL · ANNUAL · BIANNUAL · QUARTERLY · BIMONTHLY · MONTHLY · BIWEEKLY · WEEKLY ·
    SEMIWEEKLY · DAILY · OTHER"""
)
LEAD_TIME: Final = _one_of(
    """LESS 1 WEEK · 1-2 WEEKS · 2-4 WEEKS · 1-2 MONTHS · 2-6 MONTHS · MORE 6 MONTHS · VARIABLE · NOT APPLICABLE · OTHER"""
)
TIME_LAG: Final = _one_of((*LEAD_TIME["enum"], "NO TIMELAG"))
FOLLOW_UP: Final = _one_of("0 - 6 MONTHS · 6 - 12 MONTHS · 1 - 10 YEARS · > 10 YEARS · UNKNOWN · CONTINUOUS · OTHER")
SAMPLES: Final = _one_of(
    """NOT AVAILABLE · BONE MARROW · CANCER CELL LINES · CORE BIOPSY · CDNA OR MRNA · DNA · FAECES · IMMORTALIZED CELL LINES ·
    MICRORNA · PERIPHERAL BLOOD CELLS · PLASMA · PM TISSUE · PRIMARY CELLS · RNA · SALIVA · SERUM · SWABS · TISSUE · URINE ·
    WHOLE BLOOD · AVAILABILITY TO BE CONFIRMED · OTHER"""
)
PURPOSE: Final = _one_of(
    "STUDY · DISEASE REGISTRY · TRIAL · CARE · AUDIT · ADMINISTRATIVE · FINANCIAL · STATUTORY · OTHER"
)
SOURCE: Final = _one_of(
    "EPR · ELECTRONIC SURVEY · LIMS · OTHER INFORMATION SYSTEM · PAPER BASED · FREETEXT NLP · MACHINE GENERATED · OTHER"
)
SETTING: Final = _one_of(
    """CLINIC · PRIMARY CARE · ACCIDENT AND EMERGENCY · OUTPATIENTS · IN-PATIENTS · SERVICES · COMMUNITY · HOME · PRIVATE ·
    PHARMACY · SOCIAL CARE · LOCAL AUTHORITY · NATIONAL GOVERNMENT · OTHER"""
)
LIMITATION: Final = _one_of(
    """GENERAL RESEARCH USE · COMMERCIAL RESEARCH USE · GENETIC STUDIES ONLY · NO GENERAL METHODS RESEARCH · NO RESTRICTION ·
    GEOGRAPHICAL RESTRICTIONS · INSTITUTION SPECIFIC RESTRICTIONS · NOT FOR PROFIT USE · PROJECT SPECIFIC RESTRICTIONS ·
    RESEARCH SPECIFIC RESTRICTIONS · USER SPECIFIC RESTRICTION · RESEARCH USE ONLY · NO LINKAGE"""
)
REQUIREMENT: Final = _one_of(
    """COLLABORATION REQUIRED · PROJECT SPECIFIC RESTRICTIONS · ETHICS APPROVAL REQUIRED ·
    INSTITUTION SPECIFIC RESTRICTIONS · GEOGRAPHICAL RESTRICTIONS · PUBLICATION MORATORIUM · PUBLICATION REQUIRED ·
    RETURN TO DATABASE OR RESOURCE · TIME LIMIT ON USE · DISCLOSURE CONTROL · NOT FOR PROFIT USE ·
    USER SPECIFIC RESTRICTION"""
)
RIGHTS: Final = _either({"type": "string", "pattern": "^In Progress$"}, URI, _list(URI))
TABLES: Final = "dataClassesCount"
COLUMNS: Final = "dataElementsCount"

ATTRIBUTES: Final = (
    Attribute("identifier", H, _either(UUID, URI), is_required=True),
    Attribute("summary.title", H, TITLE, is_required=True),
    Attribute("summary.abstract", H, _text(5, 255), is_required=True),
    Attribute("summary.contactPoint", H, ANY, is_required=True),
    Attribute("summary.keywords", H, _either(COMMA, _list(TITLE, least=1, is_unique=True)), is_required=True),
    Attribute("summary.doiName", H, DOI),
    Attribute("summary.publisher.name", H, TITLE, is_required=True),
    Attribute("summary.publisher.contactPoint", 0.0, _either(ANY, _list(ANY)), is_required=True),
    Attribute("summary.publisher.memberOf", L, _one_of("HUB · ALLIANCE · OTHER · NCS")),
    Attribute("documentation.description", H, DESCRIPTION),
    Attribute("documentation.associatedMedia", 0.0),
    Attribute("documentation.isPartOf", 0.0),
    Attribute("coverage.spatial", H, URI),
    Attribute("coverage.typicalAgeRange", H, AGE_RANGE),
    Attribute(
        "coverage.physicalSampleAvailability", H,
        _either(COMMA, {"type": "array", "contains": SAMPLES, "uniqueItems": True, "minItems": 1}),
    ),
    Attribute("coverage.followup", L, FOLLOW_UP),
    Attribute("coverage.pathway", L, DESCRIPTION),
    Attribute("provenance.origin.purpose", L, _either(COMMA, _first(PURPOSE, least=1, is_unique=True))),
    Attribute("provenance.origin.source", L, _either(COMMA, _first(SOURCE, least=1, is_unique=True))),
    Attribute("provenance.origin.collectionSituation", L, _either(COMMA, _first(SETTING, least=1, is_unique=True))),
    Attribute(FREQUENCY_PATH, H, FREQUENCY, is_required=True),
    Attribute(RELEASE_PATH, 0.0),
    Attribute("provenance.temporal.startDate", H, ANY, is_required=True),
    Attribute("provenance.temporal.endDate", 0.0),
    Attribute("provenance.temporal.timeLag", L, TIME_LAG, is_required=True),
    Attribute("accessibility.usage.dataUseLimitation", H, _either(COMMA, _list(LIMITATION, least=1, is_unique=True))),
    Attribute("accessibility.usage.dataUseRequirements", H, _either(COMMA, _list(REQUIREMENT, least=1, is_unique=True))),
    Attribute("accessibility.usage.resourceCreator", H, SHORT),
    Attribute("accessibility.usage.investigations", L, _either(COMMA, _list(URI))),
    Attribute("accessibility.usage.isReferencedBy", L),
    Attribute("accessibility.access.accessRights", H, RIGHTS, is_required=True),
    Attribute("accessibility.access.accessService", L, LONG),
    Attribute("accessibility.access.accessRequestCost", H, LONG),
    Attribute("accessibility.access.deliveryLeadTime", H, LEAD_TIME),
    Attribute("accessibility.access.jurisdiction", H, _either(COMMA, _list(COUNTRY)), is_required=True),
    Attribute("accessibility.access.dataController", H, LONG, is_required=True),
    Attribute("accessibility.access.dataProcessor", 0.0),
    Attribute(
        "accessibility.formatAndStandards.vocabularyEncodingScheme", H,
        _either(COMMA, _list(_one_of(VOCABULARY))), is_required=True,
    ),
    Attribute("accessibility.formatAndStandards.conformsTo", H, _either(COMMA, _first(_one_of(STANDARD))), is_required=True),
    Attribute(
        "accessibility.formatAndStandards.language", H, _either(COMMA, _list(_one_of(LANGUAGE), least=1)), is_required=True
    ),
    Attribute("accessibility.formatAndStandards.format", H, _either(COMMA, _list(_text(1, 10**9), least=1)), is_required=True),
    Attribute("enrichmentAndLinkage.qualifiedRelation", L, _either(COMMA, _list(URI))),
    Attribute("enrichmentAndLinkage.derivation", L, _either(COMMA, _list(_text(5, 255)))),
    Attribute("enrichmentAndLinkage.tools", L, _either(COMMA, _list(URI))),
    Attribute("observation.observedNode", H),
    Attribute("observation.measuredValue", H),
    Attribute("observation.disambiguatingDescription", 0.0),
    Attribute("observation.observationDate", 0.0),
    Attribute("observation.measuredProperty", 0.0),
    Attribute("structuralMetadata.dataClassesCount", H, per=TABLES),
    Attribute("structuralMetadata.tableName", H, per=TABLES),
    Attribute("structuralMetadata.tableDescription", H, per=TABLES),
    Attribute("structuralMetadata.columnName", H, per=COLUMNS),
    Attribute("structuralMetadata.columnDescription", H, per=COLUMNS),
    Attribute("structuralMetadata.dataType", H, per=COLUMNS),
    Attribute("structuralMetadata.sensitive", H, per=COLUMNS),
)  # fmt: skip


def historic_score(document: Mapping[str, Any]) -> HistoricScore:
    """The score of a 2.0.x record as it was submitted, with the structural counts the Gateway published in it."""
    wrong = _violations(document)
    scored = tuple(_attribute_score(attribute, document, wrong.get(attribute.path, 0)) for attribute in ATTRIBUTES)
    complete = sum(one.completeness for one in scored)
    error = sum(one.error for one in scored)
    score = round(50 * (complete + 1 - error), 2)
    rating = next((name for limit, name in RATINGS if score <= limit), "Platinum")
    return HistoricScore(round(100 * complete, 2), round(100 * error, 2), score, rating, scored)


def _attribute_score(attribute: Attribute, document: Mapping[str, Any], violations: int) -> AttributeScore:
    if attribute.per is not None:
        share, gap = _structural(attribute, document)
    else:
        share, gap = float(_is_filled(attribute.path, document)), float(violations)
    return AttributeScore(attribute.path, attribute.weight, attribute.weight * share, attribute.weight * gap)


def _is_filled(path: str, document: Mapping[str, Any]) -> bool:
    is_continuous = _at(FREQUENCY_PATH, document) == "CONTINUOUS"
    if path == "identifier" or (is_continuous and path in (RELEASE_PATH, "provenance.temporal.endDate")):
        return True
    return bool(_at(path, document))


def _structural(attribute: Attribute, document: Mapping[str, Any]) -> tuple[float, float]:
    """The share that is there and the share that is an error, from the counts, whose keys are dotted paths themselves."""
    counts = _at(COUNTS, document)
    name = attribute.path.rpartition(".")[2]
    whole = _number(counts, f"structuralMetadata.{attribute.per}")
    if whole <= 0:
        return 0.0, 0.0 if name == "sensitive" else 1.0
    count = whole if name == attribute.per else _number(counts, attribute.path)
    return count / whole, 0.0 if name == "sensitive" else (whole - count) / whole


def _number(counts: Any, name: str) -> float:
    value = counts.get(name) if isinstance(counts, Mapping) else None
    return float(value) if isinstance(value, int | float) else 0.0


def _at(path: str, document: Mapping[str, Any]) -> Any:
    value: Any = document
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _violations(document: Mapping[str, Any]) -> dict[str, int]:
    """How often each attribute breaks its schema. Failures below or above an attribute are nobody's."""
    ignored = {"accessibility.usage.isReferencedBy"}
    if _at(FREQUENCY_PATH, document) in ("CONTINUOUS", "IRREGULAR"):
        ignored |= {FREQUENCY_PATH, RELEASE_PATH}
    found: dict[str, int] = {}
    for path in _violated(document):
        if path not in ignored:
            found[path] = found.get(path, 0) + 1
    return found


def _violated(document: Mapping[str, Any]) -> Iterator[str]:
    for error in _validator().iter_errors(document):
        steps = [str(step) for step in error.instance_path]
        missing = getattr(error.kind, "property", None)
        yield ".".join([*steps, missing] if isinstance(missing, str) else steps)


@cache
def _validator() -> Any:
    root: Json = {"properties": {}, "required": []}
    for attribute in ATTRIBUTES:
        *sections, name = attribute.path.split(".")
        place = root
        for section in sections:
            place = place["properties"].setdefault(section, {"properties": {}, "required": []})
        if attribute.allowed is not None:
            place["properties"][name] = attribute.allowed
        if attribute.is_required:
            place["required"].append(name)
    return jsonschema_rs.Draft7Validator(root, validate_formats=True)

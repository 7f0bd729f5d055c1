"""Every real document is read with its values in the right place; compared with the submitted document, not with the reader."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from schemas.translate import Reading, read
from tests.schemas.documents import (
    Real,
    every_document,
    flat_documents,
    gateway_model_documents,
    hostile_documents,
    modern_documents,
    official_examples,
    sectioned_documents,
)  # fmt: skip
from tests.schemas.telling import tell

COMPARED: Counter[str] = Counter()


@pytest.fixture(scope="module", autouse=True)
def _say_how_many(request: pytest.FixtureRequest) -> Any:
    yield
    tell(request, f"documents compared field by field: {dict(COMPARED)}, {COMPARED.total()} in all")


# Where each shape keeps what the canonical record keeps at the path on the left.
SECTIONED = {
    "summary.title": "summary.title", "summary.abstract": "summary.abstract", "summary.dataCustodian.name": "summary.publisher.name",
    "summary.dataCustodian.contactPoint": "summary.publisher.contactPoint", "summary.contactPoint": "summary.contactPoint",
    "summary.keywords": "summary.keywords", "summary.doiName": "summary.doiName", "documentation.description": "documentation.description",
    "documentation.associatedMedia": "documentation.associatedMedia", "coverage.spatial": "coverage.spatial",
    "coverage.pathway": "coverage.pathway", "accessibility.access.accessRights": "accessibility.access.accessRights",
    "accessibility.access.accessService": "accessibility.access.accessService",
    "accessibility.access.accessRequestCost": "accessibility.access.accessRequestCost",
    "accessibility.access.jurisdiction": "accessibility.access.jurisdiction",
    "accessibility.access.dataController": "accessibility.access.dataController",
    "accessibility.access.dataProcessor": "accessibility.access.dataProcessor",
    "accessibility.usage.resourceCreator": "accessibility.usage.resourceCreator",
    "accessibility.formatAndStandards.language": "accessibility.formatAndStandards.language",
    "accessibility.formatAndStandards.format": "accessibility.formatAndStandards.format",
}  # fmt: skip
SECTIONED_LISTS = {
    "coverage.materialType": "coverage.physicalSampleAvailability", "coverage.followUp": "coverage.followup",
    "summary.dataCustodian.memberOf": "summary.publisher.memberOf", "provenance.origin.purpose": "provenance.origin.purpose",
    "provenance.origin.source": "provenance.origin.source",
    "provenance.origin.collectionSource": "provenance.origin.collectionSituation",
    "provenance.temporal.timeLag": "provenance.temporal.timeLag",
    "accessibility.access.deliveryLeadTime": "accessibility.access.deliveryLeadTime",
    "accessibility.usage.dataUseLimitation": "accessibility.usage.dataUseLimitation",
    "accessibility.usage.dataUseRequirements": "accessibility.usage.dataUseRequirements",
    "accessibility.formatAndStandards.vocabularyEncodingScheme": "accessibility.formatAndStandards.vocabularyEncodingScheme",
    "accessibility.formatAndStandards.conformsTo": "accessibility.formatAndStandards.conformsTo",
}  # fmt: skip
FLAT = {
    "summary.title": "title", "summary.abstract": "abstract", "summary.contactPoint": "contactPoint", "summary.keywords": "keywords",
    "summary.doiName": "doi", "documentation.description": "description", "documentation.associatedMedia": "media",
    "coverage.spatial": "geographicCoverage", "accessibility.access.accessRights": "accessRights",
    "accessibility.access.accessService": "accessEnvironment", "accessibility.access.accessRequestCost": "accessRequestCost",
    "accessibility.access.jurisdiction": "jurisdiction", "accessibility.access.dataController": "dataController",
    "accessibility.access.dataProcessor": "dataProcessor", "accessibility.usage.resourceCreator": "creator",
    "accessibility.formatAndStandards.language": "language", "accessibility.formatAndStandards.format": "format",
}  # fmt: skip
FLAT_LISTS = {
    "coverage.materialType": "physicalSampleAvailability", "provenance.origin.collectionSource": "setting",
    "provenance.origin.purpose": "purpose", "provenance.origin.source": "source",
    "provenance.temporal.publishingFrequency": "periodicity", "accessibility.access.deliveryLeadTime": "accessRequestDuration",
    "accessibility.formatAndStandards.conformsTo": "conformsTo",
    "accessibility.formatAndStandards.vocabularyEncodingScheme": "controlledVocabulary",
}  # fmt: skip
GATEWAY = {
    **{path: path for path in SECTIONED if "ontactPoint" not in path and "resourceCreator" not in path and "associatedMedia" not in path},
    "summary.contactPoint": "summary.contactPoint", "documentation.description": "summary.description",
    "documentation.associatedMedia": "linkage.associatedMedia", "enrichmentAndLinkage.tools": "linkage.tools",
    "enrichmentAndLinkage.investigations": "linkage.investigations",
    "accessibility.formatAndStandards.language": "accessibility.formatAndStandards.languages",
    "accessibility.formatAndStandards.format": "accessibility.formatAndStandards.formats",
}  # fmt: skip
GATEWAY_LISTS = {
    **{path: path for path in SECTIONED_LISTS if "memberOf" not in path}, "coverage.followUp": "coverage.followUp",
    "provenance.origin.collectionSource": "provenance.origin.collectionSituation",
    "provenance.temporal.publishingFrequency": "provenance.temporal.accrualPeriodicity",
    "accessibility.usage.dataUseRequirements": "accessibility.usage.dataUseRequirement",
    "accessibility.formatAndStandards.vocabularyEncodingScheme": "accessibility.formatAndStandards.vocabularyEncodingSchemes",
}  # fmt: skip


def test_records_of_2_x_keep_their_values_in_the_right_place() -> None:
    for real in sectioned_documents():
        reading = _compared(real, SECTIONED, {**SECTIONED_LISTS, **_frequency(real)})
        _ages(reading, at(real.content, "coverage.typicalAgeRange"), real)
        structure = real.content.get("structuralMetadata")
        tables = structure if isinstance(structure, list) else (structure or {}).get("dataClasses") or []
        _tables(reading, tables, "elements" if isinstance(structure, list) else "dataElements", real)


def test_records_of_1_1_7_keep_their_values_in_the_right_place() -> None:
    for real in flat_documents():
        reading = _compared(real, FLAT, FLAT_LISTS)
        assert reading.record.summary.data_custodian.name == real.content["publisher"].rpartition(" > ")[2].strip(), real.name
        _ages(reading, real.content.get("ageBand"), real)
        _tables(reading, real.content.get("dataClasses") or [], "dataElements", real)


def test_records_of_3_x_and_4_x_keep_their_values_in_the_right_place() -> None:
    for real in (*modern_documents(), *(one for one in official_examples() if one.shape == "modern" and "template" not in one.name)):
        document = real.content
        reading = _compared(real, {path: path for path in SECTIONED}, {path: path for path in SECTIONED_LISTS})
        coverage, given = reading.record.coverage, document.get("coverage") or {}
        assert coverage.typical_age_range_min == given.get("typicalAgeRangeMin"), real.name
        assert coverage.typical_age_range_max == given.get("typicalAgeRangeMax"), real.name
        assert reading.record.summary.population_size == document["summary"].get("populationSize"), real.name
        _tables(reading, (document.get("structuralMetadata") or {}).get("tables") or [], "columns", real)


def test_records_of_the_gateway_model_keep_their_values_in_the_right_place() -> None:
    for real in (*gateway_model_documents(), *(one for one in official_examples() if one.shape == "gateway model")):
        reading = _compared(real, GATEWAY, GATEWAY_LISTS, custodian=False)
        publisher = real.content["summary"].get("publisher") or {}
        assert reading.record.summary.data_custodian.name == (publisher.get("name") or publisher.get("publisherName")), real.name
        _ages(reading, at(real.content, "coverage.typicalAgeRange"), real)
        _tables(reading, real.content.get("structuralMetadata") or [], "columns", real)


def test_odd_documents_are_read_too() -> None:
    for real in hostile_documents():
        reading = read(real.content)
        assert reading.record.summary.title == at(real.content, "summary.title", at(real.content, "title")), real.name
        COMPARED["hostile"] += 1


def test_every_value_is_in_the_record_or_carried_beside_it() -> None:
    """Each text of a document turns up again, in the record or beside it."""
    for real in every_document():
        document = real.content
        reading = read(document)
        kept = {_letters([text]) for text in _leaves([reading.record.as_json(), [carried.value for carried in reading.carried]])}
        reported = " ".join(_letters([loss.value]) for loss in reading.losses)
        lost = [
            text for text in _leaves(document)
            if _letters([text]) not in kept
            and not {_letters([part]) for part in re.split(r";,;|,", text)} <= kept
            and not _is_translated(text, reported)
        ]  # fmt: skip
        assert not lost, (real.name, lost[:5])


def _compared(real: Real, texts: dict[str, str], lists: dict[str, str], *, custodian: bool = True) -> Reading:
    reading = read(real.content)
    record = reading.record.as_json()
    for ours, theirs in texts.items():
        given = at(real.content, theirs)
        _same_text(reading, at(record, ours), given, f"{real.name}: {ours}") if custodian or "dataCustodian" not in ours else None
    for ours, theirs in lists.items():
        _same_values(reading, at(record, ours), at(real.content, theirs), f"{real.name}: {ours}")
    COMPARED[real.shape] += 1
    return reading


def _same_text(reading: Reading, ours: Any, given: Any, where: str) -> None:
    """The same letters in the same order, however lists and separators are written; or nothing here, and all of it carried."""
    letters = _letters(_leaves(given))
    if ours is None and letters:
        assert letters in {_letters(_leaves(carried.value)) for carried in reading.carried}, where
    else:
        inherited = not letters and any(loss.kind == "inherited" for loss in reading.losses)
        assert _letters(_leaves(ours)) == letters or inherited, (where, ours, given)


def _same_values(reading: Reading, ours: Any, given: Any, where: str) -> None:
    """Each given value is in the record but for its case, or was reported as renamed or carried."""
    found = {_letters([value]) for value in _leaves(ours)}
    reported = _letters(_leaves([carried.value for carried in reading.carried]))
    reported += _letters(loss.value for loss in reading.losses if loss.kind in ("narrowed", "renamed"))
    for value in _leaves(given):
        for part in re.split(r";,;|, ?", value):
            assert _letters([part]) in found or _letters([part]) in reported or not part.strip(), (where, ours, given)


def _ages(reading: Reading, given: Any, real: Real) -> None:
    coverage = reading.record.coverage
    found = re.fullmatch(r" *(\d{1,3}) *- *(\d{1,3}) *", given or "")
    if found and int(found[1]) <= 150 and int(found[2]) <= 150:
        assert (coverage.typical_age_range_min, coverage.typical_age_range_max) == (int(found[1]), int(found[2])), real.name
    else:
        assert (coverage.typical_age_range_min, coverage.typical_age_range_max) == (None, None), real.name


def _tables(reading: Reading, given: list[Any], columns: str, real: Real) -> None:
    ours = reading.record.structural_metadata.tables or []
    assert len(ours) == len(given), real.name
    for table, theirs in zip(ours, given, strict=True):
        assert (table.name or None) == (theirs.get("name") or theirs.get("label") or None), real.name
        assert (table.description or None) == (theirs.get("description") or None), real.name
        members = theirs.get(columns) if isinstance(theirs.get(columns), list) else []
        assert len(table.columns or []) == len(members or []), real.name
        for column, their in zip(table.columns or [], members or [], strict=True):
            kind = their.get("dataType")
            kind = kind.get("label") if isinstance(kind, dict) else kind[0] if isinstance(kind, list) and len(kind) == 1 else kind
            assert column.name == (their.get("name") or their.get("label")), real.name
            assert (column.description or None) == (their.get("description") or None), real.name
            assert column.data_type == (kind or None) if isinstance(kind, str | None) else column.data_type is None, real.name
            assert column.sensitive == (their["sensitive"] if isinstance(their.get("sensitive"), bool) else None), real.name


def _frequency(real: Real) -> dict[str, str]:
    temporal = at(real.content, "provenance.temporal") or {}
    name = "publishingFrequency" if "publishingFrequency" in temporal else "accrualPeriodicity"
    return {"provenance.temporal.publishingFrequency": f"provenance.temporal.{name}"}


def _is_translated(text: str, reported: str) -> bool:
    """Values of closed lists may be renamed, age ranges become numbers, comma text is split; each of these is reported."""
    return _letters([text[:100]]) in reported or bool(re.fullmatch(r"\s*\d{1,3}\s*-\s*\d{1,3}\s*", text))


def at(document: Any, path: str, default: Any = None) -> Any:
    for name in path.split("."):
        if not isinstance(document, dict) or name not in document:
            return default
        document = document[name]
    return document


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner)


def _letters(texts: Iterable[str]) -> str:
    return "".join(character for text in texts for character in text if character.isalnum()).casefold()

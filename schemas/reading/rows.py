"""Rows of the field tables that several families of versions share."""

from __future__ import annotations

from typing import Final

from schemas import enumerations as values
from schemas.reader import Convert, Row
from schemas.reading.converters import date, end_date, one_of_list, one_text, some_of_list, split_texts, texts

LAG = one_of_list(values.LAG, values.LAG_ALSO)
TIME_LAG = one_of_list(values.LAG, values.TIME_LAG_ALSO)
FREQUENCY = one_of_list(values.FREQUENCY, values.FREQUENCY_ALSO)
FOLLOW_UP = one_of_list(values.FOLLOW_UP)
MATERIAL = some_of_list(values.MATERIAL, values.MATERIAL_ALSO)
PURPOSE = some_of_list(values.PURPOSE)
ORIGIN = some_of_list(values.SOURCE, values.SOURCE_ALSO)
SETTING = some_of_list(values.COLLECTION_SOURCE, values.COLLECTION_SOURCE_ALSO)
LIMITATION = some_of_list(values.LIMITATION, values.LIMITATION_ALSO)
REQUIREMENT = some_of_list(values.REQUIREMENT, values.REQUIREMENT_ALSO)


def rows(convert: Convert, *pairs: str) -> tuple[Row, ...]:
    """Rows of one converter: ``target <- source``, or one path where both are the same."""
    found = []
    for pair in pairs:
        target, arrow, source = (part.strip() for part in pair.partition("<-"))
        found.append(Row(target, source if arrow else target, convert))
    return tuple(found)


ROOT: Final = rows(one_text, "identifier", "version") + rows(date, "issued", "modified")
ACCESS: Final = (
    *rows(LIMITATION, "accessibility.usage.dataUseLimitation"),
    *rows(REQUIREMENT, "accessibility.usage.dataUseRequirements"),
    *rows(texts, "accessibility.usage.resourceCreator", "accessibility.access.accessRights", "accessibility.access.accessRequestCost"),
    *rows(one_text, "accessibility.access.accessService", "accessibility.access.dataController", "accessibility.access.dataProcessor"),
    *rows(LAG, "accessibility.access.deliveryLeadTime"),
    *rows(split_texts, "accessibility.access.jurisdiction", "accessibility.formatAndStandards.language", "accessibility.formatAndStandards.format"),
    *rows(some_of_list(values.VOCABULARY), "accessibility.formatAndStandards.vocabularyEncodingScheme"),
    *rows(some_of_list(values.STANDARD), "accessibility.formatAndStandards.conformsTo"),
)  # fmt: skip
SUMMARY: Final = (
    *rows(one_text, "summary.title", "summary.abstract", "summary.contactPoint", "summary.doiName"),
    *rows(split_texts, "summary.keywords"),
)
TIME: Final = (
    *rows(date, "provenance.temporal.distributionReleaseDate", "provenance.temporal.startDate"),
    *rows(end_date, "provenance.temporal.endDate"),
    *rows(TIME_LAG, "provenance.temporal.timeLag"),
)

"""HDR UK dataset specification 1.1.7: one flat, open object; several values have spellings of their own."""

from __future__ import annotations

from typing import Final

from schemas import older_values as older
from schemas.versions.hdruk_2_0 import BRIEF, DOI, EMAIL, SHORT, URI
from schemas.versions.vocabulary import (
    COUNTRY,
    DATE,
    DATE_TIME,
    STRING,
    UUID,
    Required,
    Schema,
    choice,
    listing,
    one_of,
    open_record,
    text,
)

LONG: Final = text(5, 50_000)
DETAIL: Final = text(5, 5000)
TEXTS: Final = one_of(listing(STRING), STRING)
LINKS: Final = one_of(URI, listing(URI))
DATASETS: Final = one_of(choice(("Not Known", "Not Available")), URI, listing(URI))
AGE_BAND: Final[Schema] = {"type": "string", "pattern": "[0-9]-[0-9]"}
KEYWORDS: Final[Schema] = {"type": "string", "pattern": "[0-9a-zA-Z._-]"}
IN_PROGRESS: Final[Schema] = {"type": "string", "pattern": "^In Progress$"}


def hdruk_1_1_7() -> Schema:
    document = open_record(
        id=Required(UUID), identifier=TEXTS, title=Required(SHORT), abstract=Required(BRIEF), publisher=Required(SHORT),
        contactPoint=Required(EMAIL), group=STRING, description=one_of(URI, LONG), media=LINKS, **_origin(), **_access(),
        **_coverage(), **_formats(), creator=Required(STRING), citations=TEXTS,
        doi=Required(one_of(choice(("In Progress",)), DOI)),
    )  # fmt: skip
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "HDR UK dataset specification 1.1.7", **document}


def _some(allowed: tuple[str, ...]) -> Schema:
    return one_of(choice(allowed), listing(choice(allowed)))


def _origin() -> dict[str, Schema | Required]:
    return {
        "purpose": _some(older.PURPOSE_1_1_7), "source": _some(older.SOURCE_1_1_7), "setting": _some(older.SETTING_1_1_7),
        "derivedDatasets": DATASETS, "linkedDataset": DATASETS, "linkageOpportunity": STRING,
    }  # fmt: skip


def _access() -> dict[str, Schema | Required]:
    return {
        "accessRights": Required(one_of(URI, listing(URI), IN_PROGRESS)), "accessRequestCost": Required(STRING),
        "accessRequestDuration": choice(older.DURATION_1_1_7), "accessEnvironment": DETAIL,
        "usageRestrictions": Required(one_of(choice(("In Progress",)), LONG)), "dataController": Required(DETAIL),
        "dataProcessor": one_of(choice(("Not Applicable",)), DETAIL), "license": Required(STRING),
        "jurisdiction": Required(COUNTRY),
    }  # fmt: skip


def _coverage() -> dict[str, Schema | Required]:
    return {
        "geographicCoverage": URI, "periodicity": Required(choice(older.PERIODICITY_1_1_7)), "releaseDate": DATE_TIME,
        "datasetStartDate": Required(DATE), "datasetEndDate": DATE, "populationType": Required(TEXTS),
        "statisticalPopulation": Required(TEXTS), "disabmiguatingDescription": AGE_BAND, "ageBand": AGE_BAND,
        "physicalSampleAvailability": Required(choice(older.MATERIAL_1_1_7)),
    }  # fmt: skip


def _formats() -> dict[str, Schema | Required]:
    return {
        "keywords": Required(KEYWORDS), "conformsTo": Required(choice(older.STANDARD_1_1_7)),
        "controlledVocabulary": _some(older.VOCABULARY_1_1_7), "language": Required(TEXTS), "format": Required(TEXTS),
        "fileSize": STRING,
    }  # fmt: skip

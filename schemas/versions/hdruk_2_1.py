"""HDR UK dataset specification 2.1.2 to 2.2.1: longer texts, null nearly everywhere, cohort variables and samples."""

from __future__ import annotations

from typing import Final

from schemas import enumerations as values
from schemas import older_values as older
from schemas.versions.vocabulary import (
    ANYTHING,
    BOOLEAN,
    COMMA_TEXT,
    COUNTRY,
    DATE,
    DATE_TIME,
    DOI,
    EMAIL,
    INTEGER,
    SEMANTIC_VERSION,
    STRING,
    URI,
    UUID,
    Required,
    Schema,
    choice,
    listing,
    nullable,
    one_of,
    open_record,
    record,
    text,
)  # fmt: skip

SHORT: Final = text(2, 150)
BRIEF: Final = nullable(text(5, 500))
DESCRIPTION: Final = nullable(text(2, 10_000))
LONG: Final = nullable(text(2, 50_000))
CREATOR: Final = nullable(text(2, 1000))
CELL: Final = nullable(text(1, 20_000))
DAY: Final = one_of(DATE, DATE_TIME)
OPTIONAL_DAY: Final = nullable(DAY)
LINKS: Final = nullable(listing(URI))
COMMA_OR_LINKS: Final = one_of(COMMA_TEXT, LINKS)
AGE_RANGE: Final = nullable({"type": "string", "pattern": "Not Known|[0-9]-[0-9]"})
SITE_CODE: Final = nullable({"type": "string", "pattern": "^[C0-9]{3}\\.[0-9]{4}/[0-9]{1,4}$"})
FREE_TYPE: Final = Required(nullable(text(2, 100)))
SAMPLE_AVAILABILITY: Final = one_of(COMMA_TEXT, {"type": "array"})
PURPOSE: Final = nullable(listing(nullable(choice(older.PURPOSE))))
ORIGIN: Final = nullable(listing(choice(older.SOURCE)))
SITUATION: Final = nullable(listing(choice(older.SITUATION)))
STANDARDS: Final = nullable(listing(nullable(choice(values.STANDARD))))
Properties = dict[str, "Schema | Required"]


def hdruk_2_1_2() -> Schema:
    return _with_comma_text("2.1.2", frequency="accrualPeriodicity", coverage={"physicalSampleAvailability": SAMPLE_AVAILABILITY})


def hdruk_2_1_3() -> Schema:
    return _with_comma_text("2.1.3", coverage={"physicalSampleAvailability": SAMPLE_AVAILABILITY})


def hdruk_2_2_0() -> Schema:
    return _with_comma_text("2.2.0", summary=_kinds(), coverage=_cohort_variables(), sections={"tissuesSampleCollection": _samples()})


def hdruk_2_2_1() -> Schema:
    category = nullable(listing(choice(values.ACCESS_SERVICE)))
    return _document(
        "2.2.1",
        summary=_kinds(),
        coverage=_cohort_variables(),
        origin={"purpose": PURPOSE, "source": ORIGIN, "collectionSituation": SITUATION},
        standards=STANDARDS,
        access={"accessServiceCategory": category},
        linkage={"syntheticDataWebLink": LINKS},
        measured=text(1, 100),
        sections={"tissuesSampleCollection": _samples()},
    )


def _with_comma_text(
    number: str, *, frequency: str = "publishingFrequency", summary: Properties | None = None, coverage: Properties,
    sections: Properties | None = None,
) -> Schema:  # fmt: skip
    """Up to 2.2.0 purpose, source, situation and standards may be comma text too."""
    origin = {"purpose": PURPOSE, "source": ORIGIN, "collectionSituation": SITUATION}
    return _document(
        number, frequency=frequency, summary=summary or {}, coverage=coverage, sections=sections or {},
        origin={name: one_of(COMMA_TEXT, schema) for name, schema in origin.items()}, standards=one_of(COMMA_TEXT, STANDARDS),
        access={}, linkage={}, measured=ANYTHING,
    )  # fmt: skip


def _document(
    number: str, *, frequency: str = "publishingFrequency", summary: Properties, coverage: Properties, origin: Properties,
    standards: Schema, access: Properties, linkage: Properties, measured: Schema, sections: Properties,
) -> Schema:  # fmt: skip
    document = record(
        identifier=Required(one_of(UUID, URI)),
        version=Required(SEMANTIC_VERSION),
        revisions=Required(listing(record(version=Required(SEMANTIC_VERSION), url=Required(URI)))),
        issued=Required(DATE_TIME),
        modified=Required(DATE_TIME),
        summary=Required(_summary(summary)),
        documentation=nullable(_documentation()),
        coverage=nullable(_coverage(coverage)),
        provenance=nullable(_provenance(origin, frequency)),
        accessibility=Required(_accessibility(access, standards)),
        enrichmentAndLinkage=nullable(_linkage(linkage)),
        observations=Required(listing(_observation(measured))),
        structuralMetadata=nullable(listing(_table())),
        **sections,
    )
    title = f"HDR UK dataset specification {number}"
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title, **document}


def _summary(more: Properties) -> Schema:
    publisher = record(
        identifier=URI, name=Required(SHORT), logo=URI, description=DESCRIPTION,
        contactPoint=Required(one_of(EMAIL, listing(EMAIL))), memberOf=nullable(choice(older.MEMBERSHIP)),
    )  # fmt: skip
    return record(
        title=Required(SHORT), abstract=Required(BRIEF), publisher=Required(publisher), contactPoint=Required(EMAIL),
        keywords=Required(one_of(COMMA_TEXT, listing(SHORT))), doiName=DOI,
        alternateIdentifiers=one_of(COMMA_TEXT, listing(CREATOR)), **more,
    )  # fmt: skip


def _kinds() -> Properties:
    return {"datasetType": FREE_TYPE, "datasetSubType": FREE_TYPE, "populationSize": Required(nullable(INTEGER))}


def _documentation() -> Schema:
    whole = one_of(choice(("NOT APPLICABLE",)), URI, SHORT)
    return record(
        description=DESCRIPTION, associatedMedia=COMMA_OR_LINKS, isPartOf=one_of(COMMA_TEXT, listing(whole))
    )


def _coverage(more: Properties) -> Schema:
    return record(
        spatial=COMMA_OR_LINKS, typicalAgeRange=AGE_RANGE, followup=nullable(choice(older.FOLLOW_UP)), pathway=DESCRIPTION, **more
    )


def _cohort_variables() -> Properties:
    return {name: nullable(listing(choice(allowed))) for name, allowed in older.COHORT_VARIABLES.items()}


def _provenance(origin: Properties, frequency: str) -> Schema:
    temporal = record(
        distributionReleaseDate=OPTIONAL_DAY, startDate=Required(OPTIONAL_DAY),
        endDate=one_of(DAY, choice(("CONTINUOUS",)), {"type": "null"}), timeLag=Required(nullable(choice(older.TIME_LAG))),
        **{frequency: Required(nullable(choice(older.FREQUENCY)))},
    )  # fmt: skip
    return record(origin=nullable(record(**origin)), temporal=nullable(temporal))


def _accessibility(more: Properties, standards: Schema) -> Schema:
    usage = record(
        dataUseLimitation=one_of(COMMA_TEXT, listing(choice(older.LIMITATION))),
        dataUseRequirements=one_of(COMMA_TEXT, listing(nullable(choice(older.REQUIREMENT)))),
        resourceCreator=one_of(CREATOR, listing(CREATOR)), investigations=COMMA_OR_LINKS,
        isReferencedBy=one_of(STRING, nullable(listing(DOI))),
    )  # fmt: skip
    access = record(
        accessRights=Required(LONG), accessService=LONG, accessRequestCost=one_of(LONG, listing(URI)),
        deliveryLeadTime=nullable(choice(older.LEAD_TIME)), jurisdiction=Required(one_of(COMMA_TEXT, listing(COUNTRY))),
        dataController=Required(LONG), dataProcessor=LONG, **more,
    )  # fmt: skip
    formats = record(
        vocabularyEncodingScheme=Required(one_of(COMMA_TEXT, listing(nullable(choice(values.VOCABULARY))))),
        conformsTo=Required(standards),
        language=Required(one_of(COMMA_TEXT, listing(nullable(choice(values.LANGUAGE))))),
        format=Required(one_of(COMMA_TEXT, listing(text(1)))),
    )
    return record(usage=nullable(usage), access=Required(access), formatAndStandards=nullable(formats))


def _linkage(more: Properties) -> Schema:
    relation, extract = listing(one_of(URI, SHORT)), listing(BRIEF)
    return record(
        qualifiedRelation=one_of(COMMA_TEXT, relation), derivation=one_of(COMMA_TEXT, extract), tools=COMMA_OR_LINKS, **more
    )


def _observation(measured: Schema) -> Schema:
    return record(
        observedNode=Required(choice(older.NODE)), measuredValue=Required(INTEGER), disambiguatingDescription=BRIEF,
        observationDate=Required(DAY), measuredProperty=Required(measured),
    )  # fmt: skip


def _table() -> Schema:
    column = open_record(name=Required(ANYTHING), dataType=Required(STRING), description=CELL, sensitive=Required(BOOLEAN))
    return record(name=Required(nullable(text(1, 500))), description=CELL, elements=Required(listing(column)))


def _samples() -> Schema:
    details = open_record(creationDate=OPTIONAL_DAY, AnatomicalSiteOntologyCode=SITE_CODE)
    sample = open_record(
        dataCategories=nullable(listing(choice(older.SAMPLE_DATA))), materialType=nullable(listing(choice(older.SAMPLE_MATERIAL))),
        tissueSampleMetadata=nullable(details), collectionType=nullable(choice(older.SAMPLE_COLLECTION)),
    )  # fmt: skip
    return nullable(listing(sample))

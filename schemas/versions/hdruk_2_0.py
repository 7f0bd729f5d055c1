"""HDR UK dataset specification 2.0.0 to 2.1.0: no null anywhere, comma text or list, lists whose first member alone counts."""

from __future__ import annotations

from typing import Final

from schemas import enumerations as values
from schemas import older_values as older
from schemas.versions.vocabulary import (
    ANYTHING,
    BOOLEAN,
    COUNTRY,
    DATE,
    DATE_TIME,
    INTEGER,
    SEMANTIC_VERSION,
    STRING,
    UUID,
    Required,
    Schema,
    choice,
    distinct,
    listing,
    loose_record,
    one_of,
    open_record,
    positional,
    record,
    text,
)  # fmt: skip

SHORT: Final = text(2, 80)
BRIEF: Final = text(5, 255)
LONG: Final = text(2, 3000)
TERMS: Final = text(2, 5000)
CREATOR: Final = text(2, 1000)
DAY: Final = one_of(DATE, DATE_TIME)
URI: Final[Schema] = {"type": "string", "format": "uri"}
EMAIL: Final[Schema] = {"type": "string", "format": "email"}
DOI: Final[Schema] = {"type": "string", "pattern": "^10.[0-9]{4,9}/[-._;()/:a-zA-Z0-9]+$"}
COMMA_TEXT: Final[Schema] = {"type": "string", "pattern": "[^,]"}
AGE_RANGE: Final[Schema] = {"type": "string", "pattern": "[0-9]-[0-9]"}
LIMITATION: Final = one_of(COMMA_TEXT, distinct(choice(older.LIMITATION)))
REQUIREMENT: Final = one_of(COMMA_TEXT, distinct(choice(older.REQUIREMENT)))
COST: Final = one_of(listing(URI), TERMS)
DEFAULT_COST: Final = one_of(listing(URI), CREATOR)


def hdruk_2_0_0() -> Schema:
    return _first("2.0.0")


def hdruk_2_0_1() -> Schema:
    return _first("2.0.1")


def hdruk_2_0_2() -> Schema:
    return _second("2.0.2", observations=_observations("COUNT", "Count", "count"))


def hdruk_2_1_0() -> Schema:
    return _second(
        "2.1.0", observations=Required(_observations("COUNT", "Count", "count")), structuralMetadata=listing(_table())
    )


def _first(number: str) -> Schema:
    """2.0.0 and 2.0.1 take the same documents."""
    return _document(
        number,
        revisions=Required(positional(_revision())),
        summary=Required(_summary(older.MEMBERSHIP_2_0_1, CREATOR)),
        coverage=_coverage(URI),
        provenance=_provenance(_some(older.SITUATION_2_0_1)),
        accessibility=Required(_accessibility(creator=CREATOR, cost=TERMS)),
        enrichmentAndLinkage=loose_record(
            qualifiedRelation=listing(URI), linkageOpportunity=CREATOR, derivation=listing(BRIEF), tools=_comma_or(listing(URI)),
        ),
        observations=_observations("COUNT", "Count"),
    )  # fmt: skip


def _second(number: str, **sections: Schema | Required) -> Schema:
    return _document(
        number,
        revisions=Required(listing(_revision())),
        summary=Required(_summary(older.MEMBERSHIP, DEFAULT_COST)),
        coverage=_coverage(_comma_or(listing(URI))),
        provenance=_provenance(_comma_or(_some(older.SITUATION))),
        accessibility=Required(_accessibility(creator=one_of(CREATOR, listing(CREATOR)), cost=COST)),
        enrichmentAndLinkage=loose_record(
            qualifiedRelation=_comma_or(listing(one_of(URI, SHORT))), derivation=_comma_or(listing(BRIEF)),
            tools=_comma_or(listing(URI)),
        ),
        **sections,
    )  # fmt: skip


def _document(number: str, **sections: Schema | Required) -> Schema:
    document = record(
        identifier=Required(one_of(URI, UUID)), version=Required(SEMANTIC_VERSION), issued=Required(DATE_TIME),
        modified=Required(DATE_TIME), documentation=_documentation(), **sections,
    )  # fmt: skip
    title = f"HDR UK dataset specification {number}"
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title, **document}


def _comma_or(schema: Schema) -> Schema:
    return one_of(COMMA_TEXT, schema)


def _some(allowed: tuple[str, ...]) -> Schema:
    """A list of distinct members, the first of which is a value of the list (P9)."""
    return {**positional(choice(allowed)), "minItems": 1, "uniqueItems": True}


def _revision() -> Schema:
    return loose_record(version=Required(SEMANTIC_VERSION), url=Required(URI))


def _summary(membership: tuple[str, ...], cost: Schema) -> Schema:
    publisher = open_record(
        identifier=URI, name=Required(SHORT), logo=URI, description=LONG,
        contactPoint=Required(one_of(EMAIL, listing(EMAIL))), memberOf=choice(membership),
        accessRights=one_of(URI, listing(URI)), deliveryLeadTime=choice(older.LEAD_TIME), accessService=TERMS,
        accessRequestCost=cost, dataUseLimitation=LIMITATION, dataUseRequirements=REQUIREMENT,
    )  # fmt: skip
    return loose_record(
        title=Required(SHORT), abstract=Required(BRIEF), publisher=Required(publisher), contactPoint=Required(EMAIL),
        keywords=Required(_comma_or(distinct(SHORT))), alternateIdentifiers=_comma_or(distinct(CREATOR)), doiName=DOI,
    )  # fmt: skip


def _documentation() -> Schema:
    whole = one_of(choice(("NOT APPLICABLE",)), URI, SHORT)
    return loose_record(
        description=LONG, associatedMedia=_comma_or(distinct(URI)), isPartOf=_comma_or(distinct(whole))
    )


def _coverage(spatial: Schema) -> Schema:
    samples: Schema = {"type": "array", "contains": choice(older.MATERIAL), "minItems": 1, "uniqueItems": True}
    return loose_record(
        spatial=spatial, typicalAgeRange=AGE_RANGE, physicalSampleAvailability=_comma_or(samples),
        followup=choice(older.FOLLOW_UP), pathway=LONG,
    )  # fmt: skip


def _provenance(situation: Schema) -> Schema:
    origin = loose_record(
        purpose=_comma_or(_some(older.PURPOSE)), source=_comma_or(_some(older.SOURCE)), collectionSituation=situation
    )
    temporal = loose_record(
        accrualPeriodicity=Required(choice(older.FREQUENCY)), distributionReleaseDate=DAY, startDate=Required(DAY),
        endDate=one_of(DAY, choice(("CONTINUOUS",))), timeLag=Required(choice(older.TIME_LAG)),
    )  # fmt: skip
    return loose_record(origin=origin, temporal=Required(temporal))


def _accessibility(*, creator: Schema, cost: Schema) -> Schema:
    usage = loose_record(
        dataUseLimitation=LIMITATION, dataUseRequirements=REQUIREMENT, resourceCreator=creator,
        investigations=_comma_or(listing(URI)), isReferencedBy=one_of(DOI, positional(DOI)),
    )  # fmt: skip
    in_progress: Schema = {"type": "string", "pattern": "^In Progress$"}
    access = loose_record(
        accessRights=Required(one_of(URI, listing(URI), in_progress)), accessService=TERMS, accessRequestCost=cost,
        deliveryLeadTime=choice(older.LEAD_TIME), jurisdiction=Required(_comma_or(listing(COUNTRY))),
        dataController=Required(TERMS), dataProcessor=TERMS,
    )  # fmt: skip
    formats = loose_record(
        vocabularyEncodingScheme=Required(_comma_or(listing(choice(values.VOCABULARY)))),
        conformsTo=Required(_comma_or(positional(choice(values.STANDARD)))),
        language=Required(_comma_or({**listing(choice(values.LANGUAGE)), "minItems": 1})),
        format=Required(_comma_or({**listing(text(1)), "minItems": 1})),
    )
    return loose_record(usage=usage, access=Required(access), formatAndStandards=formats)


def _observations(*properties: str) -> Schema:
    return listing(
        loose_record(
            observedNode=Required(choice(older.NODE)), measuredValue=Required(INTEGER), disambiguatingDescription=BRIEF,
            observationDate=Required(DAY), measuredProperty=Required(choice(properties)),
        )
    )  # fmt: skip


def _table() -> Schema:
    column = open_record(
        name=Required(ANYTHING), dataType=Required(STRING), description=text(1, 20_000), sensitive=Required(BOOLEAN)
    )
    del column["type"]
    return loose_record(name=Required(text(5, 255)), description=text(1, 20_000), elements=Required(listing(column)))

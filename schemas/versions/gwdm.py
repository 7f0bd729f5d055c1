"""The Gateway's own model: GWDM 1.0 to 1.2 with the values of 2.x, GWDM 2.0 and 2.1 with those of 4.0.0; lists are text."""

from __future__ import annotations

from typing import Final

from schemas import enumerations as values
from schemas import older_values as older
from schemas.versions import partner
from schemas.versions.hdruk_2_1 import AGE_RANGE, LONG, OPTIONAL_DAY
from schemas.versions.modern import CELL, COLUMN, OMICS, RELATED, TABLE, demographics, observation
from schemas.versions.vocabulary import (
    ANYTHING,
    COMMA_TEXT,
    DATE_TIME,
    DOI,
    EMAIL,
    INTEGER,
    SEMANTIC_VERSION,
    STRING,
    URI,
    Required,
    Schema,
    choice,
    listing,
    nullable,
    open_record,
    record,
    text,
)  # fmt: skip

Properties = dict[str, "Schema | Required"]
TEXT: Final = nullable(STRING)
GATEWAY_ID: Final = nullable(text(2, 50))
ROR: Final = nullable(text(9, 9))
CREATOR: Final = nullable(text(2, 1000))
KIND: Final = nullable(text(2, 100))
IDS: Final[Properties] = {"gatewayId": GATEWAY_ID, "rorId": ROR}
VERSION: Final[Properties] = {"version": Required(SEMANTIC_VERSION)}
OPTIONAL_TERMS: Final = ("dataUseLimitation", "dataUseRequirement")
FORMATS: Final = ("vocabularyEncodingSchemes", "conformsTo", "languages", "formats")
LINKS: Final = ("isGeneratedUsing", "associatedMedia", "dataUses", "isReferenceIn", "tools", "investigations")
LINKED: Final = ("isDerivedFrom", "isPartOf", "isMemberOf", "linkedDatasets")


def gwdm_1_0() -> Schema:
    publisher = open_record(publisherName=Required(ANYTHING), publisherGatewayId=GATEWAY_ID)
    return _first(
        "1.0", required={}, summary={"publisher": Required(nullable(publisher))}, creator=CREATOR,
        coverage=open_record(**_coverage_1(), physicalSampleAvailability=COMMA_TEXT),
    )  # fmt: skip


def gwdm_1_1() -> Schema:
    return _named("1.1", {}, {})


def gwdm_1_2() -> Schema:
    return _named("1.2", {"accessServiceCategory": COMMA_TEXT}, {"syntheticDataWebLink": COMMA_TEXT})


def gwdm_2_0() -> Schema:
    return _second("2.0")


def gwdm_2_1() -> Schema:
    return _second(
        "2.1", {"funders": COMMA_TEXT}, icons=partner.ICONS, projectGrants=partner.PROJECT_GRANTS,
        datasetFilters=partner.DATASET_FILTERS, erd=nullable(record(image=TEXT, description=nullable(text(2, 10_000)))),
    )  # fmt: skip


def _named(number: str, access: Properties, linkage: Properties) -> Schema:
    """1.1 and 1.2: publishers and creators are objects with a name, and cohorts have variables."""
    named = nullable(open_record(name=Required(ANYTHING), **IDS))
    return _first(
        number, required=VERSION, creator=named, access=access, linkage=linkage,
        summary={"publisher": Required(named), "populationSize": nullable(INTEGER), "datasetSubType": KIND},
        coverage=record(**_coverage_1(), **dict.fromkeys(older.COHORT_VARIABLES, COMMA_TEXT)),
        tissuesSampleCollection=_samples(),
    )  # fmt: skip


def _first(
    number: str, *, required: Properties, summary: Properties, creator: Schema, coverage: Schema, access: Properties | None = None,
    linkage: Properties | None = None, **sections: Schema,
) -> Schema:  # fmt: skip
    table = record(name=Required(nullable(text(1, 500))), description=CELL, columns=Required(listing(COLUMN)))
    usage = record(**_required_texts(*OPTIONAL_TERMS), resourceCreator=creator)
    terms = record(
        **_required_texts("accessRights", "jurisdiction"), accessService=LONG, accessRequestCost=LONG,
        deliveryLeadTime=nullable(choice(older.LEAD_TIME)), dataController=Required(LONG), dataProcessor=LONG, **access or {},
    )  # fmt: skip
    formats = record(**_required_texts(*FORMATS))
    return _document(
        number, required=_required(required), summary=Required(_summary_1(summary)), coverage=nullable(coverage),
        provenance=_provenance({}, Required(OPTIONAL_DAY), older.TIME_LAG, older.FREQUENCY, nullable_lag=True),
        accessibility=record(usage=nullable(usage), access=Required(terms), formatAndStandards=nullable(formats)),
        linkage=_linkage(COMMA_TEXT, linkage or {}), observations=nullable(listing(observation(older.NODE))),
        structuralMetadata=nullable(listing(table)), **sections,
    )  # fmt: skip


def _second(number: str, summary: Properties | None = None, **sections: Schema) -> Schema:
    named = nullable(open_record(name=ANYTHING, **IDS))
    usage = record(**_texts(*OPTIONAL_TERMS), resourceCreator=named)
    access = record(
        **_texts("accessRights", "jurisdiction", "accessServiceCategory"), accessService=LONG, accessRequestCost=LONG,
        deliveryLeadTime=nullable(choice(values.LAG)), dataController=LONG, dataProcessor=LONG,
    )  # fmt: skip
    formats = record(**_texts(*FORMATS))
    papers = nullable(listing(DOI))
    more: Properties = {
        "syntheticDataWebLink": COMMA_TEXT, "publicationAboutDataset": papers, "publicationUsingDataset": papers,
    }  # fmt: skip
    return _document(
        number, required=_required(VERSION), summary=Required(_summary_2(named, summary or {})), coverage=_coverage_2(),
        provenance=_provenance({"imageContrast": nullable(choice(values.TERNARY))}, OPTIONAL_DAY, values.LAG, values.FREQUENCY),
        accessibility=Required(record(usage=nullable(usage), access=Required(access), formatAndStandards=nullable(formats))),
        linkage=_linkage(RELATED, more), observations=nullable(listing(observation(values.NODE))),
        structuralMetadata=nullable(listing(TABLE)), tissuesSampleCollection=_samples(),
        demographicFrequency=nullable(demographics()), omics=nullable(OMICS), **sections,
    )  # fmt: skip


def _document(number: str, **sections: Schema | Required) -> Schema:
    title = f"Gateway dataset model {number}"
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title, **record(**sections)}


def _texts(*names: str) -> Properties:
    return dict.fromkeys(names, COMMA_TEXT)


def _required_texts(*names: str) -> Properties:
    return dict.fromkeys(names, Required(COMMA_TEXT))


def _required(more: Properties) -> Required:
    revision = open_record(version=Required(text(2, 100)), url=Required(URI))
    return Required(
        open_record(
            gatewayId=Required(text(1, 50)), gatewayPid=Required(text(2, 50)), issued=Required(DATE_TIME),
            modified=Required(DATE_TIME), revisions=Required(listing(revision)), **more,
        )
    )  # fmt: skip


def _summary_1(more: Properties) -> Schema:
    return open_record(
        title=Required(text(2, 255)), shortTitle=Required(KIND), doiName=Required(DOI),
        abstract=Required(nullable(text(5, 5000))), **_required_texts("keywords", "controlledKeywords"),
        contactPoint=Required(EMAIL), datasetType=Required(KIND), description=Required(LONG), **more,
    )  # fmt: skip


def _summary_2(named: Schema, more: Properties) -> Schema:
    return open_record(
        title=Required(text(2, 255)), shortTitle=KIND, doiName=DOI, abstract=Required(nullable(text(5, 5000))),
        **_texts("keywords", "controlledKeywords", "datasetType", "datasetSubType"), contactPoint=EMAIL, description=LONG,
        publisher=named, populationSize=nullable(INTEGER), inPipeline=nullable(choice(values.PIPELINE)), **more,
    )  # fmt: skip


def _coverage_1() -> Properties:
    return {
        "spatial": COMMA_TEXT, "pathway": LONG, "followup": nullable(choice(older.FOLLOW_UP)), "typicalAgeRange": AGE_RANGE,
    }  # fmt: skip


def _coverage_2() -> Schema:
    return nullable(
        open_record(
            spatial=COMMA_TEXT, pathway=LONG, followUp=nullable(choice(values.FOLLOW_UP)), typicalAgeRange=AGE_RANGE,
            datasetCompleteness=URI,
        )
    )  # fmt: skip


def _provenance(
    origin: Properties, start: Schema | Required, lags: tuple[str, ...], frequencies: tuple[str, ...], *, nullable_lag: bool = False
) -> Schema:
    lag = nullable(choice(lags)) if nullable_lag else choice(lags)
    temporal = record(
        startDate=start, endDate=OPTIONAL_DAY, timeLag=Required(lag),
        accrualPeriodicity=Required(nullable(choice(frequencies))), distributionReleaseDate=OPTIONAL_DAY,
    )  # fmt: skip
    origin_part = record(**_texts("purpose", "source", "collectionSituation"), **origin)
    return nullable(record(origin=nullable(origin_part), temporal=Required(temporal)))


def _linkage(linked: Schema, more: Properties) -> Schema:
    datasets = record(**dict.fromkeys(LINKED, linked))
    return nullable(record(**_texts(*LINKS), datasetLinkage=nullable(datasets), **more))


def _samples() -> Schema:
    donor = open_record(id=GATEWAY_ID, sex=TEXT, birthDate=OPTIONAL_DAY, dataCategories=COMMA_TEXT)
    details = open_record(
        id=GATEWAY_ID, sampleDonor=nullable(donor), storageTemperature=TEXT, creationDate=OPTIONAL_DAY,
        **_texts(
            "sampleType", "anatomicalSiteOntologyCode", "anatomicalSiteOntologyDescription", "anatomicalSiteFreeText",
            "sampleContentDiagnosis", "useRestrictions",
        ),
    )  # fmt: skip
    texts = _texts(
        "id", "dataCategories", "materialType", "accessConditions", "collectionType", "disease", "storageTemperature",
        "sampleAgeRange",
    )  # fmt: skip
    return nullable(listing(open_record(**texts, tissueSampleMetadata=nullable(details))))

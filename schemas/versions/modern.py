"""HDR UK dataset specification 3.0.0 and 4.0.0, the same but for types, aliases and revisions; CRUK 1.0.0, which adds to 4.0.0."""

from __future__ import annotations

from typing import Final

from schemas import enumerations as values
from schemas.versions import partner
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
ABSTRACT: Final = nullable(text(5, 500))
DESCRIPTION: Final = nullable(text(2, 10_000))
LONG: Final = nullable(text(2, 50_000))
CREATOR: Final = nullable(text(2, 1000))
CELL: Final = nullable(text(1, 20_000))
DAY: Final = one_of(DATE, DATE_TIME)

# The published 3.0.0 pattern for this address backtracks exponentially. This one takes the same texts, and every choice in it
# is settled by the next character: hosts end in two letters, a port is followed by its line's end or by one more host, and
# a slash that belongs to no scheme begins a path, which takes the rest of the line.
_HOST: Final = "(?:(?:[a-zA-Z0-9-]+\\.)+[a-zA-Z0-9-]*|[a-zA-Z0-9-]+)[a-zA-Z]{2}"
_HOSTS: Final = f"{_HOST}(?::[0-9]{_HOST})*(?::[0-9]+)?"
_LINE: Final = f"(?:(?:{_HOSTS})?https?://)*{_HOSTS}(?:/\\S*)?"
REVISION_PATTERN: Final = f"^\\s*{_LINE}(?:\\n{_LINE})*\\n?$"
REVISION_ADDRESS: Final[Schema] = nullable({"type": "string", "format": "revision-address", "pattern": REVISION_PATTERN})

COLUMN: Final = open_record(name=Required(ANYTHING), dataType=Required(STRING), description=CELL, sensitive=Required(BOOLEAN),
    values=nullable(listing(open_record(name=Required(ANYTHING), description=CELL, frequency=nullable(INTEGER)))),
)


def _table(**more: Schema) -> Schema:
    return record(name=nullable(text(1, 500)), description=CELL, columns=Required(listing(COLUMN)), **more)


TABLE: Final = _table()
OMICS: Final = record(assay=nullable(choice(values.ASSAY)), platform=nullable(choice(values.PLATFORM)))
RELATED: Final = nullable(
    listing(open_record(pid=nullable(SHORT), title=nullable(SHORT), url=URI))
)
CUSTODIAN: Final = record(
    identifier=Required(one_of(text(2, 50), INTEGER)), name=Required(SHORT), logo=URI, description=DESCRIPTION,
    contactPoint=Required(one_of(EMAIL, listing(EMAIL))), memberOf=nullable(choice(values.MEMBERSHIP)),
)


def hdruk_4_0_0() -> Schema:
    return _document(
        title="HDR UK dataset specification 4.0.0", summary=_summary("datasetAliases"), types=_typed(), revision_address=URI
    )


def cruk_1_0_0() -> Schema:
    return _document(
        title="CRUK dataset specification 1.0.0",
        summary=_summary("datasetAliases", leadResearcher=SHORT, leadResearchInstitute=SHORT),
        types=_typed(),
        revision_address=URI,
        table=_table(size=nullable(INTEGER)),
        datasetFilters=partner.DATASET_FILTERS,
        icons=partner.ICONS,
        erd=URI,
        projectGrants=partner.PROJECT_GRANTS,
        otherDataTypes=partner.OTHER_DATA_TYPES,
    )


def hdruk_3_0_0() -> Schema:
    return _document(
        title="HDR UK dataset specification 3.0.0",
        summary=_summary("alternateIdentifiers"),
        types={
            "datasetType": Required(listing(choice(tuple(values.DATASET_TYPES)))),
            "datasetSubType": nullable(listing(choice(values.SUB_TYPES))),
        },
        revision_address=REVISION_ADDRESS,
    )


def _typed() -> dict[str, Schema | Required]:
    types = [
        open_record(name=STRING, subTypes=Required(nullable(listing(choice(sub_types)))))
        for sub_types in dict.fromkeys(values.DATASET_TYPES.values())
    ]
    return {"datasetType": Required(listing({"anyOf": types}))}


def _document(
    *, title: str, summary: Schema, types: dict[str, Schema | Required], revision_address: Schema, table: Schema = TABLE,
    **sections: Schema,
) -> Schema:  # fmt: skip
    document = record(
        identifier=Required(one_of(UUID, URI)),
        version=Required(SEMANTIC_VERSION),
        revisions=Required(listing(record(version=Required(SEMANTIC_VERSION), url=revision_address))),
        issued=Required(DATE_TIME),
        modified=Required(DATE_TIME),
        summary=Required(summary),
        documentation=nullable(_documentation()),
        coverage=nullable(_coverage()),
        provenance=nullable(_provenance(types)),
        accessibility=Required(_accessibility()),
        enrichmentAndLinkage=nullable(_linkage()),
        observations=Required(listing(observation())),
        structuralMetadata=nullable(record(tables=nullable(listing(table)), syntheticDataWebLink=nullable(listing(URI)))),
        demographicFrequency=nullable(demographics()),
        omics=nullable(OMICS),
        **sections,
    )
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title, **document}


def _summary(aliases: str, **more: Schema) -> Schema:
    return record(
        title=Required(SHORT), abstract=Required(ABSTRACT), dataCustodian=Required(CUSTODIAN),
        populationSize=Required(INTEGER), keywords=nullable(listing(SHORT)), doiName=DOI, contactPoint=Required(EMAIL),
        **{aliases: one_of(COMMA_TEXT, listing(CREATOR))}, **more,
    )


def _documentation() -> Schema:
    return record(
        description=Required(DESCRIPTION), associatedMedia=one_of(COMMA_TEXT, listing(URI)),
        inPipeline=nullable(choice(values.PIPELINE)),
    )


def _coverage() -> Schema:
    return record(
        spatial=Required(one_of(COMMA_TEXT, listing(URI))), typicalAgeRangeMin=nullable(INTEGER),
        typicalAgeRangeMax=nullable(INTEGER), datasetCompleteness=URI,
        materialType=nullable(listing(choice(values.MATERIAL))), followUp=nullable(choice(values.FOLLOW_UP)),
        pathway=DESCRIPTION,
    )


def _provenance(types: dict[str, Schema | Required]) -> Schema:
    origin = record(
        purpose=nullable(listing(nullable(choice(values.PURPOSE)))), **types,
        source=nullable(listing(choice(values.SOURCE))),
        collectionSource=nullable(listing(nullable(choice(values.COLLECTION_SOURCE)))),
        imageContrast=nullable(choice(values.TERNARY)),
    )
    temporal = record(
        publishingFrequency=Required(nullable(choice(values.FREQUENCY))), distributionReleaseDate=nullable(DAY),
        startDate=Required(DAY), endDate=one_of(DAY, choice(("CONTINUOUS",)), {"type": "null"}),
        timeLag=Required(choice(values.LAG)),
    )
    return record(origin=nullable(origin), temporal=Required(temporal))


def _accessibility() -> Schema:
    usage = record(
        dataUseLimitation=nullable(listing(choice(values.LIMITATION))),
        dataUseRequirements=nullable(listing(choice(values.REQUIREMENT))),
        resourceCreator=one_of(CREATOR, listing(CREATOR)),
    )
    access = record(
        accessRights=Required(LONG), accessServiceCategory=nullable(choice(values.ACCESS_SERVICE)), accessService=LONG,
        accessRequestCost=LONG, deliveryLeadTime=nullable(choice(values.LAG)), jurisdiction=nullable(listing(COUNTRY)),
        dataController=LONG, dataProcessor=LONG,
    )
    formats = record(
        vocabularyEncodingScheme=Required(listing(choice(values.VOCABULARY))),
        conformsTo=Required(listing(choice(values.STANDARD))), language=Required(listing(choice(values.LANGUAGE))),
        format=Required(listing(text(1))),
    )
    return record(usage=nullable(usage), access=Required(access), formatAndStandards=nullable(formats))


def _linkage() -> Schema:
    addresses, papers = nullable(listing(URI)), nullable(listing(DOI))
    return record(
        derivedFrom=RELATED, isPartOf=RELATED, linkableDatasets=RELATED, similarToDatasets=RELATED,
        investigations=addresses, tools=addresses, publicationAboutDataset=papers, publicationUsingDataset=papers,
    )


def observation(nodes: tuple[str, ...] = values.NODE) -> Schema:
    return record(
        observedNode=Required(choice(nodes)), measuredValue=Required(INTEGER), disambiguatingDescription=ABSTRACT,
        observationDate=Required(DAY), measuredProperty=Required(ANYTHING),
    )


def demographics() -> Schema:
    count = Required(INTEGER)
    disease = open_record(diseaseCode=Required(one_of(STRING, INTEGER)),
        diseaseCodeVocabulary=Required(choice(values.DISEASE_VOCABULARY)), count=count,
    )
    return record(
        age=nullable(listing(open_record(bin=Required(choice(values.AGE_BIN)), count=count))),
        ethnicity=nullable(listing(open_record(bin=Required(choice(values.ETHNICITY)), count=count))),
        disease=nullable(listing(disease)),
    )

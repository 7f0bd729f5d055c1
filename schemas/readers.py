"""The tables of fields: which path of each published shape is which path of the canonical record.

Structural metadata, types, ages, revisions, related datasets and the custodian differ in shape, not only in name; each has a
function of its own below the tables.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from schemas import enumerations as values
from schemas.detect import Detected
from schemas.document import Unreadable
from schemas.reader import (
    NO_PLACE,
    Convert,
    Reading,
    Row,
    Value,
    addresses,
    date,
    end_date,
    gateway_texts,
    one_of_list,
    one_text,
    pointer,
    some_of_list,
    split_texts,
    texts,
    whole_number,
)  # fmt: skip

DOI: Final = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)?10\.[0-9]{4,9}/\S+", re.ASCII | re.IGNORECASE)
ADDRESS: Final = re.compile(r"(?:https?|ftp|urn|mailto):\S+", re.ASCII | re.IGNORECASE)
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
MEMBERSHIP = one_of_list(values.MEMBERSHIP)


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
MODERN: Final = (
    *ROOT, *SUMMARY, *ACCESS, *TIME,
    *rows(whole_number, "summary.populationSize", "coverage.typicalAgeRangeMin", "coverage.typicalAgeRangeMax"),
    *rows(texts, "summary.datasetAliases", "summary.datasetAliases <- summary.alternateIdentifiers"),
    *rows(one_text, "documentation.description", "coverage.datasetCompleteness", "coverage.pathway"),
    *rows(addresses, "documentation.associatedMedia", "enrichmentAndLinkage.investigations", "enrichmentAndLinkage.tools"),
    *rows(one_of_list(values.PIPELINE), "documentation.inPipeline"),
    *rows(texts, "coverage.spatial", "enrichmentAndLinkage.publicationAboutDataset", "enrichmentAndLinkage.publicationUsingDataset", "structuralMetadata.syntheticDataWebLink"),
    *rows(MATERIAL, "coverage.materialType"),
    *rows(FOLLOW_UP, "coverage.followUp"),
    *rows(PURPOSE, "provenance.origin.purpose"),
    *rows(ORIGIN, "provenance.origin.source"),
    *rows(SETTING, "provenance.origin.collectionSource"),
    *rows(one_of_list(values.TERNARY), "provenance.origin.imageContrast"),
    *rows(FREQUENCY, "provenance.temporal.publishingFrequency"),
    *rows(one_of_list(values.ACCESS_SERVICE), "accessibility.access.accessServiceCategory"),
    *rows(some_of_list(values.ASSAY), "omics.assay"),
    *rows(some_of_list(values.PLATFORM), "omics.platform"),
)  # fmt: skip
SECTIONED: Final = (
    *ROOT, *SUMMARY, *ACCESS, *TIME,
    *rows(whole_number, "summary.populationSize"),
    *rows(texts, "summary.datasetAliases <- summary.alternateIdentifiers", "coverage.spatial"),
    *rows(one_text, "documentation.description", "coverage.pathway"),
    *rows(addresses, "documentation.associatedMedia", "enrichmentAndLinkage.tools"),
    *rows(MATERIAL, "coverage.materialType <- coverage.physicalSampleAvailability"),
    *rows(FOLLOW_UP, "coverage.followUp <- coverage.followup", "coverage.followUp"),
    *rows(PURPOSE, "provenance.origin.purpose"),
    *rows(ORIGIN, "provenance.origin.source"),
    *rows(SETTING, "provenance.origin.collectionSource <- provenance.origin.collectionSituation"),
    *rows(FREQUENCY, "provenance.temporal.publishingFrequency <- provenance.temporal.accrualPeriodicity", "provenance.temporal.publishingFrequency"),
)  # fmt: skip
FLAT: Final = (
    *ROOT,
    *rows(one_text, "summary.title <- title", "summary.abstract <- abstract", "summary.contactPoint <- contactPoint",
          "summary.doiName <- doi", "documentation.description <- description",
          "accessibility.access.accessService <- accessEnvironment", "accessibility.access.dataController <- dataController",
          "accessibility.access.dataProcessor <- dataProcessor"),
    *rows(split_texts, "summary.keywords <- keywords", "accessibility.access.jurisdiction <- jurisdiction",
          "accessibility.formatAndStandards.language <- language", "accessibility.formatAndStandards.format <- format"),
    *rows(texts, "coverage.spatial <- geographicCoverage", "accessibility.access.accessRights <- accessRights",
          "accessibility.access.accessRequestCost <- accessRequestCost", "accessibility.usage.resourceCreator <- creator"),
    *rows(addresses, "documentation.associatedMedia <- media"),
    *rows(LAG, "accessibility.access.deliveryLeadTime <- accessRequestDuration"),
    *rows(FREQUENCY, "provenance.temporal.publishingFrequency <- periodicity"),
    *rows(date, "provenance.temporal.startDate <- datasetStartDate", "provenance.temporal.distributionReleaseDate <- releaseDate"),
    *rows(end_date, "provenance.temporal.endDate <- datasetEndDate"),
    *rows(MATERIAL, "coverage.materialType <- physicalSampleAvailability"),
    *rows(PURPOSE, "provenance.origin.purpose <- purpose"),
    *rows(ORIGIN, "provenance.origin.source <- source"),
    *rows(SETTING, "provenance.origin.collectionSource <- setting"),
    *rows(some_of_list(values.VOCABULARY, values.VOCABULARY_ALSO), "accessibility.formatAndStandards.vocabularyEncodingScheme <- controlledVocabulary"),
    *rows(some_of_list(values.STANDARD), "accessibility.formatAndStandards.conformsTo <- conformsTo"),
)  # fmt: skip
GATEWAY_MODEL: Final = (
    *rows(one_text, "identifier <- required.gatewayPid", "version <- required.version", "documentation.description <- summary.description"),
    *rows(date, "issued <- required.issued", "modified <- required.modified"),
    *SUMMARY, *TIME, *(row for row in ACCESS if row.source != "accessibility.usage.resourceCreator"),
    *rows(whole_number, "summary.populationSize"),
    *rows(gateway_texts, "summary.datasetAliases", "summary.datasetAliases <- summary.alternateIdentifiers", "coverage.spatial"),
    *rows(one_text, "coverage.pathway", "coverage.datasetCompleteness"),
    *rows(one_of_list(values.TERNARY), "provenance.origin.imageContrast"),
    *rows(some_of_list(values.ASSAY), "omics.assay"),
    *rows(some_of_list(values.PLATFORM), "omics.platform"),
    *rows(one_of_list(values.PIPELINE), "documentation.inPipeline <- summary.inPipeline"),
    *rows(MATERIAL, "coverage.materialType", "coverage.materialType <- coverage.physicalSampleAvailability"),
    *rows(FOLLOW_UP, "coverage.followUp", "coverage.followUp <- coverage.followup"),
    *rows(PURPOSE, "provenance.origin.purpose"),
    *rows(ORIGIN, "provenance.origin.source"),
    *rows(SETTING, "provenance.origin.collectionSource <- provenance.origin.collectionSituation"),
    *rows(FREQUENCY, "provenance.temporal.publishingFrequency <- provenance.temporal.accrualPeriodicity"),
    *rows(REQUIREMENT, "accessibility.usage.dataUseRequirements <- accessibility.usage.dataUseRequirement"),
    *rows(some_of_list(values.VOCABULARY), "accessibility.formatAndStandards.vocabularyEncodingScheme <- accessibility.formatAndStandards.vocabularyEncodingSchemes"),
    *rows(split_texts, "accessibility.formatAndStandards.language <- accessibility.formatAndStandards.languages", "accessibility.formatAndStandards.format <- accessibility.formatAndStandards.formats"),
    *rows(one_of_list(values.ACCESS_SERVICE), "accessibility.access.accessServiceCategory"),
    *rows(addresses, "documentation.associatedMedia <- linkage.associatedMedia", "enrichmentAndLinkage.tools <- linkage.tools", "enrichmentAndLinkage.investigations <- linkage.investigations", "structuralMetadata.syntheticDataWebLink <- linkage.syntheticDataWebLink"),
    *rows(gateway_texts, "enrichmentAndLinkage.publicationAboutDataset <- linkage.publicationAboutDataset", "enrichmentAndLinkage.publicationUsingDataset <- linkage.publicationUsingDataset"),
)  # fmt: skip


def read_into(document: Mapping[str, Any], detected: Detected) -> Reading:
    """Apply the table of the detected shape. Raises :class:`Unreadable` for a model without one."""
    reading = Reading(document)
    reader = READERS.get(detected.model if detected.model != "HDRUK" else detected.version[0])
    if reader is None:
        raise Unreadable("unknown-version", f"{detected.name} is not read yet.", "Send the record as HDR UK 4.0.0.")
    reader(reading, detected)
    reading.carry_the_rest()
    return reading


def _read_modern(reading: Reading, _: Detected) -> None:
    reading.apply(MODERN)
    _custodian(reading, "summary.dataCustodian")
    _revisions(reading)
    _typed(reading)
    for name in ("derivedFrom", "isPartOf", "linkableDatasets", "similarToDatasets"):
        _related(reading, f"enrichmentAndLinkage.{name}", f"enrichmentAndLinkage.{name}")
    _observations(reading)
    _tables(reading, "structuralMetadata.tables", columns="columns")
    _demographics(reading)


def _read_sectioned(reading: Reading, detected: Detected) -> None:
    reading.apply(SECTIONED)
    _custodian(reading, "summary.publisher")
    _inherited(reading)
    _revisions(reading)
    _typed(reading)
    _ages(reading, "coverage.typicalAgeRange")
    _not_applicable(reading, "enrichmentAndLinkage.isPartOf", "documentation.isPartOf", "NOT APPLICABLE")
    _not_applicable(reading, "enrichmentAndLinkage.linkableDatasets", "enrichmentAndLinkage.qualifiedRelation", "ALL")
    _links_or_carry(reading, "enrichmentAndLinkage.investigations", "accessibility.usage.investigations")
    _papers(reading, "accessibility.usage.isReferencedBy")
    _category(reading)
    _samples(reading)
    _observations(reading)
    if isinstance(reading.document.get("structuralMetadata"), list):
        _tables(reading, "structuralMetadata", columns="elements")
    else:
        _tables(reading, "structuralMetadata.dataClasses", columns="dataElements")
    if detected.version == "2.2.1":
        reading.apply(rows(addresses, "structuralMetadata.syntheticDataWebLink <- enrichmentAndLinkage.syntheticDataWebLink"))


def _read_flat(reading: Reading, _: Detected) -> None:
    reading.apply(FLAT)
    publisher = reading.value("publisher")
    if isinstance(publisher, str):
        left, arrow, right = publisher.rpartition(" > ")
        member = values.match(left.strip(), values.MEMBERSHIP) if arrow else None
        reading.put("summary.dataCustodian.name", "publisher", right.strip() if right.strip() else publisher, one_text)
        if member:
            reading.canonical["summary"]["dataCustodian"]["memberOf"] = member
            reading.note("split", "publisher", publisher, "The membership stands before the name.")
        elif left:
            reading.carry("publisher", publisher, "What stands before the name is no membership.")
    elif publisher is not None:
        reading.put("summary.dataCustodian.name", "publisher", _name_of(publisher), one_text)
    _revisions(reading)
    _ages(reading, "ageBand")
    _related(reading, "enrichmentAndLinkage.linkableDatasets", "linkedDataset")
    _papers(reading, "citations")
    _tables(reading, "dataClasses", columns="dataElements")


def _read_gateway_model(reading: Reading, _: Detected) -> None:
    reading.apply(GATEWAY_MODEL)
    publisher = reading.value("summary.publisher")
    if isinstance(publisher, Mapping):
        name = publisher.get("name") or publisher.get("publisherName")
        reading.put("summary.dataCustodian.name", "summary.publisher.name", name, one_text)
        ror, gateway_id = publisher.get("rorId"), publisher.get("gatewayId") or publisher.get("publisherGatewayId")
        identifier = f"https://ror.org/{ror}" if isinstance(ror, str) and ror else gateway_id
        if isinstance(identifier, str | int) and not isinstance(identifier, bool):
            reading.canonical.setdefault("summary", {}).setdefault("dataCustodian", {})["identifier"] = identifier
    _creator(reading, "accessibility.usage.resourceCreator")
    _samples(reading)
    _revisions(reading, "required.revisions")
    _typed(reading, "summary.datasetType", "summary.datasetSubType")
    _ages(reading, "coverage.typicalAgeRange")
    linkage = {"isDerivedFrom": "derivedFrom", "isPartOf": "isPartOf", "linkedDatasets": "linkableDatasets", "isMemberOf": "similarToDatasets"}
    for theirs, ours in linkage.items():
        _related(reading, f"enrichmentAndLinkage.{ours}", f"linkage.datasetLinkage.{theirs}")
    _observations(reading)
    _demographics(reading)
    _tables(reading, "structuralMetadata", columns="columns")


READERS: Final[dict[str, Callable[[Reading, Detected], None]]] = {
    "1": _read_flat, "2": _read_sectioned, "3": _read_modern, "4": _read_modern, "CRUK": _read_modern,
    "GWDM": _read_gateway_model,
}  # fmt: skip


# shapes that differ in more than a name


def _creator(reading: Reading, source: str) -> None:
    """In the Gateway's model a creator is text, or from 1.1 on an object with a name."""
    value = reading.value(source)
    if isinstance(value, Mapping):
        _carry_keys(reading, source, value, {"name"})
        source, value = f"{source}.name", value.get("name")
    if value is not None:
        reading.put("accessibility.usage.resourceCreator", source, value, gateway_texts)


def _samples(reading: Reading) -> None:
    """The materials of all samples, repeats merged; the samples themselves are carried whole."""
    samples = reading.document.get("tissuesSampleCollection")
    if "materialType" in reading.canonical.get("coverage", {}):
        return
    found: dict[str, None] = {}
    for sample in samples if isinstance(samples, list) else ():
        given = sample.get("materialType") if isinstance(sample, Mapping) else None
        for text in given if isinstance(given, list) else [given]:
            known, _ = values.split_by_longest(text, values.MATERIAL, values.MATERIAL_ALSO) if isinstance(text, str) else ([], [])
            found |= dict.fromkeys(known)
    if found:
        reading.canonical.setdefault("coverage", {})["materialType"] = list(found)
        reading.paths["/coverage/materialType"] = "/tissuesSampleCollection"
        reading.note("narrowed", "tissuesSampleCollection", samples, f"Materials read: {', '.join(found)}. The samples are carried whole.")


def _custodian(reading: Reading, source: str) -> None:
    target = "summary.dataCustodian"
    value = reading.value(source)
    if not isinstance(value, Mapping):
        if value is not None:
            reading.put(f"{target}.name", source, value, one_text)
        return
    identifier = value.get("identifier")
    if isinstance(identifier, int) and not isinstance(identifier, bool):
        reading.canonical.setdefault("summary", {}).setdefault("dataCustodian", {})["identifier"] = identifier
    elif identifier is not None:
        reading.put(f"{target}.identifier", f"{source}.identifier", identifier, one_text)
    for name, convert in (("name", one_text), ("logo", one_text), ("description", one_text), ("contactPoint", texts), ("memberOf", MEMBERSHIP)):
        if value.get(name) is not None:
            reading.put(f"{target}.{name}", f"{source}.{name}", value[name], convert)
    known = {"identifier", "name", "logo", "description", "contactPoint", "memberOf"}
    _carry_keys(reading, source, value, known)


def _inherited(reading: Reading) -> None:
    """Up to 2.1.0 the custodian's own access fields are defaults: used only where the dataset's own are absent."""
    publisher = reading.value("summary.publisher")
    if not isinstance(publisher, Mapping):
        return
    access, usage = "accessibility.access", "accessibility.usage"
    for name, place, convert in (
        ("accessRights", access, texts), ("deliveryLeadTime", access, LAG), ("accessService", access, one_text),
        ("accessRequestCost", access, texts), ("dataUseLimitation", usage, LIMITATION), ("dataUseRequirements", usage, REQUIREMENT),
    ):  # fmt: skip
        value = publisher.get(name)
        if value is not None and pointer(f"{place}.{name}") not in reading.paths:
            reading.put(f"{place}.{name}", f"summary.publisher.{name}", value, convert)
            reading.note("inherited", f"summary.publisher.{name}", value, "The custodian's default holds for this dataset.")


def _revisions(reading: Reading, source: str = "revisions") -> None:
    value = reading.value(source)
    if isinstance(value, Mapping):
        found = [{"version": str(version)} for version in value if version != "latest"]
        reading.canonical["revisions"] = found
        reading.carry("revisions", value, "A map of revisions became a list; its identifiers lead to earlier versions.")
    elif isinstance(value, list):
        _objects(reading, "revisions", source, {"version": str, "url": str})


def _typed(reading: Reading, source: str = "provenance.origin.datasetType", sub: str = "provenance.origin.datasetSubType") -> None:
    """Types as objects (4.0.0), or as two flat lists whose sub-types go to the one type that owns them."""
    for place in (source, "summary.datasetType"):
        value = reading.value(place)
        if value is not None:
            break
    if value is None:
        return
    members = value if isinstance(value, list) else str(value).split(";,;")
    found = [entry for number, member in enumerate(members) for entry in _type(reading, f"{place}.{number}", member)]
    _assign_sub_types(reading, found, sub)
    if found or value == []:
        _place(reading, "provenance.origin.datasetType", place, found)


def _type(reading: Reading, place: str, member: Value) -> Iterator[dict[str, Any]]:
    """A type by its canonical name. An object keeps a name that the list does not know, for the sake of its sub-types."""
    name = member.get("name") if isinstance(member, Mapping) else member
    known = values.match(name, tuple(values.DATASET_TYPES)) if isinstance(name, str) else None
    sub_types = member.get("subTypes") if isinstance(member, Mapping) else None
    if known is None and not isinstance(sub_types, list):
        reading.carry(place, member, "The list of types does not know it.")
        return
    entry: dict[str, Any] = {"name": known or name} if isinstance(name, str) else {}
    if isinstance(member, Mapping):
        _carry_keys(reading, place, member, {"subTypes", *(["name"] if entry else [])})
    if isinstance(sub_types, list):
        entry["subTypes"] = [sub for sub in sub_types if isinstance(sub, str)]
        for number, sub in enumerate(sub_types):
            if not isinstance(sub, str):
                reading.carry(f"{place}.subTypes.{number}", sub, "A text is due here.")
    elif sub_types is not None:
        reading.carry(f"{place}.subTypes", sub_types, "A list of sub-types is due here.")
    yield entry


def _assign_sub_types(reading: Reading, found: list[dict[str, Any]], source: str) -> None:
    """Each of a flat list of sub-types goes to the one stated type that permits it."""
    value = reading.value(source)
    if value is None and source != "summary.datasetSubType":
        source, value = "summary.datasetSubType", reading.value("summary.datasetSubType")
    for number, member in enumerate(_sub_types(value)):
        name = values.match(member, values.SUB_TYPES, values.SUB_TYPE_ALSO) if isinstance(member, str) else None
        owners = {entry["name"]: entry for entry in reversed(found) if name in values.DATASET_TYPES.get(entry.get("name", ""), ())}
        if len(owners) != 1:
            kind = "ambiguous" if owners else "carried"
            reading.carry(f"{source}.{number}", member, "No single stated type permits this sub-type.", kind=kind)
            continue
        for entry in owners.values():
            entry.setdefault("subTypes", []).append(name)


def _sub_types(value: Value) -> list[Value]:
    """Sub-types as a list; free text may name several."""
    if not isinstance(value, str):
        return value if isinstance(value, list) else []
    found, rest = values.split_by_longest(value, values.SUB_TYPES, values.SUB_TYPE_ALSO)
    return [*found, *rest]


def _ages(reading: Reading, source: str) -> None:
    value = reading.value(source)
    if value is None:
        return
    found = re.fullmatch(r"\s*([0-9]{1,3})\s*-\s*([0-9]{1,3})\s*", value) if isinstance(value, str) else None
    if found is None or any(int(age) > 150 for age in found.groups()):
        reading.carry(source, value, "Not a range of ages such as 18-65; it is not interpreted.")
        return
    coverage = reading.canonical.setdefault("coverage", {})
    coverage["typicalAgeRangeMin"], coverage["typicalAgeRangeMax"] = (int(age) for age in found.groups())
    reading.paths["/coverage/typicalAgeRangeMin"] = reading.paths["/coverage/typicalAgeRangeMax"] = pointer(source)


def _not_applicable(reading: Reading, target: str, source: str, word: str) -> None:
    value = reading.value(source)
    members = value if isinstance(value, list) else [value]
    if members and all(isinstance(member, str) and member.strip().upper() == word for member in members):
        reading.carry(source, value, f"{word!r} names no dataset.")
    elif value is not None:
        _related(reading, target, source)


def _related(reading: Reading, target: str, source: str) -> None:
    """A related dataset given as address becomes ``url``, as UUID ``pid``, as other text ``title``."""
    value = reading.value(source)
    if value is None:
        return
    members = value if isinstance(value, list) else [value]
    found = []
    for number, member in enumerate(members):
        if isinstance(member, str) and member.strip():
            found.append({kind_of_name(member): member})
        elif isinstance(member, Mapping):
            names = {name: member[name] for name in ("pid", "title", "url") if isinstance(member.get(name), str)}
            found.append(names)
            _carry_keys(reading, f"{source}.{number}", member, names)
        elif member not in (None, ""):
            reading.carry(f"{source}.{number}", member, "A dataset's address, identifier or title is due here.")
    if found or value == []:
        _place(reading, target, source, found)


def kind_of_name(text: str) -> str:
    """What names a dataset: an address is a ``url``, a UUID a ``pid``, anything else a ``title`` (T30)."""
    if re.match(r"https?://", text):
        return "url"
    return "pid" if re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", text) else "title"


def _links_or_carry(reading: Reading, target: str, source: str) -> None:
    value = reading.value(source)
    members = addresses(reading, source, value) if value is not None else None
    links = [member for member in members or [] if ADDRESS.fullmatch(member)]
    for member in members or []:
        if member not in links:
            reading.carry(source, member, "Only addresses can stand here.")
    if links or value == []:
        _place(reading, target, source, links)


def _papers(reading: Reading, source: str) -> None:
    value = reading.value(source)
    members = value if isinstance(value, list) else [] if value is None else [value]
    dois = [member for member in members if isinstance(member, str) and DOI.fullmatch(member.strip())]
    for member in members:
        if member not in dois and member not in (None, ""):
            reading.carry(source, member, "Only a DOI can stand here.")
    if dois or value == []:
        _place(reading, "enrichmentAndLinkage.publicationUsingDataset", source, dois)
    if dois:
        reading.note("narrowed", source, value, "Read as papers that use the dataset.")


def _category(reading: Reading) -> None:
    source = "accessibility.access.accessServiceCategory"
    value = reading.value(source)
    members = [member for member in value if member] if isinstance(value, list) else [value]
    if len(members) > 1:
        reading.carry(source, value, "Several access categories stand where one is due.", kind="ambiguous")
    elif members and members[0] is not None:
        reading.put(source, source, members[0], one_of_list(values.ACCESS_SERVICE))


BIN: Final[dict[str, type | tuple[type, ...]]] = {"bin": str, "count": int}
DISEASE: Final[dict[str, type | tuple[type, ...]]] = {"diseaseCode": (str, int), "diseaseCodeVocabulary": str, "count": int}


def _demographics(reading: Reading) -> None:
    for name, keys in (("age", BIN), ("ethnicity", BIN), ("disease", DISEASE)):
        _objects(reading, f"demographicFrequency.{name}", f"demographicFrequency.{name}", keys)


def _observations(reading: Reading) -> None:
    node = {value.casefold(): value for value in values.NODE}
    keys: dict[str, type | tuple[type, ...]] = {
        "observedNode": str, "measuredValue": int, "disambiguatingDescription": str, "observationDate": str, "measuredProperty": object,
    }
    _objects(reading, "observations", "observations", keys)
    for row in reading.canonical.get("observations") or []:
        if isinstance(row.get("observedNode"), str):
            row["observedNode"] = node.get(row["observedNode"].casefold(), row["observedNode"])


def _objects(
    reading: Reading, target: str, source: str, keys: Mapping[str, type | tuple[type, ...]]
) -> None:
    """A list of objects whose known members have these types; members of another type are carried."""
    value = reading.value(source)
    if value is None:
        return
    members = value if isinstance(value, list) else [value]
    found = []
    for number, member in enumerate(members):
        place = f"{source}.{number}" if isinstance(value, list) else source
        if not isinstance(member, Mapping):
            reading.carry(place, member, "An object is due here.")
            continue
        found.append(_members(reading, place, member, keys))
    if found or value == []:
        _place(reading, target, source, found)


def _members(
    reading: Reading, place: str, member: Mapping[str, Any], keys: Mapping[str, type | tuple[type, ...]]
) -> dict[str, Any]:
    kept = {}
    for name, given in member.items():
        wanted = keys.get(name)
        if given is None:
            continue
        if wanted is None:
            reading.carry(f"{place}.{name}", given, NO_PLACE)
        elif not isinstance(given, wanted) or (isinstance(given, bool) and wanted is not bool and wanted is not object):
            reading.carry(f"{place}.{name}", given, "A value of another type is due here; it is not converted.")
        else:
            kept[name] = given
    return kept


def _tables(reading: Reading, source: str, *, columns: str) -> None:
    value = reading.value(source)
    if value is None:
        return
    if not isinstance(value, list):
        reading.carry(source, value, "A list of tables is due here.")
        return
    tables = [_table(reading, where, table, columns) for where, table in _mappings(reading, source, value)]
    if tables or value == []:
        _place(reading, "structuralMetadata.tables", source, tables)


def _table(reading: Reading, place: str, table: Mapping[str, Any], columns: str) -> dict[str, Any]:
    name = table.get("name") or table.get("label")
    texts_given = (("name", name), ("description", table.get("description")))
    found: dict[str, Any] = {target: given for target, given in texts_given if isinstance(given, str) and given.strip()}
    members = table.get(columns)
    if isinstance(members, list):
        found["columns"] = [_column(reading, where, member) for where, member in _mappings(reading, f"{place}.{columns}", members)]
    _carry_keys(reading, place, table, {"name", "label", "description", *([columns] if isinstance(members, list) else [])})
    return found


def _column(reading: Reading, place: str, column: Mapping[str, Any]) -> dict[str, Any]:
    name = column.get("name") if column.get("name") is not None else column.get("label")
    kind = column.get("dataType")
    if isinstance(kind, Mapping):
        _carry_keys(reading, f"{place}.dataType", kind, {"label"})
        kind = kind.get("label")
    kind = kind[0] if isinstance(kind, list) and len(kind) == 1 else kind
    members: dict[str, tuple[Any, type]] = {
        "name": (name, object), "dataType": (kind, str), "description": (column.get("description"), str),
        "sensitive": (column.get("sensitive"), bool),
    }  # fmt: skip
    stated = {target: pair for target, pair in members.items() if pair[0] not in (None, "")}
    found: dict[str, Any] = {target: given for target, (given, wanted) in stated.items() if isinstance(given, wanted)}
    for target in stated.keys() - found.keys():
        reading.carry(f"{place}.{target}", stated[target][0], "A value of another type is due here; it is not converted.")
    codes = column.get("values")
    if isinstance(codes, list):
        keys: dict[str, type | tuple[type, ...]] = {"name": object, "description": str, "frequency": int}
        found["values"] = [_members(reading, where, code, keys) for where, code in _mappings(reading, f"{place}.values", codes)]
    elif codes is not None:
        reading.carry(f"{place}.values", codes, "A list of codes is due here.")
    _carry_keys(reading, place, column, {"name", "label", "dataType", "description", "sensitive", "values"})
    return found


def _mappings(reading: Reading, source: str, members: list[Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The objects of a list with their places; any other member is carried."""
    for number, member in enumerate(members):
        if isinstance(member, Mapping):
            yield f"{source}.{number}", member
        else:
            reading.carry(f"{source}.{number}", member, "An object is due here.")


def _carry_keys(reading: Reading, place: str, value: Mapping[str, Any], known: Iterable[str]) -> None:
    for name, given in value.items():
        if name not in known and given is not None:
            reading.carry(f"{place}.{name}", given, NO_PLACE)


def _place(reading: Reading, target: str, source: str, value: Value) -> None:
    def as_it_is(_: Reading, __: str, given: Value) -> Value:
        return given

    reading.put(target, source, value, as_it_is)


def _name_of(value: Value) -> Value:
    return value.get("name") if isinstance(value, Mapping) else value

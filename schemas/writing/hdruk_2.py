"""Canonical record -> HDR UK 2.0.2 to 2.2.1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from schemas import enumerations as values
from schemas import older_values as older
from schemas.reading.relations import kind_of_name
from schemas.writing.modern import is_told_apart
from schemas.writing.writer import Row, Writing, downwards, joined, links_or_text, one_of, rows, same, some_of

LIMITATION: Final = downwards(values.LIMITATION, older.LIMITATION, values.LIMITATION_ALSO)
REQUIREMENT: Final = downwards(values.REQUIREMENT, older.REQUIREMENT, values.REQUIREMENT_ALSO)
LEAD_TIME: Final = downwards(values.LAG, older.LEAD_TIME, values.LAG_ALSO)
TIME_LAG: Final = downwards(values.LAG, older.LEAD_TIME, values.LAG_ALSO)
FOLLOW_UP: Final = downwards(values.FOLLOW_UP, older.FOLLOW_UP)
FREQUENCY: Final = downwards(values.FREQUENCY, older.FREQUENCY, values.FREQUENCY_ALSO)
PURPOSE: Final = downwards(values.PURPOSE, older.PURPOSE)
SOURCE: Final = downwards(values.SOURCE, older.SOURCE, values.SOURCE_ALSO)
SITUATION: Final = downwards(values.COLLECTION_SOURCE, older.SITUATION, values.COLLECTION_SOURCE_ALSO)
MATERIAL: Final = downwards(values.MATERIAL, older.MATERIAL, values.MATERIAL_ALSO)
SAMPLE: Final = downwards(values.MATERIAL, older.SAMPLE_MATERIAL, {"blood": "Whole blood"})
NODE: Final = downwards(values.NODE, older.NODE)
MEMBERSHIP: Final = downwards(values.MEMBERSHIP, older.MEMBERSHIP)

SHARED: Final = (
    *rows(same, "identifier", "version", "revisions", "issued", "modified"),
    *rows(same, "summary.title", "summary.abstract", "summary.keywords", "summary.doiName", "summary.contactPoint",
          "summary.datasetAliases -> summary.alternateIdentifiers", "documentation.description"),
    *rows(links_or_text, "documentation.associatedMedia", "coverage.spatial"),
    *rows(one_of(FOLLOW_UP), "coverage.followUp -> coverage.followup"),
    *rows(same, "coverage.pathway"),
    *rows(some_of(PURPOSE), "provenance.origin.purpose"),
    *rows(some_of(SOURCE), "provenance.origin.source"),
    *rows(some_of(SITUATION), "provenance.origin.collectionSource -> provenance.origin.collectionSituation"),
    *rows(same, "provenance.temporal.distributionReleaseDate", "provenance.temporal.startDate", "provenance.temporal.endDate"),
    *rows(one_of(TIME_LAG), "provenance.temporal.timeLag"),
    *rows(some_of(LIMITATION), "accessibility.usage.dataUseLimitation"),
    *rows(some_of(REQUIREMENT), "accessibility.usage.dataUseRequirements"),
    *rows(same, "accessibility.usage.resourceCreator", "enrichmentAndLinkage.investigations -> accessibility.usage.investigations",
          "enrichmentAndLinkage.publicationUsingDataset -> accessibility.usage.isReferencedBy", "enrichmentAndLinkage.tools"),
    *rows(joined(", "), "accessibility.access.accessRequestCost"),
    *rows(same, "accessibility.access.accessService", "accessibility.access.jurisdiction", "accessibility.access.dataController",
          "accessibility.access.dataProcessor"),
    *rows(one_of(LEAD_TIME), "accessibility.access.deliveryLeadTime"),
    *rows(same, *(f"accessibility.formatAndStandards.{name}" for name in ("vocabularyEncodingScheme", "conformsTo", "language", "format"))),
)  # fmt: skip
RIGHTS: Final = rows(joined(", "), "accessibility.access.accessRights")


def write_2_0_2(writing: Writing) -> None:
    _early(writing)


def write_2_1_0(writing: Writing) -> None:
    _early(writing)
    _tables(writing)


def write_2_1_2(writing: Writing) -> None:
    _late(writing, frequency="accrualPeriodicity")
    writing.apply(rows(some_of(MATERIAL), "coverage.materialType -> coverage.physicalSampleAvailability"))


def write_2_1_3(writing: Writing) -> None:
    _late(writing)
    writing.apply(rows(some_of(MATERIAL), "coverage.materialType -> coverage.physicalSampleAvailability"))


def write_2_2_0(writing: Writing) -> None:
    _late(writing)
    writing.apply(rows(same, "summary.populationSize"))
    _kind(writing)
    _samples(writing)


def write_2_2_1(writing: Writing) -> None:
    write_2_2_0(writing)
    writing.apply(rows(_one_in_a_list, "accessibility.access.accessServiceCategory"))
    writing.apply(rows(same, "structuralMetadata.syntheticDataWebLink -> enrichmentAndLinkage.syntheticDataWebLink"))


def _early(writing: Writing) -> None:
    _any_version(writing, "accrualPeriodicity")
    writing.apply(rows(_rights_as_links, "accessibility.access.accessRights"))
    writing.apply(rows(some_of(MATERIAL), "coverage.materialType -> coverage.physicalSampleAvailability"))


def _late(writing: Writing, *, frequency: str = "publishingFrequency") -> None:
    _any_version(writing, frequency)
    writing.apply(RIGHTS)
    _tables(writing)


def _any_version(writing: Writing, frequency: str) -> None:
    writing.apply(SHARED)
    writing.apply(rows(one_of(FREQUENCY), f"provenance.temporal.publishingFrequency -> provenance.temporal.{frequency}"))
    _publisher(writing)
    ages(writing)
    writing.apply(rows(_dataset_names, "enrichmentAndLinkage.isPartOf -> documentation.isPartOf",
                       "enrichmentAndLinkage.linkableDatasets -> enrichmentAndLinkage.qualifiedRelation"))  # fmt: skip
    _observations(writing)


def _publisher(writing: Writing) -> None:
    source, target = "summary.dataCustodian", "summary.publisher"
    identifier = writing.take(f"{source}.identifier")
    if isinstance(identifier, str) and "://" in identifier:
        writing.put(f"{target}.identifier", identifier)
    elif identifier is not None:
        writing.drop(f"{source}.identifier", identifier, "Here the identifier of an organisation is an address.")
    names = ("name", "logo", "description", "contactPoint")
    writing.apply(rows(same, *(f"{source}.{name} -> {target}.{name}" for name in names)))
    writing.apply(rows(one_of(MEMBERSHIP), f"{source}.memberOf -> {target}.memberOf"))


def ages(writing: Writing) -> None:
    least, most = (writing.take(f"coverage.typicalAgeRange{end}") for end in ("Min", "Max"))
    if least is not None and most is not None and all(0 <= age <= 150 for age in (least, most)):
        writing.put("coverage.typicalAgeRange", f"{least}-{most}")
        return
    for end, age in (("Min", least), ("Max", most)):
        if age is not None:
            writing.drop(f"coverage.typicalAgeRange{end}", age, "An age range has two ends from 0 to 150 here.")


def _dataset_names(writing: Writing, row: Row, value: list[dict[str, Any]]) -> list[str]:
    """One name for each dataset: its address, else its title, else its identifier."""
    found = []
    for number, entry in enumerate(value):
        names = [name for name in ("url", "title", "pid") if entry.get(name)]
        found += [entry[name] for name in names[:1]]
        if len(names) > 1:
            writing.drop(f"{row.source}.{number}", {name: entry[name] for name in names[1:]}, "One name of a dataset has a place.")
        elif not names:
            writing.drop(f"{row.source}.{number}", entry, "A dataset without a name has no place.")
        elif kind_of_name(entry[names[0]]) != names[0]:
            writing.say(
                "reshaped", f"{row.source}.{number}", row.target, entry, "What kind of name it is cannot be said.", rule="T30", reversible=False
            )
    return found


def _rights_as_links(writing: Writing, row: Row, value: list[str]) -> Any:
    """To 2.1.0 access rights are addresses, or the words In Progress."""
    if len(value) == 1:
        return value[0]
    return list(value) if all("://" in member for member in value) else joined(", ")(writing, row, value)


def _kind(writing: Writing) -> None:
    source = "provenance.origin.datasetType"
    types: list[dict[str, Any]] | None = writing.take(source)
    if not types:
        if types == []:
            writing.drop(source, types, "A list without members cannot be said as text.")
        return
    head = types[0]
    if "name" in head:
        writing.put("summary.datasetType", head["name"])
        writing.say("reshaped", source, "summary.datasetType", head["name"], "The type is text here.", rule="2.2")
    if head.get("subTypes"):
        writing.put("summary.datasetSubType", ", ".join(head["subTypes"]))
        writing.say("joined", source, "summary.datasetSubType", head["subTypes"], "The sub-types are one text here.", rule="2.2")
    if len(types) > 1 or not is_told_apart(types):
        writing.drop(source, types[1:] or head, "This version has a place for one type of the list and its sub-types.")


def _samples(writing: Writing) -> None:
    source = "coverage.materialType"
    materials = writing.take(source)
    if materials is None or (materials and materials == _materials_in(writing.carried.get("/tissuesSampleCollection"))):
        return  # The samples that were read go back whole.
    kept = some_of(SAMPLE)(writing, Row(source, "tissuesSampleCollection", same), materials)
    if kept:
        writing.put("tissuesSampleCollection", [{"materialType": kept}])
        writing.say("reshaped", source, "tissuesSampleCollection", materials, "Materials stand in a collection of samples here.", rule="2.2")
    elif materials == []:
        writing.drop(source, materials, "A list without members cannot be said here.")


def _materials_in(samples: Any) -> list[str]:
    """What a reader makes of the samples it carries."""
    found = [
        values.match(material, values.MATERIAL, values.MATERIAL_ALSO)
        for sample in (samples if isinstance(samples, list) else ())
        for material in (sample.get("materialType") or () if isinstance(sample, Mapping) else ())
        if isinstance(material, str)
    ]
    return list(dict.fromkeys(material for material in found if material))


def _one_in_a_list(writing: Writing, row: Row, value: str) -> list[str]:
    writing.say("reshaped", row.source, row.target, value, "The value stands in a list here.", rule="2.2")
    return [value]


def _observations(writing: Writing) -> None:
    given = writing.take("observations")
    if given is None:
        return
    found = []
    for number, entry in enumerate(given):
        node = entry.get("observedNode")
        if node in NODE or node is None:
            found.append({**entry, **({"observedNode": NODE[node]} if node else {})})
        else:
            writing.drop(f"observations.{number}", entry, f"{node!r} cannot be counted in this version.", rule="3.3")
    writing.put("observations", found)


def _tables(writing: Writing) -> None:
    source = "structuralMetadata.tables"
    tables = writing.take(source)
    if tables is not None:
        writing.put("structuralMetadata", [_table(writing, f"{source}.{number}", table) for number, table in enumerate(tables)])
        writing.say("renamed", source, "structuralMetadata", f"{len(tables)} tables", "Columns are called elements here.", rule="2.2")


def _table(writing: Writing, path: str, table: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: table[name] for name in ("name", "description") if name in table}
    if "columns" in table:
        found["elements"] = [_column(writing, f"{path}.columns.{number}", column) for number, column in enumerate(table["columns"])]
    return found


def _column(writing: Writing, path: str, column: Mapping[str, Any]) -> dict[str, Any]:
    if "values" in column:
        writing.drop(f"{path}.values", f"{len(column['values'])} codes", "This version has no code lists.")
    return {name: value for name, value in column.items() if name != "values"}

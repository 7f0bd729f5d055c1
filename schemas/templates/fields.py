"""The columns of the templates, made from the record's own model: path, label, and what kind of value a cell holds."""

from __future__ import annotations

import types
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args, get_origin

from pydantic import BaseModel

from schemas.record import Dataset
from schemas.words import field_name

Cell = Literal["text", "list", "number"]
NOT_IN_A_CELL: Final = ("revisions", "observations", "structuralMetadata.tables", "demographicFrequency")
"""Lists of objects, which have sheets of their own or no place in a template."""
EXTRA: Final = (("provenance.origin.datasetSubType", "Dataset sub-type"),)
"""In a row, sub-types stand beside the types; each goes to the type that it belongs to."""
OBSERVATION_PATHS: Final = tuple(
    f"observations.{name}" for name in ("observedNode", "measuredValue", "disambiguatingDescription", "observationDate", "measuredProperty")
)
VALUE_PATHS: Final = tuple(f"structuralMetadata.tables.columns.values.{name}" for name in ("name", "description", "frequency"))
OLDER: Final = {
    "summary.dataprovider": "summary.dataCustodian", "summary.publisher": "summary.dataCustodian",
    "summary.alternateidentifiers": "summary.datasetAliases", "coverage.physicalsampleavailability": "coverage.materialType",
    "coverage.followup": "coverage.followUp", "documentation.ispartof": "enrichmentAndLinkage.isPartOf",
    "accessibility.usage.investigations": "enrichmentAndLinkage.investigations",
    "accessibility.usage.isreferencedby": "enrichmentAndLinkage.publicationUsingDataset",
    "provenance.temporal.accrualperiodicity": "provenance.temporal.publishingFrequency",
    "provenance.origin.collectionsituation": "provenance.origin.collectionSource",
    "enrichmentandlinkage.qualifiedrelation": "enrichmentAndLinkage.linkableDatasets",
    "observations.disambiguationdescription": "observations.disambiguatingDescription",
    "summary.datasettype": "provenance.origin.datasetType", "summary.datasetsubtype": "provenance.origin.datasetSubType",
}  # fmt: skip
"""Paths of earlier versions, in lower case, as headings met in templates still name them."""


@dataclass(frozen=True, slots=True)
class TemplateField:
    path: str
    label: str
    cell: Cell


def _fields() -> tuple[TemplateField, ...]:
    found = [*_walk(Dataset, ""), *((path, "list") for path, _ in EXTRA)]
    labels = {path: field_name("/" + path.replace(".", "/")) for path, _ in found} | dict(EXTRA)
    counts = Counter(labels.values())
    for path, label in labels.items():
        if counts[label] > 1:
            section = field_name("/" + path.split(".")[0])
            labels[path] = f"{section}: {label[0].lower()}{label[1:]}"
    return tuple(TemplateField(path, labels[path], cell) for path, cell in found)


def _walk(model: type[BaseModel], above: str) -> Iterator[tuple[str, Cell]]:
    for name, field in model.model_fields.items():
        path = f"{above}{field.alias or name}"
        if path in NOT_IN_A_CELL:
            continue
        inner = _stated(field.annotation)
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from _walk(inner, f"{path}.")
        elif get_origin(inner) is list:
            yield path, "list"
        else:
            yield path, "number" if inner is int else "text"


def _stated(annotation: Any) -> Any:
    """The type of a value that is stated: ``X`` of ``X | None``, the first of several."""
    if get_origin(annotation) is types.UnionType:
        return next(one for one in get_args(annotation) if one is not type(None))
    return annotation


DATASET_FIELDS: Final = _fields()
BY_PATH: Final = {field.path.casefold(): field for field in DATASET_FIELDS}
BY_LABEL: Final = {field.label.casefold(): field for field in DATASET_FIELDS} | {
    "dataset title": BY_PATH["summary.title"], "dataset abstract": BY_PATH["summary.abstract"], "pid": BY_PATH["identifier"], "id": BY_PATH["identifier"],
    "doi name": BY_PATH["summary.doiname"], "doi for dataset": BY_PATH["summary.doiname"],
}  # fmt: skip


def field_of(heading: str) -> TemplateField | None:
    """The field that a heading names, by path, older path or label."""
    text = " ".join(heading.replace("*", " ").split()).casefold()
    if text in BY_PATH:
        return BY_PATH[text]
    for older, path in OLDER.items():
        if text == older or text.startswith(f"{older}."):
            return BY_PATH.get((path + text[len(older) :]).casefold())
    return BY_LABEL.get(text)

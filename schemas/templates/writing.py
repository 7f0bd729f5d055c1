"""The templates as files, empty or filled in with datasets: made from the record's own model, so that they fit it by themselves."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from schemas.record import Dataset
from schemas.spreadsheet_guard import guarded
from schemas.table_files import HEADINGS
from schemas.templates.fields import DATASET_FIELDS, OBSERVATION_PATHS, TemplateField
from schemas.workbook import workbook_of_sheets

ID_HEADING: Final = "Dataset id"
DATASETS, TABLES, CODES, OBSERVATIONS = "Datasets", "Tables", "Codes", "Observations"
CODE_HEADINGS: Final = (ID_HEADING, "Table Name", "Column Name", "Value", "Value description", "Frequency")
OBSERVATION_LABELS: Final = ("Observed node", "Measured value", "Disambiguating description", "Observation date", "Measured property")
HINTS: Final = {"text": "text", "list": "one or several, separated by |", "number": "whole number"}
Rows = list[list[str]]


def template_workbook(datasets: Sequence[Dataset] = ()) -> bytes:
    """The XLSX template: datasets, their tables, columns and codes, their observations, and what the columns mean."""
    return workbook_of_sheets({
        DATASETS: dataset_rows(datasets), TABLES: _table_rows(datasets), CODES: _code_rows(datasets), OBSERVATIONS: _observation_rows(datasets), "Help": _help_rows(),
    })  # fmt: skip


def template_csv(datasets: Sequence[Dataset] = ()) -> bytes:
    """The datasets' sheet alone as CSV (RFC 4180, UTF-8)."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([guarded(cell) for cell in row] for row in dataset_rows(datasets))
    return text.getvalue().encode()


def dataset_rows(datasets: Sequence[Dataset]) -> Rows:
    """A row of paths, a row of labels, and a row for each dataset."""
    heads = [[field.path for field in DATASET_FIELDS], [field.label for field in DATASET_FIELDS]]
    return [*heads, *([_cell(dataset.as_json(), field) for field in DATASET_FIELDS] for dataset in datasets)]


def _cell(document: Mapping[str, Any], field: TemplateField) -> str:
    if field.path == "provenance.origin.datasetSubType":
        types = _at(document, "provenance.origin.datasetType") or []
        return _list_cell(list(dict.fromkeys(sub for one in types for sub in one.get("subTypes", ()))))
    value = _at(document, field.path)
    if field.cell != "list":
        return "" if value is None else str(value)
    return _list_cell([_text(one) for one in value or ()])


def _text(member: Any) -> str:
    """A dataset type by its name; a related dataset by its address, identifier or title."""
    if isinstance(member, Mapping):
        return str(next((member[name] for name in ("name", "url", "pid", "title") if member.get(name)), ""))
    return str(member)


def _list_cell(texts: Sequence[str]) -> str:
    """Texts between ``|``; as a JSON list where one of them would be cut by that."""
    if any("|" in text or "\n" in text or text.startswith("[") for text in texts) or (len(texts) == 1 and "," in texts[0]):
        return json.dumps(list(texts), ensure_ascii=False)
    return " | ".join(texts)


def _at(document: Mapping[str, Any], path: str) -> Any:
    value: Any = document
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _table_rows(datasets: Sequence[Dataset]) -> Rows:
    return [[ID_HEADING, *HEADINGS], *(row for dataset in datasets for row in _columns_of(dataset))]


def _columns_of(dataset: Dataset) -> Iterator[list[str]]:
    for table in dataset.structural_metadata.tables or ():
        named = [dataset.identifier or "", table.name or "", table.description or ""]
        for column in table.columns or ():
            sensitive = "" if column.sensitive is None else str(column.sensitive).upper()
            name = "" if column.name is None else str(column.name)
            yield [*named, name, column.description or "", column.data_type or "", sensitive]


def _code_rows(datasets: Sequence[Dataset]) -> Rows:
    rows = [
        [dataset.identifier or "", table.name or "", str(column.name or ""), str(code.name or ""), code.description or "", str(code.frequency or "")]
        for dataset in datasets for table in dataset.structural_metadata.tables or () for column in table.columns or () for code in column.values or ()
    ]  # fmt: skip
    return [list(CODE_HEADINGS), *rows]


def _observation_rows(datasets: Sequence[Dataset]) -> Rows:
    names = [path.rpartition(".")[2] for path in OBSERVATION_PATHS]
    rows = [
        [dataset.identifier or "", *(str(one[name]) if one.get(name) is not None else "" for name in names)]
        for dataset in datasets for one in dataset.as_json().get("observations", ())
    ]  # fmt: skip
    return [[ID_HEADING, *OBSERVATION_PATHS], ["", *OBSERVATION_LABELS], *rows]


def _help_rows() -> Rows:
    about = [
        ["What the columns of the sheet Datasets take"],
        ["One row for each dataset. Leave empty what you do not know. Keep the row of paths; the row of labels may go."],
        ["Path", "Label", "What a cell takes"],
    ]  # fmt: skip
    return [*about, *([field.path.replace(".", " › "), field.label, HINTS[field.cell]] for field in DATASET_FIELDS)]

"""Record -> variables: the columns of a dataset's tables, each a search document of its own that goes with its dataset.

A variable is a dict of plain values: ``name``, ``description``, ``type``, ``values``, ``table``, ``sensitive`` and
``from_scan``, for what only a scan of the data tells of. What is known of the
dataset (title, custodian, vocabularies, identifiers) is added from the dataset's own search document when it is prepared for an index.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, Final

from schemas.record import Column, Dataset
from search.language import fold, indexed_name, plain_text, words_of

Variable = dict[str, Any]
FIELDS_VERSION: Final = 2
"""Raise it whenever what is indexed of a variable changes: indexes made before are then rebuilt."""
VALUES_KEPT: Final = 100
_SENSITIVE: Final = {True: "Yes", False: "No"}


def variables(record: Dataset, from_scan: Collection[tuple[str, str]] = ()) -> list[Variable]:
    """In the order of the record; columns with neither a name nor a description are none. ``from_scan`` are by table and name."""
    return list(_variables(record, from_scan))


def name_key(name: str) -> str:
    """How names of columns are compared: ``smokingStatus``, ``SMOKING_STATUS`` and ``smoking status`` are one."""
    return " ".join(words_of(indexed_name(plain_text(name))))


def type_of(data_type: str | None) -> str | None:
    """A data type without the length and the case in which it is written: ``VARCHAR(20)`` and ``varchar (8)`` are one."""
    text = fold(plain_text(data_type or "")).partition("(")[0].strip()
    return text or None


def _variables(record: Dataset, from_scan: Collection[tuple[str, str]]) -> Iterator[Variable]:
    for table in record.structural_metadata.tables or ():
        where = plain_text(table.name or "")
        for column in table.columns or ():
            made = _variable(column)
            if (table.name or "", column.name or "") in from_scan:
                made["from_scan"] = True
            if "name" in made or "description" in made:
                yield {**made, "table": where} if where else made


def _variable(column: Column) -> Variable:
    coded = [plain_text(f"{'' if value.name is None else value.name} {value.description or ''}") for value in (column.values or ())[:VALUES_KEPT]]
    stated = {
        "name": "" if column.name is None else plain_text(str(column.name)),
        "description": plain_text(column.description or ""),
        "type": type_of(column.data_type),
        "values": [text for text in coded if text],
        "sensitive": None if column.sensitive is None else _SENSITIVE[column.sensitive],
    }
    return {name: value for name, value in stated.items() if value}

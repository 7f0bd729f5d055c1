"""Tables with their columns and code lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.reader import Reading
from schemas.reading.objects import carry_keys, mappings, members_of, put_as_it_is


def read_tables(reading: Reading, source: str, *, columns: str) -> None:
    value = reading.value(source)
    if value is None:
        return
    if not isinstance(value, list):
        reading.carry(source, value, "A list of tables is due here.")
        return
    tables = [_table(reading, where, table, columns) for where, table in mappings(reading, source, value)]
    if tables or value == []:
        put_as_it_is(reading, "structuralMetadata.tables", source, tables)


def _table(reading: Reading, place: str, table: Mapping[str, Any], columns: str) -> dict[str, Any]:
    name = table.get("name") or table.get("label")
    texts_given = (("name", name), ("description", table.get("description")))
    found: dict[str, Any] = {target: given for target, given in texts_given if isinstance(given, str) and given.strip()}
    members = table.get(columns)
    if isinstance(members, list):
        found["columns"] = [_column(reading, where, member) for where, member in mappings(reading, f"{place}.{columns}", members)]
    carry_keys(reading, place, table, {"name", "label", "description", *([columns] if isinstance(members, list) else [])})
    return found


def _column(reading: Reading, place: str, column: Mapping[str, Any]) -> dict[str, Any]:
    name = column.get("name") if column.get("name") is not None else column.get("label")
    kind = column.get("dataType")
    if isinstance(kind, Mapping):
        carry_keys(reading, f"{place}.dataType", kind, {"label"})
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
        found["values"] = [members_of(reading, where, code, keys) for where, code in mappings(reading, f"{place}.values", codes)]
    elif codes is not None:
        reading.carry(f"{place}.values", codes, "A list of codes is due here.")
    carry_keys(reading, place, column, {"name", "label", "dataType", "description", "sensitive", "values"})
    return found

"""A scan beside the custodian's own structure: it fills what is missing there, or takes its place."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from schemas.scan_reports.overview import Scan, ScannedColumn, ScannedTable

Mode = Literal["fill", "replace"]
FROM_SCAN: Final = "From a scan of the data"
MARK: Final = "(from a scan)"
_SAID: Final = re.compile(rf"{re.escape(FROM_SCAN)}(?:: [^.]*)?\.$")
_MARKED: Final = re.compile(rf"{re.escape(MARK)}$")
FILLED: Final = ("description", "dataType")


def merged(held: Sequence[Mapping[str, Any]], scan: Scan, mode: Mode = "fill") -> list[dict[str, Any]]:
    """Tables as the specification has them (``name``, ``description``, ``columns``).

    ``fill`` keeps every word of the custodian and adds tables, columns, descriptions and types that it lacks. ``replace`` takes the
    tables that were scanned from the scan. What the custodian says is sensitive stays so in both.
    """
    return joined(held, scanned_tables(scan), mode)


def scanned_tables(scan: Scan) -> list[dict[str, Any]]:
    """The tables as the scan saw them, saying that it did."""
    return [_table(scanned) for scanned in scan.tables]


def joined(held: Sequence[Mapping[str, Any]], scanned: Sequence[Mapping[str, Any]], mode: Mode = "fill") -> list[dict[str, Any]]:
    """The same as :func:`merged`, of tables that were kept from a scan."""
    known = {_key(table): dict(table) for table in held}
    for table in scanned:
        ours = known.get(_key(table))
        if ours is None:
            known[_key(table)] = dict(table)
        else:
            known[_key(table)] = _with_our_word(table, ours) if mode == "replace" else _filled(ours, table)
    return list(known.values())


def unmarked(tables: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Without the words that say what came from a scan: for searching, where they would match."""
    return [
        {**table, **_described(table, _SAID), "columns": [{**column, **_described(column, _MARKED)} for column in table.get("columns") or ()]} for table in tables
    ]


def _described(part: Mapping[str, Any], words: re.Pattern[str]) -> dict[str, str]:
    return {"description": words.sub("", part["description"]).strip()} if part.get("description") else {}


def _key(part: Mapping[str, Any]) -> str:
    return str(part.get("name") or "").casefold()


def _table(scanned: ScannedTable) -> dict[str, Any]:
    said = f"{FROM_SCAN}{f': {scanned.size}' if scanned.size else ''}."
    return {"name": scanned.name, "description": f"{scanned.description} {said}".strip(), "columns": [_column(column) for column in scanned.columns]}


def _column(scanned: ScannedColumn) -> dict[str, Any]:
    complete = f"{scanned.completeness:.0%} complete." if scanned.completeness is not None else ""
    stated = {"name": scanned.name, "dataType": scanned.data_type, "description": f"{scanned.description} {complete}".strip()}
    return {name: value for name, value in stated.items() if value}


def _with_our_word(table: Mapping[str, Any], held: Mapping[str, Any]) -> dict[str, Any]:
    """The scanned table with the custodian's word on what is sensitive."""
    sensitive = {_key(column): column["sensitive"] for column in held.get("columns") or () if column.get("sensitive") is not None}
    columns = [{**column, **({"sensitive": sensitive[_key(column)]} if _key(column) in sensitive else {})} for column in table["columns"]]
    return {**table, "columns": columns}


def _filled(ours: dict[str, Any], scanned: Mapping[str, Any]) -> dict[str, Any]:
    columns = {_key(column): dict(column) for column in ours.get("columns") or ()}
    for column in _with_our_word(scanned, ours)["columns"]:
        seen = {**column, "description": f"{column.get('description', '')} {MARK}".strip()}
        known = columns.setdefault(_key(column), seen)
        known.update({name: seen[name] for name in FILLED if seen.get(name) and not known.get(name)})
    return {**ours, "description": ours.get("description") or scanned["description"], "columns": list(columns.values())}

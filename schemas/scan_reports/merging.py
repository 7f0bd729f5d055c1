"""A scan beside the custodian's own structure: it fills what is missing there, or takes its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from schemas.scan_reports.overview import Scan, ScannedColumn, ScannedTable

Mode = Literal["fill", "replace"]
FROM_SCAN: Final = "From a scan of the data"
MARK: Final = "(from a scan)"
FILLED: Final = ("description", "dataType")


def merged(held: Sequence[Mapping[str, Any]], scan: Scan, mode: Mode = "fill") -> list[dict[str, Any]]:
    """Tables as the specification has them (``name``, ``description``, ``columns``).

    ``fill`` keeps every word of the custodian and adds tables, columns, descriptions and types that it lacks. ``replace`` takes the
    tables that were scanned from the scan. What the custodian says is sensitive stays so in both.
    """
    known = {_key(table): dict(table) for table in held}
    for scanned in scan.tables:
        key = scanned.name.casefold()
        ours = known.get(key)
        if ours is None or mode == "replace":
            known[key] = _table(scanned, ours or {})
        else:
            known[key] = _filled(ours, scanned)
    return list(known.values())


def _key(part: Mapping[str, Any]) -> str:
    return str(part.get("name") or "").casefold()


def _table(scanned: ScannedTable, held: Mapping[str, Any]) -> dict[str, Any]:
    """A table as the scan saw it, saying that it did; with the custodian's word on what is sensitive."""
    said = f"{FROM_SCAN}{f': {scanned.size}' if scanned.size else ''}."
    columns = {_key(column): column for column in held.get("columns") or ()}
    return {
        "name": scanned.name, "description": f"{scanned.description} {said}".strip(),
        "columns": [_column(column, columns.get(column.name.casefold(), {})) for column in scanned.columns],
    }


def _column(scanned: ScannedColumn, held: Mapping[str, Any]) -> dict[str, Any]:
    complete = f"{scanned.completeness:.0%} complete." if scanned.completeness is not None else ""
    stated = {"name": scanned.name, "dataType": scanned.data_type, "description": f"{scanned.description} {complete}".strip()}
    kept = {name: value for name, value in stated.items() if value}
    return kept if held.get("sensitive") is None else {**kept, "sensitive": held["sensitive"]}


def _filled(ours: dict[str, Any], scanned: ScannedTable) -> dict[str, Any]:
    table = _table(scanned, ours)
    columns = {_key(column): dict(column) for column in ours.get("columns") or ()}
    for column in table["columns"]:
        seen = {**column, "description": f"{column.get('description', '')} {MARK}".strip()}
        known = columns.setdefault(_key(column), seen)
        known.update({name: seen[name] for name in FILLED if seen.get(name) and not known.get(name)})
    description = ours.get("description") or table["description"]
    return {**ours, "description": description, "columns": list(columns.values())}

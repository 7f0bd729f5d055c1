"""A White Rabbit scan report beside a description: its tables in the description's own form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from harvesters.folder import FoundFile
from harvesters.parsing import BIG_FILE, parse
from harvesters.source import PageUnreadable
from schemas.findings import Finding
from schemas.scan_reports import Mode, NoOverview, Scan, merged, read_scan, scanned_tables, with_values
from schemas.scan_reports.overview import FIELDS, SETTINGS, TABLES, Row
from schemas.words import field_name

STRUCTURE = "structuralMetadata"
OVERVIEWS = [FIELDS, TABLES, SETTINGS]


def with_scan(document: Any, file: FoundFile, *, mode: Mode = "fill", take_values: bool = False) -> tuple[Any, tuple[Finding, ...]]:
    """The description with what the scan adds. Sheets of values are opened only where they were asked for.

    Raises :class:`PageUnreadable` (``no-headings`` for a workbook that is no scan report).
    """
    if not isinstance(document, Mapping):
        return document, ()
    sheets = _sheets(file, None if take_values else OVERVIEWS)
    scan = _scan(sheets, file.name)
    held, members = _held(document.get(STRUCTURE))
    tables = merged(held, scan, mode)
    if take_values:
        scanned = {table.name for table in scan.tables}
        with_values(scan, [table for table in tables if table["name"] in scanned], sheets, sensitive=_sensitive(held))
    return _put(document, tables, members), _findings(document, scan, file.name)


def structure_of(file: FoundFile) -> list[dict[str, Any]]:
    """The scanned tables alone, for a description that is kept elsewhere. No sheet of values is opened.

    Raises :class:`PageUnreadable` (``no-headings`` for a workbook that is no scan report).
    """
    return scanned_tables(_scan(_sheets(file, OVERVIEWS), file.name))


def _scan(sheets: dict[str, list[Row]], name: str) -> Scan:
    try:
        return read_scan(sheets)
    except NoOverview as problem:
        raise PageUnreadable("no-headings", f"{name} is no scan report. {problem}") from None


def _sheets(file: FoundFile, only: list[str] | None) -> dict[str, list[Row]]:
    named: dict[str, list[Row]] = {}
    for value in parse("xlsx", file.path, limits=BIG_FILE, only=only):
        if "cells" in value:
            named.setdefault(value["sheet"], []).append((value["row"], value["cells"]))
    return named


def _held(structure: Any) -> tuple[list[dict[str, Any]], str]:
    """The tables of a description in the form of 4.0.0, and what their columns are called there: ``elements`` until 2.2."""
    is_list = isinstance(structure, list)
    tables = structure if is_list else structure.get("tables") if isinstance(structure, Mapping) else None
    members = "elements" if is_list else "columns"
    found = [table for table in tables or () if isinstance(table, Mapping)]
    return [{**{name: value for name, value in table.items() if name != members}, "columns": _objects(table.get(members))} for table in found], members


def _objects(value: Any) -> list[dict[str, Any]]:
    return [dict(one) for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _sensitive(tables: Sequence[Mapping[str, Any]]) -> set[tuple[str, str]]:
    return {
        (str(table.get("name")).casefold(), str(column.get("name")).casefold())
        for table in tables for column in table["columns"] if column.get("sensitive") is True
    }  # fmt: skip


def _put(document: Mapping[str, Any], tables: list[dict[str, Any]], members: str) -> dict[str, Any]:
    if members == "elements":
        return {**document, STRUCTURE: [{**{name: value for name, value in one.items() if name != "columns"}, members: one["columns"]} for one in tables]}
    structure = document.get(STRUCTURE)
    return {**document, STRUCTURE: {**(structure if isinstance(structure, Mapping) else {}), "tables": tables}}


def _findings(document: Mapping[str, Any], scan: Scan, name: str) -> tuple[Finding, ...]:
    """Says where the structure came from, and suggests a standard that the names of the tables speak for."""
    path = f"/{STRUCTURE}"
    count = len(scan.tables)
    told = Finding(
        "SCN-01", "advice", path, field_name(path), f"{name}: {count} scanned {'table' if count == 1 else 'tables'} beside what the description says itself.",
        "Tables and columns that the description lacked say that they come from a scan.",
    )  # fmt: skip
    standards = "/accessibility/formatAndStandards/conformsTo"
    if not scan.looks_like_omop or "OMOP" in str(document.get("accessibility")):
        return (told,)
    hint = "If it does, state OMOP under conformsTo."
    return told, Finding("SCN-02", "advice", standards, field_name(standards), "The scanned tables have the names of the OMOP Common Data Model.", hint)

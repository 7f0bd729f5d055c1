"""The sheets *Field Overview*, *Table Overview* and ``_`` of a scan report, found by their headings: columns were added over time."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

Row = tuple[int, Sequence[str]]
FIELDS: Final = "field overview"
TABLES: Final = "table overview"
SETTINGS: Final = "_"
SMALLEST: Final = 10
"""Counts below this are never shown, nor shares that rest on fewer."""
COUNT: Final = re.compile(r"(?:<=)?\s*(-?[0-9]{1,15})(?:\.0+)?", re.ASCII)
OMOP_TABLES: Final = frozenset(
    ["person", "observation_period", "visit_occurrence", "visit_detail", "condition_occurrence", "drug_exposure", "procedure_occurrence", "device_exposure", "measurement", "observation", "death", "note", "note_nlp", "specimen", "fact_relationship", "location", "care_site", "provider", "payer_plan_period", "cost", "drug_era", "dose_era", "condition_era", "episode", "episode_event", "metadata", "cdm_source", "concept", "vocabulary", "domain", "concept_class", "concept_relationship", "relationship", "concept_synonym", "concept_ancestor", "source_to_concept_map", "drug_strength", "cohort", "cohort_definition"]
)  # fmt: skip
OMOP_FROM: Final = 5


class NoOverview(ValueError):
    """The workbook has no sheet *Field Overview* with the columns Table and Field."""


@dataclass(frozen=True, slots=True)
class ScannedColumn:
    """``completeness`` and ``unique`` are shares from 0 to 1; None where they are not known."""

    name: str
    data_type: str = ""
    description: str = ""
    longest: int | None = None
    completeness: float | None = None
    unique: float | None = None


@dataclass(slots=True)
class ScannedTable:
    """``rows`` is None where it is not known, ``is_bound`` where it is an upper bound."""

    name: str
    description: str = ""
    rows: int | None = None
    is_bound: bool = False
    columns: list[ScannedColumn] = field(default_factory=list)

    @property
    def size(self) -> str:
        """The number of rows in words: rounded to ten, and nothing below ten."""
        if self.rows is None:
            return ""
        if self.rows < SMALLEST:
            return f"fewer than {SMALLEST} rows"
        return f"{'at most' if self.is_bound else 'about'} {round(self.rows, -1):,} rows"


@dataclass(frozen=True, slots=True)
class Scan:
    tables: tuple[ScannedTable, ...]
    minimum_cell_count: int = SMALLEST

    @property
    def looks_like_omop(self) -> bool:
        return sum(table.name.casefold().rpartition(".")[2] in OMOP_TABLES for table in self.tables) >= OMOP_FROM


def read_scan(sheets: Mapping[str, Sequence[Row]]) -> Scan:
    """Raises :class:`NoOverview`."""
    named = {name.strip().casefold(): rows for name, rows in sheets.items()}
    rows = _by_heading(named.get(FIELDS, ()))
    if not rows or not {"table", "field"} <= set(rows[0]):
        raise NoOverview("The workbook has no sheet Field Overview with the columns Table and Field.")
    tables: dict[str, ScannedTable] = {}
    for row in rows:
        _add(tables, row)
    for row in _by_heading(named.get(TABLES, ())):
        _describe(tables, row)
    return Scan(tuple(tables.values()), max(SMALLEST, _minimum(named.get(SETTINGS, ()))))


def _by_heading(rows: Sequence[Row]) -> list[dict[str, str]]:
    """Each row by the headings of the first one; blank rows part tables and say nothing."""
    if not rows:
        return []
    heads = [cell.strip().casefold() for cell in rows[0][1]]
    found = ({head: cell.strip() for head, cell in zip(heads, cells, strict=False) if head} for _, cells in rows[1:])
    return [row for row in found if any(row.values())]


def _add(tables: dict[str, ScannedTable], row: Mapping[str, str]) -> None:
    name, column = row.get("table", ""), row.get("field", "")
    if not name or not column:
        return
    table = tables.setdefault(name, ScannedTable(name))
    if table.rows is None:
        table.rows, table.is_bound = _count(row.get("n rows", ""))
    table.columns.append(ScannedColumn(
        column, row.get("type", ""), row.get("description", ""), _count(row.get("max length", ""))[0],
        _completeness(_share(row.get("fraction empty", "")), table.rows), _share(row.get("fraction unique", "")),
    ))  # fmt: skip


def _describe(tables: dict[str, ScannedTable], row: Mapping[str, str]) -> None:
    table = tables.get(row.get("table", ""))
    if table is None:
        return
    table.description = table.description or row.get("description", "")
    if table.rows is None:
        table.rows, table.is_bound = _count(row.get("n rows", ""))


def _count(text: str) -> tuple[int | None, bool]:
    """The number, and whether it is an upper bound (``<=123``); -1 stands for unknown."""
    found = COUNT.fullmatch(text.replace(",", "").strip())
    if found is None or int(found[1]) < 0:
        return None, False
    return int(found[1]), text.strip().startswith("<")


def _share(text: str) -> float | None:
    """``0.25``, ``25%`` or ``<=0.25``; shares are written both ways."""
    plain = text.strip().removeprefix("<=").strip()
    is_percent = plain.endswith("%")
    try:
        value = float(plain.removesuffix("%").replace(",", ".")) / (100 if is_percent else 1)
    except ValueError:
        return None
    return value if 0 <= value <= 1 else None


def _completeness(empty: float | None, rows: int | None) -> float | None:
    """Not known where it would tell of fewer than ten rows, filled or empty."""
    if empty is None or rows is None or rows < SMALLEST:
        return None
    is_small = any(0 < round(share * rows) < SMALLEST for share in (empty, 1 - empty))
    return None if is_small else 1 - empty


def _minimum(rows: Sequence[Row]) -> int:
    """The smallest count that the scan was told to report, from its sheet of settings."""
    for _, cells in rows:
        stated = [cell.strip() for cell in cells if cell.strip()]
        key = stated[0].casefold().replace(" ", "").replace("_", "") if stated else ""
        if len(stated) > 1 and "mincell" in key and (count := _count(stated[1])[0]) is not None:
            return count
    return SMALLEST

"""Recognising the sheets of a filled-in template by their headings, whatever they are called."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from schemas.table_files import HEADINGS, PATHS
from schemas.templates.fields import OBSERVATION_PATHS, VALUE_PATHS, field_of

Kind = Literal["datasets", "tables", "observations", "values"]
Row = tuple[int, Sequence[str]]
HEADING_ROWS: Final = 20
TITLE: Final = "summary.title"
ID_HEADINGS: Final = ("dataset id", "dataset identifier", "dataset", "identifier", "pid", "id", "dataset.identifier")
_OBSERVATIONS: Final = {
    "dataset volume measure": OBSERVATION_PATHS[0], "observed node": OBSERVATION_PATHS[0], "measured value": OBSERVATION_PATHS[1],
    "disambiguation description": OBSERVATION_PATHS[2], "disambiguating description": OBSERVATION_PATHS[2],
    "observation date": OBSERVATION_PATHS[3], "measured property": OBSERVATION_PATHS[4],
    "observations.disambiguationdescription": OBSERVATION_PATHS[2], **{path.casefold(): path for path in OBSERVATION_PATHS},
}  # fmt: skip
_TABLES: Final = {name.casefold(): name for name in HEADINGS} | dict(zip(PATHS, HEADINGS, strict=True))
_VALUES: Final = {
    "value": VALUE_PATHS[0], "value description": VALUE_PATHS[1], "frequency": VALUE_PATHS[2], **{path.casefold(): path for path in VALUE_PATHS},
    **{name: full for name, full in _TABLES.items() if full in ("Table Name", "Column Name")},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sheet:
    """``columns`` says what stands in which place; ``rows`` are those below the headings, with their numbers.

    ``unknown`` are headings without a meaning here, by place. ``id_place`` is the column that names the dataset.
    """

    name: str
    kind: Kind
    columns: Mapping[int, str]
    rows: Iterable[Row]
    unknown: Mapping[int, str] = field(default_factory=dict)
    id_place: int | None = None


def sheets_of(named: Mapping[str, Sequence[Row]]) -> list[Sheet]:
    """The sheets that have headings of a template, in order; others are left out."""
    found = (_sheet(name, rows) for name, rows in named.items())
    return [sheet for sheet in found if sheet is not None]


def _sheet(name: str, rows: Sequence[Row]) -> Sheet | None:
    best: tuple[int, int, Kind, dict[int, str]] | None = None
    for position, (_, cells) in enumerate(rows[:HEADING_ROWS]):
        for kind, read in READ.items():
            columns = {place: known for place, cell in enumerate(cells) if cell.strip() and (known := read(cell))}
            is_one = len(columns) > 1 and MUST[kind] <= set(columns.values())
            if is_one and (best is None or len(columns) > best[0]):
                best = len(columns), position, kind, columns
    if best is None:
        return None
    _, position, kind, columns = best
    return _below(name, kind, columns, rows[position], rows[position + 1 :])


def _below(name: str, kind: Kind, columns: dict[int, str], headings: Row, rows: Sequence[Row]) -> Sheet:
    """The sheet without a row of labels under its headings, and without the column that only numbers questions."""
    cells = headings[1]
    is_questions = [place for place, cell in enumerate(cells) if cell.strip().casefold().replace("_", "") in ("questionid", "titlequestion")]
    id_place = next((place for place, cell in enumerate(cells) if cell.strip().casefold() in ID_HEADINGS and place not in is_questions), None)
    kept = rows[1:] if rows and _is_labels(rows[0][1], columns, READ[kind], is_questions) else rows
    unknown = {
        place: cell.strip() for place, cell in enumerate(cells)
        if cell.strip() and place not in columns and place not in is_questions and place != id_place
    }  # fmt: skip
    return Sheet(name, kind, columns, kept, unknown, id_place)


def _is_labels(cells: Sequence[str], columns: Mapping[int, str], read: Callable[[str], str | None], questions: Iterable[int]) -> bool:
    if any(place < len(cells) and cells[place].strip().casefold().startswith("title") for place in questions):
        return True
    stated = [place for place in columns if place < len(cells) and cells[place].strip()]
    alike = [place for place in stated if read(cells[place]) == columns[place]]
    return len(alike) * 2 > len(stated) > 0


def _path(heading: str) -> str | None:
    known = field_of(heading)
    return known.path if known else None


def _in(table: Mapping[str, str]) -> Callable[[str], str | None]:
    return lambda heading: table.get(" ".join(heading.replace("*", " ").split()).casefold()) or table.get(heading.strip().casefold().replace(" ", ""))


READ: Final[dict[Kind, Callable[[str], str | None]]] = {
    "datasets": _path, "tables": _in(_TABLES), "observations": _in(_OBSERVATIONS), "values": _in(_VALUES),
}  # fmt: skip
MUST: Final[dict[Kind, set[str]]] = {
    "datasets": {TITLE}, "tables": {"Table Name", "Column Name"}, "observations": {OBSERVATION_PATHS[0], OBSERVATION_PATHS[1]},
    "values": {"Table Name", "Column Name", VALUE_PATHS[0]},
}  # fmt: skip

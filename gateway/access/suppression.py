"""Small numbers are not told, and neither is what they could be worked out from. Pure.

A cell is hidden where fewer than five parts are behind it. Totals are sums of other cells, so a hidden cell might follow from what is
shown; more cells are hidden until none does, and until what is hidden of any total adds up to five at least.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Final, TypeVar

FEWEST: Final = 5
"""Parts behind a figure that is shown."""
Cell = TypeVar("Cell", bound=Hashable)
Sum = tuple[Cell, tuple[Cell, ...]]
"""A total, and the cells that add up to it."""


def shown(cells: Mapping[Cell, int], sums: Sequence[Sum[Cell]]) -> dict[Cell, int | None]:
    """Each cell's value, or None where it is not told."""
    hidden = {cell for cell, value in cells.items() if value < FEWEST}
    while True:
        more = _next_to_hide(cells, sums, hidden)
        if more is None:
            return {cell: None if cell in hidden else value for cell, value in cells.items()}
        hidden.add(more)


def _next_to_hide(cells: Mapping[Cell, int], sums: Sequence[Sum[Cell]], hidden: set[Cell]) -> Cell | None:
    for total, addends in sums:
        covered = [cell for cell in addends if cell in hidden]
        is_told = total not in hidden
        if is_told and covered and (len(covered) == 1 or sum(cells[cell] for cell in covered) < FEWEST):
            return _smallest(cells, [cell for cell in addends if cell not in hidden] or [total])
        if not is_told and not covered:
            return _smallest(cells, addends)
    exposed = determined(hidden, sums)
    for total, addends in sums:
        if exposed & {total, *addends}:
            open_cells = [cell for cell in (*addends, total) if cell not in hidden]
            if open_cells:
                return _smallest(cells, open_cells)
    return None


def _smallest(cells: Mapping[Cell, int], among: Iterable[Cell]) -> Cell:
    return min(among, key=lambda cell: (cells[cell], str(cell)))


def determined(hidden: set[Cell], sums: Sequence[Sum[Cell]]) -> set[Cell]:
    """Hidden cells whose value follows from the sums and everything that is told: those that a reduced equation holds alone."""
    rows = []
    for total, addends in sums:
        row = {cell: Fraction(1) for cell in addends if cell in hidden}
        if total in hidden:
            row[total] = row.get(total, Fraction(0)) - 1
        if row:
            rows.append(row)
    return {next(iter(row)) for row in _reduced(rows) if len(row) == 1}


def _reduced(rows: list[dict[Cell, Fraction]]) -> list[dict[Cell, Fraction]]:
    """By Gauss and Jordan: each row's pivot stands in no other row."""
    done: dict[Cell, dict[Cell, Fraction]] = {}
    for row in rows:
        left = dict(row)
        for pivot in [cell for cell in left if cell in done]:
            _subtract(left, done[pivot], left[pivot])
        if not left:
            continue
        pivot = next(iter(left))
        scale = left[pivot]
        left = {cell: value / scale for cell, value in left.items()}
        for other in done.values():
            if pivot in other:
                _subtract(other, left, other[pivot])
        done[pivot] = left
    return list(done.values())


def _subtract(row: dict[Cell, Fraction], other: Mapping[Cell, Fraction], times: Fraction) -> None:
    for cell, value in other.items():
        rest = row.get(cell, Fraction(0)) - times * value
        if rest:
            row[cell] = rest
        else:
            row.pop(cell, None)

"""How deep the tables of a record go, in counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from schemas.quality_fields import is_text
from schemas.record import Column, Table

CODED_WORDS: Final = ("code", "enum", "boolean", "categor")


@dataclass(frozen=True, slots=True)
class Structure:
    """``coded`` columns are those that say so, those with a value list, and those whose type is not stated.

    The last may be coded for all one knows; so stating a type never costs points.
    """

    tables: int = 0
    described_tables: int = 0
    columns: int = 0
    described_columns: int = 0
    typed_columns: int = 0
    coded_columns: int = 0
    listed_columns: int = 0
    unknown_columns: int = 0
    """Neither type nor value list."""

    def mended(self) -> Iterator[tuple[str, Structure]]:
        """Each thing that can be completed, and the counts when it is."""
        yield "tables described", replace(self, described_tables=self.tables)
        yield "columns described", replace(self, described_columns=self.columns)
        yield (
            "data types",
            replace(
                self,
                typed_columns=self.columns,
                unknown_columns=0,
                coded_columns=self.coded_columns - self.unknown_columns,
            ),
        )
        yield "value lists", replace(self, listed_columns=self.coded_columns)


def structure_of(tables: list[Table] | None) -> Structure:
    columns = [column for table in tables or () for column in table.columns or ()]
    has_list = [bool(column.values) for column in columns]
    coded = [lists or _may_be_coded(column) for lists, column in zip(has_list, columns, strict=True)]
    return Structure(
        tables=len(tables or ()),
        described_tables=sum(is_text(table.description) for table in tables or ()),
        columns=len(columns),
        described_columns=sum(is_text(column.description) for column in columns),
        typed_columns=sum(is_text(column.data_type) for column in columns),
        coded_columns=sum(coded),
        listed_columns=sum(has_list),
        unknown_columns=sum(not column.values and not is_text(column.data_type) for column in columns),
    )


def _may_be_coded(column: Column) -> bool:
    kind = (column.data_type or "").lower()
    return not is_text(kind) or any(word in kind for word in CODED_WORDS)

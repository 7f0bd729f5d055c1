"""Series of datasets (``dcat:DatasetSeries``): a group that its members name, never a dataset of its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from schemas.linked_data.terms import expand
from schemas.reader import Carried

IN_SERIES: Final = expand("dcat:inSeries", "")
"""Under this name memberships are carried beside a record, which says with HDR UK only that it is part of something."""
LONGEST: Final = 2_000
AT_MOST: Final = 100


@dataclass(frozen=True, slots=True)
class Series:
    """``url`` is the address of the series, by which its members know each other."""

    url: str
    title: str | None = None
    description: str | None = None

    def carried(self) -> Carried:
        return Carried(IN_SERIES, {"url": self.url, "title": self.title, "description": self.description})


def series_of(carried: Iterable[dict[str, Any]]) -> tuple[Series, ...]:
    """Of what a version carries beside its record."""
    values = [one["value"] for one in carried if one["path"] == IN_SERIES]
    found = (Series(value["url"], value.get("title"), value.get("description")) for value in values if isinstance(value, dict))
    return tuple({one.url: one for one in found}.values())[:AT_MOST]

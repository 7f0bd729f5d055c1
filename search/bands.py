"""Bands of years, people and ages, in which datasets are counted. A band is a facet value; what it means is a pair of bounds.

A dataset is in every band that its years or ages overlap, and in the one band of its number of people. An end that is not stated is open.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Band:
    """Both bounds are within; None is open."""

    value: str
    least: int | None
    most: int | None


def _decades() -> Iterator[Band]:
    yield Band("before 1950", None, 1949)
    yield from (Band(f"{start}s", start, start + 9) for start in range(1950, 2020, 10))
    yield Band("2020 or later", 2020, None)


YEARS: Final = tuple(_decades())
PEOPLE: Final = (
    Band("under 1,000", 0, 999), Band("1,000 to 9,999", 1_000, 9_999), Band("10,000 to 99,999", 10_000, 99_999),
    Band("100,000 to 999,999", 100_000, 999_999), Band("1 to 10 million", 1_000_000, 9_999_999), Band("10 million or more", 10_000_000, None),
)  # fmt: skip
AGES: Final = (Band("0 to 17", 0, 17), Band("18 to 64", 18, 64), Band("65 or older", 65, None))
BANDS: Final = {"years": YEARS, "people": PEOPLE, "ages": AGES}
"""By facet."""
FIRST_YEAR, LAST_YEAR, OLDEST = 0, 9_999, 999
"""What stands for an open end."""


def overlapped(bands: tuple[Band, ...], first: int, last: int) -> list[str]:
    return [band.value for band in bands if (band.most is None or first <= band.most) and (band.least is None or last >= band.least)]


def span(first: int | None, last: int | None, least: int, most: int) -> tuple[int, int] | None:
    """Both ends, an open one replaced; None where neither is stated."""
    if first is None and last is None:
        return None
    return (least if first is None else first, most if last is None else last)

"""Reading the parameters of an address: what cannot be read is dropped and named in a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from search.engine import Sort

PER_PAGE: Final = (25, 50, 100)
WORDS_AT_MOST: Final = 1000
_VALUES_AT_MOST: Final = 50
_DAYS: Final = re.compile(r"P([1-9]\d{0,3})D", re.ASCII)
_NUMBER_AT_MOST: Final = 10_000_000_000


class Reader:
    """Reads the parameters of one query string, gathering sentences about what it could not read in ``problems``."""

    def __init__(self, parameters: Iterable[tuple[str, str]]) -> None:
        self._pairs = [(name, value.strip()) for name, value in parameters]
        self.problems: list[str] = []

    def all(self, name: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(value for known, value in self._pairs if known == name and value))[:_VALUES_AT_MOST]

    def last(self, name: str) -> str:
        return next((value for known, value in reversed(self._pairs) if known == name and value), "")

    def number(self, name: str, words: str, example: str, *, least: int = 0, most: int = _NUMBER_AT_MOST) -> int | None:
        value = self.last(name).replace(",", "")
        if not value:
            return None
        if value.isascii() and value.isdigit() and len(value) < 12 and least <= int(value) <= most:
            return int(value)
        self.problems.append(f"We could not read {words} “{value[:40]}”, so it is not used. Type {example}.")
        return None

    def days(self, name: str, words: str, example: str) -> int | None:
        """A duration of whole days, as ISO 8601 writes it."""
        value = self.last(name)
        found = _DAYS.fullmatch(value)
        if value and not found:
            self.problems.append(f"We could not read {words} “{value[:40]}”, so it is not used. Type {example}.")
        return int(found[1]) if found else None

    def one_of(self, name: str, words: str, choices: tuple[Sort, ...] | tuple[str, ...]) -> Sort:
        value = self.last(name)
        if value and value not in choices:
            self.problems.append(f"We do not know {words} “{value[:40]}”, so the usual one is used.")
        return value if value in choices else choices[0]  # type: ignore[return-value]

    def page_size(self) -> int:
        size = self.number("per", "the number of results on a page", "25, 50 or 100")
        return size if size in PER_PAGE else PER_PAGE[0]

"""The canonical address of a dataset's columns: which of them are asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import urlencode

from frontend.parameters import Reader
from frontend.words import NOT_REPORTED

PER_PAGE: Final = 200
WHOLE: Final = "all"
"""The value of ``page`` that shows all columns on one page."""
SENSITIVE: Final = {"Yes": True, "No": False, NOT_REPORTED: None}
LONGEST: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetColumns:
    """Filters of the columns of one dataset. ``vocab`` is a vocabulary of the dataset that a column's own words name."""

    table: str = ""
    q: str = ""
    type: str = ""
    sensitive: str = ""
    vocab: str = ""
    page: int = 1
    is_whole: bool = False
    problems: tuple[str, ...] = field(default=(), compare=False)

    @classmethod
    def read(cls, parameters: Iterable[tuple[str, str]]) -> DatasetColumns:
        """Never raises: what cannot be read is named in ``problems``."""
        asked = Reader(parameters)
        is_whole = asked.last("page") == WHOLE
        page = 1 if is_whole else asked.number("page", "the page", "a number such as 2", least=1) or 1
        words = {name: asked.last(name)[:LONGEST] for name in ("table", "q", "type", "vocab")}
        sensitive = asked.one_of("sensitive", "the mark for sensitive columns", ("", *SENSITIVE))
        return cls(**words, sensitive=sensitive, page=page, is_whole=is_whole, problems=tuple(asked.problems))

    def parameters(self) -> tuple[tuple[str, str], ...]:
        page = WHOLE if self.is_whole else str(self.page) if self.page > 1 else ""
        pairs = (("table", self.table), ("q", self.q), ("type", self.type), ("sensitive", self.sensitive), ("vocab", self.vocab), ("page", page))
        return tuple(pair for pair in pairs if pair[1])

    def query(self) -> str:
        return urlencode(self.parameters())

    def on_page(self, page: int) -> DatasetColumns:
        return replace(self, page=page, is_whole=False)

    def on_one_page(self) -> DatasetColumns:
        return replace(self, page=1, is_whole=True)

    def of_table(self, table: str) -> DatasetColumns:
        return replace(self, table=table, page=1)

    @property
    def is_narrowed(self) -> bool:
        return bool(self.q or self.type or self.sensitive or self.vocab)

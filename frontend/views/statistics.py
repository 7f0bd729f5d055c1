"""How many requests, what became of them, how long it took."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from frontend.views.layout import Link, PageView


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """``value`` None is too few to show; ``is_part`` for what is part of the figure above."""

    words: str
    value: int | None
    is_part: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeFigures:
    """Working days: the custodian's own, and from beginning to end. All None where too few parts are behind them."""

    name: str
    words: str
    parts: int | None
    median: int | None
    ninetieth: int | None
    elapsed_median: int | None
    elapsed_ninetieth: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodianFigures:
    custodian: Link
    submitted: int | None
    decided: int | None
    approved: int | None
    questions: int | None
    times: tuple[TimeFigures, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatisticsView(PageView):
    """``since`` and ``until`` bound the twelve months; ``provisional`` says why working days may still change."""

    template: ClassVar[str] = "statistics.html"
    width: ClassVar[str] = "wide"

    since: str
    until: str
    provisional: str = ""
    counts: tuple[Figure, ...]
    questions: tuple[Figure, ...]
    times: tuple[TimeFigures, ...]
    custodians: tuple[CustodianFigures, ...]

    @property
    def title(self) -> str:
        return "Requests in numbers"

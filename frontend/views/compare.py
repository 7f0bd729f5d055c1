"""Two to five datasets side by side, differences first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from frontend.compare_address import CompareAddress
from frontend.pictures.time_covered import Span
from frontend.views.layout import Link, PageView


@dataclass(frozen=True, slots=True)
class Compared:
    """One dataset of a comparison. ``problem`` says why nothing is known of it."""

    ref: str
    title: str
    href: str | None = None
    is_in_basket: bool = False
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """A fact of each dataset, in their order; None where it is not reported."""

    label: str
    values: tuple[str | None, ...]

    @property
    def differs(self) -> bool:
        return len(set(self.values)) > 1


@dataclass(frozen=True, slots=True)
class ComparedGroup:
    title: str
    rows: tuple[ComparedRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareView(PageView):
    """``spans`` are the names and years of the datasets; ``shared`` are columns that all of them have."""

    template: ClassVar[str] = "compare.html"

    address: CompareAddress
    datasets: tuple[Compared, ...] = ()
    groups: tuple[ComparedGroup, ...] = ()
    spans: tuple[Span, ...] = ()
    shared: tuple[Link, ...] = ()
    shared_total: int = 0
    suggested: tuple[Link, ...] = ()
    """Datasets to compare the only one with."""

    @property
    def title(self) -> str:
        return "Compare datasets"

    @property
    def shown(self) -> tuple[ComparedGroup, ...]:
        """The groups with the rows asked for."""
        if not self.address.only_differences:
            return self.groups
        told = (ComparedGroup(group.title, tuple(row for row in group.rows if row.differs)) for group in self.groups)
        return tuple(group for group in told if group.rows)

    @property
    def alike(self) -> int:
        return sum(not row.differs for group in self.groups for row in group.rows)

"""The custodian directory and a custodian's page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from frontend.addresses import custodian_path
from frontend.views.layout import Link, PageView
from frontend.views.statistics import Figure, TimeFigures


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodianRow:
    slug: str
    name: str
    category: str | None = None
    nations: tuple[str, ...] = ()
    datasets: int = 0
    last_harvest: str | None = None
    is_demonstration: bool = False

    @property
    def href(self) -> str:
        return custodian_path(self.slug)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodianDirectoryView(PageView):
    """The directory. ``nations`` and ``categories`` are the choices of the filters; ``q``, ``nation``, ``category`` are chosen.
    ``all_count`` counts all custodians, whatever the filter."""

    template: ClassVar[str] = "custodians/directory.html"

    rows: tuple[CustodianRow, ...]
    all_count: int
    q: str = ""
    nation: str = ""
    category: str = ""
    nations: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        return "Custodians"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldDataset:
    """A dataset in a custodian's list."""

    title: str
    href: str
    abstract: str | None = None
    people: int | None = None
    year_from: int | None = None
    year_to: int | None = None
    is_continuing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodianView(PageView):
    """A custodian. ``about`` is its own text, raw. ``datasets`` are the first of ``dataset_count``; ``all_href`` lists all.

    ``route`` says in words how a request reaches it; ``decisions`` counts decided requests (timings need five).
    """

    template: ClassVar[str] = "custodians/custodian.html"

    slug: str
    name: str
    category: str | None = None
    nations: tuple[str, ...] = ()
    about: str | None = None
    contact: str | None = None
    identifier: str | None = None
    is_demonstration: bool = False
    datasets: tuple[HeldDataset, ...] = ()
    dataset_count: int = 0
    all_href: str = "/search"
    route: str | None = None
    counts: tuple[Figure, ...] = ()
    times: tuple[TimeFigures, ...] = ()
    """Of its requests in the last twelve months; none where it had none."""
    way: Link | None = None
    """From the first question to the data."""
    median_quality: float | None = None
    """Of the scores of its datasets."""
    decisions: int = 0
    median_days_to_decision: int | None = None
    ninetieth_days_to_decision: int | None = None
    """Nine of ten decisions took no longer. Both are the custodian's own working days, of the last twelve months."""
    sources: tuple[Link, ...] = ()

    @property
    def title(self) -> str:
        return self.name

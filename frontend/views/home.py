"""The home page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from frontend.pictures import Picture
from frontend.views.layout import Link, PageView


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedDataset:
    """One of the newest or changed datasets. ``change`` says what happened: "Added", "3 fields changed"."""

    title: str
    href: str
    custodian_name: str | None
    change: str
    date: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeView(PageView):
    """Home. Counts are of live records; ``custodians`` are links to their pages, by name."""

    template: ClassVar[str] = "home.html"

    dataset_count: int
    custodian_count: int
    column_count: int
    changed: tuple[ChangedDataset, ...] = ()
    worked_searches: tuple[Link, ...] = (
        Link("asthma in primary care", "/search?q=asthma+primary+care"),
        Link("smoking status", "/search?q=smoking+status"),
        Link("COVID-19 vaccination", "/search?q=COVID-19+vaccination"),
    )
    custodians: tuple[Link, ...] = ()
    country: Picture | None = None
    """Where the datasets are from; None where that cannot be counted just now."""

    @property
    def title(self) -> str:
        return "Find health data for research"

    @property
    def description(self) -> str | None:
        return "Search descriptions of UK health datasets, see who decides on access, and ask for data."

"""The feeds that there are, and how to follow one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from frontend.addresses import SearchAddress
from frontend.views.layout import PageView


@dataclass(frozen=True, slots=True)
class Feed:
    """``about`` says in a sentence or two what enters it."""

    name: str
    href: str
    about: str


@dataclass(frozen=True, slots=True)
class CustodianFeed:
    name: str
    datasets: int

    @property
    def href(self) -> str:
        return SearchAddress().adding("custodian", self.name).href(".atom")


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedsView(PageView):
    """``custodians`` are those with datasets, by name. A feed shows ``most`` entries."""

    template: ClassVar[str] = "feeds.html"

    feeds: tuple[Feed, ...]
    custodians: tuple[CustodianFeed, ...] = ()
    most: int

    @property
    def title(self) -> str:
        return "Feeds"

    @property
    def description(self) -> str:
        return "Follow what is new in the catalogue: datasets, columns, custodians and uses of data, as Atom feeds."

"""Access by nation: what is held of each place, and the ways to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Final

from frontend.addresses import with_query
from frontend.parameters import Reader
from frontend.pictures import DATASETS, Measure, Picture
from frontend.place_map import NOT_REPORTED, PlaceTiles
from frontend.views.layout import Link, PageView
from frontend.views.pathways import PathwayCard

MEASURES: Final[dict[str, Measure]] = {
    "datasets": DATASETS,
    "people": Measure("person", "people", "Most people in one dataset:", "none in those of", "People"),
    "custodians": Measure("custodian", "custodians", "Most custodians have data of", "none has data of", "Custodians"),
}
ABOUT: Final = {
    "datasets": "How many datasets say that they cover a place. One that names several is counted in each.",
    "people": "The number of people in the largest dataset that covers a place. Datasets are not added up, because many people are in several. "
    "A dataset that names several places has its whole number in each.",
    "custodians": "How many custodians have a dataset that covers a place. One that has data of several is counted in each.",
}
"""What each number means."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NationsAddress:
    """What the page was asked for."""

    measure: str = "datasets"
    only_open: bool = False
    problems: tuple[str, ...] = ()

    @classmethod
    def read(cls, parameters: list[tuple[str, str]]) -> NationsAddress:
        """Never raises: what cannot be read is named in ``problems``."""
        asked = Reader(parameters)
        measure = asked.one_of("measure", "what is to be counted", tuple(MEASURES))
        return cls(measure=measure, only_open=asked.last("open") == "1", problems=tuple(asked.problems))

    def parameters(self) -> list[tuple[str, str]]:
        return [*([("measure", self.measure)] if self.measure != "datasets" else []), *([("open", "1")] if self.only_open else [])]

    def href(self, extension: str = "") -> str:
        return with_query(f"/nations{extension}", self.parameters())

    def measuring(self, measure: str) -> NationsAddress:
        return replace(self, measure=measure)

    def of_all(self, *, only_open: bool) -> NationsAddress:
        return replace(self, only_open=only_open)


@dataclass(frozen=True, slots=True, kw_only=True)
class NationCard:
    """A nation with its ways. ``datasets`` is None where they cannot be counted just now."""

    name: str
    href: str
    datasets: int | None
    search_href: str
    ways: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NationsView(PageView):
    """``tiles`` is None where nothing is held, or nothing can be counted (``is_unreachable``)."""

    template: ClassVar[str] = "nations/list.html"

    address: NationsAddress
    tiles: PlaceTiles | None
    nations: tuple[NationCard, ...]
    is_unreachable: bool = False

    @property
    def title(self) -> str:
        return "Access by nation"

    @property
    def measure(self) -> Measure:
        return MEASURES[self.address.measure]

    @property
    def about(self) -> str:
        return ABOUT[self.address.measure]

    @property
    def picture(self) -> Picture | None:
        return self.tiles.picture(self.measure) if self.tiles else None

    @property
    def measures(self) -> tuple[Link, ...]:
        return tuple(Link(name.capitalize(), self.address.measuring(name).href()) for name in MEASURES)

    def nation_of(self, place: str) -> NationCard | None:
        """The nation by whose ways one gets at data of a place; None for data of no stated nation."""
        return next((one for one in self.nations if one.name == place), None) or (self.nations[0] if place != NOT_REPORTED else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class NationView(PageView):
    """One nation, or the United Kingdom as a whole. The numbers are None where they cannot be counted just now."""

    template: ClassVar[str] = "nations/one.html"

    name: str
    search_href: str
    open_href: str
    datasets: int | None
    open_datasets: int | None
    custodians: int | None
    ways: tuple[PathwayCard, ...]
    other_ways: tuple[Link, ...] = ()
    """Those of the whole United Kingdom."""
    others: tuple[Link, ...] = ()
    """The other nations."""

    @property
    def title(self) -> str:
        return f"Access to data: {self.name}"

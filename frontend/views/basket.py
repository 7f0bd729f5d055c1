"""The basket."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from frontend.addresses import dataset_part_path, dataset_path
from frontend.views.dataset import ChosenCount
from frontend.views.layout import PageView


@dataclass(frozen=True, slots=True, kw_only=True)
class BasketItem:
    """A dataset in the basket. ``problem`` says why it cannot be asked for (withdrawn, not open), None where it can. ``chosen`` are the columns to ask for."""

    ref: str
    slug: str
    title: str
    year_from: int | None = None
    year_to: int | None = None
    is_continuing: bool = False
    problem: str | None = None
    chosen: ChosenCount = field(default_factory=ChosenCount)
    has_columns: bool = False

    @property
    def columns_href(self) -> str:
        return dataset_part_path(self.ref, self.slug, "columns")

    @property
    def href(self) -> str:
        return dataset_path(self.ref, self.slug)


@dataclass(frozen=True, slots=True, kw_only=True)
class BasketGroup:
    """The datasets on which one custodian decides. ``route`` says in words where the request goes."""

    custodian_name: str
    custodian_slug: str | None
    items: tuple[BasketItem, ...]
    route: str | None = None
    lead_time: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BasketView(PageView):
    """The basket by custodian. ``conflicts`` are sentences."""

    template: ClassVar[str] = "basket.html"

    groups: tuple[BasketGroup, ...] = ()
    conflicts: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        return "Basket"

    @property
    def count(self) -> int:
        return sum(len(group.items) for group in self.groups)

    @property
    def can_start(self) -> bool:
        return any(item.problem is None for group in self.groups for item in group.items)

"""Every value of one facet of a search, however many, with a find box."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from frontend.addresses import with_query
from frontend.views.layout import PageView
from frontend.views.paging import Paging, paging


@dataclass(frozen=True, slots=True)
class ValueLine:
    """A value with the address of the search with it, or without it where it is chosen."""

    words: str
    count: int
    href: str
    is_chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetValuesView(PageView):
    """``path`` is that of this page, ``parameters`` those of the search it belongs to; ``total`` counts the values found."""

    template: ClassVar[str] = "facet_values.html"
    width: ClassVar[str] = "narrow"

    label: str
    path: str
    parameters: tuple[tuple[str, str], ...]
    back_href: str
    lines: tuple[ValueLine, ...] = ()
    find: str = ""
    total: int = 0
    page: int = 1
    per: int = 200

    @property
    def title(self) -> str:
        return f"{self.label} – all values"

    @property
    def paging(self) -> Paging:
        return paging(self.page, max(1, -(-self.total // self.per)), self._href)

    def _href(self, page: int) -> str:
        more = [("find", self.find), ("values_page", str(page) if page > 1 else "")]
        return with_query(self.path, [*self.parameters, *(pair for pair in more if pair[1])])

"""Pages with every value of a facet: ``/search/values/<facet>`` and ``/columns/values/<facet>``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from frontend import words
from frontend.addresses import FACET_PARAMETERS, SearchAddress
from frontend.column_addresses import COUNTED, ColumnAddress
from frontend.parameters import Reader
from frontend.views.facet_values import FacetValuesView, ValueLine
from gateway.api.asking import Serving
from gateway.catalogue.searching import query_of
from gateway.errors import NotFound
from gateway.pages.limited import SEARCHING
from gateway.pages.showing import layout, show
from search.engine import EVERY_VALUE, FacetValue, Query
from search.language import fold

router = APIRouter(dependencies=SEARCHING)
PER_PAGE: Final = 200
FIND_AT_MOST: Final = 200


@router.get("/search/values/{name}")
def of_datasets(request: Request, services: Serving, name: str) -> Response:
    address = SearchAddress.read(request.query_params.multi_items()).on_page(1)
    facet = FACET_PARAMETERS.get(name)
    if facet is None:
        raise NotFound(f"There is no filter {name!r}.", hint="The search page lists all filters.")
    values = services.catalogue.search(_counting(query_of(services.catalogue, address), facet)).facets[0].values
    view = FacetValuesView(
        layout=layout(request, services, is_indexable=False), label=words.FACETS[name], path=f"/search/values/{name}",
        parameters=address.parameters(), back_href=address.href(),
    )
    return _shown(request, view, values, lambda value: (address.without(name, value.value) if value.selected else address.adding(name, value.value)).href())


@router.get("/columns/values/{name}")
def of_columns(request: Request, services: Serving, name: str) -> Response:
    address = ColumnAddress.read(request.query_params.multi_items()).on_page(1)
    if name not in COUNTED:
        raise NotFound(f"There is no filter {name!r}.", hint="The page of columns lists all filters.")
    values = services.catalogue.search_variables(_counting(address.as_query(), name)).facets[0].values
    view = FacetValuesView(
        layout=layout(request, services, is_indexable=False), label=words.COLUMN_FACETS[name], path=f"/columns/values/{name}",
        parameters=address.parameters(), back_href=address.href(),
    )
    return _shown(request, view, values, lambda value: (address.without(name, value.value) if value.selected else address.adding(name, value.value)).href())


def _counting(query: Query, facet: str) -> Query:
    return replace(query, facets=(facet,), facet_values=EVERY_VALUE, offset=0, limit=0, highlight=False)


def _shown(request: Request, view: FacetValuesView, values: Iterable[FacetValue], href: Callable[[FacetValue], str]) -> Response:
    asked = Reader(request.query_params.multi_items())
    find = asked.last("find")[:FIND_AT_MOST]
    page = asked.number("values_page", "the page", "a number such as 2", least=1) or 1
    wanted = fold(find)
    found = [value for value in values if (value.count or value.selected) and wanted in fold(value.value)]
    start = (page - 1) * PER_PAGE
    lines = tuple(ValueLine(value.value, value.count, href(value), value.selected) for value in found[start : start + PER_PAGE])
    return show(request, replace(view, lines=lines, find=find, total=len(found), page=page, per=PER_PAGE))

"""The search for columns over all datasets, and its twins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from frontend.addresses import column_path, dataset_path
from frontend.column_addresses import DATASETS_PER_PAGE, ColumnAddress
from frontend.views.columns import ColumnSearchView, FoundColumn, MatrixLine
from frontend.views.layout import Link, Twin
from gateway.api.asking import Serving
from gateway.api.columns import columns as columns_api
from gateway.catalogue.column_matrix import Matrix, matrix
from gateway.pages.limited import SEARCHING
from gateway.pages.shared_columns import datasets_by_name
from gateway.pages.showing import held, layout, moved, show
from gateway.pages.tables import table_of
from gateway.wiring import Services
from search.engine import Fragment, Hit, Page
from search.variable import name_key

router = APIRouter(dependencies=SEARCHING)
CSV_COLUMNS: Final = ("name", "description", "type", "sensitive", "table", "dataset", "dataset_title", "custodian_name", "pid")
DESCRIPTION_CHARACTERS: Final = 300


@router.get("/columns")
def columns(request: Request, services: Serving) -> Response:
    address = ColumnAddress.read(request.query_params.multi_items())
    if request.url.query != address.query() and not address.problems:
        return moved(address.href())
    is_matrix = address.view == "matrix"
    query = address.as_query()
    found = services.catalogue.search_variables(replace(query, limit=0) if is_matrix else query)
    view = ColumnSearchView(
        layout=layout(request, services, canonical=address.href(), twins=_twins(address), is_indexable=not address.parameters()),
        address=address, total=found.total, facets=found.facets, corrected_to=found.corrected_to, did_you_mean=found.did_you_mean,
        dataset_titles=_titles(services, address.values("dataset")), also_searched=found.also_searched, read_as=found.read_as,
        in_basket=frozenset(held(request, services)),
    )
    shown = _with_matrix(services, view, _matrix(services, address)) if is_matrix else _with_rows(services, view, found)
    return show(request, shown)


@router.get("/columns.json")
def as_json(request: Request, services: Serving) -> Response:
    """The API's answer, at the page's address."""
    address = ColumnAddress.read(request.query_params.multi_items())
    return columns_api(request, services, q=address.q, limit=address.per, cursor=request.query_params.get("cursor"))


@router.get("/columns.csv")
def as_csv(request: Request, services: Serving) -> Response:
    """Every column found, in page order."""
    address = ColumnAddress.read(request.query_params.multi_items())
    return table_of(request, services, services.catalogue.search_variables, address.as_query(), name="columns", header=CSV_COLUMNS, row=_cells)


def _cells(hit: Hit) -> list[object]:
    return [hit.stored.get(name) for name in CSV_COLUMNS]


def _with_rows(services: Services, view: ColumnSearchView, found: Page) -> ColumnSearchView:
    shared = datasets_by_name(services.catalogue, (hit.stored.get("name", "") for hit in found.hits))
    slugs = services.catalogue.titles([hit.stored["dataset"] for hit in found.hits])
    firsts = {hit.stored["dataset"]: hit.id for hit in reversed(found.hits)}
    rows = (replace(_row(hit, shared, slugs), is_first=firsts[hit.stored["dataset"]] == hit.id) for hit in found.hits)
    return replace(view, rows=tuple(rows))


def _row(hit: Hit, shared: Mapping[str, int], known: dict[str, tuple[str, str | None]]) -> FoundColumn:
    card, ref = hit.stored, hit.stored["dataset"]
    title, slug = known.get(ref, (card.get("dataset_title", ref), None))
    name = card.get("name", "")
    return FoundColumn(
        name=name, name_marked=hit.highlights.get("name", ()), table=card.get("table"), data_type=card.get("type"), sensitive=card.get("sensitive"),
        description=hit.highlights.get("description") or _plain(card.get("description")), values_matched=hit.matched_in.get("values", ()),
        dataset=Link(title, dataset_path(ref, slug)), ref=ref, columns_href=column_path(ref, slug, card.get("table") or "", name), custodian_name=card.get("custodian_name"),
        also_in=shared.get(key, 1) - 1 if (key := name_key(name)) else None, also_href=ColumnAddress(name=name).href(), is_from_scan=bool(card.get("from_scan")),
    )


def _plain(text: str | None) -> tuple[Fragment, ...]:
    return (Fragment(text[:DESCRIPTION_CHARACTERS], marked=False),) if text else ()


def _matrix(services: Services, address: ColumnAddress) -> Matrix:
    offset = (address.page - 1) * DATASETS_PER_PAGE
    return matrix(services.catalogue, address.as_query(), offset=offset, limit=DATASETS_PER_PAGE)


def _with_matrix(services: Services, view: ColumnSearchView, found: Matrix) -> ColumnSearchView:
    known = services.catalogue.titles([row.ref for row in found.rows])
    lines = []
    for row in found.rows:
        title, slug = known.get(row.ref, (row.ref, None))
        hrefs = tuple(ColumnAddress(q=idea, chosen=(("dataset", (row.ref,)),)).href() for idea in found.ideas)
        lines.append(MatrixLine(Link(title, dataset_path(row.ref, slug)), row.ref, row.degrees, hrefs))
    return replace(view, total=found.total, ideas=found.ideas, matrix=tuple(lines))


def _titles(services: Services, refs: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    known = services.catalogue.titles(refs) if refs else {}
    return tuple((ref, known.get(ref, (ref, None))[0]) for ref in refs)


def _twins(address: ColumnAddress) -> tuple[Twin, ...]:
    first = address.on_page(1)
    return (Twin("CSV", first.href(".csv"), "text/csv"), Twin("JSON", first.href(".json"), "application/json"), Twin("Atom", first.href(".atom"), "application/atom+xml"))

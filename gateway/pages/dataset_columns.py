"""The column explorer of a dataset, and its dictionary for programs and spreadsheets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from frontend import record_facts as facts
from frontend.addresses import source_path
from frontend.column_addresses import ColumnAddress
from frontend.column_rows import asked_for, choices, on_page
from frontend.dataset_columns import DatasetColumns
from frontend.views.dataset import ColumnRow, DatasetColumnsView, ScanLine
from frontend.views.layout import Twin
from gateway.api.asking import Serving
from gateway.catalogue.scanned import with_scans
from gateway.errors import Unavailable
from gateway.pages.datasets import Name, dataset_head, own_path, ref_of
from gateway.pages.shared_columns import datasets_by_name
from gateway.pages.showing import layout, moved, show
from gateway.pages.tables import csv_lines, csv_name
from gateway.store.scans import Kept
from gateway.web.answers import answer, json_answer
from gateway.wiring import Services
from search.variable import name_key

router = APIRouter()
HEADINGS: Final = ("table", "name", "type", "description", "sensitive", "values")


@router.get("/datasets/{name}/columns")
def columns(request: Request, services: Serving, name: Name) -> Response:
    published = services.catalogue.get(ref_of(name))
    asked = DatasetColumns.read(request.query_params.multi_items())
    path = own_path(published, "columns")
    view = DatasetColumnsView(head=dataset_head(request, services, published), asked=asked)
    if request.url.path != path or (request.url.query != asked.query() and not asked.problems):
        return moved(view.href(asked))
    dataset, scanned = with_scans(services.store, published)
    found = asked_for(dataset, asked)
    twins = (Twin("CSV", f"{path}.csv", "text/csv"), Twin("JSON", f"{path}.json", "application/json"))
    shown = replace(
        view, layout=layout(request, services, canonical=path, twins=twins), tables=facts.tables(dataset, selected=asked.table),
        rows=_with_others(services, on_page(found, asked)), choices=choices(dataset, asked), total=len(found),
        head=replace(view.head, column_count=facts.column_count(dataset) or None), scans=tuple(map(_scan_line, scanned)),
    )  # fmt: skip
    return show(request, shown)


@router.get("/datasets/{name}/columns.json")
def as_json(request: Request, services: Serving, name: Name) -> Response:
    """The dictionary: every column, whatever the page is narrowed to."""
    published = services.catalogue.get(ref_of(name))
    found = [_described(row) for row in facts.column_rows(with_scans(services.store, published)[0], values_shown=None)]
    return json_answer(request, {"ref": published.row.record.ref, "total": len(found), "columns": found})


@router.get("/datasets/{name}/columns.csv")
def as_csv(request: Request, services: Serving, name: Name) -> Response:
    published = services.catalogue.get(ref_of(name))
    lines: list[Sequence[object]] = [HEADINGS, *(_cells(row) for row in facts.column_rows(with_scans(services.store, published)[0], values_shown=None))]
    file = csv_name(services, f"{published.row.record.ref}-columns")
    return answer(request, csv_lines(lines).encode(), "text/csv; charset=utf-8", headers={"Content-Disposition": f'attachment; filename="{file}"'})


def _scan_line(kept: Kept) -> ScanLine:
    return ScanLine(
        source_name=kept.source.name, source_href=source_path(kept.source.slug), read_at=kept.structure.read_at.isoformat(),
        replaces=kept.structure.mode == "replace",
    )


def _described(row: ColumnRow) -> dict[str, Any]:
    values = [{"name": value.name, "description": value.description} for value in row.values]
    return {"table": row.table, "name": row.name, "type": row.data_type, "description": row.description, "sensitive": row.is_sensitive, "values": values}


def _cells(row: ColumnRow) -> list[object]:
    sensitive = None if row.is_sensitive is None else "Yes" if row.is_sensitive else "No"
    values = [f"{value.name} {value.description or ''}".strip() for value in row.values]
    return [row.table, row.name, row.data_type, row.description, sensitive, values]


def _with_others(services: Services, rows: Iterable[ColumnRow]) -> tuple[ColumnRow, ...]:
    """With the number of other datasets that have such a column; the page does without while the index cannot be reached."""
    shown = tuple(rows)
    try:
        known = datasets_by_name(services.catalogue, (row.name for row in shown))
    except Unavailable:
        return shown
    return tuple(replace(row, also_in=max(known.get(name_key(row.name), 1) - 1, 0), also_href=ColumnAddress(name=row.name).href()) for row in shown)

"""The column explorer of a dataset, and its dictionary for programs and spreadsheets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from starlette.datastructures import FormData

from frontend import record_facts as facts
from frontend.addresses import source_path
from frontend.column_addresses import ColumnAddress
from frontend.column_rows import asked_for, choices, on_page
from frontend.dataset_columns import DatasetColumns
from frontend.views.dataset import ColumnChoice, ColumnRow, DatasetColumnsView, ScanLine
from frontend.views.forms import FieldError
from frontend.views.layout import Twin
from gateway.access import drafts
from gateway.accounts.people import Person
from gateway.accounts.sessions import require_form_token
from gateway.api.asking import Serving
from gateway.catalogue import basket, chosen_columns
from gateway.catalogue.chosen_columns import Choice
from gateway.catalogue.published import Published
from gateway.catalogue.scanned import with_scans
from gateway.errors import Unavailable, Unprocessable
from gateway.pages import choices as kept_choices
from gateway.pages.basket import keep
from gateway.pages.datasets import Name, dataset_head, own_path, ref_of
from gateway.pages.drafts import project_of
from gateway.pages.limited import by_network
from gateway.pages.shared_columns import datasets_by_name
from gateway.pages.showing import held, layout, moved, see_other, show, with_next
from gateway.pages.signed_in import visitor
from gateway.pages.tables import csv_lines, csv_name
from gateway.store.database import utc_now
from gateway.store.scans import Kept
from gateway.web.answers import answer, json_answer
from gateway.wiring import Services
from search.variable import name_key

router = APIRouter()
MAX_FIELDS: Final = 5_000
NOTHING: Final = "Tick at least one column or table."
HEADINGS: Final = ("table", "name", "type", "description", "sensitive", "values")


@router.get("/datasets/{name}/columns")
def columns(request: Request, services: Serving, name: Name) -> Response:
    published = services.catalogue.get(ref_of(name))
    asked = DatasetColumns.read(request.query_params.multi_items())
    path = own_path(published, "columns")
    view = DatasetColumnsView(head=dataset_head(request, services, published), asked=asked)
    if request.url.path != path or (request.url.query != asked.query() and not asked.problems):
        return moved(view.href(asked))
    chosen = kept_choices.chosen(request, services).get(published.row.record.ref, ())
    return show(request, _filled(request, services, published, view, chosen))


@router.post("/datasets/{name}/columns", dependencies=[by_network("choose")])
async def choose(request: Request, services: Serving, name: Name) -> Response:
    """The address says which boxes stood on the page. ``to`` is ``basket``, ``here`` for more of them, or the reference of a draft."""
    async with request.form(max_fields=MAX_FIELDS, max_files=0) as posted:
        return await run_in_threadpool(_choose, request, services, name, posted)


def _choose(request: Request, services: Services, name: str, posted: FormData) -> Response:
    published = services.catalogue.get(ref_of(name))
    asked = DatasetColumns.read(request.query_params.multi_items())
    ref, to, before = published.row.record.ref, str(posted.get("to", "basket")), kept_choices.chosen(request, services)
    dataset = with_scans(services.store, published.row.record, published.dataset)[0]
    ticks = {one for one in posted.getlist("column") if isinstance(one, str)}
    whole = {one.name for one in facts.tables(dataset) if one.can_be_chosen and one.name in posted.getlist("table")}
    shown = {row.anchor for row in on_page(asked_for(dataset, asked), asked)}
    chosen = chosen_columns.ticked(facts.column_rows(dataset), shown=shown, ticks=ticks, whole=whole, before=before.get(ref, ()))
    try:
        if not chosen and ref not in before:
            raise Unprocessable(NOTHING)
        if to in ("basket", "here"):
            return _kept(request, services, ref, chosen, _path(published, asked) if to == "here" else "/basket")
        person = visitor(request, services)
        if person is None:
            return _kept(request, services, ref, chosen, with_next("/sign-in", _path(published, asked)))
        require_form_token(person, str(posted.get("csrf", "")))
        drafts.add_columns(services.store, services.sealer, person, to, {ref: chosen}, now=utc_now())
    except Unprocessable as error:
        view = DatasetColumnsView(head=dataset_head(request, services, published), asked=asked, errors=(FieldError("choose", f"{error.message} {error.hint}".strip()),))
        return show(request, _filled(request, services, published, view, chosen), store=False)
    kept_choices.forget(request, services, [ref])
    return see_other(f"/requests/{quote(to)}/data#q-data.fields")


def _kept(request: Request, services: Services, ref: str, chosen: Choice, then: str) -> Response:
    """With the dataset in the basket, where it is put if it was not there."""
    refs = basket.add(held(request, services), ref)
    response = see_other(then)
    if chosen:
        kept_choices.keep_token(services, response, chosen_columns.choose(services.store, kept_choices.token_of(request), ref, chosen, basket=refs, now=utc_now()))
    else:
        kept_choices.forget(request, services, [ref])
    keep(services, response, refs)
    return response


def _filled(request: Request, services: Services, published: Published, view: DatasetColumnsView, chosen: Choice) -> DatasetColumnsView:
    asked, path = view.asked, own_path(published, "columns")
    dataset, scanned = with_scans(services.store, published.row.record, published.dataset)
    found = asked_for(dataset, asked)
    twins = (Twin("CSV", f"{path}.csv", "text/csv"), Twin("JSON", f"{path}.json", "application/json"))
    whole = {one.table for one in chosen if not one.columns}
    named = {(one.table, name) for one in chosen for name in one.columns}
    rows = _with_others(services, on_page(found, asked))
    return replace(
        view, layout=layout(request, services, canonical=path, twins=twins),
        tables=tuple(replace(one, is_chosen=one.name in whole) for one in facts.tables(dataset, selected=asked.table)),
        rows=tuple(replace(row, is_chosen=(row.table, row.name) in named, is_chosen_with_table=row.table in whole) for row in rows),
        choices=choices(dataset, asked), total=len(found), head=replace(view.head, column_count=facts.column_count(dataset) or None),
        scans=tuple(map(_scan_line, scanned)), choice=_choice(request, services, view, chosen),
    )


def _choice(request: Request, services: Services, view: DatasetColumnsView, chosen: Choice) -> ColumnChoice | None:
    person = visitor(request, services)
    if not view.head.takes_requests:
        return None
    return ColumnChoice(count=kept_choices.counted(chosen), drafts=_drafts(services, person, view.head.ref) if person else ())


def _drafts(services: Services, person: Person, ref: str) -> tuple[tuple[str, str], ...]:
    """Those that ask for the dataset."""
    return tuple((project_of(draft), draft.reference) for draft in drafts.begun(services.store, person) if ref in draft.titles)


def _path(published: Published, asked: DatasetColumns) -> str:
    query = asked.query()
    return f"{own_path(published, 'columns')}{'?' if query else ''}{query}#choose"


@router.get("/datasets/{name}/columns.json")
def as_json(request: Request, services: Serving, name: Name) -> Response:
    """The dictionary: every column, whatever the page is narrowed to."""
    published = services.catalogue.get(ref_of(name))
    found = [_described(row) for row in facts.column_rows(with_scans(services.store, published.row.record, published.dataset)[0], values_shown=None)]
    return json_answer(request, {"ref": published.row.record.ref, "total": len(found), "columns": found})


@router.get("/datasets/{name}/columns.csv")
def as_csv(request: Request, services: Serving, name: Name) -> Response:
    published = services.catalogue.get(ref_of(name))
    lines: list[Sequence[object]] = [HEADINGS, *(_cells(row) for row in facts.column_rows(with_scans(services.store, published.row.record, published.dataset)[0], values_shown=None))]
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

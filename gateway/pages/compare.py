"""Two to five datasets side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from frontend.addresses import dataset_path
from frontend.column_addresses import ColumnAddress
from frontend.compare_address import CompareAddress
from frontend.comparing import groups, shared_names
from frontend.custodian_text import plain
from frontend.record_facts import years
from frontend.views.compare import Compared, ComparedGroup, CompareView
from frontend.views.layout import Link, Twin
from gateway.api.asking import Serving
from gateway.catalogue.published import Published
from gateway.errors import Gone, NotFound, Unavailable
from gateway.pages.showing import held, layout, moved, show
from gateway.pages.tables import csv_lines, csv_name
from gateway.web.answers import answer
from gateway.wiring import Services

router = APIRouter()
SHARED_SHOWN: Final = 30
SUGGESTED: Final = 3


@dataclass(frozen=True, slots=True)
class _Asked:
    """One of the datasets asked for: what is held of it, or why there is nothing."""

    ref: str
    published: Published | None = None
    problem: str | None = None

    @property
    def title(self) -> str:
        return (self.published.dataset.summary.title if self.published else None) or self.ref


@router.get("/compare")
def compare(request: Request, services: Serving) -> Response:
    address = CompareAddress.read(request.query_params.multi_items())
    if request.url.query != address.query() and not address.left_out:
        return moved(address.href())
    asked = [_asked(services, ref) for ref in address.refs]
    known = [one.published for one in asked if one.published]
    basket = held(request, services)
    view = CompareView(
        layout=layout(request, services, canonical=address.href(), twins=(Twin("CSV", address.href(".csv"), "text/csv"),), is_indexable=not address.refs),
        address=address, datasets=tuple(_compared(one, basket) for one in asked), groups=_groups(asked),
        spans=tuple((plain(one.title), *years(one.published.dataset)) for one in asked if one.published), suggested=_suggested(services, known[0], address) if len(known) == 1 else (),
    )  # fmt: skip
    names = shared_names([one.dataset for one in known])
    links = tuple(Link(name, ColumnAddress(name=name, chosen=(("dataset", address.refs),)).href()) for name in names[:SHARED_SHOWN])
    return show(request, replace(view, shared=links, shared_total=len(names)))


@router.get("/compare.csv")
def as_csv(request: Request, services: Serving) -> Response:
    """Every row, alike or not."""
    asked = [_asked(services, ref) for ref in CompareAddress.read(request.query_params.multi_items()).refs]
    rows = ([row.label, *row.values] for group in _groups(asked) for row in group.rows)
    lines: list[Sequence[object]] = [["", *(one.title for one in asked)], *rows]
    return answer(
        request, csv_lines(lines).encode(), "text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{csv_name(services, "compare")}"'},
    )  # fmt: skip


def _asked(services: Services, ref: str) -> _Asked:
    try:
        return _Asked(ref, services.catalogue.get(ref))
    except Gone:
        return _Asked(ref, problem="This dataset was withdrawn.")
    except NotFound:
        return _Asked(ref, problem="No dataset is known under this identifier.")


def _groups(asked: list[_Asked]) -> tuple[ComparedGroup, ...]:
    custodians = [one.published.row.custodian for one in asked if one.published]
    names = iter([custodian.name if custodian else None for custodian in custodians])
    return groups([one.published.dataset if one.published else None for one in asked], [next(names) if one.published else None for one in asked]) if asked else ()


def _compared(one: _Asked, basket: tuple[str, ...]) -> Compared:
    record = one.published.row.record if one.published else None
    href = dataset_path(record.ref, record.slug) if record else f"/datasets/{one.ref}"
    return Compared(one.ref, one.title, href, one.ref in basket, one.problem)


def _suggested(services: Services, only: Published, address: CompareAddress) -> tuple[Link, ...]:
    """Datasets like the only one; none while the index cannot be reached."""
    try:
        found = services.catalogue.similar(only.row.record.ref, SUGGESTED)
    except Unavailable:
        return ()
    return tuple(Link(one.stored.get("title") or one.id, replace(address, refs=(*address.refs, one.id)).href()) for one in found)

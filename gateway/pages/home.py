"""The first page."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from frontend.addresses import SearchAddress, custodian_path, dataset_path
from frontend.pictures import Picture
from frontend.views.home import ChangedDataset, HomeView
from frontend.views.layout import Link
from frontend.words import counted
from gateway.api.asking import Serving
from gateway.catalogue.place_counts import counted_by_place, tiles_of
from gateway.catalogue.published import Published
from gateway.errors import Unavailable
from gateway.pages.showing import layout, show
from gateway.store import custodians, records
from gateway.wiring import Services

router = APIRouter()


@router.get("/")
def home(request: Request, services: Serving) -> Response:
    with services.store.reading() as session:
        cards = custodians.directory(session)
        datasets, columns = records.count_visible(session), records.count_columns(session)
    holders = [card for card in cards if card.datasets]
    view = HomeView(
        layout=layout(request, services), dataset_count=datasets, custodian_count=len(holders), column_count=columns,
        changed=tuple(_changed(published) for published in services.catalogue.recently_changed()),
        custodians=tuple(Link(card.custodian.name, custodian_path(card.custodian.slug)) for card in holders), country=_country(services),
    )
    return show(request, view)


def _country(services: Services) -> Picture | None:
    """The page stands without the index."""
    try:
        tiles = tiles_of(services.catalogue, SearchAddress(), counted_by_place(services.catalogue, SearchAddress()))
    except Unavailable:
        return None
    return tiles.picture() if tiles else None


def _changed(published: Published) -> ChangedDataset:
    record, version, custodian = published.row.record, published.row.version, published.row.custodian
    fields = len(version.changed_paths)
    return ChangedDataset(
        title=record.title or record.local_id, href=dataset_path(record.ref, record.slug),
        custodian_name=custodian.name if custodian else None,
        change="Added" if version.number == 1 else f"{counted(fields, 'field')} changed" if fields else "Read again",
        date=record.last_changed_at.isoformat(),
    )

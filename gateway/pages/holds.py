"""The page of a removal that waits for a person."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from frontend.addresses import dataset_path
from frontend.views.holds import HeldRecord, HoldView
from gateway.api.asking import Serving
from gateway.errors import NotFound
from gateway.pages.showing import layout, show
from gateway.pages.stewarding import may_steward
from gateway.store import holds, sources

router = APIRouter()


@router.get("/sources/{slug}/holds/{number}")
def hold(request: Request, services: Serving, slug: str, number: Annotated[int, Path(ge=1, le=2**31 - 1)]) -> Response:
    with services.store.reading() as session:
        row, feed = holds.by_id(session, number), sources.by_slug(session, slug)
        if row.source_id != feed.id:
            raise NotFound(f"Hold {number} is not one of {feed.name}.", hint="The source's page shows what waits.")
        found = holds.records_of(session, row)
    view = HoldView(
        layout=layout(request, services, is_indexable=False), source_name=feed.name, source_slug=slug, hold=row.id, run=row.run_id,
        state=row.state, why=row.why, created_at=row.created_at.isoformat(), expires_at=row.expires_at.isoformat(),
        decided_at=row.decided_at.isoformat() if row.decided_at else None, decided_by=row.decided_by,
        records=tuple(HeldRecord(title=one.title, local_id=one.local_id, href=dataset_path(one.ref, one.slug)) for one in found),
        can_act=may_steward(request, services, feed),
    )
    return show(request, view)

"""``/links``: records of different sources that are one dataset."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from gateway.api.asking import Serving, key_with
from gateway.api.paging import Cursor, PageSize, page, position
from gateway.api.problems import problem_responses
from gateway.api.shapes.datasets import GroupAnswer, LinkPage, LinkShape
from gateway.catalogue.linking import decide_link
from gateway.models import Link
from gateway.store import groups, links
from gateway.web.answers import json_answer
from gateway.web.auth import Credential
from gateway.wiring import Services

router = APIRouter(tags=["Datasets"])
Id = Annotated[int, Path(ge=1, le=2**31 - 1, description="The link's number.", examples=[3])]
Curator = Annotated[Credential, Depends(key_with("curate"))]


@router.get("/links", summary="List links between datasets", response_model=None,
            responses={200: {"model": LinkPage}, **problem_responses(400, 422)})
def listing(
    request: Request, services: Serving, limit: PageSize = 25, cursor: Cursor = None,
    state: Annotated[Literal["linked", "proposed", "rejected"], Query(description="Only those in this state.")] = "proposed",
) -> Response:
    """*linked*: they share a DOI, PID or IRI. *proposed*: only their titles are alike. *rejected*: somebody said no."""
    with services.store.reading() as session:
        rows = links.listing(session, state=state, after=position(cursor), limit=limit)
        items = _shapes(session, rows)
    following = rows[-1].id if len(rows) == limit else None
    return json_answer(request, page(request, items, next_position=following))


@router.get("/datasets/{ref}/links", summary="The same dataset from other sources", response_model=None,
            responses={200: {"model": GroupAnswer}, **problem_responses(404, 410)})
def of_dataset(request: Request, services: Serving, ref: Annotated[str, Path(examples=["mfrggzdfmz"])]) -> Response:
    """`group` names all records that are this dataset, the one to show first at the front."""
    record = services.catalogue.get(ref).row.record
    with services.store.reading() as session:
        found = [one.link for one in links.of_record(session, record.id, "linked", "proposed")]
        grouped = [one.ref for one in groups.group(session, record)]
        items = _shapes(session, found)
    return json_answer(request, {"group": grouped, "items": items})


@router.post("/links/{link_id}/accept", summary="Two records are one dataset", response_model=None,
             responses={200: {"model": LinkShape}, **problem_responses(401, 403, 404)})
def accept(request: Request, services: Serving, curator: Curator, link_id: Id) -> Response:
    return _decided(request, services, link_id, "linked", curator.name)


@router.post("/links/{link_id}/reject", summary="Two records are not one dataset", response_model=None,
             responses={200: {"model": LinkShape}, **problem_responses(401, 403, 404)})
def reject(request: Request, services: Serving, curator: Curator, link_id: Id) -> Response:
    """For ever: no harvest links them again."""
    return _decided(request, services, link_id, "rejected", curator.name)


def _decided(request: Request, services: Services, link_id: int, state: str, by: str) -> Response:
    row = decide_link(services.store, link_id, state=state, by=by, now=services.clock())
    services.jobs.enqueue("index")
    with services.store.reading() as session:
        return json_answer(request, _shapes(session, [row])[0])


def _shapes(session: Session, rows: list[Link]) -> list[dict[str, Any]]:
    held = links.records_of(session, rows)
    return [
        {
            "id": row.id, "state": row.state, "evidence": row.evidence, "decided_by": row.decided_by,
            "datasets": [{"ref": held[number].ref, "title": held[number].title} for number in (row.record_a, row.record_b)],
        }
        for row in rows
    ]

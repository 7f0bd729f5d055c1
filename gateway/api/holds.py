"""``/holds``: removals that wait for a person, and deciding on them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from gateway.api.asking import Serving, key_with
from gateway.api.paging import Cursor, PageSize, page, position
from gateway.api.problems import problem_responses
from gateway.api.shapes.sources import HoldAnswer, HoldPage
from gateway.models import Hold
from gateway.sources.holds import approve, reject
from gateway.store import holds, sources
from gateway.web.answers import json_answer
from gateway.web.auth import Credential
from gateway.wiring import Services

router = APIRouter(prefix="/holds", tags=["Runs"])
Id = Annotated[int, Path(ge=1, le=2**31 - 1, description="The hold's number.", examples=[3])]
Curator = Annotated[Credential, Depends(key_with("curate"))]
State = Literal["open", "approved", "rejected", "expired", "dissolved"]


@router.get("", summary="List removals that wait", response_model=None,
            responses={200: {"model": HoldPage}, **problem_responses(400, 404, 422)})
def listing(
    request: Request, services: Serving, limit: PageSize = 25, cursor: Cursor = None,
    source: Annotated[str | None, Query(description="Only those of this source (its slug).")] = None,
    state: Annotated[State, Query(description="Only those in this state.")] = "open",
) -> Response:
    """Newest first."""
    with services.store.reading() as session:
        source_id = sources.by_slug(session, source).id if source else None
        rows = holds.listing(session, states=[state], source_id=source_id, before=position(cursor) or None, limit=limit)
        items = [_shape(session, row) for row in rows]
    following = rows[-1].id if len(rows) == limit else None
    return json_answer(request, page(request, items, next_position=following))


@router.get("/{hold_id}", summary="One removal that waits", response_model=None,
            responses={200: {"model": HoldAnswer}, **problem_responses(404, 422)})
def one(request: Request, services: Serving, hold_id: Id) -> Response:
    """Why it waits, and the datasets that would be removed."""
    return json_answer(request, _one(services, hold_id))


@router.post("/{hold_id}/approve", summary="Remove what a run held back", response_model=None,
             responses={200: {"model": HoldAnswer}, **problem_responses(401, 403, 404, 409)})
def approve_hold(request: Request, services: Serving, curator: Curator, hold_id: Id) -> Response:
    """Each dataset leaves a page that says so (410). One that the source lists again returns by itself."""
    decision = approve(services.store, hold_id, by=curator.name, now=services.clock())
    services.jobs.enqueue("index")
    return json_answer(request, {**_one(services, hold_id), "removed": decision.removed})


@router.post("/{hold_id}/reject", summary="Keep what a run held back", response_model=None,
             responses={200: {"model": HoldAnswer}, **problem_responses(401, 403, 404, 409)})
def reject_hold(request: Request, services: Serving, curator: Curator, hold_id: Id) -> Response:
    """The datasets stay until the source lists them again, or somebody approves after all."""
    reject(services.store, hold_id, by=curator.name, now=services.clock())
    return json_answer(request, _one(services, hold_id))


def _one(services: Services, hold_id: int) -> dict[str, Any]:
    with services.store.reading() as session:
        row = holds.by_id(session, hold_id)
        found = holds.records_of(session, row)
        return {
            **_shape(session, row), "removed": 0,
            "records": [{"ref": record.ref, "local_id": record.local_id, "title": record.title} for record in found],
        }


def _shape(session: Session, row: Hold) -> dict[str, Any]:
    return {
        "id": row.id, "source": sources.by_id(session, row.source_id).slug, "run": row.run_id, "state": row.state, "why": row.why,
        "count": len(row.local_ids), "created_at": row.created_at, "expires_at": row.expires_at, "decided_at": row.decided_at,
        "decided_by": row.decided_by,
    }

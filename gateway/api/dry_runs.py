"""``/sources/{slug}/dry-runs``: what a run would do, told without doing it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import Response

from gateway.api.asking import Serving, key_with
from gateway.api.paging import page
from gateway.api.problems import problem_responses
from gateway.api.shapes.sources import DryRunAnswer, DryRunPage, QueuedShape
from gateway.harvesting.dry_run import Diff
from gateway.models import DryRun
from gateway.sources.trying import ask_to_try
from gateway.store import dry_runs, sources
from gateway.web.answers import json_answer

router = APIRouter(prefix="/sources/{slug}/dry-runs", tags=["Sources"])
Slug = Annotated[str, Path(description="The source's short name.", examples=["hfea"])]


@router.get("", summary="List dry runs", response_model=None, responses={200: {"model": DryRunPage}, **problem_responses(404)})
def listing(request: Request, services: Serving, slug: Slug) -> Response:
    """The last ten, newest first."""
    with services.store.reading() as session:
        rows = dry_runs.of_source(session, sources.by_slug(session, slug).id)
    return json_answer(request, page(request, [_shape(row, slug) for row in rows], next_position=None))


@router.get("/{number}", summary="One dry run", response_model=None, responses={200: {"model": DryRunAnswer}, **problem_responses(404, 422)})
def one(request: Request, services: Serving, slug: Slug, number: Annotated[int, Path(ge=1, le=2**31 - 1)]) -> Response:
    """What would have been added, changed field by field, refused, missed and removed."""
    with services.store.reading() as session:
        row = dry_runs.by_id(session, sources.by_slug(session, slug), number)
    return json_answer(request, {**Diff().as_json(), **_shape(row, slug), **row.diff})


@router.post("", summary="Try a source out", status_code=202, response_model=None, dependencies=[Depends(key_with("harvest"))],
             responses={202: {"model": QueuedShape}, **problem_responses(401, 403, 404)})
def start(request: Request, services: Serving, slug: Slug) -> Response:
    """Queue a dry run; `Location` names it. A source that waited for it is switched on if it succeeds."""
    number = ask_to_try(services.store, slug, now=services.clock())
    services.jobs.enqueue("dry-run", slug=slug)
    return json_answer(request, {"queued": True}, status=202, headers={"Location": f"/api/v1/sources/{slug}/dry-runs/{number}"})


def _shape(row: DryRun, slug: str) -> dict[str, Any]:
    return {
        "id": row.id, "source": slug, "state": row.state, "counters": row.diff.get("counters", {}), "failure": row.diff.get("failure"),
        "started_at": row.started_at, "ended_at": row.ended_at,
    }

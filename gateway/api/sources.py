"""``/sources``: the feeds, and starting their runs."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Path, Request
from fastapi.responses import Response

from gateway.api.asking import Serving, harvest_limit, key_with
from gateway.api.paging import Cursor, PageSize, page, position
from gateway.api.problems import problem_responses
from gateway.api.runs import run_shape
from gateway.api.shapes.sources import RunShape, SourcePage, SourceShape
from gateway.models import Custodian, Run, Source
from gateway.sources.registering import NewSource, add_source
from gateway.sources.trying import hold_back
from gateway.sources.upkeep import pause, resume
from gateway.store import custodians, runs, sources
from gateway.web.answers import json_answer

router = APIRouter(prefix="/sources", tags=["Sources"])
Slug = Annotated[str, Path(description="The source's short name.", examples=["hfea"])]


@router.get("", summary="List sources", response_model=None, responses={200: {"model": SourcePage}, **problem_responses(400, 422)})
def listing(request: Request, services: Serving, limit: PageSize = 25, cursor: Cursor = None) -> Response:
    """By name, each with its newest run. Secrets are never shown."""
    after = position(cursor)
    with services.store.reading() as session:
        rows = sources.listing(session, after=after, limit=limit)
        newest = runs.latest(session, [row.id for row in rows])
        owners = custodians.by_ids(session, {row.custodian_id for row in rows if row.custodian_id})
    following = after + limit if len(rows) == limit else None
    items = [_source(row, owners.get(row.custodian_id or 0), newest.get(row.id)) for row in rows]
    return json_answer(request, page(request, items, next_position=following))


@router.get("/{slug}", summary="One source", response_model=None, responses={200: {"model": SourceShape}, **problem_responses(404)})
def one(request: Request, services: Serving, slug: Slug) -> Response:
    return json_answer(request, _one(services, slug))


@router.post("", summary="Add a source", status_code=201, response_model=None, dependencies=[Depends(key_with("sources"))],
             responses={201: {"model": SourceShape}, **problem_responses(401, 403, 404, 409, 422)})
def add(request: Request, services: Serving, wanted: Annotated[NewSource, Body()]) -> Response:
    """Add a feed. Its secret is stored encrypted and cannot be read back. It is `untried` until its dry run succeeded."""
    source = add_source(services.store, services.sealer, wanted, now=services.clock())
    hold_back(services.store, source.slug)
    added = _one(services, source.slug)
    services.jobs.enqueue("dry-run", slug=source.slug)
    return json_answer(request, added, status=201, headers={"Location": f"/api/v1/sources/{source.slug}"})


@router.post("/{slug}/runs", summary="Run a source now", status_code=202, response_model=None,
             dependencies=[Depends(key_with("harvest")), Depends(harvest_limit)],
             responses={202: {"model": RunShape}, **problem_responses(401, 403, 404, 429)})
def run_now(request: Request, services: Serving, slug: Slug) -> Response:
    """Queue a run. The answer names it; follow it at `Location`. A run that waits to start already is given back."""
    run_id = services.harvesting.queue_run(slug)
    services.jobs.enqueue("harvest", run_id=run_id)
    with services.store.reading() as session:
        run = runs.by_id(session, run_id)
    return json_answer(request, run_shape(run, slug), status=202, headers={"Location": f"/api/v1/runs/{run_id}"})


@router.post("/{slug}/pause", summary="Pause a source", response_model=None, dependencies=[Depends(key_with("sources"))],
             responses={200: {"model": SourceShape}, **problem_responses(401, 403, 404, 409)})
def pause_source(request: Request, services: Serving, slug: Slug) -> Response:
    """No run of it starts on schedule until it is resumed. A run that goes on ends as it would."""
    pause(services.store, slug)
    return json_answer(request, _one(services, slug))


@router.post("/{slug}/resume", summary="Resume a source", response_model=None, dependencies=[Depends(key_with("sources"))],
             responses={200: {"model": SourceShape}, **problem_responses(401, 403, 404, 409)})
def resume_source(request: Request, services: Serving, slug: Slug) -> Response:
    """It runs on its schedule again; `next_due_at` says when next."""
    resume(services.store, slug, now=services.clock())
    return json_answer(request, _one(services, slug))


@router.post("/{slug}/replays", summary="Read what was kept again", status_code=202, response_model=None,
             dependencies=[Depends(key_with("harvest"))],
             responses={202: {"model": RunShape}, **problem_responses(401, 403, 404)})
def replay(request: Request, services: Serving, slug: Slug) -> Response:
    """Queue a run that makes no request: the documents kept of the source are read by the present mapping."""
    run_id = services.harvesting.queue_run(slug, trigger="replay", wanted="audit")
    services.jobs.enqueue("harvest", run_id=run_id)
    with services.store.reading() as session:
        run = runs.by_id(session, run_id)
    return json_answer(request, run_shape(run, slug), status=202, headers={"Location": f"/api/v1/runs/{run_id}"})


def _one(services: Serving, slug: str) -> dict[str, Any]:
    with services.store.reading() as session:
        row = sources.by_slug(session, slug)
        newest = runs.latest(session, [row.id]).get(row.id)
        owner = custodians.by_ids(session, {row.custodian_id}).get(row.custodian_id) if row.custodian_id else None
    return _source(row, owner, newest)


def _source(row: Source, owner: Custodian | None, newest: Run | None) -> dict[str, Any]:
    return {
        "slug": row.slug, "name": row.name, "kind": row.kind, "custodian": owner.slug if owner else None,
        "configuration": row.configuration, "has_secret": row.secret is not None, "policy": row.policy,
        "schedule": row.schedule, "timezone": row.timezone, "state": row.state, "next_due_at": row.next_due_at,
        "last_attempt_at": row.last_attempt_at, "last_success_at": row.last_success_at,
        "last_complete_pass_at": row.last_complete_pass_at, "consecutive_failures": row.consecutive_failures,
        "latest_run": run_shape(newest, row.slug) if newest else None,
    }

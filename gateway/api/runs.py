"""``/runs``: what each harvest did."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response

from gateway.api.asking import Serving, key_with
from gateway.api.paging import Cursor, PageSize, page, position
from gateway.api.problems import problem_responses
from gateway.api.shapes.sources import EventPage, OutcomePage, RunAnswer, RunPage, RunShape
from gateway.models import Outcome, Run
from gateway.sources.undoing import undo_run
from gateway.store import records, runs, sources
from gateway.web.answers import json_answer
from gateway.web.auth import Credential
from harvesters.reasons import REASONS

router = APIRouter(prefix="/runs", tags=["Runs"])
Id = Annotated[int, Path(ge=1, le=2**31 - 1, description="The run's number.", examples=[42])]
OutcomeName = Literal[
    "created", "updated", "repeated", "restored", "quarantined", "rejected", "missing", "removed", "withheld"
]


@router.get("", summary="List runs", response_model=None, responses={200: {"model": RunPage}, **problem_responses(400, 404, 422)})
def listing(
    request: Request, services: Serving, limit: PageSize = 25, cursor: Cursor = None,
    source: Annotated[str | None, Query(description="Only those of this source (its slug).")] = None,
) -> Response:
    """Newest first."""
    with services.store.reading() as session:
        source_id = sources.by_slug(session, source).id if source else None
        rows = runs.listing(session, source_id=source_id, before=position(cursor) or None, limit=limit)
        names = {row.source_id: sources.by_id(session, row.source_id).slug for row in rows}
    following = rows[-1].id if len(rows) == limit else None
    return json_answer(request, page(request, [run_shape(row, names[row.source_id]) for row in rows], next_position=following))


@router.get("/{run_id}", summary="One run", response_model=None, responses={200: {"model": RunAnswer}, **problem_responses(404, 422)})
def one(request: Request, services: Serving, run_id: Id) -> Response:
    """Its state and counters, and its problems grouped by reason and rule."""
    with services.store.reading() as session:
        row = runs.by_id(session, run_id)
        slug = sources.by_id(session, row.source_id).slug
        problems = runs.problems(session, run_id)
    grouped = [
        {"code": problem.code, "severity": problem.severity, "records": problem.records, "example": problem.example_title}
        for problem in problems
    ]
    return json_answer(request, {**run_shape(row, slug), "problems": grouped})


@router.get("/{run_id}/outcomes", summary="What became of each record", response_model=None,
            responses={200: {"model": OutcomePage}, **problem_responses(400, 404, 422)})
def outcomes(
    request: Request, services: Serving, run_id: Id, limit: PageSize = 25, cursor: Cursor = None,
    outcome: Annotated[OutcomeName | None, Query(description="Only these.")] = None,
) -> Response:
    """With findings, in the order in which they were met. Unchanged records are only counted."""
    with services.store.reading() as session:
        runs.by_id(session, run_id)
        rows = runs.outcomes(session, run_id, outcome=outcome, after=position(cursor), limit=limit)
        held = records.states(session, [row.record_id for row in rows if row.record_id])
    refs = {record.id: record.ref for record in held}
    following = rows[-1].id if len(rows) == limit else None
    items = [outcome_shape(row, refs.get(row.record_id or 0)) for row in rows]
    return json_answer(request, page(request, items, next_position=following))


@router.get("/{run_id}/events", summary="Progress of a run", response_model=None,
            responses={200: {"model": EventPage}, **problem_responses(404, 422)})
def events(
    request: Request, services: Serving, run_id: Id,
    after: Annotated[int, Query(ge=0, description="Only events after this number.")] = 0,
) -> Response:
    with services.store.reading() as session:
        runs.by_id(session, run_id)
        rows = runs.events(session, run_id, after=after)
    items = [{"seq": row.seq, "at": row.at, "kind": row.kind, "data": row.data} for row in rows]
    return json_answer(request, page(request, items, next_position=None))


@router.post("/{run_id}/cancel", summary="Stop a run", status_code=202, response_model=None,
             dependencies=[Depends(key_with("harvest"))],
             responses={202: {"model": RunShape}, **problem_responses(401, 403, 404, 409)})
def cancel(request: Request, services: Serving, run_id: Id) -> Response:
    """Stops within two seconds. What was committed stays; nothing is removed."""
    services.harvesting.cancel(run_id)
    with services.store.reading() as session:
        row = runs.by_id(session, run_id)
        slug = sources.by_id(session, row.source_id).slug
    return json_answer(request, run_shape(row, slug), status=202)


@router.post("/{run_id}/retry", summary="Fetch again what failed in a run", status_code=202, response_model=None,
             dependencies=[Depends(key_with("harvest"))],
             responses={202: {"model": RunShape}, **problem_responses(401, 403, 404, 409)})
def retry(request: Request, services: Serving, run_id: Id) -> Response:
    """Queue a run that asks the source for each record that could not be read or was refused, and for nothing else; nothing counts as
    missing by it. 409 where nothing failed, or the source's protocol does not answer for one record."""
    number = services.harvesting.queue_retry(run_id)
    services.jobs.enqueue("harvest", run_id=number)
    with services.store.reading() as session:
        row = runs.by_id(session, number)
        slug = sources.by_id(session, row.source_id).slug
    return json_answer(request, run_shape(row, slug), status=202, headers={"Location": f"/api/v1/runs/{number}"})


@router.post("/{run_id}/undo", summary="Take back what a run changed", status_code=201, response_model=None,
             responses={201: {"model": RunShape}, **problem_responses(401, 403, 404, 409)})
def undo(request: Request, services: Serving, run_id: Id, curator: Annotated[Credential, Depends(key_with("curate"))]) -> Response:
    """Datasets become what they were before the run, those it added are removed; those that changed since are left alone.

    The answer is the run that the undo is; it can be undone likewise.
    """
    undoing = undo_run(services.store, run_id, by=curator.name, now=services.clock())
    services.jobs.enqueue("index")
    with services.store.reading() as session:
        slug = sources.by_id(session, undoing.source_id).slug
    return json_answer(request, run_shape(undoing, slug), status=201, headers={"Location": f"/api/v1/runs/{undoing.id}"})


def run_shape(row: Run, source_slug: str) -> dict[str, Any]:
    return {
        "id": row.id, "source": source_slug, "trigger": row.trigger, "wanted_pass": row.wanted_pass, "state": row.state,
        "counters": row.counters, "reason": row.reason, "error": row.error, "http": row.http,
        "timings_ms": row.timings_ms, "attempt": row.attempt, "missed_ticks": row.missed_ticks,
        "is_mass_change": row.is_mass_change, "undoes": row.undoes_run_id, "retries": row.retries_run_id,
        "queued_at": row.queued_at, "started_at": row.started_at, "ended_at": row.ended_at,
    }


def outcome_shape(row: Outcome, ref: str | None) -> dict[str, Any]:
    reason = REASONS.get(row.reason) if row.reason else None
    return {
        "id": row.id, "local_id": row.local_id, "title": row.title, "outcome": row.outcome, "reason": row.reason,
        "sentence": reason.sentence if reason else None, "hint": reason.hint if reason else None, "detail": row.detail,
        "dataset": ref, "findings": row.findings, "at": row.at,
    }

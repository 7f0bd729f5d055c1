"""``datasets:bulk``, ``datasets:validate`` and receipts: many datasets in one call."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi import Path as InPath
from fastapi.responses import Response

from gateway.api.asking import Pushing, Serving, custodian_key, own_key
from gateway.api.bodies import DatasetBody, SpooledBody, media_type_of
from gateway.api.idempotency import IdempotencyKey, file_digest, once
from gateway.api.paging import Cursor, PageSize, page, position
from gateway.api.problems import problem_responses
from gateway.api.push import UNKEPT, Schema, Version, declared_as
from gateway.api.runs import outcome_shape, run_shape
from gateway.api.shapes.push import ReceiptAnswer, TrialAnswer
from gateway.api.shapes.sources import RunShape
from gateway.models import Receipt, Run
from gateway.push.bulk import Mode, Sent, receive, suffix_of
from gateway.push.judging import readable, usable_id
from gateway.push.trial import tried
from gateway.sources.undoing import undo_run
from gateway.store import pushes, records, runs, sources
from gateway.web.answers import json_answer
from gateway.web.auth import Credential
from harvesters.push import SUFFIXES, pushed_file
from harvesters.source import Content

router = APIRouter(tags=["Push"])
Validator = Annotated[Pushing, Depends(custodian_key("datasets:validate"))]
Writer = Annotated[Pushing, Depends(custodian_key("datasets:write"))]
ReceiptId = Annotated[str, InPath(description="From the address in `Location` of the bulk push.", max_length=32)]
MANY: dict[str, Any] = {"requestBody": {"required": True, "description": "Dataset descriptions, each with its own identifier.", "content": {
    "application/x-ndjson": {"schema": {"type": "string"}}, "application/json": {"schema": {"type": "array", "items": {"type": "object"}}},
    **{name: {} for name in SUFFIXES if "json" not in name},
}}}


@router.post("/custodians/{slug}/datasets:validate", summary="What a push would do", response_model=None, openapi_extra=MANY,
             responses={200: {"model": TrialAnswer}, **problem_responses(400, 401, 403, 404, 413, 422, 429)})
def validate(
    request: Request, services: Serving, who: Validator, body: DatasetBody, schema: Schema = None, version: Version = None,
    id: Annotated[str | None, Query(description="Your identifier of the one dataset that is sent.")] = None,  # noqa: A002  the design's name
) -> Response:
    """For one document or many: what would become of each, every finding, what reading it would lose, and what would change
    against what is held. Nothing is stored."""
    declared = declared_as(schema, version)
    media_type, charset = media_type_of(request)
    if id is not None:
        content = Content(body, media_type=media_type, charset=charset)
        sent = [readable(usable_id(id), content, declared=declared)]
        return json_answer(request, tried(services.store, who.custodian, sent, today=services.clock().date()), headers=UNKEPT)
    with tempfile.TemporaryDirectory(prefix="gateway-push-") as folder:
        path = Path(folder) / f"pushed{suffix_of(media_type)}"
        path.write_bytes(body)
        found = tried(services.store, who.custodian, pushed_file(path, declared=declared), today=services.clock().date())
    return json_answer(request, found, headers=UNKEPT)


@router.post("/custodians/{slug}/datasets:bulk", summary="Push many datasets", status_code=202, response_model=None, openapi_extra=MANY,
             responses={202: {"model": ReceiptAnswer}, **problem_responses(400, 401, 403, 404, 413, 422, 429)})
def bulk(
    request: Request, services: Serving, who: Writer, body: SpooledBody, key: IdempotencyKey = None, schema: Schema = None,
    version: Version = None,
    mode: Annotated[Mode, Query(description="upsert, or replace: what is sent is all there is, so that others go missing.")] = "upsert",
) -> Response:
    """At most 64 MB. The answer names a receipt; ask there what became of each dataset. In `replace` mode the rules of a listing hold:
    an empty file removes nothing, many removals wait for a human, others go missing first."""
    media_type, _ = media_type_of(request)
    sent = Sent(path=body, media_type=media_type, declared=declared_as(schema, version), key_id=who.credential.key_id)

    def take() -> Response:
        receipt = receive(services.pushes, who.custodian, sent, mode=mode)
        services.jobs.enqueue("harvest", run_id=receipt.run_id)
        with services.store.reading() as session:
            run = runs.by_id(session, receipt.run_id)
        headers = {"Location": f"/api/v1/receipts/{receipt.public_id}", **UNKEPT}
        return json_answer(request, {**_receipt(receipt, run), "items": [], "next": None}, status=202, headers=headers)

    return once(request, services, who.credential, key, file_digest(body), take)


@router.get("/receipts/{receipt_id}", summary="What became of a bulk push", response_model=None,
            responses={200: {"model": ReceiptAnswer}, **problem_responses(400, 401, 403, 404, 422, 429)})
def receipt(
    request: Request, services: Serving, who: Annotated[Credential, Depends(own_key("runs:read"))], receipt_id: ReceiptId,
    limit: PageSize = 25, cursor: Cursor = None,
) -> Response:
    """State and counts, and page by page what became of each dataset, with its findings. Unchanged ones are only counted."""
    with services.store.reading() as session:
        found, run = pushes.receipt(session, receipt_id, custodian_id=who.custodian_id)
        rows = runs.outcomes(session, run.id, after=position(cursor), limit=limit)
        held = records.states(session, [row.record_id for row in rows if row.record_id])
    refs = {record.id: record.ref for record in held}
    following = rows[-1].id if len(rows) == limit else None
    items = [outcome_shape(row, refs.get(row.record_id or 0)) for row in rows]
    value = page(request, items, next_position=following, **_receipt(found, run))
    return json_answer(request, value, headers={"Cache-Control": "private, no-cache"})


@router.post("/receipts/{receipt_id}/cancel", summary="Stop a bulk push", status_code=202, response_model=None,
             responses={202: {"model": ReceiptAnswer}, **problem_responses(401, 403, 404, 409, 429)})
def cancel(
    request: Request, services: Serving, who: Annotated[Credential, Depends(own_key("datasets:write"))], receipt_id: ReceiptId,
) -> Response:
    """Stops before the next batch. What was committed stays; nothing is removed."""
    with services.store.reading() as session:
        found, run = pushes.receipt(session, receipt_id, custodian_id=who.custodian_id)
    services.harvesting.cancel(run.id)
    with services.store.reading() as session:
        run = runs.by_id(session, run.id)
    return json_answer(request, {**_receipt(found, run), "items": [], "next": None}, status=202, headers=UNKEPT)


@router.post("/receipts/{receipt_id}/undo", summary="Take back a bulk push", status_code=201, response_model=None,
             responses={201: {"model": RunShape}, **problem_responses(401, 403, 404, 409, 429)})
def undo(
    request: Request, services: Serving, who: Annotated[Credential, Depends(own_key("datasets:write"))], receipt_id: ReceiptId,
) -> Response:
    """Datasets become what they were before it, those it added are removed; those that changed since are left alone. The answer is the
    run that the undo is."""
    with services.store.reading() as session:
        _, run = pushes.receipt(session, receipt_id, custodian_id=who.custodian_id)
        slug = sources.by_id(session, run.source_id).slug
    undoing = undo_run(services.store, run.id, by=who.name, now=services.clock())
    services.jobs.enqueue("index")
    return json_answer(request, run_shape(undoing, slug), status=201, headers={"Location": f"/api/v1/runs/{undoing.id}", **UNKEPT})


def _receipt(receipt: Receipt, run: Run) -> dict[str, Any]:
    return {
        "id": receipt.public_id, "state": run.state, "mode": receipt.mode, "run": run.id, "counts": run.counters, "reason": run.reason,
        "error": run.error, "sha256": receipt.sha256, "length_bytes": receipt.length_bytes, "received_at": receipt.created_at,
        "started_at": run.started_at, "ended_at": run.ended_at, "is_over": run.ended_at is not None,
    }

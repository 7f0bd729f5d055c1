"""``/custodians/{slug}/datasets``: custodians' own programs write, read and delete their datasets, one at a time."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Path, Query, Request
from fastapi.responses import Response

from gateway.api.asking import Pushing, Serving, custodian_key
from gateway.api.bodies import DatasetBody, media_type_of
from gateway.api.idempotency import IdempotencyKey, body_digest, once
from gateway.api.own_datasets import one_own, original_of, own_page, pushed_answer
from gateway.api.paging import Cursor, PageSize
from gateway.api.problems import problem_responses
from gateway.api.shapes.push import HeldDeletion, OwnDatasetAnswer, OwnDatasetPage, PushedAnswer
from gateway.push.judging import readable, usable_id
from gateway.push.preconditions import read_preconditions, tag_of
from gateway.push.remove import remove
from gateway.push.searchable import wait_until_indexed
from gateway.push.upsert import require_accepted
from gateway.web.answers import json_answer
from harvesters.source import Content
from schemas.versions import VERSIONS

router = APIRouter(prefix="/custodians/{slug}", tags=["Push"])
Reader = Annotated[Pushing, Depends(custodian_key("datasets:read"))]
Writer = Annotated[Pushing, Depends(custodian_key("datasets:write"))]
Deleter = Annotated[Pushing, Depends(custodian_key("datasets:delete"))]
LocalId = Annotated[str, Path(description="Your own identifier of the dataset, percent-encoded.", examples=["sleep-survey-2025"])]
Id = Annotated[str, Query(description="Your own identifier, whatever characters it holds.", examples=["surveys/sleep?2025"])]
IfMatch = Annotated[str | None, Header(alias="If-Match", description="Only if the dataset still has this ETag.")]
IfNoneMatch = Annotated[str | None, Header(alias="If-None-Match", description="`*`: only if there is no such dataset.")]
Wait = Annotated[Literal["index"] | None, Query(description="index: answer once search finds it, or after ten seconds.")]
Schema = Annotated[str | None, Query(description="The specification of the document, if it does not say.", examples=["HDRUK"])]
Version = Annotated[str | None, Query(description="Its version.", examples=["4.0.0"])]
BODY = {"requestBody": {"required": True, "description": "One dataset description in any form that can be harvested.",
                        "content": {"application/json": {"schema": {"type": "object"}}}}}
UNKEPT = {"Cache-Control": "no-store"}
PUT: dict[str, Any] = {
    "response_model": None, "openapi_extra": BODY, "summary": "Create or replace a dataset",
    "responses": {200: {"model": PushedAnswer}, 201: {"model": PushedAnswer}, **problem_responses(400, 401, 403, 404, 409, 412, 413, 422, 429)},
}
GET: dict[str, Any] = {"response_model": None, "responses": {200: {"model": OwnDatasetAnswer}, **problem_responses(400, 401, 403, 404, 429)}}
DELETE: dict[str, Any] = {
    "response_model": None, "status_code": 204, "summary": "Delete a dataset",
    "responses": {202: {"model": HeldDeletion}, **problem_responses(400, 401, 403, 404, 412, 429)},
}


@router.get("/datasets", response_model=None, summary="Your datasets, or one of them",
            responses={200: {"model": OwnDatasetPage}, **problem_responses(400, 401, 403, 404, 422, 429)})
def own(
    request: Request, services: Serving, who: Reader, limit: PageSize = 25, cursor: Cursor = None,
    id: Annotated[str | None, Query(description="Only this one, as at its own address.")] = None,  # noqa: A002  the design's name
    as_: Annotated[Literal["original"] | None, Query(alias="as")] = None,
) -> Response:
    """Every dataset that was pushed, whatever its state. With `id` one dataset: the way for identifiers that hold `/`, `?` or `#`."""
    if id is None:
        return own_page(request, services, who.custodian, limit=limit, cursor=cursor)
    return _read(request, services, who, id, as_)


@router.get("/datasets/{local_id:path}", summary="One of your datasets", **GET)
def one(
    request: Request, services: Serving, who: Reader, local_id: LocalId,
    as_: Annotated[Literal["original"] | None, Query(alias="as", description="original: the exact bytes that were sent.")] = None,
) -> Response:
    """Its canonical record and what was sent, its findings, and what was refused last. The ETag is what If-Match takes."""
    return _read(request, services, who, local_id, as_)


@router.put("/datasets", **PUT)
def put_by_id(
    request: Request, services: Serving, who: Writer, body: DatasetBody, id: Id, if_match: IfMatch = None,  # noqa: A002  the design's name
    if_none_match: IfNoneMatch = None, key: IdempotencyKey = None, wait: Wait = None, schema: Schema = None, version: Version = None,
) -> Response:
    """As at the dataset's own address, for identifiers that hold `/`, `?` or `#`."""
    return _put(request, services, who, id, body, key, (if_match, if_none_match), wait, declared_as(schema, version))


@router.put("/datasets/{local_id:path}", **PUT)
def put(
    request: Request, services: Serving, who: Writer, body: DatasetBody, local_id: LocalId, if_match: IfMatch = None,
    if_none_match: IfNoneMatch = None, key: IdempotencyKey = None, wait: Wait = None, schema: Schema = None, version: Version = None,
) -> Response:
    """201 where it is new, 200 where it was changed, or was as it is (`unchanged`). What has findings that keep it from being
    shown is stored and answered 422; the last good version stays visible."""
    return _put(request, services, who, local_id, body, key, (if_match, if_none_match), wait, declared_as(schema, version))


@router.delete("/datasets", **DELETE)
def delete_by_id(request: Request, services: Serving, who: Deleter, id: Id, if_match: IfMatch = None, key: IdempotencyKey = None) -> Response:  # noqa: A002  the design's name
    """As at the dataset's own address, for identifiers that hold `/`, `?` or `#`."""
    return _delete(request, services, who, id, if_match, key)


@router.delete("/datasets/{local_id:path}", **DELETE)
def delete(request: Request, services: Serving, who: Deleter, local_id: LocalId, if_match: IfMatch = None, key: IdempotencyKey = None) -> Response:
    """204, also when it is gone already. Its address stays and says that it was removed. Where many are deleted within a day, the
    rest wait for a human: 202."""
    return _delete(request, services, who, local_id, if_match, key)


def declared_as(schema: str | None, version: str | None) -> str | None:
    """``HDRUK`` and ``4.0.0`` as a document would declare it."""
    named = " ".join(part for part in ((schema or "HDRUK").upper(), version) if part)
    return named if version or named in VERSIONS else None


def _read(request: Request, services: Serving, who: Pushing, given: str, as_: str | None) -> Response:
    local_id = usable_id(given)
    if as_ == "original":
        return original_of(request, services, who.custodian, local_id)
    return one_own(request, services, who.custodian, local_id)


def _put(
    request: Request, services: Serving, who: Pushing, given: str, body: bytes, key: str | None,
    conditions: tuple[str | None, str | None], wait: str | None, declared: str | None,
) -> Response:
    local_id = usable_id(given)
    media_type, charset = media_type_of(request)
    content = Content(body, media_type=media_type, charset=charset)

    def write() -> Response:
        raw = readable(local_id, content, declared=declared)
        pushed = services.pushes.upsert(who.custodian, raw, read_preconditions(*conditions))
        require_accepted(pushed)
        indexed = wait_until_indexed(services.store, services.catalogue, pushed.record.id) if wait else None
        headers = {"ETag": tag_of(pushed.record) or "", "Location": request.url.path, **UNKEPT}
        status = 201 if pushed.outcome == "created" else 200
        return json_answer(request, pushed_answer(pushed, services, indexed=indexed), status=status, headers=headers)

    return once(request, services, who.credential, key, body_digest(body), write)


def _delete(request: Request, services: Serving, who: Pushing, given: str, if_match: str | None, key: str | None) -> Response:
    local_id = usable_id(given)

    def delete_it() -> Response:
        removal = remove(services.pushes, who.custodian, local_id, read_preconditions(if_match, None))
        if removal.hold_id is None:
            return Response(status_code=204)
        return json_answer(request, {"state": "held", "hold": removal.hold_id, "why": removal.why}, status=202, headers=UNKEPT)

    return once(request, services, who.credential, key, body_digest(b""), delete_it)

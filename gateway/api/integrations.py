"""``/integrations/datasets``: the calls of the HDR UK Gateway's integration API, so that a custodian's program changes the host alone.

Two headers carry an ordinary key: ``x-application-id`` its eight characters after ``gwk_``, ``x-client-id`` the rest. What is
written goes the same way as any push. Where it differs from the HDR UK Gateway, docs/api.md says so.
"""

from __future__ import annotations

import uuid
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response

from gateway.api.asking import Pushing, Serving, application_key
from gateway.api.bodies import DatasetBody
from gateway.api.problems import problem_responses
from gateway.api.push import UNKEPT, declared_as
from gateway.api.shapes.integrations import STATUSES, Created, Done, Listed, Shown, Tested, envelope, item
from gateway.errors import BadRequest, NotFound, Unprocessable
from gateway.judging.translation import target_named, translated
from gateway.models import Record
from gateway.push.judging import usable_id
from gateway.push.preconditions import Preconditions
from gateway.push.remove import Removal, remove
from gateway.push.trial import tried
from gateway.push.upsert import Pushed, require_accepted
from gateway.store import pushes, records
from gateway.web.answers import json_answer
from gateway.wiring import Services
from harvesters.push import pushed_document
from harvesters.source import Content
from schemas.document import Unreadable, parse

router = APIRouter(prefix="/integrations/datasets", tags=["HDR UK compatible"])
Reader = Annotated[Pushing, Depends(application_key("datasets:read"))]
Writer = Annotated[Pushing, Depends(application_key("datasets:write"))]
Deleter = Annotated[Pushing, Depends(application_key("datasets:delete"))]
Tester = Annotated[Pushing, Depends(application_key("datasets:validate"))]
Number = Annotated[str, Path(description="Our number of the dataset, or its PID.", examples=["42"])]
Schema = Annotated[str | None, Query(description="HDRUK or GWDM.", examples=["HDRUK"])]
Version = Annotated[str | None, Query(description="The version.", examples=["3.0.0"])]
BODY: dict[str, Any] = {"requestBody": {"required": True, "content": {"application/json": {
    "schema": {"type": "object"}, "example": {"metadata": {"summary": {"title": "My dataset"}}},
}}}}
CAN_FAIL = problem_responses(400, 401, 403, 404, 409, 413, 422, 429)


@router.get("", summary="Your datasets (HDR UK)", response_model=None, responses={200: {"model": Listed}, **CAN_FAIL})
def listing(
    request: Request, services: Serving, who: Reader,
    sort: Annotated[str, Query(description="created, updated, title or id, with :asc or :desc.")] = "created:desc",
    status: Annotated[Literal["ACTIVE", "ARCHIVED", "DRAFT"] | None, Query()] = None,
    title: Annotated[str, Query(max_length=200, description="Part of the title.")] = "",
    dataset_id: Annotated[str | None, Query(description="Your identifier, or the PID.")] = None,
    per_page: Annotated[int, Query(ge=1, le=100)] = 25, page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> Response:
    """Those that were pushed for the application's custodian, page by page."""
    wanted = pushes.Wanted(states=STATUSES[status] if status else (), title=title, identifier=dataset_id, order=_order(sort))
    with services.store.reading() as session:
        source = pushes.find_source(session, who.custodian.id)
        rows, total = pushes.page(session, source.id, wanted, offset=(page - 1) * per_page, limit=per_page) if source else ([], 0)
        versions = {row.id: records.version_by_id(session, row.current_version_id) for row in rows if row.current_version_id}
    base = services.settings.resolved_public_url
    asked = {name: value for name, value in request.query_params.items() if name != "page"}
    found = [item(row, versions.get(row.id), base) for row in rows]
    return json_answer(request, envelope(
        found, address=base + request.url.path, asked=asked, number=page, per_page=per_page, total=total,
    ), headers={"Cache-Control": "private, no-cache"})


@router.get("/{number}", summary="One of your datasets (HDR UK)", response_model=None, responses={200: {"model": Shown}, **CAN_FAIL})
def one(request: Request, services: Serving, who: Reader, number: Number, schema_model: Schema = None, schema_version: Version = None) -> Response:
    """With both parameters its description is translated; the address in `Link` tells what was lost on the way."""
    record = _required(services, who, number)
    if (schema_model is None) != (schema_version is None):
        raise BadRequest("schema_model and schema_version belong together.", hint="Give both, or neither.")
    if schema_model is None or schema_version is None:
        return _shown(request, services, record)
    target = target_named(f"{schema_model} {schema_version}")
    document = translated(_original(services, record), target).document
    report = f"/api/v1/datasets/{record.ref}/as/{quote(target)}"
    return _shown(request, services, record, document=document, headers={"Link": f'<{report}>; rel="describedby"'})


@router.post("", summary="Create a dataset (HDR UK)", status_code=201, response_model=None, openapi_extra=BODY,
             responses={201: {"model": Created}, **CAN_FAIL})
def create(request: Request, services: Serving, who: Writer, body: DatasetBody, input_schema: Schema = None, input_version: Version = None) -> Response:
    """`metadata` holds the description, as an object, as JSON in a string, or once more in `metadata`. `pid` is your identifier of it;
    without one a UUID is made. A `pid` that is known already replaces that dataset."""
    envelope_ = _envelope(body)
    pid = envelope_.get("pid")
    local_id = usable_id(str(pid)) if pid else str(uuid.uuid4())
    pushed = _push(services, who, local_id, body, declared_as(input_schema, input_version))
    return _written(request, pushed, message="created", status=201)


@router.put("/{number}", summary="Replace a dataset (HDR UK)", response_model=None, openapi_extra=BODY, responses={200: {"model": Created}, **CAN_FAIL})
def replace(
    request: Request, services: Serving, who: Writer, body: DatasetBody, number: Number, input_schema: Schema = None, input_version: Version = None,
) -> Response:
    """The version before stays in its history."""
    record = _required(services, who, number)
    _envelope(body)
    pushed = _push(services, who, record.local_id, body, declared_as(input_schema, input_version))
    return _written(request, pushed, message="success", status=200)


@router.patch("/{number}", summary="Archive a dataset, or show it again (HDR UK)", response_model=None, openapi_extra=BODY,
              responses={200: {"model": Shown}, **CAN_FAIL})
def change_status(request: Request, services: Serving, who: Deleter, body: DatasetBody, number: Number) -> Response:
    """`status` is ARCHIVED or ACTIVE. An archived dataset leaves the catalogue; made active, it is back under its old address."""
    record = _required(services, who, number)
    wanted = _envelope(body, needs_metadata=False).get("status")
    if wanted == "ARCHIVED":
        _removed(services, who, record)
    elif wanted == "ACTIVE":
        _push(services, who, record.local_id, _original(services, record), None)
    else:
        raise Unprocessable(
            "The status can be ACTIVE or ARCHIVED.", hint="Drafts stay in your own system until they may be shown.",
            fields={"status": "must be ACTIVE or ARCHIVED"},
        )
    return _shown(request, services, _required(services, who, number))


@router.delete("/{number}", summary="Archive a dataset (HDR UK)", response_model=None, responses={200: {"model": Done}, 202: {"model": Done}, **CAN_FAIL})
def delete(request: Request, services: Serving, who: Deleter, number: Number) -> Response:
    removal = _removed(services, who, _required(services, who, number))
    if removal.hold_id is not None:
        return json_answer(request, {"message": removal.why, "hold": removal.hold_id}, status=202, headers=UNKEPT)
    return json_answer(request, {"message": "success"}, headers=UNKEPT)


@router.post("/test", summary="Check a dataset (HDR UK)", response_model=None, openapi_extra=BODY,
             responses={200: {"model": Tested}, 400: {"model": Tested}, **problem_responses(401, 403, 413, 429)})
def check(request: Request, services: Serving, who: Tester, body: DatasetBody, input_schema: Schema = None, input_version: Version = None) -> Response:
    """Every finding; nothing is stored. 400 where it would not be shown."""
    envelope_ = _envelope(body)
    local_id = usable_id(str(envelope_.get("pid") or uuid.uuid4()))
    raw = pushed_document(local_id, Content(body), declared=declared_as(input_schema, input_version))
    told = tried(services.store, who.custodian, [raw], today=services.clock().date())["items"][0]
    is_fit = told["outcome"] not in ("quarantined", "rejected")
    message = "success" if is_fit else told["detail"] or told["sentence"]
    value = {"message": message, "payload_received": envelope_, "findings": told["findings"]}
    return json_answer(request, value, status=200 if is_fit else 400, headers=UNKEPT)


def _order(sort: str) -> tuple[str, bool]:
    name, _, direction = sort.partition(":")
    if name not in pushes.ORDERS or direction not in ("", "asc", "desc"):
        raise BadRequest(f"The list cannot be sorted by {sort!r}.", hint=f"Fields: {', '.join(pushes.ORDERS)}; then :asc or :desc.")
    return name, direction == "desc"


def _envelope(body: bytes, *, needs_metadata: bool = True) -> dict[str, Any]:
    try:
        value = parse(body)
    except Unreadable as error:
        raise BadRequest(error.message, hint=error.hint) from error
    if not isinstance(value, dict) or (needs_metadata and not value.get("metadata")):
        raise BadRequest("The body holds no metadata.", hint='Send {"metadata": {…}} with the dataset description in it.')
    if needs_metadata and value.get("status") not in (None, "ACTIVE"):
        raise Unprocessable(
            "Only datasets that may be shown are kept here.", hint="Leave status out, or send ACTIVE.", fields={"status": "must be ACTIVE"}
        )
    return value


def _push(services: Services, who: Pushing, local_id: str, body: bytes, declared: str | None) -> Pushed:
    pushed = services.pushes.upsert(who.custodian, pushed_document(local_id, Content(body), declared=declared), Preconditions())
    require_accepted(pushed)
    return pushed


def _removed(services: Services, who: Pushing, record: Record) -> Removal:
    return remove(services.pushes, who.custodian, record.local_id, Preconditions())


def _written(request: Request, pushed: Pushed, *, message: str, status: int) -> Response:
    value = {"message": message, "data": pushed.record.id, "version": pushed.version.number if pushed.version else 0}
    return json_answer(request, value, status=status, headers=UNKEPT)


def _required(services: Services, who: Pushing, number: str) -> Record:
    with services.store.reading() as session:
        source = pushes.find_source(session, who.custodian.id)
        record = pushes.by_number_or_pid(session, source.id, number) if source else None
    if record is None:
        raise NotFound(f"There is no dataset {number!r}.", hint="The list of your datasets shows their numbers.")
    return record


def _shown(request: Request, services: Services, record: Record, *, document: Any = None, headers: dict[str, str] | None = None) -> Response:
    with services.store.reading() as session:
        version = records.version_by_id(session, record.current_version_id) if record.current_version_id else None
    data = item(record, version, services.settings.resolved_public_url, document=document)
    return json_answer(request, {"message": "success", "data": data}, headers={"Cache-Control": "private, no-cache", **(headers or {})})


def _original(services: Services, record: Record) -> bytes:
    with services.store.reading() as session:
        version = records.version_by_id(session, record.current_version_id) if record.current_version_id else None
    if version is None:
        raise NotFound("No version of this dataset was accepted yet.", hint="Mend its findings and send it again.")
    return services.catalogue.original(version)[1]

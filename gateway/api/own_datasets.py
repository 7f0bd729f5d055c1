"""A custodian's own datasets as its programs see them, whatever their state."""

from __future__ import annotations

from typing import Any

import orjson
from fastapi import Request
from fastapi.responses import Response

from frontend.addresses import dataset_path
from gateway.api.paging import page, position
from gateway.errors import NotFound
from gateway.models import Custodian, Outcome, Raw, Record
from gateway.push.preconditions import tag_of
from gateway.push.upsert import Pushed
from gateway.store import pushes, records
from gateway.web.answers import answer, json_answer
from gateway.wiring import Services


def pushed_answer(pushed: Pushed, services: Services, *, indexed: bool | None) -> dict[str, Any]:
    record, version = pushed.record, pushed.version
    assert version is not None  # what is not shown is answered with its findings
    return {
        "outcome": pushed.outcome, "unchanged": pushed.outcome == "unchanged", "local_id": record.local_id, "ref": record.ref,
        "pid": record.pid, "url": _page(record, services), "version": version.number, "content_sha256": version.content_hash,
        "specification": version.shape, "errors": version.findings_errors, "findings": pushed.findings, "losses": version.losses,
        "carried": version.carried, "run": pushed.run_id, "indexed": indexed,
    }


def own_page(request: Request, services: Services, custodian: Custodian, *, limit: int, cursor: str | None) -> Response:
    with services.store.reading() as session:
        source = pushes.find_source(session, custodian.id)
        rows = pushes.listing(session, source.id, after=position(cursor), limit=limit) if source else []
    following = rows[-1].id if len(rows) == limit else None
    items = [_own(row, services) for row in rows]
    return json_answer(request, page(request, items, next_position=following), headers={"Cache-Control": "private, no-cache"})


def one_own(request: Request, services: Services, custodian: Custodian, local_id: str) -> Response:
    """Raises :class:`NotFound` for a dataset that was never pushed."""
    with services.store.reading() as session:
        record = _required(services, custodian, local_id)
        version = records.version_by_id(session, record.current_version_id) if record.current_version_id else None
        raw = session.get(Raw, version.raw_id) if version and version.raw_id else None
        refusal = pushes.last_refusal(session, record.id) if record.refused_hash else None
    value = {
        **_own(record, services), "record": version.canonical if version else None, "findings": version.findings if version else [],
        "losses": version.losses if version else [], "carried": version.carried if version else [],
        "original": _original(raw, services) if raw else None, "refused": _refusal(refusal) if refusal else None,
    }
    headers = {"Cache-Control": "private, no-cache"}
    if tag := tag_of(record):
        headers["ETag"] = tag
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
    return json_answer(request, value, headers=headers)


def original_of(request: Request, services: Services, custodian: Custodian, local_id: str) -> Response:
    """Byte for byte what was sent: what is shown, or where nothing is, what was refused last."""
    record = _required(services, custodian, local_id)
    with services.store.reading() as session:
        version = records.version_by_id(session, record.current_version_id) if record.current_version_id else None
        refusal = pushes.last_refusal(session, record.id) if version is None else None
        raw = records.raw(session, version.raw_id if version else refusal.raw_id if refusal else None)
    headers = {"Content-Security-Policy": "default-src 'none'; sandbox", "Cache-Control": "private, no-cache"}
    return answer(request, services.files.get(raw.sha256), raw.media_type, headers=headers)


def _required(services: Services, custodian: Custodian, local_id: str) -> Record:
    with services.store.reading() as session:
        source = pushes.find_source(session, custodian.id)
        record = pushes.record(session, source.id, local_id) if source else None
    if record is None:
        raise NotFound(f"{custodian.name} has pushed no dataset {local_id!r}.", hint="The list of its datasets names all.")
    return record


def _own(record: Record, services: Services) -> dict[str, Any]:
    return {
        "local_id": record.local_id, "ref": record.ref, "pid": record.pid, "url": _page(record, services), "title": record.title,
        "state": record.state, "version": record.version_count or None, "content_sha256": record.content_hash,
        "stale_since": record.stale_since, "missing_since": record.missing_since, "last_changed_at": record.last_changed_at,
    }


def _original(raw: Raw, services: Services) -> dict[str, Any]:
    body = services.files.get(raw.sha256)
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        document = None
    return {"sha256": raw.sha256, "media_type": raw.media_type, "length_bytes": raw.length_bytes, "document": document}


def _refusal(outcome: Outcome) -> dict[str, Any]:
    return {"run": outcome.run_id, "at": outcome.at, "reason": outcome.reason, "findings": outcome.findings}


def _page(record: Record, services: Services) -> str:
    return services.settings.resolved_public_url + dataset_path(record.ref, record.slug)



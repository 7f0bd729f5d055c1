"""``/datasets``: one, all, their versions, and the originals."""

from __future__ import annotations

import base64
from itertools import islice
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from frontend.addresses import dataset_path
from gateway.api.asking import Serving
from gateway.api.paging import Cursor, PageSize, page, position
from gateway.api.problems import problem_responses
from gateway.api.shapes.datasets import DatasetAnswer, DatasetPage, DiffAnswer, VersionAnswer, VersionPage
from gateway.api.shapes.quality import QualityAnswer
from gateway.catalogue.published import Published
from gateway.catalogue.quality import as_json, median_of_all, of_version
from gateway.models import Version
from gateway.store import custodians, series
from gateway.web.answers import answer, json_answer
from schemas.difference import differences
from schemas.extensions import extensions
from schemas.linked_data.series import series_of

router = APIRouter(prefix="/datasets", tags=["Datasets"])
LONGEST_DIFF: Final = 1_000
Ref = Annotated[str, Path(description="The dataset's short identifier.", examples=["mfrggzdfmz"])]
Number = Annotated[int, Path(ge=1, description="Our number of the version, from 1.")]


@router.get(
    "", summary="List datasets", response_model=None,
    responses={200: {"model": DatasetPage}, **problem_responses(400, 404, 422)},
)
def listing(
    request: Request,
    services: Serving,
    limit: PageSize = 25,
    cursor: Cursor = None,
    custodian: Annotated[str | None, Query(description="Only those of this custodian (its slug).")] = None,
    series_url: Annotated[
        str | None, Query(alias="series", max_length=2000, description="Only members of the series with this address.")
    ] = None,
    identifier: Annotated[
        str | None, Query(max_length=1000, description="Only the dataset known under this identifier, PID or DOI.")
    ] = None,
) -> Response:
    """All published datasets in a stable order; without their records, which `/datasets/{ref}` gives."""
    if identifier is not None:
        ref = services.catalogue.resolve(identifier)
        found = services.catalogue.get_many([ref] if ref else [])
        return json_answer(request, page(request, [_summary(one, services) for one in found], next_position=None))
    custodian_id = _custodian_id(services, custodian)
    found = services.catalogue.listing(after_id=position(cursor), limit=limit, custodian_id=custodian_id, series=series_url)
    following = found[-1].row.record.id if len(found) == limit else None
    return json_answer(request, page(request, [_summary(one, services) for one in found], next_position=following))


@router.get(
    "/{ref}", summary="One dataset", response_model=None,
    responses={200: {"model": DatasetAnswer}, **problem_responses(404, 410)},
)
def one(request: Request, services: Serving, ref: Ref) -> Response:
    """The dataset with its canonical record (the structure of HDR UK 4.0.0) and the findings about it."""
    published = services.catalogue.get(ref)
    version = published.row.version
    value = {
        **_summary(published, services), "record": version.canonical, "findings": version.findings,
        "losses": version.losses, "carried": version.carried, "series": _series(services, version),
        "extensions": extensions(version.shape, ((one["path"], one["value"]) for one in version.carried)),
    }
    return json_answer(request, value)


@router.get(
    "/{ref}/quality", summary="How well a dataset is described", response_model=None,
    responses={200: {"model": QualityAnswer}, **problem_responses(404, 410)},
)
def quality(request: Request, services: Serving, ref: Ref) -> Response:
    """The score of the current version with every point, the fixes that would help most, and the scores of earlier versions."""
    published = services.catalogue.get(ref)
    found = of_version(services.catalogue, published.row.version)
    history = [
        {"version": version.number, "at": version.valid_from, "total": version.quality}
        for version in services.catalogue.versions(ref)
        if not version.is_older_state
    ]
    value = {"ref": ref, "median": median_of_all(services.store), **as_json(found), "history": history}
    return json_answer(request, value)


@router.get(
    "/{ref}/versions", summary="Versions of a dataset", response_model=None,
    responses={200: {"model": VersionPage}, **problem_responses(404, 410)},
)
def versions(request: Request, services: Serving, ref: Ref) -> Response:
    """Newest first. Nothing is ever overwritten."""
    found = services.catalogue.versions(ref)
    return json_answer(request, page(request, [_version(version) for version in found], next_position=None))


@router.get(
    "/{ref}/versions/{number}", summary="One version", response_model=None,
    responses={200: {"model": VersionAnswer}, **problem_responses(404, 410, 422)},
)
def version(request: Request, services: Serving, ref: Ref, number: Number) -> Response:
    found = services.catalogue.version(ref, number)
    return json_answer(request, {**_version(found), "record": found.canonical, "findings": found.findings})


@router.get("/{ref}/diff", summary="What changed between two versions", response_model=None,
            responses={200: {"model": DiffAnswer}, **problem_responses(404, 410, 422)})
def diff(
    request: Request, services: Serving, ref: Ref,
    older: Annotated[int | None, Query(alias="from", ge=1, description="Number of the older version; the one before by default.")] = None,
    newer: Annotated[int | None, Query(alias="to", ge=1, description="Number of the newer version; the current one by default.")] = None,
) -> Response:
    """Field by field, at most a thousand. Tables, columns and the like are matched by name, so another order is no change."""
    to = services.catalogue.version(ref, newer) if newer else services.catalogue.get(ref).row.version
    since = services.catalogue.version(ref, older if older is not None else max(1, to.number - 1))
    found = list(islice(differences(since.canonical, to.canonical), LONGEST_DIFF + 1))
    changes = [{"path": one.path, "before": one.before, "after": one.after} for one in found[:LONGEST_DIFF]]
    return json_answer(request, {
        "ref": ref, "from": since.number, "to": to.number, "is_complete": len(found) <= LONGEST_DIFF, "changes": changes,
        "changed_by": {"run": to.run_id, "at": to.valid_from, "cause": to.cause},
    })


@router.get("/{ref}/versions/{number}/original", summary="The submitted original of a version", response_model=None,
            responses={200: {"content": {"application/octet-stream": {}}, "description": "The exact bytes."}, **problem_responses(404, 410, 422)})
def original(request: Request, services: Serving, ref: Ref, number: Number) -> Response:
    """Byte for byte what the custodian sent, in its own media type."""
    return _original(request, services, services.catalogue.version(ref, number), ref)


@router.get("/{ref}/original", summary="The submitted original", response_model=None,
            responses={200: {"content": {"application/octet-stream": {}}, "description": "The exact bytes."}, **problem_responses(404, 410)})
def current_original(request: Request, services: Serving, ref: Ref) -> Response:
    """Byte for byte what the custodian sent for the current version, in its own media type."""
    return _original(request, services, services.catalogue.get(ref).row.version, ref)


def _original(request: Request, services: Serving, version: Version, ref: str) -> Response:
    raw, body = services.catalogue.original(version)
    suffix = "json" if "json" in raw.media_type else "bin"
    headers = {
        "Content-Disposition": f'attachment; filename="{ref}-{version.number}.{suffix}"',
        "Repr-Digest": f"sha-256=:{base64.b64encode(bytes.fromhex(raw.sha256)).decode()}:",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return answer(request, body, raw.media_type, headers=headers)


def _custodian_id(services: Serving, slug: str | None) -> int | None:
    if slug is None:
        return None
    with services.store.reading() as session:
        return custodians.by_slug(session, slug).id


def _series(services: Serving, version: Version) -> list[dict[str, Any]]:
    with services.store.reading() as session:
        return [
            {"url": one.url, "title": one.title, "description": one.description, "datasets": series.count(session, one.url)}
            for one in series_of(version.carried)
        ]


def _summary(published: Published, services: Serving) -> dict[str, Any]:
    record, version, custodian = published.row.record, published.row.version, published.row.custodian
    summary = published.dataset.summary
    return {
        "ref": record.ref,
        "url": services.settings.resolved_public_url + dataset_path(record.ref, record.slug),
        "pid": record.pid,
        "identifiers": list(dict.fromkeys([record.local_id, *published.aliases])),
        "title": summary.title,
        "abstract": summary.abstract,
        "custodian": {"slug": custodian.slug, "name": custodian.name} if custodian else None,
        "source": published.row.source.slug,
        "state": record.state,
        "version": version.number,
        "stated_version": version.stated_version,
        "stated_modified": version.stated_modified,
        "specification": version.shape,
        "errors": version.findings_errors,
        "quality": version.quality,
        "accepts_requests": published.accepts_requests,
        "first_seen_at": record.first_seen_at,
        "last_changed_at": record.last_changed_at,
        "missing_since": record.missing_since,
        "stale_since": record.stale_since,
    }


def _version(version: Version) -> dict[str, Any]:
    return {
        "number": version.number,
        "valid_from": version.valid_from,
        "stated_version": version.stated_version,
        "stated_modified": version.stated_modified,
        "specification": version.shape,
        "is_older_state": version.is_older_state,
        "content_sha256": version.content_hash,
        "changed": version.changed_paths,
        "errors": version.findings_errors,
        "run": version.run_id,
    }


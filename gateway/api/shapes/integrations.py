"""The shapes that programs written for the HDR UK Gateway's integration API read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from pydantic import BaseModel, Field

from frontend.addresses import dataset_path
from gateway.models import Record, Version

STATUSES: Final[Mapping[str, tuple[str, ...]]] = {
    "ACTIVE": ("live", "missing"), "ARCHIVED": ("removed", "withheld"), "DRAFT": ("unpublished",),
}


class LatestMetadata(BaseModel):
    version: int
    metadata: dict[str, Any] = Field(description="`metadata` in it is the dataset description.")


class Item(BaseModel):
    id: int = Field(examples=[42])
    pid: str
    datasetid: str = Field(description="Your identifier.")
    ref: str
    url: str
    title: str | None
    status: str = Field(description="ACTIVE, ARCHIVED or DRAFT (stored, but not shown for its findings)", examples=["ACTIVE"])
    create_origin: str = Field(examples=["API"])
    version: int
    created: datetime
    updated: datetime
    latest_metadata: LatestMetadata | None


class Listed(BaseModel):
    current_page: int
    data: list[Item]
    last_page: int
    per_page: int
    total: int
    next_page_url: str | None
    prev_page_url: str | None


class Shown(BaseModel):
    message: str = Field(examples=["success"])
    data: Item


class Created(BaseModel):
    message: str = Field(examples=["created"])
    data: int = Field(examples=[42])
    version: int = Field(examples=[1])


class Done(BaseModel):
    message: str = Field(examples=["success"])


class Tested(BaseModel):
    message: str = Field(examples=["success"])
    payload_received: Any
    findings: list[dict[str, Any]]


def status_of(record: Record) -> str:
    return next(status for status, states in STATUSES.items() if record.state in states)


def item(record: Record, version: Version | None, base: str, *, document: Any = None) -> dict[str, Any]:
    """``document`` stands in place of the canonical record where another version was asked for."""
    shown = document if document is not None else version.canonical if version else None
    latest = {"version": version.number, "metadata": {"metadata": shown}} if version else None
    return {
        "id": record.id, "pid": record.pid, "datasetid": record.local_id, "ref": record.ref, "url": base + dataset_path(record.ref, record.slug),
        "title": record.title, "status": status_of(record), "create_origin": "API", "version": record.version_count,
        "created": record.first_seen_at, "updated": record.last_changed_at, "latest_metadata": latest,
    }


def envelope(items: list[dict[str, Any]], *, address: str, asked: Mapping[str, str], number: int, per_page: int, total: int) -> dict[str, Any]:
    """A page as Laravel's paginator writes it."""
    last = max(1, -(-total // per_page))

    def at(page: int) -> str | None:
        return f"{address}?{urlencode({**asked, 'page': page})}" if 1 <= page <= last else None

    first = (number - 1) * per_page + 1
    return {
        "current_page": number, "data": items, "first_page_url": at(1), "from": first if items else None, "last_page": last,
        "last_page_url": at(last), "next_page_url": at(number + 1), "path": address, "per_page": per_page,
        "prev_page_url": at(number - 1), "to": first + len(items) - 1 if items else None, "total": total,
    }

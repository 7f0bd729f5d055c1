"""The reference of the dataset specification under /help/specification, made from the versions themselves."""

from __future__ import annotations

from functools import cache
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from frontend.views.layout import Link
from frontend.views.specification import (
    SpecificationChangesView,
    SpecificationIndexView,
    SpecificationView,
    VersionEntry,
)
from gateway.api.asking import Serving
from gateway.errors import NotFound
from gateway.pages.showing import layout, show
from schemas.reference import FieldEntry, changes, fields
from schemas.versions import VERSIONS, Version

router = APIRouter(prefix="/help/specification")
BASE = "/help/specification"
Asked = Annotated[str, Path(max_length=100)]


@router.get("")
def index(request: Request, services: Serving) -> Response:
    return show(request, SpecificationIndexView(layout=layout(request, services), versions=_entries()))


@router.get("/{asked}")
def version(request: Request, services: Serving, asked: Asked) -> Response:
    """``hdruk-4.0.0`` is that version; ``hdruk-3.0.0...hdruk-4.0.0`` what changed between two."""
    older, dots, newer = asked.partition("...")
    if dots:
        before, after = _named(older), _named(newer)
        return show(
            request,
            SpecificationChangesView(
                layout=layout(request, services), older=_link(before), newer=_link(after), changes=changes(before, after)
            ),
        )
    one = _named(asked)
    view = SpecificationView(
        layout=layout(request, services), name=one.name, fields=_fields(one.name), schema_href=_schema(one), sha256=one.sha256
    )
    return show(request, view)


@cache
def _fields(name: str) -> tuple[FieldEntry, ...]:
    return fields(VERSIONS[name])


def _slug(one: Version) -> str:
    return one.name.lower().replace(" ", "-")


def _named(slug: str) -> Version:
    found = next((one for one in VERSIONS.values() if _slug(one) == slug.lower()), None)
    if found is None:
        raise NotFound(f"There is no version {slug!r} of the specification.", hint="The list of versions names all of them.")
    return found


def _link(one: Version) -> Link:
    return Link(one.name, f"{BASE}/{_slug(one)}")


def _schema(one: Version) -> str:
    return f"/api/v1/schemas/{one.model}/{one.number}"


@cache
def _entries() -> tuple[VersionEntry, ...]:
    """HDR UK first; within each model the newest first."""
    ordered = sorted(VERSIONS.values(), key=lambda one: (one.model, one.number))
    entries = []
    for place, one in enumerate(ordered):
        before = ordered[place - 1] if place and ordered[place - 1].model == one.model else None
        link = Link(f"Since {before.name}", f"{BASE}/{_slug(before)}...{_slug(one)}") if before else None
        entries.append(VersionEntry(one.name, f"{BASE}/{_slug(one)}", len(_fields(one.name)), _schema(one), link))
    entries.reverse()
    return tuple(sorted(entries, key=lambda entry: (not entry.name.startswith("HDRUK"), entry.name.split(" ")[0])))

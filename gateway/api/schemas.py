"""``/schemas``: our JSON Schema of each published version, pinned by its hash."""

from __future__ import annotations

from typing import Annotated

import orjson
from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from gateway.api.asking import Serving
from gateway.api.paging import page
from gateway.api.problems import problem_responses
from gateway.api.shapes.schemas import SchemaPage
from gateway.errors import NotFound
from gateway.web.answers import answer, json_answer
from schemas.versions import VERSIONS

router = APIRouter(prefix="/schemas", tags=["Validation"])
SCHEMA_JSON = "application/schema+json"


@router.get("", summary="List the versions of the specification", response_model=None, responses={200: {"model": SchemaPage}})
def listing(request: Request, services: Serving) -> Response:
    """Each version that documents are checked against, with the SHA-256 of its schema's canonical bytes."""
    base = services.settings.resolved_public_url
    items = [
        {
            "name": one.name, "model": one.model, "version": one.number, "sha256": one.sha256,
            "url": f"{base}/api/v1/schemas/{one.model}/{one.number}",
        }
        for one in VERSIONS.values()
    ]
    return json_answer(request, page(request, items, next_position=None))


@router.get("/{model}/{version}", summary="The JSON Schema of a version", response_model=None,
            responses={200: {"content": {SCHEMA_JSON: {}}, "description": "A JSON Schema, draft 2020-12."}, **problem_responses(404)})
def schema(
    request: Request, model: Annotated[str, Path(examples=["HDRUK"])], version: Annotated[str, Path(examples=["4.0.0"])]
) -> Response:
    """Its canonical bytes: sorted keys, no blanks. ``sha256sum`` of them gives the hash in the list."""
    found = VERSIONS.get(f"{model.upper()} {version}")
    if found is None:
        raise NotFound(f"There is no schema of {model} {version}.", hint=f"There are: {', '.join(VERSIONS)}.")
    body = orjson.dumps(found.schema, option=orjson.OPT_SORT_KEYS)
    name = f"{found.model.lower()}-{found.number}.schema.json"
    return answer(request, body, SCHEMA_JSON, headers={"Content-Disposition": f'attachment; filename="{name}"'})

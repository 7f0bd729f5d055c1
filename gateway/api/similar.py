"""``/datasets/{ref}/similar``: datasets like another, and why."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from frontend.addresses import dataset_path
from gateway.api.asking import Serving, search_limit
from gateway.api.datasets import Ref
from gateway.api.problems import problem_responses
from gateway.api.shapes.datasets import SimilarList
from gateway.web.answers import json_answer
from search.engine import Similar

router = APIRouter(prefix="/datasets", tags=["Datasets"])


@router.get(
    "/{ref}/similar", summary="Datasets like this one", response_model=None,
    dependencies=[Depends(search_limit)], responses={200: {"model": SimilarList}, **problem_responses(404, 410, 422, 429, 503)},
)
def similar(request: Request, services: Serving, ref: Ref, limit: Annotated[int, Query(ge=1, le=20)] = 5) -> Response:
    """Most like first. `reasons` say what is shared: `keywords`, words of the `title`, `dtype`, `model`, `custodian`, `vocab` or `abstract`."""
    services.catalogue.get(ref)
    base = services.settings.resolved_public_url
    return json_answer(request, {"items": [_item(one, base) for one in services.catalogue.similar(ref, limit)]})


def _item(one: Similar, base: str) -> dict[str, Any]:
    return {
        "ref": one.id, "url": base + dataset_path(one.id), "title": one.stored.get("title"), "custodian_name": one.stored.get("custodian_name"),
        "reasons": [{"kind": reason.kind, "values": list(reason.values)} for reason in one.reasons],
    }

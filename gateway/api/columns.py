"""``/columns``: the columns of all datasets' tables."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from frontend.addresses import dataset_path
from frontend.column_addresses import ColumnAddress
from gateway.api.asking import Serving, search_limit
from gateway.api.paging import LONGEST_QUERY, Cursor, PageSize, page, position
from gateway.api.problems import problem_responses
from gateway.api.search import facet_shape, marked_shape
from gateway.api.shapes.search import ColumnPage
from gateway.web.answers import json_answer
from search.engine import Hit

router = APIRouter(tags=["Search"])


@router.get(
    "/columns", summary="Search columns", response_model=None,
    dependencies=[Depends(search_limit)], responses={200: {"model": ColumnPage}, **problem_responses(400, 422, 429, 503)},
)
def columns(
    request: Request,
    services: Serving,
    q: Annotated[str, Query(max_length=LONGEST_QUERY, description="Words, as in the search for datasets.", examples=["smoking"])] = "",
    limit: PageSize = 25,
    cursor: Cursor = None,
    facets: Annotated[bool, Query(description="Count the facets' values.")] = True,
) -> Response:
    """Columns by relevance, each with its dataset.

    Filters are the parameters of the page: `name` (a column's name, however it is spelt), `type`, `vocab`, `custodian`, `sensitive`,
    `dataset` (a ref) and `sort`. A parameter may be repeated: values of one facet are joined by *or*, facets by *and*.
    """
    address = ColumnAddress.read(request.query_params.multi_items())
    query = replace(address.as_query(), text=q, offset=position(cursor), limit=limit)
    found = services.catalogue.search_variables(query if facets else replace(query, facets=()))
    following = query.offset + len(found.hits)
    more = {
        "query": q, "total": found.total, "corrected_to": found.corrected_to, "did_you_mean": found.did_you_mean,
        "also_searched": list(found.also_searched), "read_as": list(found.read_as), "problems": list(address.problems), "facets": [facet_shape(facet) for facet in found.facets],
    }
    items = [_column(hit, services.settings.resolved_public_url) for hit in found.hits]
    return json_answer(request, page(request, items, next_position=following if following < found.total and items else None, **more))


def _column(hit: Hit, base: str) -> dict[str, Any]:
    return {
        **hit.stored,
        "dataset_url": base + dataset_path(hit.stored["dataset"]),
        "score": round(hit.score, 4),
        "highlights": {name: marked_shape(fragments) for name, fragments in hit.highlights.items()},
        "matched_in": {name: list(pieces) for name, pieces in hit.matched_in.items()},
    }

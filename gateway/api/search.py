"""``/search`` and ``/suggest``."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from frontend.addresses import SearchAddress, dataset_path
from gateway.api.asking import Serving, search_limit
from gateway.api.paging import LONGEST_QUERY, Cursor, PageSize, page, position
from gateway.api.problems import problem_responses
from gateway.api.shapes.search import SearchPage, SuggestionList
from gateway.catalogue.searching import query_of
from gateway.web.answers import json_answer
from search.engine import Facet, Fragment, Hit

router = APIRouter(tags=["Search"])


@router.get(
    "/search", summary="Search datasets", response_model=None,
    dependencies=[Depends(search_limit)], responses={200: {"model": SearchPage}, **problem_responses(400, 422, 429, 503)},
)
def search(
    request: Request,
    services: Serving,
    q: Annotated[str, Query(max_length=LONGEST_QUERY, description='Words, "phrases", -excluded, OR, field:value.', examples=["fertility"])] = "",
    limit: PageSize = 25,
    cursor: Cursor = None,
    facets: Annotated[bool, Query(description="Count the facets' values.")] = True,
) -> Response:
    """Datasets by relevance, with highlights, facets and the true total.

    Filters are the parameters of the search page: `custodian`, `nation`, `dtype`, `model`, `vocab`, `from`, `to`, `pop_min`,
    `sort` and so on. A parameter may be repeated: values of one facet are joined by *or*, facets by *and*.

    A dataset that several sources describe is one hit, and counts once: the description that stands first (its custodian's own before a
    collection's), with the others in `also_described`. `each=1` makes each of them a hit of its own.
    """
    address = SearchAddress.read(request.query_params.multi_items())
    query = replace(query_of(services.catalogue, address), text=q, offset=position(cursor), limit=limit)
    found = services.catalogue.search(query if facets else replace(query, facets=()))
    following = query.offset + len(found.hits)
    more = {
        "query": q, "total": found.total, "corrected_to": found.corrected_to, "did_you_mean": found.did_you_mean,
        "also_searched": list(found.also_searched), "read_as": list(found.read_as), "problems": list(address.problems),
        "facets": [facet_shape(facet) for facet in found.facets],
    }
    base = services.settings.resolved_public_url
    items = [_hit(hit, base) for hit in found.hits]
    return json_answer(
        request, page(request, items, next_position=following if following < found.total and items else None, **more)
    )


@router.get(
    "/suggest", summary="Suggest while typing", response_model=None,
    dependencies=[Depends(search_limit)], responses={200: {"model": SuggestionList}, **problem_responses(422, 429, 503)},
)
def suggest(
    request: Request,
    services: Serving,
    q: Annotated[str, Query(min_length=1, max_length=100, description="What was typed so far.", examples=["fert"])],
    limit: Annotated[int, Query(ge=1, le=20)] = 10,
) -> Response:
    """Datasets, custodians and keywords that begin with what was typed."""
    found = services.catalogue.suggest(q, limit)
    return json_answer(request, {"items": [{"text": item.text, "kind": item.kind, "id": item.id} for item in found]})


def _hit(hit: Hit, base: str) -> dict[str, Any]:
    return {
        "ref": hit.id,
        "url": base + dataset_path(hit.id),
        **hit.stored,
        "score": round(hit.score, 4),
        "highlights": {name: marked_shape(fragments) for name, fragments in hit.highlights.items()},
        "matched_in": {name: list(pieces) for name, pieces in hit.matched_in.items()},
        "by_synonym": dict(hit.by_synonym),
        "matched_columns": hit.matched_columns,
    }


def marked_shape(fragments: tuple[Fragment, ...]) -> list[dict[str, Any]]:
    return [{"text": fragment.text, "marked": fragment.marked} for fragment in fragments]


def facet_shape(facet: Facet) -> dict[str, Any]:
    values = [{"value": value.value, "count": value.count, "selected": value.selected} for value in facet.values]
    return {"name": facet.name, "total": facet.total, "values": values}

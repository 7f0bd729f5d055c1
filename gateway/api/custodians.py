"""``/custodians``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from gateway.api.asking import Serving
from gateway.api.paging import Cursor, PageSize, page, position
from gateway.api.problems import problem_responses
from gateway.api.shapes.quality import CustodianQuality
from gateway.api.shapes.sources import CustodianPage, CustodianShape
from gateway.catalogue.quality import history_of_custodian, median_of_custodian
from gateway.store import custodians, requests
from gateway.store.custodians import CustodianCard
from gateway.store.database import utc_now
from gateway.web.answers import json_answer

router = APIRouter(prefix="/custodians", tags=["Custodians"])


@router.get("", summary="List custodians", response_model=None,
            responses={200: {"model": CustodianPage}, **problem_responses(400, 422)})
def listing(
    request: Request, services: Serving, limit: PageSize = 25, cursor: Cursor = None,
    q: Annotated[str, Query(max_length=200, description="Part of the name.")] = "",
) -> Response:
    """By name, with the number of their published datasets."""
    after = position(cursor)
    with services.store.reading() as session:
        cards = custodians.directory(session, text=q, after=after, limit=limit)
        open_ones = _open(session, [card.custodian.id for card in cards])
    following = after + limit if len(cards) == limit else None
    items = [_custodian(card, card.custodian.id in open_ones) for card in cards]
    return json_answer(request, page(request, items, next_position=following))


@router.get("/{slug}", summary="One custodian", response_model=None,
            responses={200: {"model": CustodianShape}, **problem_responses(404)})
def one(
    request: Request, services: Serving, slug: Annotated[str, Path(description="Its short name.", examples=["hfea"])]
) -> Response:
    with services.store.reading() as session:
        card = custodians.card(session, slug)
        is_open = bool(_open(session, [card.custodian.id]))
    return json_answer(request, _custodian(card, is_open))


@router.get("/{slug}/quality", summary="How well a custodian's datasets are described", response_model=None,
            responses={200: {"model": CustodianQuality}, **problem_responses(404)})
def quality(
    request: Request, services: Serving, slug: Annotated[str, Path(description="Its short name.", examples=["hfea"])]
) -> Response:
    """The median today, and the mean at the end of each day on which one of its datasets changed."""
    with services.store.reading() as session:
        card = custodians.card(session, slug)
    points = history_of_custodian(services.store, card.custodian.id)
    value = {
        "slug": slug, "datasets": card.datasets, "median": median_of_custodian(services.store, card.custodian.id),
        "history": [{"day": point.day, "datasets": point.datasets, "mean": point.mean} for point in points],
    }
    return json_answer(request, value)


def _open(session: Session, custodian_ids: Sequence[int]) -> set[int]:
    """Those that take requests by a route of their own."""
    usable = requests.usable_routes(session, custodian_ids, now=utc_now())
    return {custodian_id for custodian_id, route in usable.items() if route.channel not in ("open", "not_open")}


def _custodian(card: CustodianCard, accepts_requests: bool) -> dict[str, Any]:
    custodian = card.custodian
    return {
        "slug": custodian.slug, "name": custodian.name, "category": custodian.category, "nations": custodian.nations,
        "description": custodian.description, "identifier": custodian.identifier, "origin": custodian.origin,
        "is_demonstration": custodian.is_demonstration, "datasets": card.datasets, "accepts_requests": accepts_requests,
    }

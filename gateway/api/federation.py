"""``/federation``: this catalogue in the shape of a federation endpoint, for other gateways."""

from __future__ import annotations

from email.utils import format_datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from gateway.api.asking import CustodianSlug, Serving
from gateway.api.problems import problem_responses
from gateway.providers.federation import Federation, as_json
from gateway.web.answers import answer

router = APIRouter(prefix="/federation", tags=["Federation"])
Offset = Annotated[int, Query(ge=0, le=2**31 - 1, description="How many to leave out.")]
Limit = Annotated[int, Query(ge=1, le=1000, description="How many a page.")]
As = Annotated[str | None, Query(alias="as", description="Every document in this version; without it as submitted.", examples=["HDRUK 3.0.0"])]


class FederationQuery(BaseModel):
    total: int = Field(description="Of all datasets, not only of the page.")
    limit: int
    offset: int


class FederationItem(BaseModel):
    schema_: str = Field(alias="@schema", examples=["HDRUK 4.0.0"])
    type: str = Field(examples=["dataset"])
    persistentId: str  # noqa: N815  the published name
    name: str | None = None
    description: str | None = None
    version: str | None = None
    self: str = Field(description="Where its document is.")
    issued: str | None = None
    modified: str = Field(description="When it last changed in this catalogue.")
    source: str


class FederationList(BaseModel):
    query: FederationQuery
    items: list[FederationItem]


CAN_FAIL = problem_responses(404, 422)


@router.get("/datasets", summary="List for other gateways", response_model=None, responses={200: {"model": FederationList}, **CAN_FAIL})
def listing(request: Request, services: Serving, offset: Offset = 0, limit: Limit = 100, as_: As = None) -> Response:
    """Every published dataset in the list shape of HDR UK's federation, in a stable order. What was removed is not in it."""
    page = Federation.of(services.catalogue, services.settings).page(offset=offset, limit=limit, target=as_)
    return answer(request, as_json(page), "application/json")


@router.get("/custodians/{slug}/datasets", summary="List of one custodian", response_model=None, responses={200: {"model": FederationList}, **CAN_FAIL})
def of_custodian(request: Request, services: Serving, slug: CustodianSlug, offset: Offset = 0, limit: Limit = 100, as_: As = None) -> Response:
    """As the whole list, with the datasets of one custodian."""
    page = Federation.of(services.catalogue, services.settings).page(offset=offset, limit=limit, custodian=slug, target=as_)
    return answer(request, as_json(page), "application/json")


@router.get("/datasets/{identifier:path}", summary="Document for other gateways", response_model=None,
            responses={200: {"content": {"application/json": {"schema": {"type": "object"}}}}, **problem_responses(404, 410)})
def detail(
    request: Request, services: Serving, identifier: Annotated[str, Path(description="`persistentId` of the list, percent-encoded.")], as_: As = None,
) -> Response:
    """The description of one dataset without an envelope: as its custodian submitted it, where it follows a published version of
    the specification, else in the newest version."""
    document, changed_at = Federation.of(services.catalogue, services.settings).document(identifier, target=as_)
    return answer(request, as_json(document), "application/json", headers={"Last-Modified": format_datetime(changed_at, usegmt=True)})

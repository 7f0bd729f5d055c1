"""``/triage``: parts of requests that wait for a route."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from gateway.access.triage import triage
from gateway.api.asking import Serving, key_with
from gateway.api.paging import page
from gateway.api.problems import problem_responses
from gateway.api.shapes.parts import TriagePage
from gateway.web.answers import json_answer

router = APIRouter(prefix="/triage", tags=["Requests"])


@router.get("", summary="Requests without a route", response_model=None, dependencies=[Depends(key_with("requests"))],
            responses={200: {"model": TriagePage}, **problem_responses(401, 403)})
def waiting(request: Request, services: Serving) -> Response:
    """Oldest first, without the applicants' answers."""
    items = [
        {
            "reference": part.reference, "part": part.part, "custodian": part.custodian, "datasets": list(part.datasets),
            "waiting_since": part.waiting_since,
        }
        for part in triage(services.store)
    ]
    return json_answer(request, page(request, items, next_position=None))

"""``/explain``: why a dataset is not visible, or not current."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from gateway.api.asking import Serving
from gateway.api.problems import problem_responses
from gateway.api.shapes.datasets import ExplanationShape
from gateway.catalogue.explaining import explain, explanation_shape
from gateway.web.answers import json_answer

router = APIRouter(tags=["Datasets"])


@router.get("/explain", summary="Why is a dataset not visible, or not current?", response_model=None,
            responses={200: {"model": ExplanationShape}, **problem_responses(404, 422)})
def why(
    request: Request, services: Serving,
    dataset: Annotated[str, Query(min_length=1, max_length=1000, description="Any identifier: the custodian's, a DOI, a former one, its page.")],
) -> Response:
    """In sentences, with what to do; the last outcomes of its record, and when its source runs next."""
    return json_answer(request, explanation_shape(explain(services.store, dataset, now=services.clock())))

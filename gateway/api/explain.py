"""``/explain``: why a dataset is not visible, or not current."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from gateway.answers import json_answer
from gateway.api.asking import Serving
from gateway.api.problems import problem_responses
from gateway.api.shapes import ExplanationShape
from gateway.explaining import Explanation, explain

router = APIRouter(tags=["Datasets"])


@router.get("/explain", summary="Why is a dataset not visible, or not current?", response_model=None,
            responses={200: {"model": ExplanationShape}, **problem_responses(404, 422)})
def why(
    request: Request, services: Serving,
    dataset: Annotated[str, Query(min_length=1, max_length=1000, description="Any identifier: the custodian's, a DOI, a former one, its page.")],
) -> Response:
    """In sentences, with what to do; the last outcomes of its record, and when its source runs next."""
    return json_answer(request, explanation_shape(explain(services.store, dataset, now=services.clock())))


def explanation_shape(found: Explanation) -> dict[str, Any]:
    record, source = found.record, found.source
    return {
        "dataset": record.ref if record else None, "local_id": found.local_id, "title": record.title if record else None,
        "state": record.state if record else None, "is_visible": found.is_visible, "source": source.slug,
        "answers": [{"code": one.code, "sentence": one.sentence, "hint": one.hint} for one in found.answers],
        "findings": list(found.findings),
        "outcomes": [{"run": row.run_id, "outcome": row.outcome, "reason": row.reason, "at": row.at} for row in found.outcomes],
        "last_attempt_at": source.last_attempt_at, "last_success_at": source.last_success_at, "next_due_at": source.next_due_at,
    }

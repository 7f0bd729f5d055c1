"""``/explain``: why a dataset is not visible, or not current."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from frontend.addresses import dataset_path, record_report_path
from frontend.views.explain import ExplainAnswer, ExplainOutcome, ExplainView
from gateway.api.asking import Serving
from gateway.catalogue.explaining import Explanation, explain
from gateway.errors import NotFound
from gateway.pages.showing import layout, show
from gateway.wiring import Services
from schemas.findings import Finding

router = APIRouter()


@router.get("/explain")
def why(request: Request, services: Serving, dataset: Annotated[str, Query(max_length=1000)] = "") -> Response:
    try:
        found = explain(services.store, dataset, now=services.clock()) if dataset.strip() else None
    except NotFound as error:
        return show(request, ExplainView(layout=layout(request, services, is_indexable=False), asked=dataset, problem=f"{error.message} {error.hint}"))
    return show(request, _view(request, services, dataset, found))


def _view(request: Request, services: Services, asked: str, found: Explanation | None) -> ExplainView:
    frame = layout(request, services, is_indexable=False)
    if found is None:
        return ExplainView(layout=frame, asked=asked)
    record, source = found.record, found.source
    return ExplainView(
        layout=frame, asked=asked, local_id=found.local_id, dataset_title=record.title if record else None,
        dataset_href=dataset_path(record.ref, record.slug) if record and found.is_visible else None, is_visible=found.is_visible,
        source_name=source.name, source_slug=source.slug, next_due_at=source.next_due_at.isoformat() if source.next_due_at and source.state == "active" else None,
        answers=tuple(ExplainAnswer(one.sentence, one.hint) for one in found.answers),
        outcomes=tuple(
            ExplainOutcome(row.outcome, row.at.isoformat(), record_report_path(source.slug, row.run_id, row.id)) for row in found.outcomes
        ),
        findings=tuple(Finding.from_json(one) for one in found.findings),
    )

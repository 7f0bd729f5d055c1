"""``/sources/{slug}/runs/{number}/compare``: a run beside the run before it."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from frontend.addresses import record_report_path
from frontend.views.run_comparison import ComparedFigure, ComparedRecord, ComparedRun, RunComparisonView
from gateway.api.asking import Serving
from gateway.models import Outcome, Run
from gateway.pages.showing import layout, show
from gateway.pages.sources import reason_sentence, run_of, seconds
from gateway.pages.stewarding import RunId
from gateway.store import runs

router = APIRouter()
PER_PAGE: Final = 100


@router.get("/sources/{slug}/runs/{number}/compare")
def compare(request: Request, services: Serving, slug: str, number: RunId, page: Annotated[int, Query(ge=1, le=100_000)] = 1) -> Response:
    with services.store.reading() as session:
        after, feed = run_of(session, slug, number)
        before = runs.run_before(session, after)
        found, total = runs.differing(session, before.id, after.id, offset=(page - 1) * PER_PAGE, limit=PER_PAGE) if before else ([], 0)
    view = RunComparisonView(
        layout=layout(request, services, is_indexable=False), source_name=feed.name, source_slug=slug, after=_run(after), before=_run(before) if before else None,
        figures=_figures(before, after) if before else (), records=tuple(_record(slug, one) for one in found), record_total=total, page=page, per=PER_PAGE,
    )
    return show(request, view)


def _run(row: Run) -> ComparedRun:
    return ComparedRun(row.id, row.state, row.wanted_pass, row.started_at.isoformat() if row.started_at else None, seconds(row))


def _figures(before: Run, after: Run) -> tuple[ComparedFigure, ...]:
    """Outcomes of either run, then what it cost."""
    outcomes = [ComparedFigure(name, _count(before.counters, name), _count(after.counters, name)) for name in {**before.counters, **after.counters}]
    fetched = [ComparedFigure(name, _count(before.http, name), _count(after.http, name)) for name in ("requests", "received_bytes")]
    return (*outcomes, *fetched)


def _count(counted: dict[str, Any], name: str) -> int:
    return int(counted.get(name) or 0)


def _record(slug: str, found: runs.Differing) -> ComparedRecord:
    newest = found.after or found.before
    return ComparedRecord(
        local_id=found.local_id, title=newest.title if newest else None, before=found.before.outcome if found.before else None,
        after=found.after.outcome if found.after else None, before_href=_href(slug, found.before), after_href=_href(slug, found.after),
        reason=reason_sentence(found.after) if found.after else None,
    )


def _href(slug: str, row: Outcome | None) -> str | None:
    return record_report_path(slug, row.run_id, row.id) if row else None

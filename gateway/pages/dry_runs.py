"""The page of a dry run, which follows it."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from frontend.views.dry_runs import DryRunRecord, DryRunView, ValueChange
from gateway.api.asking import Serving
from gateway.harvesting.dry_run import Diff
from gateway.pages.showing import layout, show
from gateway.pages.sources import settings_href
from gateway.pages.stewarding import may_steward
from gateway.store import dry_runs, sources
from harvesters.reasons import REASONS
from schemas.words import field_name

router = APIRouter()
RECORDS_SHOWN: Final = 100
CHANGES_SHOWN: Final = 10
LONGEST_VALUE: Final = 300


@router.get("/sources/{slug}/dry-runs/{number}")
def dry_run(request: Request, services: Serving, slug: str, number: Annotated[int, Path(ge=1, le=2**31 - 1)]) -> Response:
    with services.store.reading() as session:
        feed = sources.by_slug(session, slug)
        row = dry_runs.by_id(session, feed, number)
    diff = {**Diff().as_json(), **row.diff}
    failure = diff["failure"]
    is_broken_off = row.state == "running" and row.started_at <= services.clock() - dry_runs.GIVEN_UP_AFTER
    view = DryRunView(
        layout=layout(request, services, is_indexable=False), source_name=feed.name, source_slug=slug, number=row.id,
        is_current=row.configuration_hash == feed.configuration_hash, is_untried=feed.state in sources.HELD_BACK,
        is_unconfirmed=feed.state == "unconfirmed", is_running=row.state in ("queued", "running") and not is_broken_off, has_begun=row.state != "queued", is_broken_off=is_broken_off, at=row.started_at.isoformat(), outcomes=tuple(diff["counters"].items()), requests=diff["requests"],
        failure=failure["message"] if failure else None, failure_hint=REASONS[failure["reason"]].hint if failure else None,
        held_reason=diff["why_held"] or None, is_mass_change=diff["is_mass_change"], missing=tuple(diff["missing"]),
        removed=tuple(diff["removed"]), held=tuple(diff["held"]),
        records=tuple(_record(one) for one in diff["records"][:RECORDS_SHOWN]), record_total=len(diff["records"]),
        can_act=may_steward(request, services, feed), settings_href=settings_href(request, services, feed),
    )
    return show(request, view)


def _record(told: dict[str, Any]) -> DryRunRecord:
    reason = REASONS.get(told["reason"] or "")
    changes = tuple(ValueChange(field_name(one["path"]), _text(one["before"]), _text(one["after"])) for one in told["changes"][:CHANGES_SHOWN])
    return DryRunRecord(
        title=told["title"], local_id=told["local_id"], outcome=told["outcome"], reason=told["detail"] or (reason.sentence if reason else None),
        hint=reason.hint if reason else None, errors=sum(one["severity"] == "error" for one in told["findings"]), changes=changes,
        more_changes=max(0, len(told["changes"]) - CHANGES_SHOWN),
    )


def _text(value: Any) -> str | None:
    if value is None:
        return None
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"

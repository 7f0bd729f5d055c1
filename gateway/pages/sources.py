"""Sources, their runs, and what became of each record. What can be done to them is in ``stewarding.py``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from frontend.addresses import dataset_path, dry_run_path, hold_path, record_report_path, source_path
from frontend.views.sources import (
    Problem,
    RecordReportView,
    RunRecord,
    RunRow,
    RunView,
    SourceRow,
    SourcesView,
    SourceView,
    Stage,
)
from frontend.words import WHEN_PUSHED, counted
from gateway.accounts.roles import Action
from gateway.api.asking import Serving
from gateway.errors import NotFound
from gateway.harvesting.retried import why_not
from gateway.models import Custodian, Outcome, Run, RunEvent, Source
from gateway.pages.refused import refused_changes
from gateway.pages.run_times import time_spent
from gateway.pages.showing import layout, show
from gateway.pages.signed_in import visitor
from gateway.pages.stewarding import RunId, may_steward, owner_of
from gateway.sources.rhythms import said
from gateway.store import custodians, dry_runs, holds, records, runs, sources
from gateway.wiring import Services
from harvesters.reasons import REASONS
from harvesters.registry import ADDABLE
from schemas.findings import Finding, Severity

router = APIRouter()
RUNS_SHOWN: Final = 30
RECORDS_PER_PAGE: Final = 100
RAW_SHOWN_BYTES: Final = 20_000


@router.get("/sources")
def listing(request: Request, services: Serving) -> Response:
    with services.store.reading() as session:
        shown = source_rows(session, sources.listing(session))
    return show(request, SourcesView(layout=layout(request, services), rows=shown, add_href=_where_to_add(request, services)))


@router.get("/sources/{slug}")
def source(request: Request, services: Serving, slug: str) -> Response:
    with services.store.reading() as session:
        row = sources.by_slug(session, slug)
        owner = custodians.by_ids(session, {row.custodian_id}).get(row.custodian_id) if row.custodian_id else None
        shown = runs.listing(session, source_id=row.id, limit=RUNS_SHOWN)
        count, waiting = runs.count(session, row.id), holds.of_source(session, row.id, "open")
        head = _row(row, owner, shown[0] if shown else None, records.count_by_state(session, row.id))
        tried = dry_runs.of_source(session, row.id, limit=1)
    newest = next((run for run in shown if run.state not in runs.ACTIVE), None)
    view = SourceView(
        layout=layout(request, services), source=head, address=_address(row), schedule=_schedule(row),
        last_complete_at=row.last_complete_pass_at.isoformat() if row.last_complete_pass_at else None,
        consecutive_failures=row.consecutive_failures, held_reason=waiting[-1].why if waiting else None,
        hold_href=hold_path(slug, waiting[-1].id) if waiting else None,
        dry_run_href=dry_run_path(slug, tried[0].id) if tried else None, runs=tuple(_run_row(slug, run) for run in shown), run_count=count,
        can_act=may_steward(request, services, row), settings_href=settings_href(request, services, row),
        shared=tuple((newest.http.get("shared_identifiers") or {}).items()) if newest else (),
    )
    return show(request, view)


@router.get("/sources/{slug}/runs/{number}")
def run(
    request: Request, services: Serving, slug: str, number: RunId, outcome: Annotated[str, Query(max_length=40)] = "",
    rule: Annotated[str, Query(max_length=40)] = "", page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> Response:
    with services.store.reading() as session:
        row, feed = run_of(session, slug, number)
        problems = runs.problems(session, number)
        undone_by = runs.undone_by(session, number)
        told = runs.last_event(session, number)
        before = runs.run_before(session, row)
        rows, total = runs.outcomes_page(
            session, number, outcome=outcome or None, code=rule or None, offset=(page - 1) * RECORDS_PER_PAGE, limit=RECORDS_PER_PAGE
        )
        waiting = [hold for hold in holds.of_source(session, feed.id, "open") if hold.run_id == number]
        has_failed = runs.has_failed_records(session, number)
        failed_without_id = runs.failed_without_id(session, number)
    reason = REASONS.get(row.reason) if row.reason else None
    failure = failure_of(row)
    view = RunView(
        layout=layout(request, services, is_indexable=False), source_name=feed.name, source_slug=slug, run=number,
        state=row.state, trigger=row.trigger, wanted_pass=row.wanted_pass, queued_at=row.queued_at.isoformat(),
        started_at=row.started_at.isoformat() if row.started_at else None,
        ended_at=row.ended_at.isoformat() if row.ended_at else None, seconds=seconds(row), stages=_stages(row),
        outcomes=tuple(row.counters.items()), bytes_received=row.http.get("received_bytes"), requests=row.http.get("requests"),
        time_spent=time_spent(row),
        failure=failure if not waiting else None, failure_hint=reason.hint if reason else None,
        oddities=tuple(_oddities(row)),
        held_reason=waiting[-1].why if waiting else None,
        hold_href=hold_path(slug, waiting[-1].id) if waiting else None, is_mass_change=row.is_mass_change, undoes=row.undoes_run_id, undone_by=undone_by, problems=tuple(_problem(slug, number, found) for found in problems),
        records=tuple(_record(slug, found) for found in rows), record_total=total, outcome=outcome, rule=rule, page=page,
        per=RECORDS_PER_PAGE, goes_on_at=row.not_before.isoformat() if row.state == "waiting" and row.not_before else None,
        has_run_before=before is not None, reading=_reading(told), seconds_left=told.data.get("seconds_left") if told else None, can_act=may_steward(request, services, feed),
        retries=row.retries_run_id, has_failed=has_failed, failed_without_id=failed_without_id, why_no_retry=why_not(feed, row, has_failed=has_failed),
    )
    return show(request, view)


@router.get("/sources/{slug}/runs/{number}/records/{outcome_id}")
def record(
    request: Request, services: Serving, slug: str, number: RunId, outcome_id: Annotated[int, Path(ge=1, le=2**31 - 1)]
) -> Response:
    with services.store.reading() as session:
        _, feed = run_of(session, slug, number)
        row = runs.outcome(session, number, outcome_id)
        held = records.states(session, [row.record_id])[0] if row.record_id else None
        raw = records.raw(session, row.raw_id) if row.raw_id else None
        version = records.version_by_id(session, row.new_version_id) if row.new_version_id else None
        good = records.version_by_id(session, held.current_version_id) if held and held.current_version_id else None
    body = services.files.get(raw.sha256) if raw and services.files.path(raw.sha256).exists() else None
    reason = REASONS.get(row.reason) if row.reason else None
    is_published = held is not None and held.state in records.VISIBLE
    view = RecordReportView(
        layout=layout(request, services, is_indexable=False), source_name=feed.name, source_slug=slug, run=number,
        local_id=row.local_id, record_title=row.title, outcome=row.outcome, at=row.at.isoformat(),
        reason=reason_sentence(row), reason_hint=reason.hint if reason else None, shape=version.shape if version else None,
        findings=tuple(Finding.from_json(finding) for finding in row.findings),
        dataset_href=dataset_path(held.ref, held.slug) if held and is_published else None,
        fetched_from=raw.url or raw.locator if raw else None,
        raw=body[:RAW_SHOWN_BYTES].decode("utf-8", "replace").replace("\0", "�") if body is not None else None,
        is_raw_cut=bool(body and len(body) > RAW_SHOWN_BYTES), explain_href=f"/explain?dataset={quote(row.local_id, safe='')}" if row.local_id else None,
        changes=refused_changes(good, raw, body, row.local_id) if row.outcome == "quarantined" else (),
    )
    return show(request, view)


def failure_of(row: Run) -> str | None:
    """Why the run came to no good end, in words."""
    return row.error or (REASONS[row.reason].sentence if row.reason in REASONS else None)


def source_rows(session: Session, rows: Sequence[Source]) -> tuple[SourceRow, ...]:
    newest = runs.latest(session, [row.id for row in rows])
    owners = custodians.by_ids(session, {row.custodian_id for row in rows if row.custodian_id})
    held = records.count_by_source_and_state(session, [row.id for row in rows])
    return tuple(_row(row, owners.get(row.custodian_id or 0), newest.get(row.id), held.get(row.id, {})) for row in rows)


def _where_to_add(request: Request, services: Services) -> str | None:
    """Where whoever looks may add a source: for all custodians, or for the first of their own."""
    person = visitor(request, services)
    if person is None:
        return None
    if person.may(Action.ADMINISTER):
        return "/admin/sources/new"
    own = (one.custodian for one in person.held if one.custodian and person.may(Action.SOURCES, custodian=one.custodian))
    return next((f"/w/{slug}/sources/new" for slug in own), None)


def run_of(session: Session, slug: str, number: int) -> tuple[Run, Source]:
    row, feed = runs.by_id(session, number), sources.by_slug(session, slug)
    if row.source_id != feed.id:
        raise NotFound(f"Run {number} is not one of {feed.name}.", hint="The source's page lists its runs.")
    return row, feed


def _row(row: Source, owner: Custodian | None, newest: Run | None, states: Mapping[str, int]) -> SourceRow:
    return SourceRow(
        slug=row.slug, name=row.name, kind=row.kind, custodian_name=owner.name if owner else None,
        custodian_slug=owner.slug if owner else None, state="failing" if row.consecutive_failures and row.state == "active" else row.state,
        last_run_at=newest.queued_at.isoformat() if newest else None, last_run_state=newest.state if newest else None,
        next_due_at=row.next_due_at.isoformat() if row.next_due_at else None,
        datasets=sum(states.get(state, 0) for state in records.VISIBLE),
    )


def settings_href(request: Request, services: Services, row: Source) -> str | None:
    """Where whoever looks may change it."""
    person = visitor(request, services)
    may_change = person is not None and person.may(Action.SOURCES, custodian=owner_of(services, row))
    return f"{source_path(row.slug)}/settings" if may_change and row.kind in ADDABLE else None


def _schedule(row: Source) -> str:
    return WHEN_PUSHED if row.kind == "push" else said(row.schedule, row.timezone)


def _address(row: Source) -> str | None:
    """Where it is read from. Of a folder on this machine only its name is told."""
    if row.kind == "files":
        return str(row.configuration.get("path", "")).rstrip("/").rsplit("/", 1)[-1] or None
    base = row.configuration.get("base_url") or row.configuration.get("url")
    return f"{str(base).rstrip('/')}{row.configuration.get('list_path', '')}" if base else None


def _run_row(slug: str, row: Run) -> RunRow:
    return RunRow(
        source_slug=slug, run=row.id, state=row.state, trigger=row.trigger, queued_at=row.queued_at.isoformat(),
        started_at=row.started_at.isoformat() if row.started_at else None,
        ended_at=row.ended_at.isoformat() if row.ended_at else None, outcomes=tuple(row.counters.items()),
    )


def _reading(told: RunEvent | None) -> str | None:
    return f"{told.data['host']}{told.data.get('path', '')}" if told and told.data.get("host") else None


def _oddities(row: Run) -> Iterator[tuple[str, str]]:
    for code in row.http.get("warnings", ()):
        if code in REASONS:
            shared = row.http.get("shared_identifiers", {}) if code == "shared-identifier" else {}
            named = [f"{value} ({counted(count, 'record')})" for value, count in shared.items()]
            yield " ".join(filter(None, (REASONS[code].sentence, f"{', '.join(named)}." if named else ""))), REASONS[code].hint


def seconds(row: Run) -> float | None:
    return (row.ended_at - row.started_at).total_seconds() if row.ended_at and row.started_at else None


def _stages(row: Run) -> tuple[Stage, ...]:
    """The funnel: of what was listed, what could be read, what is fit to be shown, what was new."""
    counts = {name: int(count) for name, count in row.counters.items()}
    listed = sum(count for name, count in counts.items() if name not in ("missing", "removed"))
    if not listed:
        return ()
    read = listed - counts.get("rejected", 0)
    shown = read - counts.get("quarantined", 0) - counts.get("withheld", 0)
    changed = sum(counts.get(name, 0) for name in ("created", "updated", "restored"))
    return (
        Stage("Listed", listed), Stage("Read", read, listed), Stage("Fit to be shown", shown, listed),
        Stage("New or changed", changed, listed),
    )


def _problem(slug: str, number: int, found: runs.Problem) -> Problem:
    reason = REASONS.get(found.code) if found.severity == "reason" else None
    return Problem(
        rule=found.code, severity="error" if reason else found.severity, records=found.records,
        message=reason.sentence if reason else found.message, hint=reason.hint if reason else found.hint,
        example_title=found.example_title, example_href=record_report_path(slug, number, found.example_id),
    )


def _record(slug: str, row: Outcome) -> RunRecord:
    return RunRecord(
        title=row.title, local_id=row.local_id, outcome=row.outcome, href=record_report_path(slug, row.run_id, row.id),
        reason=reason_sentence(row), errors=_count(row, "error"), warnings=_count(row, "warning"), advice=_count(row, "advice"),
    )


def _count(row: Outcome, severity: Severity) -> int:
    return sum(finding["severity"] == severity for finding in row.findings)


def reason_sentence(row: Outcome) -> str | None:
    reason = REASONS.get(row.reason) if row.reason else None
    sentences = [reason.sentence if reason else None, row.detail]
    return " ".join(sentence for sentence in sentences if sentence) or None

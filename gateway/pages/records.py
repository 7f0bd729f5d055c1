"""``/w/{custodian}/records``: what was refused, is missing or gone, for the custodian's people and administrators; and notes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from frontend.addresses import dataset_path, record_report_path, source_path
from frontend.views.forms import FieldError
from frontend.views.layout import Twin
from frontend.views.records import NoteLine, NotesView, RecordLine, RecordsView
from frontend.views.workspace import StageTab
from gateway.accounts.people import Person
from gateway.accounts.roles import Action
from gateway.api.asking import Serving
from gateway.catalogue.explaining import UNCONFIRMED_AFTER
from gateway.errors import NotFound
from gateway.models import Record
from gateway.pages.showing import layout, see_other, show
from gateway.pages.signed_in import FromOwnForm, SignedIn
from gateway.pages.tables import csv_lines, csv_name
from gateway.store import custodian_records, custodians, notes, records
from gateway.store.custodian_records import Line
from gateway.wiring import Services
from harvesters.reasons import REASONS

router = APIRouter(prefix="/w/{custodian}")
PER_PAGE: Final = 50
FINDINGS_SHOWN: Final = 3
LONGEST_NOTE: Final = 5_000
STATE_WORDS: Final[Mapping[str, str]] = {"quarantined": "Held back or refused", "missing": "No longer listed", "removed": "Removed", "withheld": "Withheld"}
HEADER: Final = (
    "identifier", "title", "source", "state", "last_good_version", "last_good_since", "stale_or_missing_since", "reason", "what_is_wrong", "what_to_do", "report",
)
State = Literal["quarantined", "missing", "removed", "withheld"]


def _steward(person: Person, custodian: str) -> None:
    """Raises :class:`NotFound` for others than the custodian's people: what waits there is nobody else's business."""
    if not person.may(Action.RUN_HARVESTS, custodian=custodian):
        raise NotFound("There is nothing at this address for you.", hint="Ask the team administrator of the custodian for a role.")


@router.get("/records")
def listing(
    request: Request, services: Serving, person: SignedIn, custodian: str, state: Annotated[State, Query()] = "quarantined",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> Response:
    _steward(person, custodian)
    base = f"/w/{custodian}/records"
    with services.store.reading() as session:
        owner = custodians.by_slug(session, custodian)
        counts = custodian_records.count(session, owner.id)
        found = custodian_records.listing(session, owner.id, state, offset=(page - 1) * PER_PAGE, limit=PER_PAGE)
        rows = tuple(_row(custodian, line, services.clock()) for line in found)
    view = RecordsView(
        layout=layout(request, services, is_indexable=False, twins=(Twin("CSV", f"{base}.csv?state={state}", "text/csv"),)),
        custodian_name=owner.name, base=base, state=state, rows=rows, total=counts[state], page=page, per=PER_PAGE,
        states=tuple(
            StageTab(name=name, words=words, href=f"{base}?state={name}", count=counts[name], is_current=name == state) for name, words in STATE_WORDS.items()
        ),
    )
    return show(request, view, store=False)


@router.get("/records.csv")
def table(services: Serving, person: SignedIn, custodian: str, state: Annotated[State, Query()] = "quarantined") -> Response:
    _steward(person, custodian)
    with services.store.reading() as session:
        owner = custodians.by_slug(session, custodian)
        found = custodian_records.listing(session, owner.id, state)
        lines = [_cells(services, line, _row(custodian, line, services.clock())) for line in found]
    headers = {"Content-Disposition": f'attachment; filename="{csv_name(services, f"{custodian}-{state}")}"', "Cache-Control": "no-store"}
    return Response(csv_lines([HEADER, *lines]), media_type="text/csv; charset=utf-8", headers=headers)


def _cells(services: Services, line: Line, row: RecordLine) -> tuple[object, ...]:
    report = f"{services.settings.resolved_public_url}{row.report_href}" if row.report_href else None
    return (
        row.local_id, row.title, row.source_name, line.record.state, row.good_version, row.good_since, row.since, line.refusal.reason if line.refusal else None,
        list(row.findings) or row.reason, row.hint, report,
    )


def _row(custodian: str, line: Line, now: datetime) -> RecordLine:
    record, good, refusal = line.record, line.good, line.refusal
    is_shown = record.state in records.VISIBLE
    is_refused = record.state == "unpublished" or record.stale_since is not None or record.refused_hash is not None
    reason = REASONS.get(refusal.reason or "") if refusal and is_refused else None
    label, since = _since(record, now)
    return RecordLine(
        title=record.title, local_id=record.local_id, source_name=line.source.name, source_href=source_path(line.source.slug),
        notes_href=f"/w/{custodian}/records/{record.ref}/notes", dataset_href=dataset_path(record.ref, record.slug) if is_shown else None,
        report_href=record_report_path(line.source.slug, refusal.run_id, refusal.id) if refusal and is_refused else None,
        good_version=(good.stated_version or f"Version {good.number}") if good else None, good_since=good.valid_from.isoformat() if good else None,
        label=label, since=since.isoformat() if since else None, reason=record.removal_reason if record.state == "removed" else reason.sentence if reason else None,
        hint=reason.hint if reason else None, findings=tuple(_findings(line)) if is_refused else (),
    )


def _since(record: Record, now: datetime) -> tuple[str, datetime | None]:
    if record.state == "removed":
        return "Removed", record.last_changed_at
    if record.stale_since is not None:
        return ("Unconfirmed since" if now - record.stale_since >= UNCONFIRMED_AFTER else "Stale since"), record.stale_since
    if record.missing_since is not None:
        return "Not listed since", record.missing_since
    return "Waits since", record.first_seen_at if record.state == "unpublished" else record.last_changed_at


def _findings(line: Line) -> Iterator[str]:
    """The worst of them, in words."""
    found = [one for one in (line.refusal.findings if line.refusal else ()) if one["severity"] == "error"]
    for one in found[:FINDINGS_SHOWN]:
        yield f"{one['path']}: {one['message']}"
    if len(found) > FINDINGS_SHOWN:
        yield f"and {len(found) - FINDINGS_SHOWN} more"


# notes


@router.get("/records/{ref}/notes")
def notes_page(request: Request, services: Serving, person: SignedIn, custodian: str, ref: str) -> Response:
    _steward(person, custodian)
    return _notes(request, services, person, custodian, ref)


@router.post("/records/{ref}/notes")
def add_note(
    request: Request, services: Serving, person: FromOwnForm, custodian: str, ref: str, text: Annotated[str, Form(max_length=100_000)] = "",
) -> Response:
    _steward(person, custodian)
    wanted = text.strip()
    if not wanted or len(wanted) > LONGEST_NOTE:
        flaw = f"Write at most {LONGEST_NOTE:,} characters." if wanted else "Write what the next reader should know."
        return _notes(request, services, person, custodian, ref, errors=(FieldError("text", flaw),), typed=text[: 2 * LONGEST_NOTE])
    with services.store.transaction() as tx:
        record = _record(tx.session, custodian, ref)
        notes.add(tx.session, record.ref, text=wanted, by=person.name, now=services.clock())
    return see_other(f"/w/{custodian}/records/{ref}/notes")


@router.post("/records/{ref}/notes/{number}/withdraw")
def withdraw_note(services: Serving, person: FromOwnForm, custodian: str, ref: str, number: int) -> Response:
    _steward(person, custodian)
    with services.store.transaction() as tx:
        notes.withdraw_of(tx.session, _record(tx.session, custodian, ref).id, number, now=services.clock())
    return see_other(f"/w/{custodian}/records/{ref}/notes")


def _record(session: Session, custodian: str, ref: str) -> Record:
    found = custodian_records.one(session, custodians.by_slug(session, custodian).id, ref)
    if found is None:
        raise NotFound("This custodian has no such record.", hint="The list of records leads to each one's notes.")
    return found


def _notes(
    request: Request, services: Services, person: Person, custodian: str, ref: str, *, errors: tuple[FieldError, ...] = (), typed: str = ""
) -> Response:
    with services.store.reading() as session:
        record = _record(session, custodian, ref)
        kept = notes.of_record(session, record.id)
    base = f"/w/{custodian}/records"
    view = NotesView(
        layout=layout(request, services, is_indexable=False), action=f"{base}/{ref}/notes", csrf=person.csrf, record_title=record.title or record.local_id,
        records_href=base, dataset_href=dataset_path(record.ref, record.slug) if record.state in records.VISIBLE else None, errors=errors,
        values={"text": typed}, notes=tuple(NoteLine(one.text, one.by, one.at.isoformat(), f"{base}/{ref}/notes/{one.id}/withdraw") for one in kept),
    )
    return show(request, view, store=False)

"""``/w/{custodian}`` and ``/admin``: what waits for whoever looks, and the places where it is done. Each finds the queues that their roles open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from frontend.addresses import hold_path, record_report_path, source_path
from frontend.views.layout import Link
from frontend.views.today import TodayView, WorkItem, WorkQueue
from frontend.words import SOURCE_STATES, counted, moment
from gateway.access import outcomes
from gateway.access.triage import triage
from gateway.access.workspace import inbox, reader_of
from gateway.accounts import recovery
from gateway.accounts.own_keys import team_keys
from gateway.accounts.people import Person
from gateway.accounts.roles import Action
from gateway.api.asking import Serving
from gateway.errors import NotFound
from gateway.models import Custodian, Source
from gateway.pages.questions import explanation
from gateway.pages.showing import layout, show
from gateway.pages.signed_in import SignedIn
from gateway.pages.sources import failure_of
from gateway.pages.turns import is_turn_of, turn_words
from gateway.store import accounts, custodian_records, custodians, enquiries, holds, routes, runs, sources
from gateway.store import members as store_members
from gateway.store.custodian_records import Line
from gateway.store.database import utc_now
from gateway.wiring import Services
from harvesters.reasons import REASONS

team = APIRouter(prefix="/w")
router = APIRouter()
SHOWN: Final = 10
"""Of each queue."""
ENDS_SOON: Final = timedelta(days=30)
TEAM_PLACES: Final = (
    ("Requests", "requests", Action.READ_PARTS), ("Questions", "questions", Action.READ_PARTS), ("Data use register", "register", Action.READ_PARTS),
    ("Agreements", "agreements", Action.READ_PARTS), ("What you ask of applicants", "form", Action.FORMS),
    ("How you work on requests", "settings", Action.MEMBERS), ("Sources", "sources", Action.RUN_HARVESTS),
    ("Records held back, missing or gone", "records", Action.RUN_HARVESTS), ("Members", "members", Action.MEMBERS),
    ("Deliveries to your own systems", "webhooks", Action.MEMBERS),
)
"""Words, the last part of the address, and what opens it."""


@team.get("/{custodian}")
def team_page(request: Request, services: Serving, person: SignedIn, custodian: str) -> Response:
    if not any(one.custodian == custodian for one in person.held):
        raise NotFound("There is nothing at this address.")
    now = utc_now()
    with services.store.reading() as session:
        owner = custodians.by_slug(session, custodian)
        own_sources = sources.of_custodian(session, owner.id)
        found = list(_records_and_sources(session, person, owner, own_sources))
        harvest = _latest(session, own_sources) if person.may(Action.RUN_HARVESTS, custodian=custodian) else ""
        people = list(_people(session, person, owner, now))
    queues = (*found, *_requests(services, person, custodian), *_questions(services, person, custodian), *_keys(services, person, custodian, now), *people)
    view = TodayView(
        layout=layout(request, services, is_indexable=False), of=owner.name, queues=tuple(queues), harvest=harvest, places=tuple(_places(person, custodian)),
    )
    return show(request, view, store=False)


@router.get("/admin")
def admin_page(request: Request, services: Serving, person: SignedIn) -> Response:
    if not person.may(Action.ADMINISTER):
        raise NotFound("There is nothing at this address.")
    with services.store.reading() as session:
        every = sources.listing(session)
        found = [*_failing(session, every), *_held(session, every), *_without_people(session), *_stopped(session)]
        harvest = _latest(session, every)
    queues = (*_in_triage(services, person), *found, *_recoveries(services, person))
    places = [
        Link("People", "/admin/people"), Link("Sources of all custodians", "/sources"), Link("Add a source", "/admin/sources/new"),
        Link("Ways to data", "/admin/pathways"), Link("A request in an emergency", "/admin/requests"), Link("Figures", "/statistics"),
    ]
    places += [Link("Triage", "/triage")] if person.may(Action.TRIAGE) else []
    places += [Link("Audit", "/audit")] if person.may(Action.AUDIT) else []
    view = TodayView(layout=layout(request, services, is_indexable=False), of="All custodians", queues=queues, harvest=harvest, places=tuple(places))
    return show(request, view, store=False)


def _queue(heading: str, items: Sequence[WorkItem], whole: Link | None = None) -> Iterator[WorkQueue]:
    if items:
        yield WorkQueue(heading=heading, items=tuple(items[:SHOWN]), total=len(items), whole=whole)


def _places(person: Person, custodian: str) -> Iterator[Link]:
    for words, last, action in TEAM_PLACES:
        if person.may(action, custodian=custodian):
            yield Link(words, f"/w/{custodian}/{last}")
    yield Link("Keys for programs", f"/w/{custodian}/keys")
    if any(one.role == "team_admin" and one.custodian == custodian for one in person.held):
        yield Link("Audit", f"/w/{custodian}/audit")
    yield Link("How others see you", f"/custodians/{custodian}")


# harvesting


def _records_and_sources(session: Session, person: Person, owner: Custodian, own: Sequence[Source]) -> Iterator[WorkQueue]:
    if not person.may(Action.RUN_HARVESTS, custodian=owner.slug):
        return
    yield from _failing(session, own, Link("All sources", f"/w/{owner.slug}/sources"))
    yield from _held(session, own)
    count = custodian_records.count(session, owner.id)["quarantined"]
    if count:
        lines = custodian_records.listing(session, owner.id, "quarantined", limit=SHOWN)
        items = [
            WorkItem(
                words=line.record.title or line.record.local_id, href=_report(line, f"/w/{owner.slug}/records"), since=(line.record.stale_since or line.record.last_changed_at).isoformat(),
                says=REASONS[line.refusal.reason].sentence if line.refusal and line.refusal.reason in REASONS else "",
            )
            for line in lines
        ]  # fmt: skip
        yield WorkQueue(heading="Records held back", items=tuple(items), total=count, whole=Link("All records held back", f"/w/{owner.slug}/records"))


def _report(line: Line, otherwise: str) -> str:
    """Where it is said what was wrong with the record."""
    return record_report_path(line.source.slug, line.refusal.run_id, line.refusal.id) if line.refusal else otherwise


def _failing(session: Session, rows: Iterable[Source], whole: Link | None = None) -> Iterator[WorkQueue]:
    """Those whose last runs failed, and those that nobody has switched on yet."""
    wanted = [row for row in rows if row.state in sources.HELD_BACK or (row.state == "active" and row.consecutive_failures)]
    newest = runs.latest(session, [row.id for row in wanted])
    items = []
    for row in sorted(wanted, key=lambda row: (row.state in sources.HELD_BACK, row.name)):
        last = newest.get(row.id)
        if row.state in sources.HELD_BACK:
            says = f"{SOURCE_STATES[row.state][0]}."
        else:
            why = (failure_of(last) or "") if last else ""
            says = f"Failed {counted(row.consecutive_failures, 'time')} in a row. {why}".rstrip()
        items.append(WorkItem(words=row.name, href=source_path(row.slug), says=says, since=last.queued_at.isoformat() if last and row.consecutive_failures else None))
    yield from _queue("Sources", items, whole or Link("All sources", "/sources"))


def _held(session: Session, rows: Iterable[Source]) -> Iterator[WorkQueue]:
    named = {row.id: row for row in rows}
    waiting = [one for one in holds.listing(session, states=("open",), limit=1000) if one.source_id in named]
    yield from _queue("Removals that wait for a person", [
        WorkItem(words=named[one.source_id].name, href=hold_path(named[one.source_id].slug, one.id), says=one.why, since=one.created_at.isoformat()) for one in waiting
    ])  # fmt: skip


def _latest(session: Session, rows: Sequence[Source]) -> str:
    ended = [run for run in runs.latest(session, [row.id for row in rows]).values() if run.ended_at]
    last = max(ended, key=lambda run: run.ended_at or run.queued_at, default=None)
    if last is None:
        return "Nothing was harvested yet." if rows else "There is no source to harvest yet."
    changed = sum(int(last.counters.get(name, 0)) for name in ("created", "updated", "restored", "removed"))
    what = f"{counted(changed, 'record')} changed" if changed else "nothing changed"
    name = next(row.name for row in rows if row.id == last.source_id)
    return f"Last harvest {moment(last.ended_at.isoformat() if last.ended_at else None)}, {name}: {what}."


# requests and questions


def _requests(services: Services, person: Person, custodian: str) -> Iterator[WorkQueue]:
    if not person.may(Action.READ_PARTS, custodian=custodian):
        return
    lines = inbox(services.store, custodian, reader_of(person, custodian)).lines
    ours = sorted((one for one in lines if one.kept_out is None and one.turn and is_turn_of(one.turn, "custodian")), key=lambda one: one.turn.since if one.turn else one.since)
    yield from _queue("Requests that wait for you", [
        WorkItem(words=one.title, href=f"/w/{custodian}/requests/{one.part}", since=one.since.isoformat(), says=f"{one.label}. {turn_words(one.turn, side='custodian')}.") for one in ours
    ], Link("All requests", f"/w/{custodian}/requests"))  # fmt: skip


def _questions(services: Services, person: Person, custodian: str) -> Iterator[WorkQueue]:
    if not person.may(Action.READ_PARTS, custodian=custodian):
        return
    with services.store.reading() as session:
        rows = [row for row in enquiries.threads_of_custodian(session, custodian) if row.thread.state == "with_custodian"]
    yield from _queue("Questions without an answer", [
        WorkItem(words=f"{row.enquiry.reference}, {row.enquiry.name}", href=f"/w/{custodian}/questions/{row.thread.public_id}", since=row.thread.since.isoformat(), says=explanation(row))
        for row in sorted(rows, key=lambda row: row.thread.since)
    ], Link("All questions", f"/w/{custodian}/questions"))  # fmt: skip


def _in_triage(services: Services, person: Person) -> Iterator[WorkQueue]:
    """Counts alone: who may read what waits there is another role's business."""
    parts, letters = triage(services.store), outcomes.awaiting(services.store)
    with services.store.reading() as session:
        asked = enquiries.threads_in_triage(session)
    href = "/triage" if person.may(Action.TRIAGE) else None
    says = "" if href else "Those with the role triage see to it."
    waiting = (
        ("request without a way to its custodian", "requests without a way to their custodian", min((one.waiting_since for one in parts), default=None), len(parts)),
        ("question that no desk has", "questions that no desk has", min((row.thread.since for row in asked), default=None), len(asked)),
        ("request in its custodian’s own system, whose decision is not entered yet", "requests in their custodians’ own systems, whose decisions are not entered yet", min((one.since for one in letters), default=None), len(letters)),
    )
    items = [WorkItem(words=counted(count, one, many), href=href, says=says, since=since.isoformat() if since else None) for one, many, since, count in waiting if count]
    yield from _queue("Triage", items)


# people and keys


def _keys(services: Services, person: Person, custodian: str, now: datetime) -> Iterator[WorkQueue]:
    rows = team_keys(services.store, person, custodian).rows
    ending = [row for row in rows if row.revoked_at is None and row.expires_at is not None and now < row.expires_at <= now + ENDS_SOON]
    yield from _queue("Keys that end soon", [
        WorkItem(words=row.name, href=f"/w/{custodian}/keys", says=f"Ends {moment(row.expires_at.isoformat() if row.expires_at else None)}. Rotate it before then.") for row in ending
    ])  # fmt: skip


def _people(session: Session, person: Person, owner: Custodian, now: datetime) -> Iterator[WorkQueue]:
    if not person.may(Action.MEMBERS, custodian=owner.slug):
        return
    proposed = [one for one in store_members.proposals(session, owner.id, now=now) if person.subject not in (one.row.proposed_by, one.subject)]
    yield from _queue("Roles that wait for a second person", [WorkItem(words=one.name, href=f"/w/{owner.slug}/members") for one in proposed])


def _without_people(session: Session) -> Iterator[WorkQueue]:
    rows = custodians.without_holder(session, accounts.custodians_with(session, "team_admin"))
    yield from _queue("Custodians without a team administrator", [WorkItem(words=row.name, href=f"/w/{row.slug}/members") for row in rows], Link("All of them", "/admin/people"))


def _stopped(session: Session) -> Iterator[WorkQueue]:
    yield from _queue("Ways to custodians that stopped", [
        WorkItem(words=owner.name, href=f"/custodians/{owner.slug}", says="Requests wait in triage until the address is mended.") for _, owner in routes.suspended(session)
    ])  # fmt: skip


def _recoveries(services: Services, person: Person) -> Iterator[WorkQueue]:
    waiting = recovery.waiting(services.store, person, None, now=utc_now())
    yield from _queue("People who cannot sign in", [
        WorkItem(words=one.account.name or one.account.address or "", href="/admin/people", since=one.row.asked_at.isoformat()) for one in waiting
    ])  # fmt: skip

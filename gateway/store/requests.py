"""Requests, their parts, events and snapshots."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from typing import cast as typed

from sqlalchemy import ColumnElement, String, cast, func, or_, select
from sqlalchemy.orm import Session

from gateway.access.machine import fold, is_for_applicant
from gateway.access.parts import OPEN, Event, PartState, Role
from gateway.errors import NotFound
from gateway.models import (
    Alternative,
    Custodian,
    Delivery,
    FormerLink,
    FormTemplate,
    Record,
    Request,
    RequestEvent,
    RequestPart,
    Route,
    Snapshot,
    Version,
)
from gateway.store import custodians, request_members
from gateway.store.records import VISIBLE, touch_index

VERIFIED_FOR = timedelta(days=365)
USABLE = "healthy"
WITHOUT_REQUESTS = ("open", "not_open")
"""Channels that say how data are had without a request, or that they are not."""
AT_ONCE = 500
"""Parts whose events are read in one statement."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A visible dataset as it is when somebody asks for it."""

    record: Record
    version: Version
    custodian: Custodian | None


@dataclass(frozen=True, slots=True)
class PartRow:
    """A part with all that is read beside it. ``delivery`` is the newest."""

    part: RequestPart
    request: Request
    custodian: Custodian | None
    snapshot: Snapshot
    delivery: Delivery | None
    route: Route | None
    form: FormTemplate | None
    """What its custodian asked; None for the core alone."""


# writing


def visible_datasets(session: Session, refs: Sequence[str]) -> dict[str, Asked]:
    query = (
        select(Record, Version, Custodian)
        .join(Version, Version.id == Record.current_version_id)
        .outerjoin(Custodian, Custodian.id == Record.custodian_id)
        .where(Record.ref.in_(refs), Record.state.in_(VISIBLE))
    )
    return {record.ref: Asked(record, version, custodian) for record, version, custodian in session.execute(query)}


def some_dataset(session: Session, custodian: str) -> str | None:
    """The ref of the custodian's first visible dataset."""
    query = select(Record.ref).join(Custodian, Custodian.id == Record.custodian_id).where(Custodian.slug == custodian, Record.state.in_(VISIBLE))
    return session.scalar(query.order_by(Record.id).limit(1))


def known_titles(session: Session, refs: Sequence[str]) -> dict[str, str]:
    """Titles of records in any state, for naming those that cannot be asked for any more."""
    query = select(Record.ref, Record.title).where(Record.ref.in_(refs), Record.state.not_in(("unpublished", "withheld")))
    return {ref: title for ref, title in session.execute(query) if title}


def usable_routes(session: Session, custodian_ids: Iterable[int], *, now: datetime, takes_requests: bool = False) -> dict[int, Route]:
    """The custodians' routes that are healthy and were verified within twelve months: their own before a contact mailbox. With
    ``takes_requests`` only those by which a request can be sent."""
    query = (
        select(Route)
        .where(
            Route.custodian_id.in_(list(custodian_ids)), Route.health == USABLE, Route.verified_at > now - VERIFIED_FOR,
            Route.scope.in_(("custodian", "contact")), *((Route.channel.not_in(WITHOUT_REQUESTS),) if takes_requests else ()),
        )
        .order_by(Route.scope, Route.id)
    )
    return {route.custodian_id: route for route in session.scalars(query)}


def routes(session: Session) -> list[tuple[Route, Custodian]]:
    query = select(Route, Custodian).join(Custodian, Custodian.id == Route.custodian_id).order_by(Custodian.name_key, Route.id)
    return [(route, custodian) for route, custodian in session.execute(query)]


def touch_datasets_of(session: Session, custodian_id: int, *, now: datetime) -> None:
    """The index must see the datasets of the custodian again, and of those it stands in for: whether they can be asked for has changed."""
    replaced = select(Alternative.custodian_id).where(Alternative.alternative_id == custodian_id)
    _touch(session, (Record.custodian_id == custodian_id) | Record.custodian_id.in_(replaced), now=now)


def touch_route(session: Session, route: Route, *, now: datetime) -> None:
    """As above, with the dataset or the members of the collection that the route is for."""
    touch_datasets_of(session, route.custodian_id, now=now)
    if route.scope == "dataset":
        _touch(session, (Record.ref == route.scope_ref) & (Record.custodian_id != route.custodian_id), now=now)
    if route.scope == "collection":
        text = cast(Version.canonical, String)
        spelt = {route.scope_ref or "", json.dumps(route.scope_ref)[1:-1]}
        naming = select(Version.record_id).where(Version.id == Record.current_version_id, or_(*(text.contains(name, autoescape=True) for name in spelt)))
        _touch(session, Record.id.in_(naming), now=now)


def touch_lapsed(session: Session, *, since: datetime, now: datetime) -> None:
    """As above for every route whose confirmation has lapsed since then: nothing else says so."""
    lapsed = Route.verified_at.between(since - VERIFIED_FOR, now - VERIFIED_FOR)
    for route in list(session.scalars(select(Route).where(lapsed, Route.health == USABLE).order_by(Route.id))):
        touch_route(session, route, now=now)


def _touch(session: Session, where: ColumnElement[bool], *, now: datetime) -> None:
    for record in list(session.scalars(select(Record).where(where, Record.state.in_(VISIBLE)))):
        touch_index(session, record, now=now)


def pids_of_custodian(session: Session, custodian_id: int) -> set[str]:
    """Persistent ids of its visible datasets."""
    return set(session.scalars(select(Record.pid).where(Record.custodian_id == custodian_id, Record.state.in_(VISIBLE))))


def reference_is_taken(session: Session, reference: str) -> bool:
    return session.scalar(select(Request.id).where(Request.reference == reference)) is not None


def append(session: Session, part: RequestPart, events: Sequence[Event], state: PartState) -> None:
    """Write a part's new events and the row folded from them. Two writers of one version cannot both succeed."""
    for event in events:
        session.add(event_row(event, request_id=part.request_id, part_id=part.id))
        part.updated_at = event.at
    part.state, part.version = state.state, state.version


def event_row(event: Event, *, request_id: int, part_id: int | None) -> RequestEvent:
    return RequestEvent(
        request_id=request_id, part_id=part_id, version=event.version, command=event.command, event=event.event,
        role=event.role, actor=event.actor, visibility="party" if is_for_applicant(event) else "internal", payload=dict(event.payload), at=event.at,
    )


# reading


def part_for_update(session: Session, part_id: int) -> RequestPart:
    """The part, locked until the transaction ends. Everything that changes a part or its delivery locks it first."""
    return session.scalars(select(RequestPart).where(RequestPart.id == part_id).with_for_update()).one()


def part_id_by_acknowledgement(session: Session, token_sha256: str) -> int | None:
    """Of the newest letter; of an earlier one to the same mailbox while the part is open."""
    newest = session.scalar(select(RequestPart.id).where(RequestPart.acknowledge_token_sha256 == token_sha256))
    is_usable = (RequestPart.channel == "mailbox", RequestPart.route_id == FormerLink.route_id, RequestPart.state.in_(OPEN))
    earlier = select(RequestPart.id).join(FormerLink, FormerLink.part_id == RequestPart.id).where(FormerLink.digest == token_sha256, *is_usable)
    return newest or session.scalar(earlier)


def was_acknowledgement(session: Session, token_sha256: str) -> bool:
    """Whether an earlier letter named this link."""
    return session.get(FormerLink, token_sha256) is not None


def part_id_by_public_id(session: Session, public_id: str) -> int | None:
    return session.scalar(select(RequestPart.id).where(RequestPart.public_id == public_id))


def part_by_public_id(session: Session, public_id: str) -> PartRow | None:
    part_id = part_id_by_public_id(session, public_id)
    return part(session, part_id) if part_id is not None else None


def part_of_custodian(session: Session, public_id: str, custodian: str | int) -> PartRow | None:
    """A part of this custodian, named by slug or number. One of another takes the same work as one that does not exist."""
    mine = Custodian.slug == custodian if isinstance(custodian, str) else Custodian.id == custodian
    query = select(RequestPart.id).join(Custodian, Custodian.id == RequestPart.custodian_id).where(RequestPart.public_id == public_id, mine)
    part_id = session.scalar(query)
    return part(session, part_id) if part_id is not None else None


def custodian_of_part(session: Session, public_id: str) -> str | None:
    """The slug of the custodian that the part was sent to."""
    query = select(Custodian.slug).join(RequestPart, RequestPart.custodian_id == Custodian.id)
    return session.scalar(query.where(RequestPart.public_id == public_id))


def locked_by_public_id(session: Session, public_id: str) -> RequestPart:
    """The part, locked until the transaction ends. Raises :class:`NotFound`."""
    part_id = part_id_by_public_id(session, public_id)
    if part_id is None:
        raise NotFound("There is no such request.", hint="It may have been a mistyped address.")
    return part_for_update(session, part_id)


def custodian_name(session: Session, slug: str) -> str:
    """Raises :class:`NotFound`."""
    return custodians.by_slug(session, slug).name


def parts_of_custodian(session: Session, slug: str) -> list[PartRow]:
    """All parts that were sent to the custodian; those that changed last come first."""
    rows = _part_rows(session, (Custodian.slug == slug) & RequestPart.state.not_in(("draft", "deleted")))
    return sorted(rows, key=lambda row: row.part.updated_at, reverse=True)


def snapshot_amended(session: Session, request_id: int, custodian_id: int | None) -> Snapshot | None:
    """What the custodian decided on in the request that another one amends."""
    query = select(Snapshot).join(RequestPart, RequestPart.id == Snapshot.part_id)
    return session.scalar(query.where(RequestPart.request_id == request_id, RequestPart.custodian_id == custodian_id).order_by(Snapshot.id.desc()).limit(1))


def snapshots_of(session: Session, part_id: int) -> list[Snapshot]:
    """Oldest first."""
    return list(session.scalars(select(Snapshot).where(Snapshot.part_id == part_id).order_by(Snapshot.id)))


def led_by(session: Session, *, subject: str, address: str) -> list[Request]:
    """Requests of which something was sent, the newest first: those of the account, and those of the address from before accounts."""
    return list(session.scalars(select(Request).where(_is_led_by(subject, address), Request.sent_at.is_not(None)).order_by(Request.id.desc())))


def on_by(session: Session, *, subject: str, address: str) -> list[Request]:
    """As :func:`led_by`, with those that the account joined."""
    return list(session.scalars(select(Request).where(_is_on(subject, address), Request.sent_at.is_not(None)).order_by(Request.id.desc())))


def own(session: Session, reference: str, *, subject: str, address: str) -> Request | None:
    """The sent request of this reference if the account leads it or has joined it. One of others takes the same work as one that does not exist."""
    return session.scalar(select(Request).where(Request.reference == reference, Request.sent_at.is_not(None), _is_on(subject, address)))


def _is_led_by(subject: str, address: str) -> ColumnElement[bool]:
    from_before_accounts = Request.lead_subject.is_(None) & (func.lower(Request.lead["email"].as_string()) == address.lower())
    return (Request.lead_subject == subject) | from_before_accounts


def _is_on(subject: str, address: str) -> ColumnElement[bool]:
    return _is_led_by(subject, address) | Request.id.in_(request_members.requests_of(subject))


def by_reference(session: Session, reference: str) -> Request | None:
    return session.scalar(select(Request).where(Request.reference == reference))


def by_follow_token(session: Session, token_sha256: str) -> Request | None:
    return session.scalar(select(Request).where(Request.follow_token_sha256 == token_sha256))


def lead_address(session: Session, request_id: int) -> str:
    return str(session.get_one(Request, request_id).lead["email"])


def lead_subject(session: Session, request_id: int) -> str | None:
    return session.get_one(Request, request_id).lead_subject


def history(session: Session, part_id: int) -> list[Event]:
    query = select(RequestEvent).where(RequestEvent.part_id == part_id).order_by(RequestEvent.version)
    return [as_event(row) for row in session.scalars(query)]


def state_of(session: Session, part_id: int) -> PartState:
    return fold(history(session, part_id))


def histories_of(session: Session, part_ids: Sequence[int]) -> dict[int, list[Event]]:
    """Events of many parts at once, by the part's id."""
    found: dict[int, list[Event]] = {part_id: [] for part_id in part_ids}
    for first in range(0, len(part_ids), AT_ONCE):
        query = select(RequestEvent).where(RequestEvent.part_id.in_(part_ids[first : first + AT_ONCE]))
        for row in session.scalars(query.order_by(RequestEvent.part_id, RequestEvent.version)):
            found[row.part_id or 0].append(as_event(row))
    return found


def newest_event_id(session: Session) -> int:
    """Grows with every event."""
    return session.scalar(select(func.max(RequestEvent.id))) or 0


def recent_histories(session: Session, *, since: datetime) -> list[tuple[str | None, list[str], list[Event]]]:
    """Of all parts that changed since: the custodian's short name and nations, and the events."""
    query = (
        select(RequestPart.id, Custodian.slug, Custodian.nations).outerjoin(Custodian, Custodian.id == RequestPart.custodian_id)
        .where(RequestPart.updated_at >= since, RequestPart.state.not_in(("draft", "deleted"))).order_by(RequestPart.id)
    )
    rows = list(session.execute(query))
    found = histories_of(session, [row.id for row in rows])
    return [(row.slug, list(row.nations or ()), found[row.id]) for row in rows]


def count_events_of_request(session: Session, request_id: int) -> int:
    """Of the whole request, not of its parts."""
    query = select(func.count()).select_from(RequestEvent).where(RequestEvent.request_id == request_id, RequestEvent.part_id.is_(None))
    return session.scalar(query) or 0


def histories(session: Session, request_id: int) -> Mapping[int | None, list[Event]]:
    """All events of a request by part (None: of the whole request), each in the order of versions."""
    query = select(RequestEvent).where(RequestEvent.request_id == request_id).order_by(RequestEvent.version, RequestEvent.id)
    found: dict[int | None, list[Event]] = {}
    for row in session.scalars(query):
        found.setdefault(row.part_id, []).append(as_event(row))
    return found


def as_event(row: RequestEvent) -> Event:
    return Event(
        command=row.command, event=row.event, version=row.version, at=row.at, role=typed("Role", row.role), actor=row.actor,
        payload=row.payload,
    )


def part(session: Session, part_id: int) -> PartRow:
    return _part_rows(session, RequestPart.id == part_id)[0]


def canonicals(session: Session, named: Sequence[tuple[str, int]]) -> list[dict[str, Any]]:
    """Records of datasets in the versions named."""
    query = select(Record.ref, Version.number, Version.canonical).join(Record, Record.id == Version.record_id)
    rows = session.execute(query.where(Record.ref.in_([ref for ref, _ in named])))
    return [canonical for ref, number, canonical in rows if (ref, number) in set(named)]


def newest_answers(session: Session, part_id: int) -> Mapping[str, Any]:
    """Of the snapshot that counts now; none for a draft that was never sent."""
    found = session.scalar(select(Snapshot.document).where(Snapshot.part_id == part_id).order_by(Snapshot.id.desc()).limit(1))
    answers: Mapping[str, Any] = (found or {}).get("answers", {})
    return answers


def parts_of(session: Session, request_id: int) -> list[PartRow]:
    """Those that were sent."""
    return _part_rows(session, (RequestPart.request_id == request_id) & RequestPart.state.not_in(("draft", "deleted")))


def parts_in_state(session: Session, state: str) -> list[PartRow]:
    return _part_rows(session, RequestPart.state == state)


def parts_in_triage(session: Session) -> list[PartRow]:
    """Parts nobody has been told of: those without a route, and those whose delivery was given up. Oldest first."""
    given_up = select(Delivery.part_id).where(Delivery.state == "manual")
    waiting = (RequestPart.channel == "triage") | RequestPart.id.in_(given_up)
    return _part_rows(session, waiting & RequestPart.state.in_(("submitted", "redirected")))


def _part_rows(session: Session, condition: Any) -> list[PartRow]:
    query = (
        select(RequestPart, Request, Custodian)
        .join(Request, Request.id == RequestPart.request_id)
        .outerjoin(Custodian, Custodian.id == RequestPart.custodian_id)
        .where(condition)
        .order_by(RequestPart.id)
    )
    rows = list(session.execute(query))
    ids = [part.id for part, _, _ in rows]
    snapshots = {row.part_id: row for row in session.scalars(select(Snapshot).where(Snapshot.part_id.in_(ids)).order_by(Snapshot.id))}
    deliveries = {row.part_id: row for row in session.scalars(select(Delivery).where(Delivery.part_id.in_(ids)).order_by(Delivery.id))}
    routes = {row.id: row for row in session.scalars(select(Route).where(Route.id.in_({part.route_id for part, _, _ in rows if part.route_id})))}
    forms = {row.id: row for row in session.scalars(select(FormTemplate).where(FormTemplate.id.in_({part.form_id for part, _, _ in rows if part.form_id})))}
    return [
        PartRow(part, request, custodian, snapshots[part.id], deliveries.get(part.id), routes.get(part.route_id or 0), forms.get(part.form_id or 0))
        for part, request, custodian in rows
    ]

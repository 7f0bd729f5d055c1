"""Pass a part on: one that waits in triage, or whose delivery was given up, over the route that its custodian has by now; or, by its
handler, into the custodian's own form."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from gateway.access.commands import Command, perform_in
from gateway.access.dispatch import dispatch
from gateway.access.ladder import why_not
from gateway.access.parts import PartState
from gateway.access.snapshots import digest
from gateway.errors import Conflict, Unprocessable
from gateway.models import RequestPart, Route, Snapshot
from gateway.store import Store, custodians, outbox, requests, routes
from gateway.store.sealing import Sealer


@dataclass(frozen=True, slots=True)
class Rerouted:
    reference: str
    custodian: str
    channel: str


def reroute(store: Store, sealer: Sealer, public_id: str, *, reason: str, actor: str, now: datetime, custodian: str = "") -> Rerouted:
    """``custodian``: the slug of whom a part is for whose custodian was not known. Raises :class:`NotFound`, :class:`Unprocessable` (field
    ``custodian``), and :class:`Conflict` while the custodian has no usable route."""
    with store.transaction() as tx:
        part = requests.locked_by_public_id(tx.session, public_id)
        assigned = _assign(tx.session, part, custodian, now) if part.custodian_id is None else {}
        row = requests.part(tx.session, part.id)
        assert part.custodian_id is not None
        route = requests.usable_routes(tx.session, [part.custodian_id], now=now, takes_requests=True).get(part.custodian_id)
        if route is None:
            raise Conflict("This custodian has no confirmed route yet.", hint="Set one first: gateway route set CUSTODIAN --channel … --target …")
        command = Command(name="reroute", role="triage", actor=actor, payload={"channel": route.channel, "reason": reason, **assigned})
        perform_in(tx.session, sealer, part, command, now)
        if part.route_id != route.id:
            part.acknowledge_token_sha256 = None  # who had the part until now does not have it any more
        part.route_id, part.channel = route.id, route.channel
        outbox.give_up_for_good(tx.session, part.id)
        tx.session.flush()
        dispatch(tx.session, sealer, part, now=now)
        return Rerouted(row.request.reference, row.custodian.name if row.custodian else "", route.channel)


def reachable(store: Store, *, now: datetime) -> tuple[tuple[str, str], ...]:
    """Short names and names of the custodians to which a part can be passed on, by name."""
    with store.reading() as session:
        held = {custodian.id: custodian for _, custodian in requests.routes(session)}
        found = requests.usable_routes(session, list(held), now=now, takes_requests=True)
        return tuple((one.slug, one.name) for number, one in held.items() if number in found)


def _assign(session: Session, part: RequestPart, slug: str, now: datetime) -> dict[str, str]:
    """The part is that custodian's from now on; what it decides on names it. For the event."""
    if not slug:
        raise Unprocessable("It was not passed on.", fields={"custodian": "Choose whose data these are."})
    custodian = custodians.by_slug(session, slug)
    document = {**requests.part(session, part.id).snapshot.document, "custodian": custodian.slug}
    part.custodian_id = custodian.id
    session.add(Snapshot(part_id=part.id, sha256=digest(document), document=document, created_at=now))
    session.flush()
    return {"custodian": custodian.slug, "snapshot_sha256": digest(document)}


def has_portal(session: Session, custodian_id: int | None, *, now: datetime) -> bool:
    return _portal(session, custodian_id, now) is not None


def redirect(store: Store, sealer: Sealer, public_id: str, *, actor: str, expected_version: int | None, now: datetime) -> PartState:
    """By a handler: the part goes on in the custodian's own form, for which the applicant gets an export. Raises :class:`NotFound`, and
    :class:`Conflict` without a confirmed route there."""
    with store.transaction() as tx:
        part = requests.locked_by_public_id(tx.session, public_id)
        route = _portal(tx.session, part.custodian_id, now)
        if route is None:
            raise Conflict("No form of your own is confirmed.", hint="The gateway's operator sets it: gateway route set CUSTODIAN --channel portal.")
        command = Command(name="redirect", role="handler", actor=actor, payload={"channel": "portal"}, expected_version=expected_version)
        state = perform_in(tx.session, sealer, part, command, now)
        part.route_id, part.channel, part.acknowledge_token_sha256 = route.id, "portal", None
        outbox.give_up_for_good(tx.session, part.id)
        return state


def _portal(session: Session, custodian_id: int | None, now: datetime) -> Route | None:
    found = routes.of_custodian(session, custodian_id) if custodian_id is not None else []
    return next((one for one in found if one.channel == "portal" and not why_not(one, now)), None)

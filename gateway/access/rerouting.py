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
from gateway.errors import Conflict
from gateway.models import Route
from gateway.store import Store, outbox, requests, routes
from gateway.store.sealing import Sealer


@dataclass(frozen=True, slots=True)
class Rerouted:
    reference: str
    custodian: str
    channel: str


def reroute(store: Store, sealer: Sealer, public_id: str, *, reason: str, actor: str, now: datetime) -> Rerouted:
    """Raises :class:`NotFound`, and :class:`Conflict` while the custodian has no usable route."""
    with store.transaction() as tx:
        part = requests.locked_by_public_id(tx.session, public_id)
        row = requests.part(tx.session, part.id)
        route = requests.usable_routes(tx.session, [part.custodian_id], now=now).get(part.custodian_id) if part.custodian_id else None
        if route is None:
            raise Conflict("This custodian has no confirmed route yet.", hint="Set one first: gateway route set CUSTODIAN --channel … --target …")
        command = Command(name="reroute", role="triage", actor=actor, payload={"channel": route.channel, "reason": reason})
        perform_in(tx.session, sealer, part, command, now)
        part.route_id, part.channel = route.id, route.channel
        outbox.give_up_for_good(tx.session, part.id)
        tx.session.flush()
        dispatch(tx.session, sealer, part, now=now)
        return Rerouted(row.request.reference, row.custodian.name if row.custodian else "", route.channel)


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

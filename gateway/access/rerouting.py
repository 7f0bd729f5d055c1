"""Pass a part on that waits in triage, or whose delivery was given up: over the route that its custodian has by now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gateway.access.commands import Command, perform_in
from gateway.access.dispatch import dispatch
from gateway.errors import Conflict
from gateway.store import Store, outbox, requests
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

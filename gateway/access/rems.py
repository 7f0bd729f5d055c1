"""What happens to a part in its custodian's REMS: a notification is a hint only; the application is read again, and what it says is carried over."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy.orm import Session

from gateway.access.commands import Command, perform_in
from gateway.access.machine import fold
from gateway.access.parts import PartState
from gateway.channels.rems import Caller, Form, Rems
from gateway.errors import Conflict, NotFound, NotSignedIn
from gateway.models import RequestPart, Route
from gateway.store import Store, custodians, outbox, requests, routes
from gateway.store.sealing import Sealer

log = structlog.get_logger(__name__)
ACTOR: Final = "rems"
DECIDED: Final[Mapping[str, str]] = {
    "application.state/returned": "application.event/returned", "application.state/approved": "application.event/approved",
    "application.state/rejected": "application.event/rejected", "application.state/closed": "application.event/closed",
    "application.state/revoked": "application.event/revoked",
}
"""State of an application -> the event that led there."""


@dataclass(frozen=True, slots=True)
class _Told:
    """What the application says last: who did it, when, and in which words."""

    state: str
    by: str
    at: str
    comment: str
    until: str | None


def notified(store: Store, sealer: Sealer, caller: Caller, *, custodian: str, secret: str, application: int, now: datetime) -> list[str]:
    """Read the application again and carry over what it says; the commands that were given.

    Raises :class:`NotSignedIn` for a secret that is not the route's, :class:`NotFound` for an application that is none of ours, and
    :class:`DeliveryDeferred` or :class:`DeliveryFailed` where REMS cannot be read.
    """
    with store.reading() as session:
        route = _route(session, custodian)
        sealed = json.loads(sealer.open(route.secret or ""))
        if not hmac.compare_digest(str(sealed["notify_secret"]).encode(), secret.encode("utf-8", "replace")):
            raise NotSignedIn("The secret of this notification is not right.", hint="Set it in the REMS configuration, as gateway route rems printed it.")
        part_id = outbox.part_of_application(session, route.custodian_id, application)
    if part_id is None:
        raise NotFound("This application did not come from the gateway.")
    form = Form.of(route.settings or {})
    told = _told(Rems(caller, route.target, sealed["api_key"], form.reader).get(f"/api/applications/{application}"))
    with store.transaction() as tx:
        return _carry_over(tx.session, sealer, requests.part_for_update(tx.session, part_id), told, now)


def arrived(session: Session, sealer: Sealer, part: RequestPart, *, delivery: str, application: int, now: datetime) -> None:
    """The application was submitted: REMS has the part."""
    state = fold(requests.history(session, part.id))
    if state.state in ("submitted", "redirected"):
        payload = {"delivery": delivery, "channel": "rems", "reference": f"REMS {application}"}
        perform_in(session, sealer, part, Command(name="acknowledge", role="integration", actor=ACTOR, payload=payload), now)


def _carry_over(session: Session, sealer: Sealer, part: RequestPart, told: _Told, now: datetime) -> list[str]:
    given: list[str] = []
    for name, payload in _commands(fold(requests.history(session, part.id)), told, requests.part(session, part.id).snapshot.document["answers"], now):
        try:
            perform_in(session, sealer, part, Command(name=name, role="integration", actor=ACTOR, payload=payload), now)
        except Conflict as refusal:
            log.warning("rems.refused", part=part.public_id, command=name, why=refusal.message)
            break
        given.append(name)
    return given


def _commands(state: PartState, told: _Told, answers: Mapping[str, Any], now: datetime) -> list[tuple[str, dict[str, Any]]]:
    """What leads from the part's state to that of the application; nothing where it is there already."""
    decided = {"decided_by": told.by, "decided_at": told.at}
    is_checked = state.state in ("screening", "in_review")
    if told.state == "application.state/returned" and is_checked:
        return [("return", {"comment": told.comment or "The custodian asks you to change the application.", "is_general": True})]
    if told.state == "application.state/approved" and is_checked:
        mode = "Release" if str(answers.get("data.access_mode", "")).casefold() in ("release", "copy") else "TRE"
        until = told.until or str(answers.get("project.end") or "")
        term = until if until > now.date().isoformat() else (now + timedelta(days=365)).date().isoformat()
        approve = {"access_until": term, "access_mode": mode, "release_confirmed": mode == "Release", "note": told.comment, **decided}
        return [*([("accept_for_review", {})] if state.state == "screening" else []), ("approve", approve)]
    if told.state == "application.state/rejected" and is_checked:
        return [("reject", {"code": "other", "reason": told.comment or "The custodian gave no reason.", **decided})]
    if told.state == "application.state/closed" and state.state not in ("closed", "withdrawn", "rejected", "revoked", "ended", "active"):
        return [("close", {"reason": "out_of_scope", "note": told.comment})]
    if told.state == "application.state/revoked" and state.state in ("approved_conditionally", "approved", "active"):
        return [("revoke", {"reason": told.comment or "The custodian gave no reason."})]
    return []


def _told(application: Mapping[str, Any]) -> _Told:
    state = str(application["application/state"])
    events = [one for one in application.get("application/events", ()) if one.get("event/type") == DECIDED.get(state)]
    last = events[-1] if events else {}
    end = last.get("entitlement/end") or application.get("entitlement/end")
    return _Told(
        state=state, by=str(last.get("event/actor") or "REMS"), at=str(last.get("event/time") or ""), comment=str(last.get("application/comment") or ""),
        until=str(end)[:10] if end else None,
    )


def _route(session: Session, slug: str) -> Route:
    found = routes.of_custodian(session, custodians.by_slug(session, slug).id)
    route = next((one for one in found if one.channel == "rems" and one.health != "replaced"), None)
    if route is None:
        raise NotFound("There is no REMS of this custodian here.")
    return route

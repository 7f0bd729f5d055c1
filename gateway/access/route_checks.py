"""Routes that confirm themselves, and custodians that stand in for others. Nothing is sent over a route before its owner agreed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from sqlalchemy.orm import Session

from gateway.access.addresses import check_address
from gateway.access.notices import Body, message
from gateway.errors import NotFound, Unprocessable
from gateway.models import Alternative, Custodian, Route
from gateway.store import Store, custodians, outbox, requests, routes
from gateway.store.sealing import Sealer, new_token, token_digest

WORKS_FOR: Final = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Asking:
    """What the page behind a confirmation link shows."""

    custodian_name: str
    mailbox: str
    is_confirmed: bool


def ask_mailbox(store: Store, sealer: Sealer, *, custodian: str, target: str, now: datetime) -> None:
    """Mail a link with which the mailbox confirms that requests to the custodian may come to it. Until then it is not used.

    Raises :class:`NotFound`, :class:`Unprocessable` for what is no address.
    """
    check_address(target)
    token = new_token()
    with store.transaction() as tx:
        one = custodians.by_slug(tx.session, custodian)
        route = next(iter(routes.of_scope(tx.session, one.id, "contact", None)), None)
        if route is None:
            route = Route(custodian_id=one.id, channel="mailbox", target=target, scope="contact", created_at=now)
            tx.session.add(route)
        if route.target != target:
            route.target, route.verified_at = target, None
        route.health, route.confirm_token_sha256, route.asked_at = requests.USABLE, token_digest(token), now
        tx.session.flush()
        text = (
            f"May requests for data of {' '.join(one.name.split())} come to this mailbox? If so, open the link and confirm; it works for "
            f"{WORKS_FOR.days} days. Until then nothing is sent here."
        )
        letter = message(
            sealer, key=f"route.confirm.{route.id}.{now.isoformat()}", to_address=target, subject="Confirm this mailbox",
            body=Body(text=text, path=f"/routes/confirm/{token}", closing="If this is not your desk, do nothing."), now=now,
        )
        tx.session.add(letter)


def asking(store: Store, token: str, *, now: datetime) -> Asking:
    """Changes nothing. Raises :class:`NotFound` for a link that is unknown or too old."""
    with store.reading() as session:
        route, custodian = _asked(session, token, now)
        return Asking(custodian.name, route.target, route.verified_at is not None and route.asked_at is not None and route.verified_at >= route.asked_at)


def confirm_mailbox(store: Store, token: str, *, now: datetime) -> None:
    """The mailbox agrees, for twelve months; again is no matter. Deliveries that were given up on it are tried again. Raises :class:`NotFound`."""
    with store.transaction() as tx:
        route, _ = _asked(tx.session, token, now)
        route.verified_at, route.health = now, requests.USABLE
        tx.session.flush()
        outbox.requeue(tx.session, route.id, now=now)
        requests.touch_route(tx.session, route, now=now)


def agree_on_alternative(store: Store, *, custodian: str, alternative: str, by: Literal["custodian", "alternative"], now: datetime) -> bool:
    """One side says that ``alternative`` takes the requests of ``custodian``; True once both have said so.

    Raises :class:`NotFound`, :class:`Unprocessable` for one and the same.
    """
    if custodian == alternative:
        raise Unprocessable("A custodian cannot stand in for itself.", hint="Name another one.")
    with store.transaction() as tx:
        ids = custodians.by_slug(tx.session, custodian).id, custodians.by_slug(tx.session, alternative).id
        held = routes.alternative(tx.session, *ids)
        if held is None:
            held = Alternative(custodian_id=ids[0], alternative_id=ids[1])
            tx.session.add(held)
        if by == "custodian":
            held.confirmed_by_custodian_at = now
        else:
            held.confirmed_by_alternative_at = now
        requests.touch_datasets_of(tx.session, ids[0], now=now)
        return held.confirmed_by_custodian_at is not None and held.confirmed_by_alternative_at is not None


def _asked(session: Session, token: str, now: datetime) -> tuple[Route, Custodian]:
    route, custodian = routes.by_confirm_token(session, token_digest(token))
    if route.asked_at is None or now - route.asked_at > WORKS_FOR:
        raise NotFound("This link is too old.", hint="Ask the gateway’s staff for a new one.")
    return route, custodian

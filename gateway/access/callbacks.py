"""A custodian's own system says what it did with a request: signed with the secret with which the request was signed to it (Standard
Webhooks: id, time and exact body). An id that was taken in before is refused for a day; one that was refused may be sent again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from standardwebhooks import Webhook, WebhookVerificationError

from gateway.access.commands import Command, perform_in
from gateway.errors import Conflict, NotSignedIn
from gateway.models import Route
from gateway.store import Store, outbox, requests
from gateway.store.sealing import Sealer, token_digest

KEPT_FOR: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A part that may be acted on, and whose system signed for it."""

    part: str
    route_id: int
    message_id: str
    custodian_id: int


def verified(store: Store, sealer: Sealer, public_id: str, *, headers: Mapping[str, str], body: bytes, now: datetime) -> Signed:
    """Raises :class:`NotSignedIn` for a wrong, missing or old signature, and for a part that no system signs for: the same for all."""
    with store.reading() as session:
        row = requests.part_by_public_id(session, public_id)
    route = row.route if row is not None and row.part.channel == "webhook" else None
    if route is None or not any(_is_signed(secret, headers, body) for secret in _secrets(sealer, route, now)):
        raise NotSignedIn("The signature is not accepted.", hint="Sign id, time and body with the secret of your route; the time may be five minutes off.")
    return Signed(part=public_id, route_id=route.id, message_id=headers["webhook-id"], custodian_id=route.custodian_id)


def carry_out(store: Store, sealer: Sealer, signed: Signed, *, command: str, payload: Mapping[str, Any], version: int | None, now: datetime) -> None:
    """Raises :class:`Conflict` for an id that was taken in, and with the rule where the machine refuses."""
    given = Command(name=command, role="integration", actor=f"route:{signed.route_id}", payload=payload, expected_version=version)
    try:
        with store.transaction() as tx:
            _take_in(tx.session, signed, now)
            perform_in(tx.session, sealer, requests.locked_by_public_id(tx.session, signed.part), given, now)
    except IntegrityError:
        raise Conflict("This message was taken in before.", hint="Read the request to see where it stands.") from None


def _take_in(session: Session, signed: Signed, now: datetime) -> None:
    outbox.forget_callbacks(session, before=now - KEPT_FOR)
    outbox.take_in(session, token_digest(f"{signed.route_id} {signed.message_id}"), now=now)


def _secrets(sealer: Sealer, route: Route, now: datetime) -> list[str]:
    """After a rotation the former one counts for a day as well."""
    return [sealer.open(sealed) for sealed in (route.secret, route.former_secret_at(now)) if sealed]


def _is_signed(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    try:
        Webhook(secret).verify(body, dict(headers))
    except (WebhookVerificationError, ValueError):
        return False
    return True

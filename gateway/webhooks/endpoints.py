"""Where custodians' systems want to be told of their datasets: added, changed, their secrets rotated."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from gateway.access.routes import check_web_address
from gateway.channels.webhook import check_secret, new_secret
from gateway.errors import Conflict, Unprocessable
from gateway.models import WebhookEndpoint
from gateway.store import Store, custodians, webhooks
from gateway.store.sealing import Sealer

EVENTS: Final = (
    "run.completed", "run.failed", "run.held", "dataset.published", "dataset.quarantined", "dataset.removed", "link.proposed",
)  # fmt: skip
BOTH_SIGN_FOR: Final = timedelta(days=1)
MOST_ENDPOINTS: Final = 10


@dataclass(frozen=True, slots=True)
class NewEndpoint:
    """``secret`` is shown this once."""

    endpoint: WebhookEndpoint
    secret: str


def add_endpoint(
    store: Store, sealer: Sealer, *, custodian: str, url: str, events: Sequence[str] = EVENTS, contact: str | None = None,
    secret: str | None = None, now: datetime,
) -> NewEndpoint:
    """``custodian`` is a slug. Raises :class:`Unprocessable` naming what is wrong, :class:`NotFound`, :class:`Conflict`."""
    check_web_address(url)
    opened = check_secret(secret) if secret else new_secret()
    endpoint = WebhookEndpoint(
        public_id=secrets.token_urlsafe(9), url=url, secret=sealer.seal(opened), events=_checked(events), contact=_mail(contact),
        sequence=0, state="active", created_at=now,
    )
    with store.transaction() as tx:
        owner = custodians.by_slug(tx.session, custodian)
        if len(webhooks.of_custodian(tx.session, owner.id)) >= MOST_ENDPOINTS:
            raise Conflict(f"A custodian may have {MOST_ENDPOINTS} webhooks.", hint="Remove one that is not used.")
        endpoint.custodian_id = owner.id
        webhooks.add(tx.session, endpoint)
    return NewEndpoint(endpoint, opened)


def change_endpoint(
    store: Store, public_id: str, *, custodian_id: int | None = None, url: str | None = None, events: Sequence[str] | None = None,
    contact: str | None = None, enable: bool = False,
) -> WebhookEndpoint:
    """What is None stays. ``enable`` starts a disabled one anew. Raises as :func:`add_endpoint`."""
    if url is not None:
        check_web_address(url)
    with store.transaction() as tx:
        endpoint = webhooks.require(tx.session, public_id, custodian_id=custodian_id)
        endpoint.url = url if url is not None else endpoint.url
        endpoint.events = _checked(events) if events is not None else endpoint.events
        endpoint.contact = _mail(contact) if contact is not None else endpoint.contact
        if enable:
            endpoint.state, endpoint.failing_since, endpoint.last_error = "active", None, None
    return endpoint


def rotate_secret(store: Store, sealer: Sealer, public_id: str, *, custodian_id: int | None = None, now: datetime) -> NewEndpoint:
    """A new secret; for a day messages bear a signature by each, so that the receiver can change over."""
    opened = new_secret()
    with store.transaction() as tx:
        endpoint = webhooks.require(tx.session, public_id, custodian_id=custodian_id)
        endpoint.former_secret, endpoint.former_secret_until = endpoint.secret, now + BOTH_SIGN_FOR
        endpoint.secret = sealer.seal(opened)
    return NewEndpoint(endpoint, opened)


def remove_endpoint(store: Store, public_id: str, *, custodian_id: int | None = None) -> WebhookEndpoint:
    with store.transaction() as tx:
        endpoint = webhooks.require(tx.session, public_id, custodian_id=custodian_id)
        webhooks.remove(tx.session, endpoint)
    return endpoint


def _checked(events: Sequence[str]) -> list[str]:
    unknown = [one for one in events if one not in EVENTS]
    if unknown or not events:
        said = f"{unknown[0]!r} is no event." if unknown else "A webhook needs an event."
        raise Unprocessable(said, hint=f"Events: {', '.join(EVENTS)}.", fields={"events": "unknown"})
    return [one for one in EVENTS if one in events]


def _mail(address: str | None) -> str | None:
    if address and (address.count("@") != 1 or " " in address or not address.isprintable()):
        raise Unprocessable("That is no mail address.", hint="Give one like metadata@example.org.", fields={"contact": "not understood"})
    return address or None

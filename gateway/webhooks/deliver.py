"""The job ``notify``: sends what waits for custodians' systems. May run twice, and in several workers at once.

A message is leased in one transaction, sent outside any, and recorded in a second. Its id and body are the same at every try,
by which the receiver knows one that comes twice. Eight tries within a day; an endpoint that took nothing for five days is
disabled, and its contact gets a mail; so is one that answers 401, 403 or 410. Messages are kept for 90 days, and can be sent again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import orjson
import structlog
from sqlalchemy.orm import Session
from standardwebhooks import Webhook

from gateway.access import notices
from gateway.access.deliver import LEASE, MAX_ATTEMPTS, RETRIES_AFTER
from gateway.channels.channel import DeliveryDeferred, DeliveryFailed
from gateway.channels.routing import Channels
from gateway.channels.webhook import Answer
from gateway.errors import GatewayError
from gateway.models import WebhookEndpoint, WebhookMessage
from gateway.store import Store, webhooks
from gateway.store.webhooks import ClaimedWebhook

log = structlog.get_logger(__name__)
DISABLED_AFTER: Final = timedelta(days=5)
KEPT_FOR: Final = timedelta(days=90)
BUDGET_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Tried:
    """``why`` is empty where the receiver took it."""

    why: str = ""
    retry_after_seconds: float = 0.0
    is_gone: bool = False


def notify_due(store: Store, channels: Channels, *, clock: Callable[[], datetime], limit: int = 200) -> int:
    """Send what is due; returns how many were tried. ``clock`` gives the present time: receivers check it."""
    ends_at, done = time.monotonic() + BUDGET_SECONDS, 0
    while done < limit and time.monotonic() < ends_at:
        now = clock()
        with store.transaction() as tx:
            claim = webhooks.claim(tx.session, now=now, lease_until=now + LEASE)
        if claim is None:
            break
        tried = _tried(channels, claim, now)
        with store.transaction() as tx:
            _record(tx.session, channels, claim, tried, now)
        log.info("webhook.tried", message=claim.message_id, attempt=claim.attempt, why=tried.why or "taken")
        done += 1
    if done:
        with store.transaction() as tx:
            webhooks.forget_before(tx.session, clock() - KEPT_FOR)
    return done


def body_of(claim: ClaimedWebhook, public_url: str) -> bytes:
    """Thin: ids, and the address where the rest is. The same at every try."""
    data: dict[str, Any] = {name: value for name, value in claim.data.items() if name != "path"}
    data |= {"custodian": claim.custodian, "sequence": claim.sequence, "url": public_url + claim.data["path"]}
    return orjson.dumps({"type": claim.event, "timestamp": claim.created_at.isoformat(), "data": data}, option=orjson.OPT_SORT_KEYS)


def headers_of(claim: ClaimedWebhook, body: bytes, secrets: list[str], now: datetime) -> dict[str, str]:
    """Standard Webhooks; after a rotation both secrets sign."""
    signatures = [Webhook(secret).sign(claim.message_id, now, body.decode()) for secret in secrets]
    return {
        "content-type": "application/json", "webhook-id": claim.message_id, "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def _tried(channels: Channels, claim: ClaimedWebhook, now: datetime) -> Tried:
    try:
        secrets = [channels.sealer.open(sealed) for sealed in claim.sealed_secrets]
        body = body_of(claim, channels.public_url)
        return _judged(channels.poster.post(claim.url, body, headers_of(claim, body, secrets, now)))
    except DeliveryDeferred as failure:
        return Tried(failure.message, failure.retry_after_seconds or 0.0)
    except (DeliveryFailed, GatewayError) as failure:
        return Tried(failure.message)
    except Exception:
        log.exception("webhook.broke", message=claim.message_id)
        return Tried("The gateway made a mistake in sending.")


def _judged(answer: Answer) -> Tried:
    if 200 <= answer.status < 300:
        return Tried()
    return Tried(f"The receiver answered {answer.status}.", answer.retry_after_seconds or 0.0, is_gone=answer.status in (401, 403, 410))


def _record(session: Session, channels: Channels, claim: ClaimedWebhook, tried: Tried, now: datetime) -> None:
    rows = webhooks.claimed(session, claim)
    if rows is None:
        return
    row, endpoint = rows
    row.lease_until, row.last_error = None, tried.why or None
    if not tried.why:
        row.state, row.sent_at, row.due_at = "sent", now, None
        endpoint.failing_since, endpoint.last_error, endpoint.last_success_at = None, None, now
        return
    endpoint.failing_since, endpoint.last_error = endpoint.failing_since or now, tried.why
    _plan_next(row, claim.attempt, tried, now)
    if tried.is_gone or now - endpoint.failing_since >= DISABLED_AFTER:
        _disable(session, channels, endpoint, claim.custodian, now)


def _plan_next(row: WebhookMessage, attempt: int, tried: Tried, now: datetime) -> None:
    if attempt >= MAX_ATTEMPTS:
        row.state, row.due_at = "failed", None
        return
    pause = max(RETRIES_AFTER[attempt - 1], timedelta(seconds=tried.retry_after_seconds))
    row.due_at = now + min(pause, RETRIES_AFTER[-1])


def _disable(session: Session, channels: Channels, endpoint: WebhookEndpoint, custodian: str, now: datetime) -> None:
    endpoint.state = "disabled"
    webhooks.give_up_waiting(session, endpoint.id, why="The webhook was disabled.")
    if not endpoint.contact:
        return
    since = f"{endpoint.failing_since:%d %B %Y}" if endpoint.failing_since else "today"
    text = (
        f"The webhook {endpoint.public_id} of {custodian} has taken no message since {since}, so it was disabled.\n"
        f"The last answer: {endpoint.last_error}\n\nMend the receiver, then enable the webhook again. What was not sent in the meantime "
        "can be read at the address below."
    )
    session.add(notices.message(
        channels.sealer, key=f"webhook.{endpoint.public_id}.{int(now.timestamp())}", to_address=endpoint.contact,
        subject=f"Webhook of {custodian} disabled", now=now,
        body=notices.Body(text=text, path=f"/custodians/{custodian}", closing="You get this mail as the contact of the webhook."),
    ))

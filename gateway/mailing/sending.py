"""Sending the next message. May run twice, and in several workers at once.

A message is leased in one transaction, sent outside any, and recorded in a second. A worker that dies in between loses nothing: the
lease ends and the message is sent again under the same Message-ID, by which the receiver knows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy.orm import Session

from gateway.access import notices
from gateway.channels.channel import DeliveryDeferred, DeliveryFailed, Receipt
from gateway.channels.mail import Letter, MailboxDeferred, MailboxRefused
from gateway.channels.routing import Channels
from gateway.errors import GatewayError
from gateway.mailing.choices import unsubscribe_path
from gateway.mailing.topics import TOPICS
from gateway.store import Store, mail, outbox
from gateway.store.outbox import ClaimedMessage

log = structlog.get_logger(__name__)
FIRST_PAUSE: Final = timedelta(seconds=10)
LONGEST_PAUSE: Final = timedelta(hours=12)
LEASE: Final = timedelta(minutes=3)
BREAKS: Final = 20
"""Claims of one message after which it is given up whatever the time: its worker died each time."""
Sent = Receipt | DeliveryDeferred | DeliveryFailed


class Suppressed(DeliveryFailed):
    """The mailbox refused earlier mail, or the person did."""


def send_next(store: Store, channels: Channels, now: datetime) -> Sent | None:
    """What became of the message that was due longest; None where none is due. Raises nothing for one that cannot be sent."""
    with store.transaction() as tx:
        claim = outbox.claim_message(tx.session, now=now, lease_until=now + LEASE)
        is_refused = claim is not None and mail.is_refused(tx.session, channels.addresses.of(claim.to_address), claim.topic)
    if claim is None:
        return None
    outcome = Suppressed("Earlier mail to this mailbox was refused.") if is_refused else _tried(channels, claim)
    with store.transaction() as tx:
        outcome = _record(tx.session, channels, claim, outcome, now)
    log.info("mail.tried", message=claim.message_id, attempt=claim.attempt, outcome=type(outcome).__name__)
    return outcome


def pause(attempt: int) -> timedelta:
    """10 seconds after the first try, then twice as long each time, up to 12 hours."""
    return min(timedelta(seconds=FIRST_PAUSE.total_seconds() * 2.0 ** min(attempt - 1, 20)), LONGEST_PAUSE)


def _tried(channels: Channels, claim: ClaimedMessage) -> Sent:
    if claim.attempt > BREAKS:
        return DeliveryFailed("The last try ended without an answer.")
    try:
        channels.mailer.send(_letter(channels, claim))
    except (DeliveryDeferred, DeliveryFailed) as failure:
        return failure
    except GatewayError as error:
        return DeliveryDeferred(error.message)
    except Exception:
        log.exception("mail.broke", message=claim.message_id)
        return DeliveryDeferred("The gateway made a mistake in sending. Its operators have been told.")
    return Receipt(facts={})


def _letter(channels: Channels, claim: ClaimedMessage) -> Letter:
    bodies = [notices.open_body(channels.sealer, sealed) for sealed in claim.sealed_bodies]
    can_end = TOPICS[claim.topic].is_optional and claim.recipient is not None
    unsubscribe = channels.public_url + _stop_path(channels, claim, bodies) if can_end else None
    text = _digest(bodies, channels.public_url) if claim.is_digest else bodies[0].written(channels.public_url)
    if can_end:
        text += f"\nStop these letters: {unsubscribe}\n" if unsubscribe and bodies[0].stop_path and not claim.is_digest else ""
        text += f"\nChoose what comes by mail, and when: {channels.public_url}/account/notifications\n"
    count = len(bodies)
    return Letter(
        message_id=claim.message_id, to=claim.to_address, subject=f"{count} notices" if claim.is_digest and count > 1 else claim.subject,
        text=text, written_at=claim.created_at, reply_token=None if claim.is_digest else bodies[0].reply_token, unsubscribe=unsubscribe,
    )


def _stop_path(channels: Channels, claim: ClaimedMessage, bodies: Sequence[notices.Body]) -> str:
    """Of several messages in one, all of the topic is ended."""
    alone = None if claim.is_digest else bodies[0].stop_path
    return alone or unsubscribe_path(channels.sealer, claim.recipient or "", claim.topic)


def _digest(bodies: Sequence[notices.Body], public_url: str) -> str:
    lines = [f"- {body.text}" + (f"\n  {public_url}{body.path}" if body.path else "") for body in bodies]
    return "What happened since the last message:\n\n" + "\n".join(lines) + f"\n\nAll notices: {public_url}/account/notifications\n"


def _record(session: Session, channels: Channels, claim: ClaimedMessage, outcome: Sent, now: datetime) -> Sent:
    """Settles the rows, or plans the next try. Returns what it amounts to."""
    if isinstance(outcome, DeliveryDeferred) and now + pause(claim.attempt) > claim.deadline_at:
        outcome = MailboxRefused(outcome.message) if isinstance(outcome, MailboxDeferred) else DeliveryFailed(outcome.message)
        state = "soft_bounced" if isinstance(outcome, MailboxRefused) else "failed"
    else:
        state = _state(outcome)
    rows = outbox.claimed_messages(session, claim)
    for row in rows:
        row.state, row.lease_until, row.due_at = state, None, None
        row.last_error = None if isinstance(outcome, Receipt) else outcome.message
        if isinstance(outcome, Receipt):
            row.sent_at, row.sealed_body = now, ""
        elif state == "pending":
            row.due_at = now + pause(claim.attempt)
    if rows and state in ("accepted", "bounced", "soft_bounced"):
        mail.note_answer(session, channels.addresses.of(claim.to_address), state, now=now)
    return outcome


def _state(outcome: Sent) -> str:
    if isinstance(outcome, Receipt):
        return "accepted"
    if isinstance(outcome, DeliveryDeferred):
        return "pending"
    return "suppressed" if isinstance(outcome, Suppressed) else "bounced" if isinstance(outcome, MailboxRefused) else "failed"

"""The job ``deliver``: empties the outbox. May run twice, and in several workers at once.

Each message is leased in one transaction, sent outside any, and recorded in a second. A worker that dies in between loses
nothing: the lease ends and the message is sent again under the same id, by which the receiver knows it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from gateway.access import notices, rems
from gateway.access.answer_lines import names_in
from gateway.access.bank.telling import in_words
from gateway.access.bank.whole import BANK
from gateway.access.handlers import write_to_triage
from gateway.access.leaving_files import FilesKeptBack, FilesWait, outgoing_files
from gateway.access.machine import decide, fold
from gateway.access.parts import Facts, Refusal
from gateway.channels.channel import DeliveryDeferred, DeliveryFailed, DeliveryUnfit, OutgoingPart, Receipt
from gateway.channels.routing import Channels
from gateway.errors import GatewayError
from gateway.mailing.sending import send_next
from gateway.models import Delivery, RequestPart
from gateway.store import Store, accounts, outbox, requests
from gateway.store.outbox import ClaimedDelivery

log = structlog.get_logger(__name__)
RETRIES_AFTER = (
    timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=3),
    timedelta(hours=7), timedelta(hours=12),
)
"""Pauses between the tries: eight tries within a day."""
MAX_ATTEMPTS = len(RETRIES_AFTER) + 1
LEASE = timedelta(minutes=3)
BY_HAND = "It could not be delivered automatically. Please see to it"
SUSPENDED_AFTER = timedelta(days=5)
BUDGET_SECONDS = 60.0
"""A run takes no new message after this time, so that its idea of *now* stays well inside the lease."""


class GivenUp(DeliveryUnfit):
    """Every try failed in a way that might have healed: the route stays in use, this delivery does not."""


Outcome = Receipt | DeliveryDeferred | DeliveryFailed


@dataclass(frozen=True, slots=True)
class Tally:
    """How many deliveries and messages of this run were sent, put off, and given up."""

    sent: int = 0
    deferred: int = 0
    given_up: int = 0

    def plus(self, outcome: Outcome) -> Tally:
        if isinstance(outcome, Receipt):
            return Tally(self.sent + 1, self.deferred, self.given_up)
        if isinstance(outcome, DeliveryDeferred):
            return Tally(self.sent, self.deferred + 1, self.given_up)
        return Tally(self.sent, self.deferred, self.given_up + 1)


def deliver_due(store: Store, channels: Channels, *, now: datetime, limit: int = 50) -> Tally:
    """Send what is due, at most ``limit`` messages. Raises nothing for a message that cannot be sent.

    ``now`` must be the present time: receivers of webhooks check the time of the signature.
    """
    ends_at = time.monotonic() + BUDGET_SECONDS
    tally = Tally()
    for _ in range(limit):
        outcome = _deliver_next(store, channels, now) or send_next(store, channels, now)
        if outcome is None:
            break
        tally = tally.plus(outcome)
        if time.monotonic() >= ends_at:
            break
    return tally


def _deliver_next(store: Store, channels: Channels, now: datetime) -> Outcome | None:
    with store.transaction() as tx:
        claim = outbox.claim_delivery(tx.session, now=now, lease_until=now + LEASE)
    if claim is None:
        return None
    outcome = _final(claim.attempt, _tried(lambda: _deliver(store, channels, claim, now), claim.attempt))
    with store.transaction() as tx:
        _record(tx.session, channels, claim, outcome, now)
    log.info("delivery.tried", message=claim.message_id, attempt=claim.attempt, outcome=type(outcome).__name__)
    return outcome


def _tried(send: Callable[[], Receipt], attempt: int) -> Outcome:
    if attempt > MAX_ATTEMPTS:
        return GivenUp("The last try ended without an answer.")
    try:
        return send()
    except (DeliveryDeferred, DeliveryFailed) as failure:
        return failure
    except GatewayError as error:
        return DeliveryDeferred(error.message)
    except Exception:
        log.exception("delivery.broke")
        return DeliveryDeferred("The gateway made a mistake in sending. Its operators have been told.")


def _final(attempt: int, outcome: Outcome) -> Outcome:
    if isinstance(outcome, DeliveryDeferred) and attempt >= MAX_ATTEMPTS:
        return FilesKeptBack(outcome.message) if isinstance(outcome, FilesWait) else GivenUp(outcome.message)
    return outcome


def _deliver(store: Store, channels: Channels, claim: ClaimedDelivery, now: datetime) -> Receipt:
    if claim.target is None or claim.sealed_link is None:
        raise DeliveryFailed("The custodian's route has been changed or suspended.")
    sealer, files = channels.sealer, outgoing_files(store, channels.sealer, channels.uploads, claim, now=now)
    part = OutgoingPart(
        message_id=claim.message_id, occasion=claim.occasion, target=claim.target, reference=claim.reference, part=claim.part,
        custodian_slug=claim.custodian_slug, custodian_name=claim.custodian_name, document=claim.document,
        snapshot_sha256=claim.snapshot_sha256, link=channels.public_url + sealer.open(claim.sealed_link),
        secret=sealer.open(claim.sealed_secret) if claim.sealed_secret else None, created_at=claim.created_at,
        former_secret=sealer.open(claim.sealed_former_secret) if claim.sealed_former_secret else None,
        attempted_at=now, settings=claim.settings, files=files, texts={
            key: in_words(BANK.get(key), answer, names=names_in(claim.document), dates=str) for key, answer in claim.document["answers"].items()
        },
    )
    return channels.named(claim.channel).deliver(part)


def _record(session: Session, channels: Channels, claim: ClaimedDelivery, outcome: Outcome, now: datetime) -> None:
    part = requests.part_for_update(session, claim.part_id)
    delivery = outbox.delivery(session, claim.delivery_id)
    if isinstance(outcome, Receipt):
        if delivery.sent_at is None:
            _record_sent(delivery, outcome, now)
            _note_route(session, claim, failing_since=None)
            _note(session, part, "record_sent", claim, now)
            if claim.channel == "rems":
                rems.arrived(session, channels.sealer, part, delivery=claim.message_id, application=outcome.facts["application_id"], now=now)
        return
    if delivery.state != "queued" or delivery.attempts != claim.attempt:
        return  # acknowledged meanwhile, or another worker holds the lease by now
    delivery.last_error, delivery.lease_until = outcome.message, None
    is_ours = isinstance(outcome, (FilesWait, FilesKeptBack))
    failing_since = None if is_ours else _note_route(session, claim, failing_since=now)
    if isinstance(outcome, DeliveryDeferred):
        delivery.due_at = now + _pause(claim.attempt, outcome)
        _note(session, part, "record_deferred", claim, now, error=outcome.message, next_try=delivery.due_at.isoformat())
        return
    delivery.state, delivery.due_at = "manual", None
    _note(session, part, "record_manual", claim, now, error=outcome.message)
    is_over = isinstance(outcome, GivenUp) and failing_since is not None and now - failing_since >= SUSPENDED_AFTER
    if is_over or not isinstance(outcome, DeliveryUnfit):
        _suspend_route(session, channels, claim, outcome.message, now)
    _tell_applicant(session, channels, claim, part.request_id, now)
    _tell_triage(session, channels, claim, now)


def _record_sent(delivery: Delivery, receipt: Receipt, now: datetime) -> None:
    if delivery.state != "acknowledged":
        delivery.state = "sent"
    delivery.sent_at, delivery.receipt = now, dict(receipt.facts)
    delivery.due_at = delivery.lease_until = delivery.last_error = delivery.sealed_link = None


def _note(session: Session, part: RequestPart, command: str, claim: ClaimedDelivery, now: datetime, **payload: object) -> None:
    history = requests.history(session, part.id)
    facts = Facts(
        role="system", actor="delivery", at=now,
        payload={"delivery": claim.message_id, "channel": claim.channel, "attempt": claim.attempt, **payload},
    )
    decision = decide(command, fold(history), facts)
    if not isinstance(decision, Refusal):
        requests.append(session, part, decision, fold([*history, *decision]))


def _pause(attempt: int, outcome: DeliveryDeferred | DeliveryFailed) -> timedelta:
    """Our own schedule, or what the other side asked for where that is longer, up to the longest pause."""
    planned = RETRIES_AFTER[min(attempt, len(RETRIES_AFTER)) - 1]
    asked = getattr(outcome, "retry_after_seconds", None) or 0.0
    return min(max(planned, timedelta(seconds=asked)), RETRIES_AFTER[-1])


def _note_route(session: Session, claim: ClaimedDelivery, *, failing_since: datetime | None) -> datetime | None:
    """Since when the route has taken nothing; None where it works, or is not known."""
    if claim.route_id is None or claim.target is None:
        return None
    route = outbox.route(session, claim.route_id)
    route.failing_since = (route.failing_since or failing_since) if failing_since else None
    return route.failing_since


def _suspend_route(session: Session, channels: Channels, claim: ClaimedDelivery, why: str, now: datetime) -> None:
    """A route that refused for good, or took nothing for five days, is not used for the next request until an operator sets it again.
    The custodian's team administrators are told."""
    if claim.route_id is None or claim.target is None:
        return
    route = outbox.route(session, claim.route_id)
    if route.target == claim.target and route.health == requests.USABLE:
        route.health = "suspended"
        for one in accounts.team(session, claim.custodian_slug):
            if one.account.address and any(held.role == "team_admin" for held in one.held):
                key = f"suspended.{route.id}.{one.account.subject}.{int(now.timestamp())}"
                session.add(notices.route_suspended(channels.sealer, key=key, why=why, to_address=one.account.address, now=now))
        requests.touch_route(session, route, now=now)


def _tell_applicant(session: Session, channels: Channels, claim: ClaimedDelivery, request_id: int, now: datetime) -> None:
    to_address = requests.lead_address(session, request_id)
    letter = notices.delivered_by_hand(channels.sealer, reference=claim.reference, delivery=claim.message_id, to_address=to_address, now=now)
    outbox.add_once(session, letter)


def _tell_triage(session: Session, channels: Channels, claim: ClaimedDelivery, now: datetime) -> None:
    route = outbox.route(session, claim.route_id) if claim.route_id is not None else None
    sentence = BY_HAND if route is None or route.health == requests.USABLE else f"{BY_HAND}. The route to its custodian is suspended"
    key = f"by-hand.{claim.message_id}.{int(now.timestamp())}"
    write_to_triage(session, channels.sealer, reference=claim.reference, key=key, sentence=sentence, now=now)

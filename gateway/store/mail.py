"""What happens to a new message on its way into the outbox, how mailboxes answered, what people chose, and the list of notices."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import delete, event, or_, select, update
from sqlalchemy.orm import Session

from gateway.mailing.topics import TOPICS, How, due_at
from gateway.models import MailChoice, MailStanding, Message
from gateway.store import accounts

TRIED_FOR: Final = timedelta(days=3)
UNDELIVERED: Final = ("soft_bounced", "bounced", "failed", "suppressed")
FINAL: Final = ("accepted", "soft_bounced", "bounced", "complained", "failed", "suppressed")
BODIES_KEPT: Final = timedelta(days=7)
ADDRESSES_KEPT: Final = timedelta(days=90)
HASHED: Final = "hashed:"
SOFT_BOUNCES: Final = 5


def _prepare(session: Session, _context: object, _instances: object) -> None:
    """Every message passes here, wherever it was written."""
    for row in session.new:
        if isinstance(row, Message) and row.message_id is None:
            with session.no_autoflush:
                prepare(session, row)


event.listen(Session, "before_flush", _prepare)


def prepare(session: Session, row: Message) -> None:
    """Give it its Message-ID, its person and the time that the person chose."""
    row.message_id = secrets.token_hex(20)
    account = accounts.by_address(session, row.to_address)
    how: How = "at_once"
    if account is not None and account.state == "active":
        row.recipient = account.subject
        how = choice(session, account.subject, row.topic or "service")
    if row.recipient is None:
        row.line = row.link = None
    now = row.created_at
    row.due_at = due_at(how, now) if how != "at_once" else row.due_at or now
    row.deadline_at = row.due_at + TRIED_FOR
    row.digest = how if how in ("daily", "weekly") else None
    if how == "never":
        row.state, row.due_at = "suppressed", None


# choices


def choices(session: Session, subject: str) -> dict[str, How]:
    rows = session.execute(select(MailChoice.topic, MailChoice.how).where(MailChoice.subject == subject))
    return {topic: cast("How", how) for topic, how in rows}


def choice(session: Session, subject: str, topic: str) -> How:
    if not TOPICS[topic].is_optional:
        return "at_once"
    return choices(session, subject).get(topic, "at_once")


def choose(session: Session, subject: str, chosen: Mapping[str, How], *, now: datetime) -> None:
    for topic, how in chosen.items():
        row = session.get(MailChoice, (subject, topic))
        if row is None:
            session.add(MailChoice(subject=subject, topic=topic, how=how, chosen_at=now))
        elif row.how != how:
            row.how, row.chosen_at = how, now


def notices_of(session: Session, subject: str, *, limit: int) -> list[Message]:
    """The newest first, whatever became of the mail."""
    query = select(Message).where(Message.recipient == subject, Message.line.is_not(None)).order_by(Message.id.desc()).limit(limit)
    return list(session.scalars(query))


# standing


def standing(session: Session, address_hash: str) -> MailStanding | None:
    return session.get(MailStanding, address_hash)


def is_refused(session: Session, address_hash: str, topic: str) -> bool:
    """Whether mail about this must not go to the mailbox. What concerns the account's safety always may."""
    row = standing(session, address_hash)
    if row is None or topic == "security":
        return False
    is_tired = row.complained_at is not None or row.soft_bounces >= SOFT_BOUNCES
    return row.bounced_at is not None or (is_tired and TOPICS[topic].is_optional)


def note_answer(session: Session, address_hash: str, what: str, *, now: datetime) -> None:
    """``what``: soft_bounced, bounced, complained, or accepted, which ends a row of soft bounces."""
    row = standing(session, address_hash)
    if row is None:
        if what == "accepted":
            return
        row = MailStanding(address_hash=address_hash, soft_bounces=0, changed_at=now)
        session.add(row)
    row.changed_at = now
    row.soft_bounces = row.soft_bounces + 1 if what == "soft_bounced" else 0 if what == "accepted" else row.soft_bounces
    row.bounced_at = now if what == "bounced" else row.bounced_at
    row.complained_at = now if what == "complained" else row.complained_at


def is_confirmed_again(session: Session, address_hash: str) -> None:
    """Somebody opened a link that went to this address: it works."""
    session.execute(delete(MailStanding).where(MailStanding.address_hash == address_hash, MailStanding.complained_at.is_(None)))
    session.execute(update(MailStanding).where(MailStanding.address_hash == address_hash).values(bounced_at=None, soft_bounces=0))


def by_message_id(session: Session, message_id: str) -> list[Message]:
    """The message, and those that were put into one with it."""
    row = session.scalar(select(Message).where(Message.message_id == message_id))
    if row is None:
        return []
    return [row] if row.bundle_id is None else list(session.scalars(select(Message).where(Message.bundle_id == row.bundle_id)))


# forgetting


def forget_bodies(session: Session, *, now: datetime) -> int:
    """Bodies of what was settled a week ago, or waited a week longer than it was tried for."""
    settled = Message.state.in_(FINAL) & or_(Message.sent_at < now - BODIES_KEPT, Message.sent_at.is_(None) & (Message.created_at < now - BODIES_KEPT))
    return _rows(session, update(Message).where(settled, Message.sealed_body != "").values(sealed_body=""))


def addresses_to_hash(session: Session, *, now: datetime, limit: int = 500) -> Sequence[Message]:
    query = select(Message).where(Message.created_at < now - ADDRESSES_KEPT, Message.state.in_(FINAL), Message.to_address.not_like(f"{HASHED}%"))
    return list(session.scalars(query.order_by(Message.id).limit(limit)))


def forget_person(session: Session, subject: str, address: str | None) -> None:
    """At closing: choices, the list of notices, the address, and whatever was still to be sent. That a message was written stays."""
    session.execute(delete(MailChoice).where(MailChoice.subject == subject))
    theirs = or_(Message.recipient == subject, Message.to_address == (address or ""))
    session.execute(update(Message).where(theirs, Message.state.not_in(FINAL)).values(state="suppressed", due_at=None, lease_until=None))
    session.execute(update(Message).where(theirs).values(recipient=None, to_address="", line=None, link=None, sealed_body=""))


def _rows(session: Session, statement: Any) -> int:
    return int(session.execute(statement).rowcount)  # type: ignore[attr-defined]  # an UPDATE's result is a CursorResult

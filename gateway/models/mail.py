"""What people chose about mail, and how their mailboxes answered."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from gateway.models.base import Base


class MailChoice(Base):
    """How a person (the opaque subject) wants a topic: at_once, daily, weekly or never. No row: at once."""

    __tablename__ = "mail_choices"
    subject: Mapped[str] = mapped_column(String(32), primary_key=True)
    topic: Mapped[str] = mapped_column(String(20), primary_key=True)
    how: Mapped[str]
    chosen_at: Mapped[datetime]


class MailStanding(Base):
    """What is known of a mailbox, by the keyed hash of its address. It outlives the account, so that refusals are remembered."""

    __tablename__ = "mail_standings"
    address_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    soft_bounces: Mapped[int] = mapped_column(default=0)
    bounced_at: Mapped[datetime | None]
    """Refused for good: nothing but what concerns the account's safety goes there until the address is confirmed again."""
    complained_at: Mapped[datetime | None]
    changed_at: Mapped[datetime]

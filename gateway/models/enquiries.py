"""Questions to custodians before any request: the question, a thread for each custodian, its messages, and one-time tokens for replies."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from gateway.models.base import Base


class Enquiry(Base):
    """What somebody asked. Nothing is sent before ``confirmed_at``. Kept for 24 months, apart from requests."""

    __tablename__ = "enquiries"
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(16), unique=True)
    kind: Mapped[str]
    """general, feasibility, columns (a dataset's column list), unlisted (data that no dataset here holds)"""
    name: Mapped[str]
    address: Mapped[str]
    answers: Mapped[dict[str, Any]]
    """Key (gateway/enquiries/form.py) -> text"""
    dataset_refs: Mapped[list[Any]]
    custodian_ids: Mapped[list[Any]]
    """Those asked without naming a dataset."""
    follow_token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    sealed_follow_token: Mapped[str]
    confirm_token_sha256: Mapped[str | None] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]
    request_reference: Mapped[str | None] = mapped_column(String(16))
    """Of the request that its asker made of it; it may have been deleted since."""


class EnquiryThread(Base):
    """The question as one custodian has it."""

    __tablename__ = "enquiry_threads"
    __table_args__ = (Index("ix_enquiry_threads_state", "state"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    enquiry_id: Mapped[int] = mapped_column(ForeignKey("enquiries.id"), index=True)
    custodian_id: Mapped[int | None] = mapped_column(ForeignKey("custodians.id"), index=True)
    channel: Mapped[str]
    """workspace, mailbox, triage"""
    target: Mapped[str | None]
    """The mailbox."""
    desk_token_sha256: Mapped[str | None] = mapped_column(String(64), unique=True)
    """Of the page that the mailbox is given."""
    letter_key: Mapped[str | None]
    """Of the message to the mailbox, in the outbox."""
    dataset_refs: Mapped[list[Any]]
    state: Mapped[str]
    """new, with_custodian, with_enquirer, answered, passed_on, converted, closed"""
    close_reason: Mapped[str | None]
    created_at: Mapped[datetime]
    since: Mapped[datetime]
    """When the state began."""
    acknowledged_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    overdue_at: Mapped[datetime | None]
    """When nobody had acknowledged it in time and people were told."""


class EnquiryMessage(Base):
    """``author``: enquirer, custodian, gateway. ``via``: page, mail."""

    __tablename__ = "enquiry_messages"
    id: Mapped[int] = mapped_column(primary_key=True)
    thread_id: Mapped[int] = mapped_column(ForeignKey("enquiry_threads.id"), index=True)
    author: Mapped[str]
    via: Mapped[str]
    text: Mapped[str]
    at: Mapped[datetime]


class MailboxVisit(Base):
    """A code that was sent to a mailbox so that somebody reads one part of a request; bound to the browser that asked for it."""

    __tablename__ = "mailbox_visits"
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    """Of the browser's cookie."""
    part_id: Mapped[int] = mapped_column(ForeignKey("parts.id"), index=True)
    code_sha256: Mapped[str] = mapped_column(String(64))
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]


class FormerLink(Base):
    """The private address that an earlier letter to a mailbox named. It leads to the same page while the part is open and goes the same way."""

    __tablename__ = "former_links"
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    part_id: Mapped[int] = mapped_column(ForeignKey("parts.id"), index=True)
    route_id: Mapped[int] = mapped_column(ForeignKey("routes.id"))


class ReplyToken(Base):
    """The right to answer one letter by mail, once, from the address it went to. ``about``: question, part."""

    __tablename__ = "reply_tokens"
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    about: Mapped[str]
    subject: Mapped[str]
    """The public id of the thread or the part."""
    side: Mapped[str]
    """enquirer, custodian"""
    address: Mapped[str]
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

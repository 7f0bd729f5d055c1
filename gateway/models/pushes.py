"""Keys of programs, what they pushed, and the webhooks that tell them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gateway.models.base import Base, WithFormerSecret


class ApiKey(Base):
    """A key is shown once; only its SHA-256 is kept. ``prefix`` is the public part that names it."""

    __tablename__ = "api_keys"
    id: Mapped[int] = mapped_column(primary_key=True)
    prefix: Mapped[str] = mapped_column(String(16), unique=True)
    secret_sha256: Mapped[str] = mapped_column(String(64))
    name: Mapped[str]
    scopes: Mapped[list[Any]]
    custodian_id: Mapped[int | None] = mapped_column(ForeignKey("custodians.id"))
    """Whose datasets it is for; None for an operator's key."""
    owner: Mapped[str | None] = mapped_column(String(32))
    """The subject of the person who made it, whose roles bound what it may do; None for one that an operator made."""
    networks: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    """Where requests with it may come from; empty for anywhere."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class AccessToken(Base):
    """A quarter of an hour with the rights of a key, for programs that speak OAuth 2. Only its SHA-256 is kept."""

    __tablename__ = "access_tokens"
    id: Mapped[int] = mapped_column(primary_key=True)
    key_id: Mapped[int] = mapped_column(ForeignKey("api_keys.id"), index=True)
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[Any]]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class IdempotentAnswer(Base):
    """What a request with an ``Idempotency-Key`` was answered, kept for a day. ``status`` is None while it is worked on."""

    __tablename__ = "idempotent_answers"
    __table_args__ = (UniqueConstraint("key_id", "name"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    key_id: Mapped[int] = mapped_column(ForeignKey("api_keys.id"))
    name: Mapped[str] = mapped_column(String(255))
    request_sha256: Mapped[str] = mapped_column(String(64))
    status: Mapped[int | None]
    headers: Mapped[dict[str, Any]]
    body: Mapped[bytes | None]
    created_at: Mapped[datetime] = mapped_column(index=True)


class Receipt(Base):
    """A bulk push that was taken: what was sent, and the run that works it off."""

    __tablename__ = "receipts"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"), unique=True)
    custodian_id: Mapped[int] = mapped_column(ForeignKey("custodians.id"), index=True)
    key_id: Mapped[int] = mapped_column(ForeignKey("api_keys.id"))
    sha256: Mapped[str] = mapped_column(String(64))
    length_bytes: Mapped[int]
    media_type: Mapped[str]
    declared: Mapped[str | None]
    """The specification that the sender names for all of it."""
    mode: Mapped[str]
    """upsert, or replace: all datasets of the custodian, so that others go missing"""
    created_at: Mapped[datetime]


class WebhookEndpoint(WithFormerSecret, Base):
    """Where a custodian's system is told what became of its datasets. Its secrets are kept encrypted."""

    __tablename__ = "webhook_endpoints"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    custodian_id: Mapped[int] = mapped_column(ForeignKey("custodians.id"), index=True)
    url: Mapped[str]
    secret: Mapped[str]
    events: Mapped[list[Any]]
    contact: Mapped[str | None]
    """Who gets a mail when the endpoint is disabled."""
    sequence: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(default="active")
    """active or disabled"""
    failing_since: Mapped[datetime | None]
    last_error: Mapped[str | None]
    last_success_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class WebhookMessage(Base):
    """An outbox row: one event for one endpoint, written in the transaction in which it happened."""

    __tablename__ = "webhook_messages"
    __table_args__ = (Index("ix_webhook_messages_state_due_at", "state", "due_at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    endpoint_id: Mapped[int] = mapped_column(ForeignKey("webhook_endpoints.id"), index=True)
    message_id: Mapped[str] = mapped_column(unique=True)
    event: Mapped[str]
    sequence: Mapped[int]
    data: Mapped[dict[str, Any]]
    state: Mapped[str]
    """queued, sent or failed"""
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    last_error: Mapped[str | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]

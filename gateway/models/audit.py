"""The audit: a chain of rows per stream that only grows, its signed heads, and what remains of a prefix that was dropped."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from gateway.models.base import Base


class AuditRow(Base):
    """One thing that was done. Triggers refuse every change. It holds no personal text: ``digest`` stands for the payload."""

    __tablename__ = "audit"
    stream: Mapped[str] = mapped_column(String(120), primary_key=True)
    """``organisation/<slug>``, ``gateway`` or ``security``"""
    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str]
    role: Mapped[str]
    action: Mapped[str]
    object: Mapped[str]
    outcome: Mapped[str]
    request_id: Mapped[str]
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the salt and the canonical JSON of the payload."""
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class AuditSalt(Base):
    """What makes a digest speak of its payload. Erased with the payload; the chain does not need it."""

    __tablename__ = "audit_salts"
    stream: Mapped[str] = mapped_column(String(120), primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    salt: Mapped[str] = mapped_column(String(32))


class AuditHeads(Base):
    """The last row of every stream as it was on a day, signed. Triggers refuse every change."""

    __tablename__ = "audit_heads"
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    document: Mapped[dict[str, Any]]
    key_id: Mapped[str] = mapped_column(String(16))
    signature: Mapped[str]


class AuditCheckpoint(Base):
    """Says, signed, that the rows of a stream up to ``sequence`` were dropped, and which hash the rest begins after."""

    __tablename__ = "audit_checkpoints"
    stream: Mapped[str] = mapped_column(String(120), primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    document: Mapped[dict[str, Any]]
    key_id: Mapped[str] = mapped_column(String(16))
    signature: Mapped[str]

"""Files that people attached to their answers, to evidence, and to what their profile states. The bytes lie encrypted in a folder (gateway/store/vault.py)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from gateway.models.base import Base


class Upload(Base):
    """One file of one request, for one question: who sees the question's answer sees the file, once it may be sent. Or the certificate of an item of a
    profile, which its owner alone sees; then ``request_id`` is None."""

    __tablename__ = "uploads"
    __table_args__ = (Index("ix_uploads_state_due_at", "state", "due_at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(24), unique=True)
    request_id: Mapped[int | None] = mapped_column(ForeignKey("requests.id"), index=True)
    profile_item_id: Mapped[int | None] = mapped_column(ForeignKey("profile_items.id"), index=True)
    question: Mapped[str]
    name: Mapped[str]
    media_type: Mapped[str]
    size_bytes: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    storage_name: Mapped[str] = mapped_column(String(64), index=True)
    sealed_key: Mapped[str]
    state: Mapped[str]
    """waiting (for a scanner), clean, refused (the scanner found something), unavailable (the scanner gave no answer)"""
    warnings: Mapped[list[Any]]
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None]
    """When it is scanned next."""
    scanned_at: Mapped[datetime | None]
    uploaded_by: Mapped[str]
    created_at: Mapped[datetime]

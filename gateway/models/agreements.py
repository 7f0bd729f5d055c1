"""Agreements about access as documents: what a custodian offers for signing, and what was issued for one part."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gateway.models.base import Base


class AgreementTemplate(Base):
    """A version of what a custodian signs with applicants. Never changed once published; the bytes lie in the store of files."""

    __tablename__ = "agreement_templates"
    __table_args__ = (UniqueConstraint("custodian_id", "version"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    custodian_id: Mapped[int] = mapped_column(ForeignKey("custodians.id"), index=True)
    version: Mapped[int]
    title: Mapped[str]
    name: Mapped[str]
    media_type: Mapped[str]
    sha256: Mapped[str] = mapped_column(String(64))
    published_by: Mapped[str]
    published_at: Mapped[datetime]


class Agreement(Base):
    """The very bytes that both sides sign, encrypted in the vault. Append-only: another one that is issued leaves it where it is."""

    __tablename__ = "agreements"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(24), unique=True)
    part_id: Mapped[int] = mapped_column(ForeignKey("parts.id"), index=True)
    title: Mapped[str]
    name: Mapped[str]
    media_type: Mapped[str]
    size_bytes: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    storage_name: Mapped[str] = mapped_column(String(64), index=True)
    sealed_key: Mapped[str]
    template_version: Mapped[int | None]
    """Of the custodian's template that it was made from."""
    issued_by: Mapped[str]
    issued_at: Mapped[datetime]

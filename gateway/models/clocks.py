"""What custodians chose for their requests, and what the clocks have done about each part."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from gateway.models.base import Base


class AccessPolicy(Base):
    """A custodian's choices (gateway/access/policy.py) from a moment on. Append-only: a part keeps those under which it was made."""

    __tablename__ = "access_policies"
    __table_args__ = (Index("ix_access_policies_custodian_id_set_at", "custodian_id", "set_at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    custodian_id: Mapped[int] = mapped_column(ForeignKey("custodians.id"))
    values: Mapped[dict[str, Any]]
    set_by: Mapped[str]
    set_at: Mapped[datetime]


class PathwayVersion(Base):
    """A pathway as an administrator published it (gateway/access/pathways/documents.py). Append-only: a part keeps the one under which it was made."""

    __tablename__ = "pathway_versions"
    __table_args__ = (UniqueConstraint("pathway", "version"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    pathway: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]
    document: Mapped[dict[str, Any]]
    published_by: Mapped[str]
    published_at: Mapped[datetime]
    is_removed: Mapped[bool] = mapped_column(default=False, server_default=false())
    """From then on there is no such pathway, until another version is published; ``document`` is the text it had."""


class ClockMark(Base):
    """A reminder, escalation or lapse that was carried out: its key, so that it happens once."""

    __tablename__ = "clock_marks"
    key: Mapped[str] = mapped_column(String(160), primary_key=True)
    part_id: Mapped[int] = mapped_column(ForeignKey("parts.id"), index=True)
    at: Mapped[datetime]

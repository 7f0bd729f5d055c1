"""The proof that what was due to go went."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from gateway.models.base import Base


class Purge(Base):
    """One nightly job on one kind of data: how many rows went, and up to when they were due."""

    __tablename__ = "purges"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    cut_off: Mapped[datetime]
    count: Mapped[int]
    at: Mapped[datetime]

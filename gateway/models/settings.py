"""What the gateway remembers about itself."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from gateway.models.base import Base


class Setting(Base):
    """Facts of the installation itself: which demonstration was loaded, when the index was last compared."""

    __tablename__ = "settings"
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[dict[str, Any]]

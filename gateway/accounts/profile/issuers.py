"""Whose visas an operator takes."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field


class VisaIssuer(BaseModel):
    """Whose visas count. ``key_location`` must be what its visas name as ``jku``, letter for letter."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=80)
    issuer: str = Field(pattern=r"^https?://\S+$")
    key_location: str = Field(pattern=r"^https?://\S+$")

    @property
    def slug(self) -> str:
        return urlsplit(self.issuer).netloc

"""Searches that people keep, and what each had found when it was last run."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from gateway.models.base import Base


class SavedSearch(Base):
    """A search that somebody (the opaque subject) keeps. ``address`` is its canonical address, without the page."""

    __tablename__ = "saved_searches"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(24), unique=True)
    subject: Mapped[str] = mapped_column(String(32), index=True)
    address: Mapped[str]
    name: Mapped[str]
    often: Mapped[str] = mapped_column(default="off")
    """off, daily, weekly: how often news of it are told"""
    vanished: Mapped[list[Any]]
    """Filters of it, in words, that no dataset of the catalogue fits any more."""
    feed_token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    sealed_feed_token: Mapped[str]
    created_at: Mapped[datetime]
    looked_at: Mapped[datetime]
    """When it was last run. Later than each run before, whatever the clocks of the machines say."""
    look_due_at: Mapped[datetime] = mapped_column(index=True)
    told_at: Mapped[datetime]
    """News up to this run were told, or never will be."""
    tell_due_at: Mapped[datetime | None]
    seen_at: Mapped[datetime]
    """News up to this run were seen on the page."""
    removed_at: Mapped[datetime | None]
    """Removed, and to be had back for a while."""


class SavedSearchFind(Base):
    """A dataset that a kept search found. Its times are those of the run that found it, or found it changed."""

    __tablename__ = "saved_search_finds"
    search_id: Mapped[int] = mapped_column(ForeignKey("saved_searches.id"), primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("records.id"), primary_key=True)
    version_id: Mapped[int]
    """The version that it had then."""
    found_at: Mapped[datetime]
    changed_at: Mapped[datetime | None]
    is_found: Mapped[bool] = mapped_column(default=True)
    """Whether the last run found it."""

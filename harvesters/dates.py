"""Comparing the dates that records carry."""

from __future__ import annotations

from datetime import UTC, datetime


def is_older(one: str | None, other: str | None) -> bool:
    """Whether ``one`` is a date before ``other``. False where either is missing or no ISO 8601 date: then nothing is known."""
    first, second = _moment(one), _moment(other)
    return first is not None and second is not None and first < second


def is_dated(text: str | None) -> bool:
    """Whether there is an ISO 8601 date."""
    return _moment(text) is not None


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

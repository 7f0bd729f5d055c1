"""What a record's own row held before a run changed it, and how an undo puts it back.

A version holds what the custodian says of a dataset; this is the rest: under which identifier it is known, whether it is
shown, since when it is missing or stale. Only what differs is kept, as JSON.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from gateway.models import Record

MOMENTS: Final = ("missing_since", "stale_since")
FIELDS: Final = (
    "local_id", "state", "title", "slug", "custodian_id", "column_count", "content_hash", "refused_hash", "hint", "modified",
    "missing_passes", "removal_reason", *MOMENTS,
)

Snapshot = dict[str, Any]


def snapshot(record: Record) -> Snapshot:
    return {name: getattr(record, name) for name in FIELDS}


def difference(before: Snapshot | None, record: Record) -> dict[str, Any] | None:
    """The fields that are no longer as in the snapshot, as they were; None where there was no record or no change."""
    if before is None:
        return None
    changed = {name: value for name, value in before.items() if getattr(record, name) != value}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in changed.items()} or None


def put_back(record: Record, before: dict[str, Any]) -> None:
    """Set the fields that :func:`difference` kept."""
    for name, value in before.items():
        is_moment = name in MOMENTS and value is not None
        setattr(record, name, datetime.fromisoformat(value) if is_moment else value)

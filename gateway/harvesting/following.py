"""Let what is held follow a run, so that a second state of a record meets the first; alike in a run and in a dry run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from gateway.store.records import HeldView
from harvesters.pipeline import Outcome
from harvesters.source import HeldRecord


def note(held: HeldView, seen: set[str], outcome: Outcome) -> None:
    """Take over what an outcome brings. The outcome counts as seen."""
    if outcome.local_id:
        seen.add(outcome.local_id)
    if outcome.kind not in ("accepted", "older") or outcome.content_hash is None:
        return
    before = held.record(outcome.local_id)
    known = (before.known_hashes if before else frozenset()) | {outcome.content_hash}
    if outcome.kind == "older" and before is not None:
        now_held = replace(before, known_hashes=known)
    else:
        modified, version = (outcome.record.modified, outcome.record.version) if outcome.record else (None, None)
        now_held = HeldRecord(outcome.local_id, "live", outcome.content_hash, None, outcome.hint, modified, known, version)
    seen.add(now_held.local_id)
    held.note(now_held, outcome.former_ids)


def see_unchanged(held: HeldView, seen: set[str], local_ids: Iterable[str]) -> int:
    """Take the records of an unchanged page as seen. One that several pages name, or one under its former identifiers
    too, counts once; returns how many are new to the run."""
    count = 0
    for local_id in local_ids:
        record = held.record(local_id)
        known_as = record.local_id if record else local_id
        count += known_as not in seen
        seen.add(known_as)
    return count


def take_as_deleted(held: HeldView, seen: set[str], deleted: set[str], local_id: str) -> None:
    """Judged at the end with all that are missing: an announced deletion skips the grace, not the threshold."""
    record = held.record(local_id)
    known_as = record.local_id if record else local_id
    deleted.add(known_as)
    seen.discard(known_as)


def as_held(held: HeldView, seen: Iterable[str]) -> frozenset[str]:
    """The identifiers under which what was seen is held."""
    found = ((local_id, held.record(local_id)) for local_id in seen)
    return frozenset(record.local_id if record else local_id for local_id, record in found)

"""What is new in a kept search, and what changed, since it was last run.

Why this exists: the index knows when a dataset was first seen and when it changed, but a search bounded by those times would be wrong
in ways that people notice. A dataset that only now fits the search (a column was added, a route was opened) was first seen long ago. One
that was withdrawn and came back as it was has changed by its time, though nothing of it is news. A record that is written in a long
transaction, or indexed late, carries a time before the run that could not see it yet. A replay with a newer mapping gives every record a
new time. So each search keeps what it has ever found, as rows of two numbers and two times, and a run is compared with them:

- *new* is what was never found before. What was found once stays known, so that a dataset which comes and goes with its source, or is
  missing from a half-built index, is told once. Where it went before anybody was told of it, it is forgotten, and new when it is back.
- *changed* is what says something else than the version it was found with. A version that was read anew from the same bytes is not a
  change, nor is one that an undo took back before the run.
- the same dataset from another source, which takes the place of the one that was found, is not new.

The cost of a run is that of reading the ids of the result, some hundred to a millisecond, and a row for each dataset at the first run;
:data:`gateway.searches.keeping.MOST_FOUND` bounds both.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from gateway.models import SavedSearch, SavedSearchFind
from gateway.store import groups, saved_searches


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a run makes of the rows of a search. All by record."""

    new: Mapping[int, int] = field(default_factory=dict)
    """-> version"""
    known_otherwise: Mapping[int, int] = field(default_factory=dict)
    """Found for the first time, as another description of a dataset that was known; -> version"""
    changes: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    """-> columns that become otherwise"""
    forgotten: frozenset[int] = frozenset()


def compare(session: Session, search: SavedSearch, found: Mapping[int, int], *, each_description: bool, moment: datetime) -> Comparison:
    """``found``: record -> version, of this run. ``moment`` is its time."""
    known = saved_searches.finds(session, search.id)
    fresh = {record: version for record, version in found.items() if record not in known}
    gone = {record for record in known if record not in found}
    untold = {record for record in gone if known[record].found_at > max(search.told_at, search.seen_at)}
    otherwise = set() if each_description else _described_before(session, fresh, known.keys() - untold)
    changes: dict[int, dict[str, Any]] = {record: {"is_found": False} for record in gone - untold if known[record].is_found}
    changes |= {record: {"is_found": True} for record in found if record in known and not known[record].is_found}
    for record, is_change in _moved(session, known, found).items():
        changed = {"version_id": found[record]} | ({"changed_at": moment} if is_change else {})
        changes[record] = changes.get(record, {}) | changed
    return Comparison(
        new={record: version for record, version in fresh.items() if record not in otherwise},
        known_otherwise={record: fresh[record] for record in otherwise}, changes=changes, forgotten=frozenset(untold),
    )


def write(session: Session, search: SavedSearch, made: Comparison, *, moment: datetime) -> None:
    saved_searches.add_finds(session, search.id, made.new, found_at=moment)
    saved_searches.add_finds(session, search.id, made.known_otherwise, found_at=min(search.told_at, search.seen_at))
    saved_searches.drop_finds(session, search.id, made.forgotten)
    for keys in {tuple(sorted(values)) for values in made.changes.values()}:
        some = {record: values for record, values in made.changes.items() if tuple(sorted(values)) == keys}
        saved_searches.set_finds(session, search.id, some)


def _described_before(session: Session, fresh: Mapping[int, int], known: Set[int]) -> set[int]:
    grouped = groups.groups(session, list(fresh)) if fresh and known else {}
    return {record for record, members in grouped.items() if any(member in known for member in members)}


def _moved(session: Session, known: Mapping[int, SavedSearchFind], found: Mapping[int, int]) -> dict[int, bool]:
    """Records with another version than they were found with -> whether it says something else, as its source sent it."""
    moved = {record: (known[record].version_id, version) for record, version in found.items() if record in known and known[record].version_id != version}
    held = saved_searches.contents(session, (number for pair in moved.values() for number in pair))
    return {record: _is_change(held.get(before), held.get(after)) for record, (before, after) in moved.items()}


def _is_change(before: tuple[str, dict[str, Any]] | None, after: tuple[str, dict[str, Any]] | None) -> bool:
    if before is None or after is None:
        return True
    return before[0] != after[0] and before[1] != after[1]

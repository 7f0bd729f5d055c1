"""What a run's outcomes mean against what is held, and which records may be taken for gone. Pure.

Why this exists: an endpoint that fails politely (an empty list, a first page without the rest, an error page with
status 200) looks exactly like a custodian who withdrew everything. Records go only when a whole traversal did not list
them, not too many at once, and not at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from harvesters.pipeline import Outcome
from harvesters.reasons import REASONS
from harvesters.source import HeldRecord

ChangeKind = Literal[
    "created", "updated", "unchanged", "repeated", "restored", "quarantined", "rejected", "removed", "withheld"
]

FEW_RECORDS = 5
LARGEST_SHARE = 0.10
PASSES_UNTIL_REMOVAL = 3
"""The pass that first misses a record, and two further ones."""
GRACE = timedelta(days=7)
MASS_RECORDS = 20
MASS_SHARE = 0.50


def change(outcome: Outcome, held: HeldRecord | None) -> ChangeKind:
    """What an outcome does to the record that is held for it (``None`` where none is)."""
    if held is not None and held.state == "withheld" and outcome.kind in ("accepted", "older"):
        return "withheld"
    if outcome.kind == "accepted":
        return _acceptance(held)
    if outcome.kind == "older":
        return "repeated" if held is not None and held.content_hash is not None else "created"
    if outcome.kind == "done":
        return "unchanged"
    if outcome.kind == "unchanged":
        return "restored" if held is not None and held.state in ("missing", "removed") else "unchanged"
    return "removed" if outcome.kind == "deleted" else outcome.kind


def _acceptance(held: HeldRecord | None) -> ChangeKind:
    if held is None or held.state == "unpublished":
        return "created"
    return "restored" if held.state == "removed" else "updated"


@dataclass(frozen=True, slots=True)
class RemovalVerdict:
    """What becomes of records that were not seen.

    ``missing`` stay visible and count one more pass without being seen, ``removed`` are over their grace or were deleted
    by the source, ``held`` would be one of both but wait for a human. ``why`` is one plain sentence, or two; ``reason`` is
    the code of what holds them back.
    """

    missing: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()
    held: frozenset[str] = frozenset()
    why: str = ""
    reason: str | None = None


def removals(
    *, live: AbstractSet[str], seen: AbstractSet[str], complete: bool, why_incomplete: str | None,
    already_missing: Mapping[str, tuple[int, datetime]], now: datetime, deleted: AbstractSet[str] = frozenset(),
) -> RemovalVerdict:
    """Judge the records that are visible (``live``, those in their grace included) but were not listed.

    ``complete`` says that the last mark claimed a whole traversal; ``why_incomplete`` is a reason code.
    ``already_missing`` gives, for records in their grace, the number of complete passes that missed them and since when.
    ``deleted`` are deletions that the source itself announced: no grace, but the same threshold.
    """
    announced = live & deleted
    absent = (live - seen - announced) if complete else frozenset[str]()
    going = absent | announced
    if not seen and absent:
        return RemovalVerdict(held=frozenset(going), why=_listed_none(len(going)), reason="empty-listing")
    if _are_too_many(len(going), len(live)):
        return RemovalVerdict(held=frozenset(going), why=_too_many(len(going), len(live)), reason="many-missing")
    over = {local_id for local_id in absent if _is_grace_over(already_missing.get(local_id), now)}
    missing, removed = frozenset(absent - over), frozenset(over | announced)
    return RemovalVerdict(missing, removed, why=_why(missing, removed, announced, complete, why_incomplete))


def is_mass_change(counters: Mapping[str, int], live_before: int) -> bool:
    """Whether one pass changed so much of what was shown that somebody should look. A first harvest is none."""
    changed = sum(counters.get(name, 0) for name in ("created", "updated", "restored", "missing", "removed"))
    return live_before > 0 and changed > MASS_RECORDS and changed > MASS_SHARE * live_before


def _are_too_many(going: int, live: int) -> bool:
    return going > FEW_RECORDS and going > LARGEST_SHARE * live


def _is_grace_over(missed: tuple[int, datetime] | None, now: datetime) -> bool:
    if missed is None:
        return False
    passes, since = missed
    return passes + 1 >= PASSES_UNTIL_REMOVAL and now - since >= GRACE


def _why(
    missing: frozenset[str], removed: frozenset[str], announced: AbstractSet[str], complete: bool, why_incomplete: str | None
) -> str:
    said = []
    if not complete:
        said.append(_incomplete(why_incomplete))
    if removed - announced:
        said.append(
            f"{_records(len(removed - announced))} not listed by {PASSES_UNTIL_REMOVAL} complete passes and for {GRACE.days} days: removed."
        )
    if announced:
        said.append(f"{_records(len(announced))} deleted by the source: removed.")
    if missing:
        said.append(f"{_records(len(missing))} no longer listed: still shown, removed if they stay away.")
    return " ".join(said)


def _listed_none(live: int) -> str:
    return (
        f"The source listed no dataset, although {_records(live)} of it are shown here. "
        "Nothing is removed until somebody confirms that this is meant."
    )


def _too_many(going: int, live: int) -> str:
    return (
        f"{going} of {_records(live)} are no longer listed, more than {LARGEST_SHARE:.0%}. "
        "Nothing is removed until somebody confirms that this is meant."
    )


def _incomplete(code: str | None) -> str:
    known = REASONS.get(code or "")
    because = f" {known.sentence}" if known else ""
    return f"The source was not read to its end, so nothing counts as missing.{because}"


def _records(count: int) -> str:
    return "1 record" if count == 1 else f"{count} records"

"""Outcomes of a run in words, alike for runs, trials and what a source holds."""

from __future__ import annotations

from collections.abc import Mapping

from harvesters.reasons import REASONS

ORDER = ("created", "updated", "restored", "unchanged", "repeated", "quarantined", "rejected", "missing", "removed", "withheld")
REFUSED = ("quarantined", "rejected")


def in_words(counters: Mapping[str, int]) -> str:
    """``3 created, 1 rejected``: what happened, the good first."""
    names = [*ORDER, *sorted(counters.keys() - set(ORDER))]
    return ", ".join(f"{counters[name]} {name}" for name in names if counters.get(name)) or "no records"


def refusal(outcome: str, what: str | None, reason: str | None, detail: str | None) -> str:
    """One refused record: what it is, why, and what can be done."""
    known = REASONS.get(reason or "")
    said = " ".join(part for part in (detail or (known.sentence if known else ""), known.hint if known else "") if part)
    return f"{outcome}: {what}: {said}" if what else f"{outcome}: {said}"

"""Who still needs a pathway: the custodians that chose it, and the requests under way that were begun on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from frontend.words import listed
from gateway.access.policy import policy_of
from gateway.models import AccessPolicy
from gateway.store import clocks, custodians, pathways

NAMED: Final = 5
"""So many requests are told by their references."""


def used_by(session: Session, name: str) -> tuple[str, ...]:
    """Sentences; none where nobody needs it any more."""
    choices: dict[int, list[AccessPolicy]] = defaultdict(list)
    for row in clocks.every_policy(session):
        choices[row.custodian_id].append(row)
    ever = {number: rows for number, rows in choices.items() if any(policy_of(row.values).pathway == name for row in rows)}
    now = sorted(one.name for number, one in custodians.by_ids(session, set(ever)).items() if policy_of(ever[number][-1].values).pathway == name)
    begun = [
        reference for part, reference in pathways.under_way(session, ever)
        if part.custodian_id is not None and _chosen_at(ever[part.custodian_id], part.created_at) == name
    ]
    return tuple(_sentences(now, list(dict.fromkeys(begun))))


def _chosen_at(rows: Sequence[AccessPolicy], at: datetime) -> str | None:
    found = [row for row in rows if row.set_at <= at]
    return policy_of(found[-1].values).pathway if found else None


def _sentences(chosen_by: list[str], begun: list[str]) -> Iterator[str]:
    if chosen_by:
        yield f"{listed(chosen_by)} {'have' if len(chosen_by) > 1 else 'has'} chosen it: another way must be chosen in the settings there first."
    if begun:
        more = [f"{len(begun) - NAMED} more"] if len(begun) > NAMED else []
        yield f"{'Requests are' if len(begun) > 1 else 'A request is'} under way on it: {listed([*begun[:NAMED], *more])}."

"""Find records of different sources that are one dataset, after each run that changed something (S12). Nothing is merged."""

from __future__ import annotations

from datetime import datetime

from gateway.models import Link, Run
from gateway.store import Store, links

CHANGING = ("created", "updated", "restored")


def link_after(store: Store, run: Run, *, now: datetime) -> int:
    """Returns how many links and proposals are new. A run that changed nothing costs nothing."""
    if not any(run.counters.get(outcome) for outcome in CHANGING):
        return 0
    with store.transaction() as tx:
        return links.link(tx.session, run.source_id, now=now)


def decide_link(store: Store, link_id: int, *, state: str, by: str, now: datetime) -> Link:
    """*linked* or *rejected*, for ever. Raises :class:`NotFound`."""
    with store.transaction() as tx:
        return links.decide(tx.session, link_id, state=state, by=by, now=now)

"""Find records of different sources that are one dataset, after each run that changed something (S12). Nothing is merged; search shows
them as one, so whoever links or parts them rings for the index afterwards."""

from __future__ import annotations

from datetime import datetime

from gateway.models import Link
from gateway.store import Store, links, runs


def link_after(store: Store, run_id: int, *, now: datetime) -> int:
    """Returns how many links and proposals are new. A run that changed nothing, or was followed up already, costs nothing; one that is
    broken off here still calls for it, and the sweep hears it."""
    with store.reading() as session:
        run = runs.by_id(session, run_id)
        if not run.wants_links:
            return 0
        found = links.find(session, run.source_id)
    with store.transaction() as tx:
        if not runs.take_linking(tx.session, run_id):
            return 0
        runs.note_overused(tx.session, run_id, found.overused)
        return links.save(tx.session, found, now=now)


def decide_link(store: Store, link_id: int, *, state: str, by: str, now: datetime) -> Link:
    """*linked* or *rejected*, for ever. Raises :class:`NotFound`."""
    with store.transaction() as tx:
        return links.decide(tx.session, link_id, state=state, by=by, now=now)

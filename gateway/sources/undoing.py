"""Take back what a run changed (S10). History only grows: an undo is a run, and can itself be undone."""

from __future__ import annotations

from datetime import datetime

from gateway.models import Run
from gateway.store import Store, runs, undo


def undo_run(store: Store, run_id: int, *, by: str, now: datetime) -> Run:
    """Whole or not at all. Records that another run changed since are reported (``changed-since``) and left alone.

    Returns the run that the undo is. Raises :class:`NotFound`, and :class:`Conflict` while the source is being read.
    """
    with store.transaction() as tx:
        return undo.undo(tx.session, runs.by_id(tx.session, run_id), by=by, now=now)

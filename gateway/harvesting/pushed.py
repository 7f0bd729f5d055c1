"""A run whose records were sent to us: it reads the file that was kept, not an address."""

from __future__ import annotations

from gateway.harvesting.attempt import Attempt
from gateway.push.kept_file import bulk_source
from gateway.store import pushes
from harvesters.push import PushSource


def pushed_to(attempt: Attempt) -> PushSource | None:
    """What the run's receipt names; None for a run that fetches."""
    with attempt.store.reading() as session:
        receipt = pushes.receipt_of_run(session, attempt.run.id) if attempt.source.kind == pushes.KIND else None
    return bulk_source(attempt.files, receipt) if receipt is not None else None

"""A scan that stands beside the record of another source (S14): kept when its source is read."""

from __future__ import annotations

from gateway.errors import Unprocessable
from gateway.harvesting.attempt import Attempt
from gateway.store import scans
from gateway.store.records import VISIBLE, touch_index
from harvesters.scan_source import ScanReportSource
from harvesters.source import Source


def keep_scan(attempt: Attempt, source: Source) -> None:
    """Before the listing is read, so that a run that is broken off does it again. Raises :class:`Unprocessable` for a source
    of no custodian, whose scan could stand beside anybody's record, and :class:`SourceError`."""
    found = source.beside() if isinstance(source, ScanReportSource) else None
    if found is None:
        return
    if attempt.source.custodian_id is None:
        raise Unprocessable("A scan belongs to a dataset of its custodian, and this source has none.", hint="Add it with --custodian.")
    with attempt.store.transaction() as tx:
        attempt.check_in(tx)
        is_new = scans.put(
            tx.session, attempt.source, found.dataset, mode=found.mode, report=found.report, tables=found.tables, now=attempt.clock(),
        )
        record = scans.dataset(tx.session, attempt.source, found.dataset)
        if record is None:
            attempt.warnings.add("scan-without-dataset")
        elif is_new and record.state in VISIBLE:
            touch_index(tx.session, record, now=attempt.clock())

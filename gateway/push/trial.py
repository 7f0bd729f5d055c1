"""What a push would do, without doing it: for one document, or for a file of many."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

from gateway.models import Custodian
from gateway.push.judging import judged
from gateway.push.preconditions import field_diff
from gateway.store import Store, pushes, records
from harvesters.pipeline import Outcome
from harvesters.plan import change
from harvesters.reasons import REASONS
from harvesters.source import RawRecord

TOLD_AT_MOST: Final = 1_000


def tried(store: Store, custodian: Custodian, sent: Iterable[RawRecord], *, today: dt.date) -> dict[str, Any]:
    """Counts, and for each of the first thousand: what would become of it, every finding, what is lost, and what would change."""
    counts: Counter[str] = Counter()
    told: list[dict[str, Any]] = []
    with store.reading() as session:
        source = pushes.find_source(session, custodian.id)
        for raw in sent:
            held = pushes.held(session, source.id if source else None, [raw.local_id] if raw.local_id else [])
            outcome = judged(session, raw, held, custodian=custodian, source=source, today=today)
            before = held.record(raw.local_id) if raw.local_id else None
            kind = change(outcome, before)
            counts[kind] += 1
            if len(told) < TOLD_AT_MOST:
                record = pushes.record(session, source.id, raw.local_id) if source and before else None
                current = records.version_by_id(session, record.current_version_id) if record and record.current_version_id else None
                told.append(_told(outcome, kind, current.canonical if current else None))
    return {"counts": dict(counts), "items": told}


def _told(outcome: Outcome, kind: str, current: dict[str, Any] | None) -> dict[str, Any]:
    known = REASONS.get(outcome.reason or "")
    sent = outcome.record.as_json() if outcome.record else None
    return {
        "local_id": outcome.local_id, "outcome": kind, "reason": outcome.reason, "sentence": known.sentence if known else None,
        "hint": known.hint if known else None, "detail": outcome.detail,
        "findings": [finding.as_json() for finding in outcome.findings or ()],
        "losses": [loss.as_json() for loss in outcome.losses],
        "carried": outcome.reading.carried_as_json() if outcome.reading else [],
        "diff": field_diff(current, sent) if sent is not None and current is not None else [],
    }

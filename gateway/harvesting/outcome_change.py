"""From an outcome of the pipeline to what the store is asked to write."""

from __future__ import annotations

from datetime import date

from gateway.store.changes import Change
from gateway.store.files import Files
from harvesters.pipeline import Outcome
from schemas.quality import total_score


def change_for(outcome: Outcome, files: Files, today: date) -> Change:
    """What the store is to write for an outcome; its bytes go to the files store first."""
    reading, record, content = outcome.reading, outcome.record, outcome.content
    keep_bytes = content is not None and outcome.kind not in ("unchanged", "repeated")
    shape = f"{reading.detected.model} {reading.detected.version}" if reading else None
    return Change(
        kind=outcome.kind, local_id=outcome.local_id, reason=outcome.reason, detail=outcome.detail, hint=outcome.hint,
        title=record.summary.title if record else None,
        content=content if keep_bytes else None,
        raw_sha256=files.put(content.body) if content is not None and keep_bytes else None,
        content_hash=outcome.content_hash,
        canonical=record.as_json() if record else None,
        carried=reading.carried_as_json() if reading else [],
        losses=[loss.as_json() for loss in reading.losses] if reading else [],
        findings=[finding.as_json() for finding in outcome.findings or ()],
        findings_errors=sum(finding.severity == "error" for finding in outcome.findings or ()),
        shape=shape, schema_sha256=outcome.findings.schema_sha256 if outcome.findings else None,
        quality=_quality(outcome, today), stated_version=record.version if record else None, stated_modified=record.modified if record else None,
        custodian_name=record.summary.data_custodian.name if record else None,
        aliases=tuple(("identifier", alias) for alias in outcome.aliases), former_ids=outcome.former_ids,
    )


def _quality(outcome: Outcome, today: date) -> float | None:
    if outcome.record is None or outcome.reading is None or outcome.kind not in ("accepted", "older"):
        return None
    return total_score(outcome.record, outcome.findings or (), today=today, paths=outcome.reading.paths)

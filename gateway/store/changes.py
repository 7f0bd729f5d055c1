"""Writing one batch of a run: records and their append-only versions, raw facts, aliases, outcomes and the index queue.

What becomes of a hundred records is decided here, in memory; new_rows.py then writes it in a handful of statements.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.models import Alias, Record, Run, Source, Version
from gateway.store import custodians, series, webhooks
from gateway.store.former_state import Snapshot, difference, snapshot
from gateway.store.new_rows import NewOutcome, NewRows, NewVersion, Row
from gateway.store.records import VISIBLE, new_ref, queue_for_index
from harvesters.source import Content
from schemas.difference import changed_paths
from schemas.linked_data.series import Series, series_of
from schemas.translate import MAPPING_VERSION

COMPARED: Final = (Version.content_hash, Version.canonical, Version.carried, Version.findings, Version.shape)
"""What a change is compared with."""
COPIED: Final = (
    "content_hash", "canonical", "carried", "losses", "findings", "findings_errors", "quality", "shape", "schema_sha256", "stated_version",
    "stated_modified",
)  # fmt: skip
"""What a version takes over from its change as it is."""


@dataclass(frozen=True, slots=True)
class Change:
    """What one outcome of a run asks the store to do. ``kind`` is one of the outcomes of a run."""

    kind: str
    local_id: str
    title: str | None = None
    reason: str | None = None
    detail: str | None = None
    hint: str | None = None
    content: Content | None = None
    raw_sha256: str | None = None
    content_hash: str | None = None
    canonical: dict[str, Any] | None = None
    carried: list[Any] = field(default_factory=list)
    losses: list[Any] = field(default_factory=list)
    findings: list[Any] = field(default_factory=list)
    findings_errors: int = 0
    quality: float | None = None
    shape: str | None = None
    schema_sha256: str | None = None
    stated_version: str | None = None
    stated_modified: str | None = None
    custodian_name: str | None = None
    aliases: tuple[tuple[str, str], ...] = ()
    former_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Applied:
    """What the store made of a change: the outcome as counted, and the record as it is now held."""

    outcome: str
    record: Record | None


def apply(session: Session, source: Source, run: Run, changes: Sequence[Change], *, now: datetime) -> list[Applied]:
    """Write one batch, in order: a record may come several times. The caller commits."""
    batch = _Batch(session, source, run, now)
    batch.load(changes)
    applied = [batch.decide(change) for change in changes]
    batch.save()
    webhooks.announce_records(session, run, [(one.outcome, one.record) for one in applied], now=now)
    return applied


class _Batch:
    """The rows that a batch of changes meets, and those it makes. New rows get their numbers only in :meth:`save`."""

    def __init__(self, session: Session, source: Source, run: Run, now: datetime) -> None:
        self.session, self.source, self.run, self.now = session, source, run, now
        self.records: dict[str, Record] = {}
        self.current: dict[Record, Row] = {}
        self.custodians: dict[str, int] = {}
        self.known_aliases: set[tuple[Record, str, str]] = set()
        self.new = NewRows()
        self.touched: dict[Record, None] = {}
        self.in_series: set[int] = set()
        """Records that were members of a series before."""
        self.series: dict[Record, tuple[Series, ...]] = {}
        self.as_found: Snapshot | None = None
        """The record in hand, as it was before the change in hand."""

    @property
    def cause(self) -> str | None:
        """Why there are new versions, where it is not that the source sent them."""
        return f"Read again from what was kept, with mapping {MAPPING_VERSION}" if self.run.trigger == "replay" else None

    # before

    def load(self, changes: Sequence[Change]) -> None:
        ids = {change.local_id for change in changes} | {old for change in changes for old in change.former_ids}
        rows = self.session.scalars(select(Record).where(Record.source_id == self.source.id, Record.local_id.in_(ids)))
        self.records = {row.local_id: row for row in rows}
        former = self.session.execute(
            select(Alias.value, Record).join(Record, Record.id == Alias.record_id)
            .where(Alias.source_id == self.source.id, Alias.kind == "former", Alias.value.in_(ids))
        )
        for value, record in former:
            self.records.setdefault(value, record)
            self.records.setdefault(record.local_id, record)
        self._load_what_belongs_to({record.id: record for record in self.records.values()})
        self._load_custodians(changes)

    def _load_what_belongs_to(self, held: Mapping[int, Record]) -> None:
        if not held:
            return
        numbers = [record.current_version_id for record in held.values() if record.current_version_id]
        for number, record_id, *values in self.session.execute(select(Version.id, Version.record_id, *COMPARED).where(Version.id.in_(numbers))):
            self.current[held[record_id]] = Row({column.key: value for column, value in zip(COMPARED, values, strict=True)}, number)
        known = self.session.execute(select(Alias.record_id, Alias.kind, Alias.value).where(Alias.record_id.in_(held)))
        self.in_series = series.members(self.session, held)
        self.known_aliases = {(held[record_id], kind, value) for record_id, kind, value in known}

    def _load_custodians(self, changes: Sequence[Change]) -> None:
        """Of an aggregating source, whose records each name their custodian."""
        if self.source.custodian_id is None:
            named = [change.custodian_name for change in changes if change.custodian_name and change.kind in ("accepted", "older")]
            self.custodians = custodians.named(self.session, dict.fromkeys(named), now=self.now) if named else {}

    # deciding

    def decide(self, change: Change) -> Applied:
        record = self._find(change)
        self.as_found = snapshot(record) if record else None
        if change.kind == "accepted":
            return self._accept(change, record)
        if change.kind == "older":
            return self._keep_older(change, record)
        if change.kind == "unchanged":
            return self._confirm(change, record)
        return self._refuse(change, record)

    def _find(self, change: Change) -> Record | None:
        record = self.records.get(change.local_id)
        for former in () if record else change.former_ids:
            record = record or self.records.get(former)
        return record

    def _accept(self, change: Change, record: Record | None) -> Applied:
        if record is not None and record.state == "withheld":
            return self._report(replace(change, reason="withheld"), "withheld", record)
        if record is not None and self._reads_the_same(change, record):
            return self._confirm(change, record)
        outcome = "created"
        if record is None:
            record = self._new_record(change, state="live")
        else:
            outcome = {"live": "updated", "missing": "updated", "removed": "restored"}.get(record.state, "created")
        self._rekey(record, change)
        before = self.current.get(record)
        version = self._append_version(record, change, before)
        self.current[record] = version
        record.content_hash, record.hint, record.modified = change.content_hash, change.hint, change.stated_modified
        record.title, record.slug, record.state = change.title, custodians.slugify(change.title or "", limit=80), "live"
        record.column_count, record.mapping_version = _column_count(change.canonical or {}), MAPPING_VERSION
        record.custodian_id = self.source.custodian_id or self.custodians.get(change.custodian_name or "")
        record.missing_since, record.missing_passes, record.stale_since, record.refused_hash = None, 0, None, None
        record.removal_reason, record.last_seen_at, record.last_changed_at = None, self.now, self.now
        self._add_aliases(record, change)
        self.series[record] = series_of(change.carried)
        self._touch(record)
        return self._report(change, outcome, record, old=before, new=version)

    def _reads_the_same(self, change: Change, record: Record) -> bool:
        """Whether a replay came to what is held: then it is noted, so that it is not read again for this mapping."""
        current = self.current.get(record)
        if self.run.trigger != "replay" or current is None or record.state not in VISIBLE:
            return False
        if _said(current.values) != _said({column.key: getattr(change, column.key) for column in COMPARED}):
            return False
        record.mapping_version = MAPPING_VERSION
        return True

    def _keep_older(self, change: Change, record: Record | None) -> Applied:
        if record is None:
            return self._accept(change, None)
        version = self._append_version(record, change, None, is_older_state=True)
        self._add_aliases(record, change)
        return self._report(change, "repeated", record, new=version)

    def _confirm(self, change: Change, record: Record | None) -> Applied:
        """An unchanged record: nothing is written unless it had gone missing, was stale, or its hint moved."""
        if record is None:
            return Applied("unchanged", None)
        if change.hint is not None and record.hint != change.hint:
            record.hint = change.hint
        if record.state in ("missing", "removed") or record.stale_since is not None:
            gone = record.state != "live"
            if record.state == "removed":
                record.last_changed_at = self.now  # those who were told that it is gone have to hear that it is back
            record.state, record.missing_since, record.missing_passes = "live", None, 0
            record.stale_since, record.refused_hash, record.removal_reason = None, None, None
            self._touch(record)
            return self._report(change, "restored", record) if gone else Applied("unchanged", record)
        return Applied("unchanged", record)

    def _refuse(self, change: Change, record: Record | None) -> Applied:
        """Quarantined, rejected, repeated: reported; the last good version stays, marked as stale where it was refused."""
        if change.kind == "quarantined" and record is None and change.local_id:
            record = self._new_record(change, state="unpublished")
            record.mapping_version = MAPPING_VERSION
        if record is not None and change.kind in ("quarantined", "rejected"):
            record.refused_hash = change.content_hash
            if record.state in VISIBLE and record.stale_since is None:
                record.stale_since = self.now
                self._touch(record)
        return self._report(change, change.kind, record)

    def _new_record(self, change: Change, *, state: str) -> Record:
        record = Record(
            source_id=self.source.id, local_id=change.local_id, ref=new_ref(self.source.slug, change.local_id),
            pid=change.local_id, state=state, title=change.title, slug=custodians.slugify(change.title or "", limit=80),
            version_count=0, column_count=0, change_number=0, missing_passes=0,
            first_seen_at=self.now, last_seen_at=self.now, last_changed_at=self.now,
        )
        self.new.records.append(record)
        self.records[change.local_id] = record
        return record

    def _rekey(self, record: Record, change: Change) -> None:
        """A record that comes under a new identifier goes on under it; the old one becomes an alias."""
        if record.local_id == change.local_id or self.records.get(change.local_id) is not None:
            return
        self._alias(record, "former", record.local_id)
        record.local_id = change.local_id
        self.records[change.local_id] = record

    def _append_version(
        self, record: Record, change: Change, before: Row | None, *, is_older_state: bool = False
    ) -> Row:
        record.version_count += 1
        copied = {name: getattr(change, name) for name in COPIED}
        version = Row({
            **copied, "number": record.version_count, "run_id": self.run.id, "is_older_state": is_older_state, "cause": self.cause,
            "mapping_version": MAPPING_VERSION, "valid_from": self.now,
            "changed_paths": changed_paths(before.values["canonical"], change.canonical) if before else [],
        })  # fmt: skip
        self.new.versions.append(NewVersion(version, record, self._raw(change)))
        return version

    def _raw(self, change: Change) -> Row | None:
        content = change.content
        if content is None or change.raw_sha256 is None:
            return None
        raw = Row({
            "sha256": change.raw_sha256, "length_bytes": len(content.body), "media_type": content.media_type,
            "charset": content.charset, "url": content.url, "status": content.status, "etag": content.etag,
            "last_modified": content.last_modified, "locator": content.locator, "declared": content.declared, "fetched_at": self.now,
            "run_id": self.run.id,
        })  # fmt: skip
        self.new.raws.append(raw)
        return raw

    def _add_aliases(self, record: Record, change: Change) -> None:
        for kind, value in change.aliases:
            self._alias(record, kind, value)
        for former in change.former_ids:
            if former != record.local_id:
                self._alias(record, "former", former)
                self.records.setdefault(former, record)

    def _alias(self, record: Record, kind: str, value: str) -> None:
        if (record, kind, value) not in self.known_aliases:
            self.known_aliases.add((record, kind, value))
            self.new.aliases.append((record, {"source_id": self.source.id, "kind": kind, "value": value, "asserted_at": self.now}))

    def _touch(self, record: Record) -> None:
        record.change_number += 1
        self.touched[record] = None

    def _report(
        self, change: Change, outcome: str, record: Record | None, *, old: Row | None = None, new: Row | None = None
    ) -> Applied:
        if new is not None:
            raw = self.new.versions[-1].raw
        else:
            raw = self._raw(change) if change.kind in ("quarantined", "rejected") else None
        values = {
            "run_id": self.run.id, "local_id": change.local_id, "title": change.title, "outcome": outcome, "reason": change.reason,
            "detail": change.detail, "findings": change.findings, "before": difference(self.as_found, record) if record else None, "at": self.now,
        }  # fmt: skip
        self.new.outcomes.append(NewOutcome(values, record, raw, old, new))
        return Applied(outcome, record)

    # writing

    def save(self) -> None:
        self.session.flush()
        self.new.write(self.session)
        changed = {record.id: found for record, found in self.series.items() if found or record.id in self.in_series}
        series.put(self.session, changed)
        queue_for_index(self.session, self.touched, now=self.now)


def _column_count(canonical: Mapping[str, Any]) -> int:
    return sum(len(table.get("columns", ())) for table in canonical.get("structuralMetadata", {}).get("tables", ()))


def _said(values: Mapping[str, Any]) -> tuple[Any, ...]:
    """What a replay may change. Advice and warnings also tell of a listing and of other records, which are not read again."""
    errors = [(one["rule"], one["path"]) for one in values["findings"] if one["severity"] == "error"]
    return values["content_hash"], values["canonical"], series_of(values["carried"]), values["shape"], errors

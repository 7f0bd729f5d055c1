"""Undoing a run (S10): what it changed of each record is put back, as new history; nothing that was is rewritten."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from gateway.errors import Conflict
from gateway.models import Outcome, Record, Run, Source, SourcePage, Version
from gateway.store import runs, series
from gateway.store.former_state import difference, put_back, snapshot
from gateway.store.records import VISIBLE, touch_index
from gateway.store.removals import entomb
from schemas.difference import changed_paths
from schemas.linked_data.series import series_of

CHANGING: Final = ("created", "updated", "restored", "missing", "removed")
COPIED: Final = (
    "content_hash", "canonical", "carried", "losses", "findings", "findings_errors", "quality", "shape", "schema_sha256", "raw_id",
    "stated_version", "stated_modified", "mapping_version",
)


def undo(session: Session, run: Run, *, by: str, now: datetime) -> Run:
    """Write the undo as a run of its own and return it. Raises :class:`Conflict` while the source is being read."""
    _require_quiet(session, run)
    undoing = Run(
        source_id=run.source_id, trigger="undo", wanted_pass=run.wanted_pass, state="succeeded", undoes_run_id=run.id, counters={},
        timings_ms={}, http={}, queued_at=now, started_at=now, ended_at=now,
    )
    session.add(undoing)
    session.flush()
    step = _Undo(session, run, undoing, by=by, now=now)
    step.all()
    _forget_pages(session, run.source_id)
    session.flush()
    undoing.counters = runs.reported_counts(session, undoing.id)
    undoing.wants_links = runs.wants_links(undoing.counters)
    return undoing


def _require_quiet(session: Session, run: Run) -> None:
    session.scalar(select(Source.id).where(Source.id == run.source_id).with_for_update(key_share=True))
    if run.state in runs.ACTIVE:
        raise Conflict(f"Run {run.id} is not over yet.", hint="Cancel it first, or wait for its end.")
    reading = session.scalar(select(Run.id).where(Run.source_id == run.source_id, Run.state == "running"))
    if reading is not None:
        raise Conflict(f"Run {reading} is reading this source just now.", hint="Cancel it first, or wait for its end.")


def _forget_pages(session: Session, source_id: int) -> None:
    """So that the next run reads the listing, rather than take it for known."""
    forget = {"etag": None, "last_modified": None, "body_hash": None}
    session.execute(update(SourcePage).where(SourcePage.source_id == source_id).values(**forget))


class _Undo:
    def __init__(self, session: Session, run: Run, undoing: Run, *, by: str, now: datetime) -> None:
        self.session, self.run, self.undoing, self.by, self.now = session, run, undoing, by, now

    def all(self) -> None:
        """A record that the run met several times is taken back step by step, the last one first."""
        met: dict[int, list[Outcome]] = defaultdict(list)
        wanted = Outcome.run_id == self.run.id, Outcome.outcome.in_(CHANGING), Outcome.record_id.is_not(None)
        for outcome in self.session.scalars(select(Outcome).where(*wanted).order_by(Outcome.id.desc())):
            met[outcome.record_id or 0].append(outcome)
        later = self._changed_since(met)
        for record in self.session.scalars(select(Record).where(Record.id.in_(met)).order_by(Record.id)):
            self._one(record, met[record.id], changed_by=later.get(record.id))

    def _changed_since(self, met: dict[int, list[Outcome]]) -> dict[int, int]:
        """record -> the run that changed it last, where that is a later one that stands."""
        passed_by = {self.run.id, *_without_effect(self.session, self.run.source_id)}
        changing = Outcome.record_id.in_(met), Outcome.outcome.in_(CHANGING), Outcome.run_id.not_in(passed_by)
        found = self.session.execute(select(Outcome.record_id, Outcome.id, Outcome.run_id).where(*changing).order_by(Outcome.id))
        return {record_id: run_id for record_id, number, run_id in found if record_id and number > met[record_id][0].id}

    def _one(self, record: Record, outcomes: list[Outcome], *, changed_by: int | None) -> None:
        taken = self._taken_identifier(record, outcomes)
        if changed_by is not None or taken:
            why = f"Run {changed_by} changed it since." if changed_by else f"Its former identifier {taken!r} is now that of another record."
            self._report(record, "unchanged", reason="changed-since", detail=why)
            return
        before, old = snapshot(record), record.current_version_id
        for outcome in outcomes:
            self._take_back(record, outcome)
        version = self._version_again(record, outcomes)
        touch_index(self.session, record, now=self.now)
        record.last_changed_at = self.now
        told = Outcome(before=difference(before, record), old_version_id=old if version else None, new_version_id=version)
        self._report(record, _kind(before["state"], record.state), row=told)

    def _taken_identifier(self, record: Record, outcomes: Iterable[Outcome]) -> str | None:
        former = [outcome.before["local_id"] for outcome in outcomes if outcome.before and "local_id" in outcome.before]
        taken = Record.source_id == record.source_id, Record.local_id.in_(former), Record.id != record.id
        return self.session.scalar(select(Record.local_id).where(*taken)) if former else None

    def _take_back(self, record: Record, outcome: Outcome) -> None:
        if outcome.before is not None:
            put_back(record, outcome.before)
        elif outcome.outcome == "created":
            entomb(self.session, record, why=f"The harvest that added it (run {self.run.id}) was undone by {self.by}.", now=self.now)

    def _version_again(self, record: Record, outcomes: list[Outcome]) -> int | None:
        """A new version equal to the one before the run; None where the run made none, or there was none before."""
        old_ids = [outcome.old_version_id for outcome in outcomes if outcome.new_version_id is not None]
        then = self.session.get(Version, old_ids[-1]) if old_ids and old_ids[-1] else None
        now = self.session.get(Version, record.current_version_id) if record.current_version_id else None
        if then is None or now is None:
            return None
        record.version_count += 1
        record.mapping_version = then.mapping_version
        series.put(self.session, {record.id: series_of(then.carried)})
        version = Version(
            record_id=record.id, number=record.version_count, run_id=self.undoing.id, is_older_state=False, valid_from=self.now,
            cause=f"Undo of run {self.run.id} by {self.by}", changed_paths=changed_paths(now.canonical, then.canonical),
            **{name: getattr(then, name) for name in COPIED},
        )
        self.session.add(version)
        self.session.flush()
        record.current_version_id = version.id
        return version.id

    def _report(
        self, record: Record, outcome: str, *, reason: str | None = None, detail: str | None = None, row: Outcome | None = None
    ) -> None:
        row = row or Outcome()
        row.run_id, row.record_id, row.local_id, row.title = self.undoing.id, record.id, record.local_id, record.title
        row.outcome, row.reason, row.detail, row.findings, row.at = outcome, reason, detail, [], self.now
        self.session.add(row)


def _without_effect(session: Session, source_id: int) -> set[int]:
    """Runs that were undone, and the undos that did it. An undo that was undone itself took nothing back."""
    gone: set[int] = set()
    undos = select(Run.id, Run.undoes_run_id).where(Run.source_id == source_id, Run.undoes_run_id.is_not(None))
    for undo_id, undone_id in session.execute(undos.order_by(Run.id.desc())):
        if undo_id not in gone:
            gone |= {undo_id, undone_id or 0}
    return gone


def _kind(before: str, now: str) -> str:
    if now in VISIBLE:
        return "updated" if before in VISIBLE else "restored"
    return "removed"

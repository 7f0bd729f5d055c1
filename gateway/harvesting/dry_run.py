"""What a run would do, told without doing it (S9): a run's own reading and judging, in a database that refuses every write.

What is told is kept beside the catalogue, and says for which configuration it holds: a source that was added or edited
runs only after a dry run of just this configuration succeeded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from gateway.harvesting import following
from gateway.harvesting.batches import BATCH_RECORDS
from gateway.harvesting.trial_turns import TrialTurns
from gateway.judging.siblings import Others
from gateway.models import Source
from gateway.sources.registering import build_source, demands_conformance
from gateway.store import Store, holds, links, records, sources
from gateway.store import removals as removed
from gateway.store.records import HeldView
from harvesters.fetch import Fetcher
from harvesters.pipeline import Outcome, outcomes
from harvesters.plan import RemovalVerdict, change, is_mass_change, removals
from harvesters.registry import WrongConfiguration
from harvesters.source import HeldRecord, Mark, SourceError
from schemas.difference import differences

TOLD_AT_MOST: Final = 1_000
LONGEST_DIFF: Final = 200
NOT_TOLD: Final = ("unchanged",)


@dataclass
class Diff:
    """``counters`` count outcomes; ``records`` tells of the first thousand that are not *unchanged*, with what would change.

    ``missing``, ``removed`` and ``held`` name identifiers; ``why_held`` is a sentence. ``failure`` has a reason code and a
    message where the source failed.
    """

    counters: Counter[str] = field(default_factory=Counter)
    records: list[dict[str, Any]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    why_held: str = ""
    is_mass_change: bool = False
    failure: dict[str, str] | None = None
    links: list[dict[str, str]] = field(default_factory=list)
    """Records that would be linked with one of another source: identifier here, what they share, and the other's ref."""
    requests: int = 0

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "counters": {name: count for name, count in self.counters.items() if count}}


def dry_run(
    beside: Store, slug: str, open_secret: Callable[[str], str], *, user_agent: str, clock: Callable[[], datetime], at_most: int | None = None,
    tell: Callable[[Diff], object] | None = None,
) -> Diff:
    """Raises :class:`NotFound`. With ``at_most`` it stops after so many records (a connection test), and judges no removal.
    ``tell`` is given what was found so far, after each batch. ``beside`` is where its turns at hosts are written, and nothing else."""
    store = Store(beside.url, is_read_only=True)
    try:
        with store.reading() as session:
            source = sources.by_slug(session, slug)
            turns = TrialTurns(beside, source, clock)
            try:
                return _Reading(session, source, turns, now=clock(), tell=tell).diff(open_secret, user_agent=user_agent, at_most=at_most)
            finally:
                turns.leave()
    finally:
        store.close()


class _Reading:
    """A run that remembers instead of writing."""

    def __init__(self, session: Session, source: Source, turns: TrialTurns, *, now: datetime, tell: Callable[[Diff], object] | None = None) -> None:
        self.session, self.source, self.turns, self.now = session, source, turns, now
        self.tell_others = tell
        self.diff_found = Diff()
        self.held = HeldView({}, {}, {})
        self.seen: set[str] = set()
        self.deleted: set[str] = set()
        self.last: Mark | None = None
        self.batch: list[tuple[str, HeldRecord | None, Outcome]] = []
        self.others = Others(source.id, source.custodian_id)
        self.live_before = 0

    def diff(self, open_secret: Callable[[str], str], *, user_agent: str, at_most: int | None) -> Diff:
        found = self.diff_found
        try:
            feed, fetcher = build_source(self.source, open_secret, user_agent=user_agent, turns=self.turns)
            self.held = records.held(self.session, self.source, with_history=feed.holds_history)
            self.live_before = len(self.held.by_state(*records.VISIBLE))
            with fetcher:
                self._read(feed.build(fetcher, self.held, "full" if at_most else "incremental"), fetcher, at_most=at_most)
        except SourceError as error:
            found.failure = {"reason": error.reason, "message": str(error)}
        except WrongConfiguration as error:
            found.failure = {"reason": "wrong-configuration", "message": str(error)}
        is_read = found.failure is None or found.failure["reason"] != "wrong-configuration"
        if at_most is None and is_read:
            self._take(self._verdict())
            found.is_mass_change = is_mass_change(found.counters, self.live_before)
        return found

    def _read(self, harvester: Any, fetcher: Fetcher, *, at_most: int | None) -> None:
        wanted = "full" if at_most else "incremental"
        knows_custodian = self.source.custodian_id is not None
        try:
            for item in outcomes(
                harvester, self.held, custodian_known=knows_custodian, wanted=wanted, today=self.now.date(),
                demands_conformance=demands_conformance(self.source),
            ):
                self._at_mark(item) if isinstance(item, Mark) else self._collect(item)
                if at_most and self.diff_found.counters.total() >= at_most:
                    return
        finally:
            self._tell()
            self.diff_found.requests = fetcher.statistics.requests

    def _at_mark(self, mark: Mark) -> None:
        self.last = mark
        if mark.unchanged:
            self.diff_found.counters["unchanged"] += following.see_unchanged(self.held, self.seen, mark.local_ids)
        self.seen.update(set(mark.local_ids) - self.deleted)
        self._tell()

    def _collect(self, outcome: Outcome) -> None:
        if outcome.kind == "deleted":
            following.take_as_deleted(self.held, self.seen, self.deleted, outcome.local_id)
            return
        self.deleted.discard(outcome.local_id)
        before = self._held(outcome)
        kind = change(outcome, before)
        self.diff_found.counters[kind] += 1
        self.batch.append((kind, before, outcome))
        following.note(self.held, self.seen, outcome)
        if len(self.batch) >= BATCH_RECORDS:
            self._tell()

    def _tell(self) -> None:
        """Compare a batch with what is held and with itself. What an earlier batch would have stored is not known here."""
        batch, self.batch = self.batch, []
        judged = self.others.judge(self.session, [outcome for _, _, outcome in batch])
        for (kind, before, _), outcome in zip(batch, judged, strict=True):
            shared = links.elsewhere(self.session, self.source.id, (outcome.local_id, *outcome.aliases)) if outcome.kind == "accepted" else []
            self.diff_found.links += [{"local_id": outcome.local_id, "identifier": value, "dataset": other.ref} for value, other in shared]
            if kind not in NOT_TOLD and len(self.diff_found.records) < TOLD_AT_MOST:
                self.diff_found.records.append(self._told(outcome, kind, before))
        if self.tell_others is not None:
            self.tell_others(self.diff_found)

    def _held(self, outcome: Outcome) -> HeldRecord | None:
        """What is held under its identifier, or under an earlier one."""
        known_as = (outcome.local_id, *outcome.former_ids)
        return next((record for one in known_as if one and (record := self.held.record(one))), None)

    def _told(self, outcome: Outcome, kind: str, before: HeldRecord | None) -> dict[str, Any]:
        sent = outcome.record.as_json() if outcome.record else None
        current = records.current_canonical(self.session, self.source.id, before.local_id) if before and sent else None
        changes = zip(differences(current, sent), range(LONGEST_DIFF), strict=False) if current and sent else ()
        return {
            "local_id": outcome.local_id, "title": outcome.record.summary.title if outcome.record else None, "outcome": kind,
            "reason": outcome.reason, "detail": outcome.detail,
            "findings": [finding.as_json() for finding in outcome.findings or ()],
            "changes": [{"path": one.path, "before": one.before, "after": one.after} for one, _ in changes],
        }

    # the end

    def _verdict(self) -> RemovalVerdict:
        failure, last = self.diff_found.failure, self.last
        exempt = holds.exempt_ids(self.session, self.source.id)
        seen = following.as_held(self.held, self.seen)
        return removals(
            live=self.held.by_state(*records.VISIBLE) - (exempt - seen), seen=seen,
            complete=failure is None and last is not None and last.complete,
            why_incomplete=(failure or {}).get("reason") or (last.why_incomplete if last else None),
            already_missing=removed.missing(self.session, self.source.id), deleted=frozenset(self.deleted), now=self.now,
        )

    def _take(self, verdict: RemovalVerdict) -> None:
        found = self.diff_found
        found.missing, found.removed, found.held = sorted(verdict.missing), sorted(verdict.removed), sorted(verdict.held)
        found.why_held = verdict.why if verdict.held else ""
        found.counters.update({name: len(ids) for name, ids in (("missing", found.missing), ("removed", found.removed)) if ids})

"""One attempt at one run: what its steps share, and its standing in the database."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from gateway.harvesting.checkpoint import AFTER_A_LOSS, LOSSES_PER_RECORD, Checkpoint, place
from gateway.harvesting.progress import Progress, Watch
from gateway.harvesting.telling import Telling
from gateway.models import Run, Source
from gateway.store import Store, Transaction, runs
from gateway.store.files import Files
from gateway.store.records import HeldView
from harvesters.fetch import Fetcher
from harvesters.source import Mark, Stopped
from harvesters.stages import Stages

EVENTS_AFTER = timedelta(seconds=2)
"""Shorter runs are over before anybody looks at their progress."""
EVENT_SECONDS = 1.0
SHORT_LIVED_SECONDS = 600.0
"""A run does not pause where the server forgets its place as soon as this."""


class Cancelled(Stopped):
    """Somebody asked the run to stop."""


class TakenOver(Stopped):
    """Another worker has the run."""


class SliceOver(Stopped):
    """It is the turn of others; what is done is committed."""


class Attempt:
    def __init__(
        self, store: Store, files: Files, clock: Callable[[], datetime], run: Run, source: Source, *,
        watch: Watch | None, slice_seconds: float, telling: Telling | None = None,
    ) -> None:
        self.store, self.files, self.clock = store, files, clock
        self.run, self.source = run, source
        self.telling = telling
        self.watch = watch or (lambda _: None)
        self.stop = threading.Event()
        self.stopped_by: Stopped | None = None
        self.checkpoint = Checkpoint.of(run)
        self.progress = Progress(run.id, source.name, counters=Counter(run.counters))
        self.started_at = clock()
        self.slice_ends = time.monotonic() + slice_seconds
        self.started_from = place(run)
        self.fetcher: Fetcher | None = None
        self.stages = Stages()
        self.held = HeldView({}, {}, {})
        self.live_before = 0
        self.seen: set[str] = set()
        self.deleted = set(self.checkpoint.deleted)
        """What the source itself announced as gone, and did not list again after that."""
        self.reported: Counter[tuple[str, str]] = Counter()
        """What earlier attempts reported of the page in hand, which may be met once more."""
        self.page_ordinals: dict[str, int] = {}
        self.last_mark: Mark | None = self.checkpoint.end
        self.warnings: set[str] = set()
        """Reason codes of what was odd about the listing itself and did not stop it."""
        self.page_has_failures = False
        self.last_event = 0.0
        self.events = 0
        self.telling_event = threading.Lock()

    def take_up(self, held: HeldView) -> None:
        """Know again what earlier attempts saw: the identifiers on the pages behind the place where the last one ended."""
        self.held = held
        if self.checkpoint.live_before is None:
            self.checkpoint.live_before = len(held.by_state("live", "missing"))
        self.live_before = self.checkpoint.live_before
        for page in held.pages_until(self.run.page_ordinal, *self.checkpoint.elsewhere):
            self.page_ordinals[page.page_key] = min(page.ordinal, self.run.page_ordinal)
            self.seen.update(set(page.local_ids) - self.deleted)
        self.checkpoint.position.seen = set(self.seen)
        with self.store.reading() as session:
            self.events = runs.last_event_number(session, self.run.id)
            done = self.checkpoint.position.done
            self.reported = Counter(runs.last_reported(session, self.run.id, limit=done) if done else ())
        self.page_has_failures = any(outcome == "rejected" for _, outcome in self.reported)

    def note_page(self, mark: Mark) -> None:
        """Its place in this traversal. An unchanged page is not written, so one that stood elsewhere is noted by name."""
        ordinal = self.page_ordinals.setdefault(mark.page_key, self.page_ordinal + 1)
        held = self.held.page(mark.page_key)
        if mark.unchanged and held is not None and held.ordinal != ordinal and mark.page_key not in self.checkpoint.elsewhere:
            self.checkpoint.elsewhere.append(mark.page_key)

    def be_careful_after_losses(self) -> None:
        """Find the record that ends workers by committing each alone; leave it out once it is found."""
        checkpoint = self.checkpoint
        if checkpoint.lost:
            checkpoint.alone = AFTER_A_LOSS
        checkpoint.position.skips_next = checkpoint.lost >= LOSSES_PER_RECORD

    @property
    def requests_at_once(self) -> int:
        """One, where the record is looked for that ends workers."""
        is_careful = self.checkpoint.lost or self.checkpoint.position.skips_next
        return 1 if self.fetcher is None or is_careful else self.fetcher.policy.connections

    def start_again(self) -> None:
        """From the first page: the server does not know the place any more."""
        self.checkpoint = Checkpoint(is_restarted=True)
        self.run.page_ordinal = 0
        self.page_ordinals, self.last_mark = {}, None

    def stop_with(self, reason: Stopped) -> None:
        """Called by other threads; what waits or reads an answer ends within a second."""
        self.stopped_by = self.stopped_by or reason
        self.stop.set()

    def check(self) -> None:
        """Raises the reason for which the run is to stop, if there is one."""
        if self.stopped_by is not None:
            raise self.stopped_by

    def note_request(self, host: str, path: str) -> None:
        """Tell where the run is. Never a query, which may hold credentials."""
        self.progress.host, self.progress.path = host, path
        now = self.clock()
        if self._is_event_due(now):
            with self.store.transaction() as tx:
                self.write_event(tx, now)

    @property
    def page_ordinal(self) -> int:
        return max(self.page_ordinals.values(), default=0)

    def check_in(self, tx: Transaction) -> None:
        """Raises :class:`Cancelled`, and :class:`LeaseLostError` where another worker has the run."""
        standing = runs.standing(tx.session, self.run)
        if not standing.is_ours:
            raise runs.LeaseLostError(f"run {self.run.id} was taken over")
        if standing.is_cancel_requested:
            raise Cancelled

    def save_checkpoint(self, tx: Transaction, counters: Counter[str], *, now: datetime) -> None:
        """Within the transaction of what it speaks for. Raises :class:`LeaseLostError`, and then nothing of it is written."""
        self.checkpoint.deleted = sorted(self.deleted)
        runs.save(
            tx.session, self.run, lease_until=now + runs.LEASE, cursor=self.checkpoint.as_json(), page_ordinal=self.page_ordinal,
            counters={name: count for name, count in counters.items() if count},
        )

    def end_slice_where_due(self) -> None:
        """After a commit. Raises :class:`SliceOver` where others wait long enough and this attempt got further."""
        lives = self.last_mark.cursor_lives_seconds if self.last_mark else None
        is_kept = lives is None or lives > SHORT_LIVED_SECONDS
        has_moved = (self.page_ordinal, self.checkpoint.position.done) > self.started_from
        if time.monotonic() >= self.slice_ends and is_kept and has_moved and self.checkpoint.end is None:
            raise SliceOver

    def _is_event_due(self, now: datetime) -> bool:
        """At most one a second, and none of a run that is over before anybody looks."""
        is_long = self.events or now - self.started_at >= EVENTS_AFTER
        return bool(is_long) and time.monotonic() - self.last_event >= EVENT_SECONDS

    def write_event(self, tx: Transaction, now: datetime, *, is_last: bool = False) -> None:
        with self.telling_event:
            if not self._is_event_due(now) and not (is_last and self.events):
                return
            self.last_event = time.monotonic()
            self.events += 1
            number = self.events
        runs.add_event(tx.session, self.run.id, seq=number, kind=self.progress.stage, data=self.progress.as_json(), now=now)

    @property
    def why_incomplete(self) -> str | None:
        return self.last_mark.why_incomplete if self.last_mark and not self.last_mark.complete else None

"""One attempt at one run: what its steps share, and its standing in the database."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from gateway.files import Files
from gateway.harvesting.progress import Progress, Watch
from gateway.models import Run, Source
from gateway.store import Store, Transaction, runs
from gateway.store.records import HeldView
from harvesters.fetch import Fetcher
from harvesters.source import Mark

EVENTS_AFTER = timedelta(seconds=2)
"""Shorter runs are over before anybody looks at their progress."""


class Cancelled(Exception):
    """Somebody asked the run to stop."""


class Attempt:
    def __init__(
        self, store: Store, files: Files, clock: Callable[[], datetime], run: Run, source: Source, *,
        watch: Watch | None,
    ) -> None:
        self.store, self.files, self.clock = store, files, clock
        self.run, self.source = run, source
        self.watch = watch or (lambda _: None)
        self.progress = Progress(run.id, source.name)
        self.started_at = clock()
        self.fetcher: Fetcher | None = None
        self.held = HeldView({}, {}, {})
        self.live_before = 0
        self.seen: set[str] = set()
        self.deleted: set[str] = set()
        """What the source itself announced as gone, and did not list again after that."""
        self.page_keys: list[str] = []
        self.last_mark: Mark | None = None
        self.last_event = 0.0
        self.events = 0

    def check_in(self, tx: Transaction, now: datetime) -> None:
        """Raises :class:`Cancelled`, and :class:`LeaseLostError` where another worker has the run."""
        runs.renew(tx.session, self.run, now=now)
        if runs.is_cancel_requested(tx.session, self.run.id):
            raise Cancelled

    def write_event(self, tx: Transaction, now: datetime, *, is_last: bool = False) -> None:
        is_too_soon = time.monotonic() - self.last_event < 1.0 and not is_last
        if is_too_soon or (now - self.started_at < EVENTS_AFTER and not self.events):
            return
        self.last_event = time.monotonic()
        self.events += 1
        data = {"stage": self.progress.stage, **self.progress.counters}
        runs.add_event(tx.session, self.run.id, seq=self.events, kind=self.progress.stage, data=data, now=now)

    @property
    def why_incomplete(self) -> str | None:
        return self.last_mark.why_incomplete if self.last_mark and not self.last_mark.complete else None

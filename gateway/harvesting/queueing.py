"""The runs of all sources: queued by hand or by schedule, claimed by one worker, cancelled."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import structlog

from gateway.catalogue.linking import link_after
from gateway.harvesting import scheduling
from gateway.harvesting.attempt import Attempt, SliceOver
from gateway.harvesting.execution import Execution
from gateway.harvesting.lease import heartbeat, is_dead, this_worker
from gateway.harvesting.progress import Watch
from gateway.harvesting.retried import queue_retry
from gateway.harvesting.telling import Telling
from gateway.models import Run
from gateway.store import Store, runs, sources
from gateway.store.database import utc_now
from gateway.store.database_clock import DatabaseClock
from gateway.store.files import Files

log = structlog.get_logger(__name__)
SLICE_SECONDS = 120.0
"""After so long a run lets others have its worker, and goes on when it is its turn."""


class Harvesting:
    def __init__(
        self, store: Store, files: Files, open_secret: Callable[[str], str], *, user_agent: str,
        after_change: Callable[[], object], clock: Callable[[], datetime] = utc_now, slice_seconds: float = SLICE_SECONDS,
        telling: Telling | None = None,
    ) -> None:
        self.store = store
        self.files = files
        self.open_secret = open_secret
        self.user_agent = user_agent
        self.after_change = after_change
        self.clock = clock
        self._database_clock = DatabaseClock(store)
        self.slice_seconds = slice_seconds
        self.telling = telling
        self.attempts: set[Attempt] = set()
        self.is_closing = False

    def now(self) -> datetime:
        """By which runs are due, claimed and held: the database's time, so that workers agree (J2), or what a clock says that was given."""
        return self._database_clock() if self.clock is utc_now else self.clock()

    def queue_run(self, slug: str, *, trigger: str = "manual", wanted: str = "incremental") -> int:
        """Queue a run of the source and return its number. A run that waits to start, or was broken off, is that run."""
        self.release_dead()
        with self.store.transaction() as tx:
            source = sources.by_slug(tx.session, slug)
            runs.require_tried(source)
            run = runs.queue(tx.session, source, trigger=trigger, wanted=wanted, now=self.now())
        return run.id

    def queue_retry(self, run_id: int) -> int:
        """Queue a run that fetches again what failed in this one. Raises :class:`Conflict` where that cannot be."""
        return queue_retry(self.store, run_id, now=self.now())

    def queue_due(self) -> list[int]:
        """Queue a run for every source that is due."""
        return scheduling.queue_due(self.store, self.telling, now=self.now())

    def claimable(self) -> list[int]:
        self.release_dead()
        with self.store.reading() as session:
            return runs.claimable(session, now=self.now())

    def release_dead(self) -> None:
        """Free the runs of workers on this machine that are no longer alive, without waiting for their leases."""
        with self.store.reading() as session:
            owners = runs.owners(session)
        dead = [owner for owner in owners if is_dead(owner)]
        if dead:
            with self.store.transaction() as tx:
                for owner in dead:
                    runs.release_of_dead_owner(tx.session, owner, now=self.now())

    def run(self, run_id: int, *, watch: Watch | None = None) -> Run:
        """Work off one run. A run that another worker has, or that is over, is given back as it is."""
        with self.store.transaction() as tx:
            run = runs.claim(tx.session, run_id, owner=this_worker(), now=self.now())
            source = sources.by_id(tx.session, run.source_id) if run else None
            if run and source:
                source.last_attempt_at = self.now()
        if run is not None and source is not None:
            attempt = Attempt(self.store, self.files, self.now, run, source, watch=watch, slice_seconds=self.slice_seconds, telling=self.telling)
            with self._watched(attempt):
                Execution(attempt, self.open_secret, user_agent=self.user_agent).execute()
            self._follow_up(run_id)
        with self.store.reading() as session:
            return runs.by_id(session, run_id)

    def _follow_up(self, run_id: int) -> None:
        """The run is committed. What fails here fails alone, and is marked in the database as still to be done."""
        for step in (lambda: link_after(self.store, run_id, now=self.now()), self.after_change):
            try:
                step()
            except Exception:
                log.exception("run.follow_up_failed", run=run_id)

    @contextmanager
    def _watched(self, attempt: Attempt) -> Iterator[None]:
        self.attempts.add(attempt)
        if self.is_closing:
            attempt.stop_with(SliceOver())
        try:
            with heartbeat(attempt):
                yield
        finally:
            self.attempts.discard(attempt)

    def close(self) -> None:
        """Let the runs in hand go, so that another process goes on with them at once."""
        self.is_closing = True
        for attempt in list(self.attempts):
            attempt.stop_with(SliceOver())

    def cancel(self, run_id: int) -> None:
        with self.store.transaction() as tx:
            run = runs.require_cancellable(tx.session, run_id, now=self.now())
            if run.state in ("queued", "waiting"):
                run.state, run.ended_at = "cancelled", self.now()

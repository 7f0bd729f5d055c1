"""The manners of a dry run towards hosts: it takes its turn beside runs and other dry runs (J19), and waits for it where it is.

Why this exists: a run that has to wait frees its worker and goes on later. A dry run keeps nothing to go on from, so it waits in place, for
so long that a slice of a run ends meanwhile.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from gateway.models import Source
from gateway.store import Store, hosts
from harvesters.source import FetchDeferred

TURN: Final = timedelta(minutes=3)
"""Longer than any request; a dry run whose process died keeps a host for no longer than this."""
RENEWED_AFTER: Final = timedelta(minutes=1)
WAITS_SECONDS: Final = 300.0
LOOKS_EVERY_SECONDS: Final = 0.5


class TrialTurns:
    """Implements ``harvesters.turns.Turns`` and the fetcher's ``sleep``. To be left at the end."""

    def __init__(self, store: Store, source: Source, clock: Callable[[], datetime], *, waits_seconds: float = WAITS_SECONDS) -> None:
        self.store, self.clock = store, clock
        self.group: str = source.policy.get("host_group") or ""
        self.interval_seconds: float = source.policy.get("min_interval_seconds", 0.0)
        self.waits_seconds = waits_seconds
        self.name = uuid.uuid4().hex
        self.taken: dict[str, datetime] = {}
        self.lock = threading.Lock()

    def take(self, host: str, path: str) -> None:  # noqa: ARG002  where it reads is not told while it does
        host = f"group {self.group}" if self.group else host
        with self.lock:
            before = self.taken.get(host)
            if before is not None and self.clock() - before < RENEWED_AFTER:
                return
            self._wait_for(host)
            if before is None:
                self.sleep(self.interval_seconds)  # Whoever read there before may just have asked.

    def done(self, host: str, *, failed: bool) -> None:
        """A dry run that fails says so to whoever asked for it; it makes no host rest."""

    def check(self) -> None: ...

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def leave(self) -> None:
        """Let others have the hosts."""
        if self.taken:
            with self.store.transaction() as tx:
                hosts.leave_after_trial(tx.session, self.name)

    def _wait_for(self, host: str) -> None:
        ends = time.monotonic() + self.waits_seconds
        while not self._is_given(host):
            if time.monotonic() >= ends:
                raise FetchDeferred("host-busy", f"Another source on {host} is being read.", retry_after_seconds=self.waits_seconds)
            self.sleep(LOOKS_EVERY_SECONDS)

    def _is_given(self, host: str) -> bool:
        now = self.clock()
        with self.store.transaction() as tx:
            is_given = hosts.take_for_trial(tx.session, host, self.name, now=now, until=now + TURN)
        if is_given:
            self.taken[host] = now
        return is_given

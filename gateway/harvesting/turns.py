"""The manners of a run towards hosts, kept over all workers: one source at a time on a host, and a rest after failures in a
row. And the run's own pauses, which end at once where it is to stop."""

from __future__ import annotations

import threading
import time
from datetime import datetime

from gateway.harvesting.attempt import Attempt
from gateway.store import hosts
from harvesters.source import FetchDeferred

BUSY_SECONDS = 10.0


class RunTurns:
    """Implements ``harvesters.turns.Turns`` and the fetcher's ``sleep``."""

    def __init__(self, attempt: Attempt) -> None:
        self.attempt = attempt
        self.group: str = attempt.source.policy.get("host_group") or ""
        self.failures: dict[str, int] = {}
        self.rests: dict[str, datetime] = {}
        self.lock = threading.Lock()

    def take(self, host: str, path: str) -> None:
        self.check()
        with self.lock:
            self.attempt.note_request(host, path)
            host = self._known_as(host)
            if host not in self.failures:
                self._take_host(host)
        rest = self.rests.get(host)
        now = self.attempt.clock()
        if rest is not None and rest > now:
            seconds = (rest - now).total_seconds()
            raise FetchDeferred("host-resting", f"{host} failed several times in a row and is left alone for now.", retry_after_seconds=seconds)

    def _take_host(self, host: str) -> None:
        attempt = self.attempt
        with attempt.store.transaction() as tx:
            taken = hosts.take(tx.session, host, attempt.run, now=attempt.clock())
        if taken is None:
            raise FetchDeferred("host-busy", f"Another source on {host} is being read.", retry_after_seconds=BUSY_SECONDS)
        self.sleep(self.attempt.source.policy.get("min_interval_seconds", 0.0))  # Whoever read there before may just have asked.
        self.failures[host] = taken.failures
        # Whoever asks for a run by hand wants it tried now; one failure more, and the host rests longer.
        if taken.resting_until is not None and attempt.run.trigger != "manual":
            self.rests[host] = taken.resting_until

    def _known_as(self, host: str) -> str:
        """Hosts of one provider count as one."""
        return f"group {self.group}" if self.group else host

    def done(self, host: str, *, failed: bool) -> None:
        with self.lock:
            self._note(self._known_as(host), failed=failed)

    def _note(self, host: str, *, failed: bool) -> None:
        if failed:
            self.failures[host] += 1
            with self.attempt.store.transaction() as tx:
                rest = hosts.note_failure(tx.session, host, now=self.attempt.clock())
            if rest is not None:
                self.rests[host] = rest
        elif self.failures[host]:
            self.failures[host] = 0
            self.rests.pop(host, None)
            with self.attempt.store.transaction() as tx:
                hosts.note_success(tx.session, host)

    def check(self) -> None:
        self.attempt.check()

    def sleep(self, seconds: float) -> None:
        ends = time.monotonic() + seconds
        while (left := ends - time.monotonic()) > 0:
            self.attempt.stop.wait(left)
            self.attempt.check()

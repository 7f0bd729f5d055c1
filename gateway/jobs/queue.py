"""The seam for work after the commit, and the queue that needs no service.

A job is a plain function known by name. Jobs carry ids, are queued after the commit, and may run twice: the rows in the
database are the truth, and at every tick whatever is due there is queued again, so a lost bell is rung a moment later.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Protocol

import structlog

log = structlog.get_logger(__name__)
Sweep = Callable[[], Mapping[str, list[dict[str, Any]]]]
Job = tuple[str, tuple[tuple[str, Any], ...]]


class JobQueue(Protocol):
    """``bodies`` maps names of jobs to functions; :meth:`sweep_with` says how to find out what is due."""

    bodies: dict[str, Callable[..., object]]

    def sweep_with(self, sweep: Sweep) -> None: ...

    def enqueue(self, name: str, **ids: Any) -> None:
        """Ring the bell for a job. Never fails for want of a queue: what is lost is swept. Raises ``KeyError`` on an
        unknown name."""
        ...

    def start(self) -> None:
        """Begin to work off jobs in this process, where this kind of queue does that."""
        ...

    def stop(self) -> None: ...


def require_known(bodies: Mapping[str, object], name: str) -> None:
    """Raises ``KeyError`` for a job that has no body, which is a fault of ours."""
    if name not in bodies:
        raise KeyError(f"no job is called {name!r}")


LONG = frozenset({"harvest", "dry-run", "searches"})
"""Jobs that may take minutes: they never keep the others waiting."""


class InProcessJobs:
    """Two queues in memory, for long and for short jobs, and — between :meth:`start` and :meth:`stop` — threads that work them off.

    Without threads (the command line) a queued job simply waits in the database for whoever sweeps next.
    """

    def __init__(self, *, tick_seconds: float = 1.0) -> None:
        self.bodies: dict[str, Callable[..., object]] = {}
        self._sweep: Sweep | None = None
        self._tick_seconds = tick_seconds
        self._queues: dict[bool, queue.Queue[Job | None]] = {is_long: queue.Queue() for is_long in (True, False)}
        self._waiting: set[Job] = set()
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def sweep_with(self, sweep: Sweep) -> None:
        """Ask ``sweep`` at every tick what is due: name of a job -> the ids of each call."""
        self._sweep = sweep

    def enqueue(self, name: str, **ids: Any) -> None:
        """Ring the bell for a job; one that is already waiting is not queued again."""
        require_known(self.bodies, name)
        job = (name, tuple(sorted(ids.items())))
        with self._lock:
            if not self._threads or job in self._waiting:
                return
            self._waiting.add(job)
        self._queues[name in LONG].put(job)

    def start(self, workers: int = 4) -> None:
        self._stopping.clear()
        targets: list[Callable[[], None]] = [partial(self._work, True)] * workers + [partial(self._work, False), self._tick]
        self._threads = [
            threading.Thread(target=target, name=f"worker-{number}", daemon=True) for number, target in enumerate(targets)
        ]
        for thread in self._threads:
            thread.start()

    def stop(self, timeout_seconds: float = 10.0) -> None:
        """Let the jobs in hand end, as long as the time-out allows; what is left is swept at the next start."""
        self._stopping.set()
        for waiting in self._queues.values():
            for _ in self._threads:
                waiting.put(None)
        for thread in self._threads:
            thread.join(timeout_seconds)
        self._threads = []

    @property
    def is_stopping(self) -> bool:
        return self._stopping.is_set()

    def _work(self, is_long: bool) -> None:
        while (job := self._queues[is_long].get()) is not None:
            with self._lock:
                self._waiting.discard(job)
            if not self._stopping.is_set():
                self._run(*job)

    def _run(self, name: str, ids: tuple[tuple[str, Any], ...]) -> None:
        try:
            self.bodies[name](**dict(ids))
        except Exception:
            log.exception("job.failed", job=name, **dict(ids))

    def _tick(self) -> None:
        while not self._stopping.wait(self._tick_seconds):
            try:
                due = self._sweep() if self._sweep else {}
            except Exception:
                log.exception("sweep.failed")
                continue
            for name, calls in due.items():
                for ids in calls:
                    self.enqueue(name, **ids)

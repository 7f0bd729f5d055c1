"""The queue on Redis: bells ring in worker processes, which may be many and on many machines.

Why this exists: Celery appears here only. Messages carry ids and may be lost, doubled or late; the rows in the database are
the truth. A message that nobody took within a few ticks expires, so that a long queue does not fill with copies of one bell.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

import structlog
from celery import Celery, signals
from kombu.exceptions import OperationalError

from gateway.jobs.queue import Sweep, require_known

log = structlog.get_logger(__name__)
TICK: Final = "gateway.tick"
EXPIRES_AFTER_TICKS: Final = 5
LEAST_TICK_SECONDS: Final = 1.0
ANSWER_WITHIN_SECONDS: Final = 3.0


class CeleryJobs:
    """Implements ``JobQueue``. The web process only rings; ``gateway worker`` works, ``gateway beat`` ticks."""

    def __init__(self, url: str, *, tick_seconds: float = 1.0) -> None:
        self.bodies: dict[str, Callable[..., object]] = {}
        self._tick_seconds = max(tick_seconds, LEAST_TICK_SECONDS)
        self._sweep: Sweep | None = None
        self._app = Celery("gateway", broker=url, set_as_current=False)
        self._app.conf.update(
            task_default_queue="gateway", task_ignore_result=True, task_serializer="json", accept_content=["json"],
            task_acks_late=True, worker_prefetch_multiplier=1, worker_hijack_root_logger=False, worker_redirect_stdouts=False,
            broker_connection_retry_on_startup=True, broker_connection_timeout=2,
            broker_transport_options={"socket_timeout": 10, "socket_connect_timeout": 2, "retry_on_timeout": False, "max_retries": 1},
            beat_schedule={TICK: {"task": TICK, "schedule": self._tick_seconds, "options": {"expires": self._expires()}}},
        )

    def sweep_with(self, sweep: Sweep) -> None:
        self._sweep = sweep

    def enqueue(self, name: str, **ids: Any) -> None:
        require_known(self.bodies, name)
        try:
            self._app.send_task(f"gateway.{name}", kwargs=ids, expires=self._expires(), retry=False)
        except OperationalError as error:
            log.warning("queue.unreachable", job=name, error=str(error)[:200])

    def start(self) -> None:
        """Nothing: the work is done by ``gateway worker``."""

    def stop(self) -> None:
        self._app.close()

    def work(self, *, concurrency: int, when_stopping: Callable[[], object]) -> None:
        """Work off jobs in this process until it is told to end; what is in hand is finished first."""
        self._register()
        signals.worker_shutting_down.connect(lambda **_: when_stopping(), weak=False)
        worker = self._app.Worker(pool="threads", concurrency=concurrency, hostname=f"worker-{os.getpid()}@{socket.gethostname()}", loglevel="WARNING", without_gossip=True, without_mingle=True)
        worker.start()

    def beat(self, folder: Path) -> None:
        """Ring the tick for ever. One process of it is enough; a second does no harm."""
        self._register()
        self._app.Beat(loglevel="WARNING", schedule=str(folder / "beat"), quiet=True).run()

    def answering(self) -> tuple[str, ...]:
        """The names of the workers that answer now."""
        try:
            found: Iterable[dict[str, Any]] = self._app.control.ping(timeout=ANSWER_WITHIN_SECONDS) or ()
        except OperationalError:
            return ()
        return tuple(sorted(name for answer in found for name in answer))

    def _expires(self) -> float:
        return self._tick_seconds * EXPIRES_AFTER_TICKS

    def _register(self) -> None:
        for name, body in {**{f"gateway.{name}": body for name, body in self.bodies.items()}, TICK: self._tick}.items():
            self._app.task(_guarded(name, body), name=name)
        self._app.finalize()

    def _tick(self) -> None:
        for name, calls in (self._sweep() if self._sweep else {}).items():
            for ids in calls:
                self.enqueue(name, **ids)


def _guarded(name: str, body: Callable[..., object]) -> Callable[..., None]:
    def run(**ids: Any) -> None:
        try:
            body(**ids)
        except Exception:
            log.exception("job.failed", job=name, **ids)

    return run

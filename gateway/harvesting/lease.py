"""A worker's hold on a run: renewed while it works, and given up for it where its process is gone."""

from __future__ import annotations

import os
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from gateway.harvesting.attempt import Attempt, Cancelled, TakenOver
from gateway.store import runs

log = structlog.get_logger(__name__)
HEARTBEAT_SECONDS = 15.0
LOOK_SECONDS = 1.0
"""How often a run looks whether it is to stop."""
_START = secrets.token_hex(4)


def this_worker() -> str:
    """The last part tells a worker from one that had the same process number before a restart."""
    return f"{socket.gethostname()}:{os.getpid()}:{_START}"


@contextmanager
def heartbeat(attempt: Attempt) -> Iterator[None]:
    """Renew the lease while the run goes on, however slow its source is, and tell the run when it is to stop."""
    over = threading.Event()

    def beat() -> None:
        renew_at = time.monotonic() + HEARTBEAT_SECONDS
        while not over.wait(LOOK_SECONDS) and not attempt.stop.is_set():
            try:
                _look(attempt)
                if time.monotonic() >= renew_at:
                    renew_at = time.monotonic() + HEARTBEAT_SECONDS
                    with attempt.store.transaction() as tx:
                        runs.renew(tx.session, attempt.run, now=attempt.clock())
            except runs.LeaseLostError:
                attempt.stop_with(TakenOver())
            except Exception:
                log.exception("run.heartbeat_failed", run=attempt.run.id)

    thread = threading.Thread(target=beat, name=f"heartbeat-{attempt.run.id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _look(attempt: Attempt) -> None:
    with attempt.store.reading() as session:
        standing = runs.standing(session, attempt.run)
    if not standing.is_ours:
        attempt.stop_with(TakenOver())
    elif standing.is_cancel_requested:
        attempt.stop_with(Cancelled())


def is_dead(owner: str) -> bool:
    """Whether the worker ran on this machine and its process is gone, or is ours now."""
    host, process, _ = owner.rsplit(":", 2) if owner.count(":") >= 2 else ("", "", "")
    if host != socket.gethostname() or not process.isdigit() or owner == this_worker():
        return False
    if int(process) == os.getpid():
        return True
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False



"""A worker's hold on a run: renewed while it works, and given up for it where its process is gone."""

from __future__ import annotations

import os
import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import structlog

from gateway.models import Run
from gateway.store import Store, runs

log = structlog.get_logger(__name__)
HEARTBEAT_SECONDS = 15.0
THIS_WORKER = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
"""The last part tells a worker from one that had the same process number before a restart."""


@contextmanager
def heartbeat(store: Store, run: Run, clock: Callable[[], datetime]) -> Iterator[None]:
    """Renew the lease while the run goes on, however slow its source is."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(HEARTBEAT_SECONDS):
            try:
                with store.transaction() as tx:
                    runs.renew(tx.session, run, now=clock())
            except runs.LeaseLostError:
                return
            except Exception:
                log.exception("run.heartbeat_failed", run=run.id)

    thread = threading.Thread(target=beat, name=f"heartbeat-{run.id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def is_dead(owner: str) -> bool:
    """Whether the worker ran on this machine and its process is gone, or is ours now."""
    host, process, _ = owner.rsplit(":", 2) if owner.count(":") >= 2 else ("", "", "")
    if host != socket.gethostname() or not process.isdigit() or owner == THIS_WORKER:
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



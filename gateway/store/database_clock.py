"""The one clock that all workers share: that of the database.

Why this exists: whether a lease ran out is judged by another machine than the one that took it. Two clocks that are a minute apart
would let a worker take a run that is being worked on, or keep one whose worker is gone.
"""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from gateway.store import database
from gateway.store.database import Store

ASKED_EVERY_SECONDS: Final = 10.0


class DatabaseClock:
    """The database is asked now and then, and the time since is measured here. SQLite is on the same machine, whose clock is as good.

    It is asked over a connection of its own, so that a thread which has one of the pool never waits for a second. What is given is
    never ahead of the database, so that no lease is taken for over too early.
    """

    def __init__(self, store: Store) -> None:
        self._engine = None if store.is_sqlite else create_engine(store.engine.url, poolclass=NullPool)
        self._asking = threading.Lock()
        self._answer: tuple[datetime, float] | None = None

    def __call__(self) -> datetime:
        if self._engine is None:
            return database.utc_now()
        with self._asking:
            if self._answer is None or time.monotonic() - self._answer[1] >= ASKED_EVERY_SECONDS:
                with self._engine.connect() as connection:
                    said: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one().astimezone(UTC)
                self._answer = said, time.monotonic()
            said, at = self._answer
        return said + timedelta(seconds=time.monotonic() - at)

"""The parsing processes of this process: started when first needed, reused, replaced every 2,000 documents.

Two documents may be open at a time (a page read while its sitemap is gone through), so there may be several processes.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, Final

from harvesters.parsing.document import Value
from harvesters.parsing.process import DOCUMENT, ParseLimits, ParsingProcess, ProcessEnded
from harvesters.source import PageUnreadable

DOCUMENTS_EACH: Final = 2_000
IDLE_AT_MOST: Final = 2

log = logging.getLogger(__name__)


class ParsingPool:
    def __init__(self, *, documents_each: int = DOCUMENTS_EACH) -> None:
        self._documents_each = documents_each
        self._idle: list[ParsingProcess] = []
        self._lock = threading.Lock()
        self.started = 0
        self.killed = 0

    def parse(
        self, function: str, body: bytes | Path, *, options: Mapping[str, Any] | None = None, limits: ParseLimits = DOCUMENT
    ) -> Iterator[Value]:
        """The values of one document. Raises :class:`PageUnreadable`: the function's reason, or ``parser-killed``.

        Who stops before the last value ends the process in hand; the next document gets another one.
        """
        process = self._take()
        is_sound = False
        try:
            yield from process.parse(function, body, options or {}, limits)
            is_sound = True
        except PageUnreadable:
            is_sound = True
            raise
        except ProcessEnded as ended:
            self.killed += 1
            log.warning("the parsing process was replaced: %s", ended)
            raise PageUnreadable("parser-killed", f"Reading the document was given up: {ended}.") from None
        finally:
            self._give_back(process, is_sound=is_sound)

    def process_ids(self) -> list[int]:
        """Of the processes that wait for a document."""
        with self._lock:
            return [process.id for process in self._idle]

    def close(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for process in idle:
            process.end()

    def forget(self) -> None:
        """After a fork: the processes belong to the parent."""
        self._lock = threading.Lock()
        idle, self._idle = self._idle, []
        for process in idle:
            process.forget()

    def _take(self) -> ParsingProcess:
        with self._lock:
            if self._idle:
                return self._idle.pop()
            self.started += 1
        try:
            return ParsingProcess()
        except ProcessEnded as ended:
            raise PageUnreadable("parser-killed", f"No parsing process could be started: {ended}.") from None

    def _give_back(self, process: ParsingProcess, *, is_sound: bool) -> None:
        if is_sound and process.documents < self._documents_each:
            with suppress(OSError):
                process.clear_spool()
            with self._lock:
                if len(self._idle) < IDLE_AT_MOST:
                    self._idle.append(process)
                    return
        process.end()


@cache
def shared_pool() -> ParsingPool:
    """The one of this process; it ends with it."""
    pool = ParsingPool()
    atexit.register(pool.close)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=pool.forget)
    return pool

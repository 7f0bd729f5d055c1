"""How long each stage of a pass took."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from typing import Literal, TypeVar

Stage = Literal["list", "fetch", "translate", "validate", "write"]
T = TypeVar("T")


class Stages:
    """Seconds by stage. No stage is taken within another."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def taking(self, stage: Stage) -> Iterator[None]:
        started = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] = self.seconds.get(stage, 0.0) + time.perf_counter() - started

    def given(self, items: Iterable[T], stage: Stage) -> Generator[T]:
        """The same items; the stage is to give them."""
        giving = iter(items)
        while True:
            with self.taking(stage):
                found = next(giving, _END)
            if found is _END:
                return
            yield found  # type: ignore[misc]  # what is not the end is an item


_END = object()

"""Documents fetched several at a time while others are judged, where an operator allows a host more than one request at once (J19)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from harvesters.source import Mark, RawRecord, SourceError

LONGEST = 1_000
"""Records that wait for their turn, those included that need no request."""


def read_ahead(
    items: Iterable[RawRecord | Mark], *, at_once: int, is_wanted: Callable[[RawRecord], bool], leaves_out: int = 0
) -> Generator[RawRecord | Mark]:
    """The same in the same order, the documents of up to ``at_once`` records under way.

    ``is_wanted`` tells whether a record will be read at all; the first ``leaves_out`` will not. Marks, and records that make no
    request, come only when all before them were taken. Once this has ended or is closed, nothing is under way.
    """
    if at_once == 1:
        yield from items
        return
    window = _Window(at_once)
    try:
        for number, item in enumerate(items):
            if isinstance(item, Mark) or not item.is_fetched:
                yield from window.taken(leaves=0)
                yield item
            elif number >= leaves_out and is_wanted(item) and item.local_id not in window.under_way:
                yield from window.taken(leaves=at_once - 1)
                window.begin(item)
            else:
                window.waiting.append(item)
        yield from window.taken(leaves=0)
    except SourceError:
        yield from window.taken(leaves=0)
        raise
    finally:
        window.pool.shutdown(cancel_futures=True)


class _Window:
    def __init__(self, at_once: int) -> None:
        self.pool = ThreadPoolExecutor(at_once, thread_name_prefix="read-ahead")
        self.waiting: deque[RawRecord] = deque()
        self.under_way: set[str] = set()

    def begin(self, record: RawRecord) -> None:
        self.under_way.add(record.local_id)
        self.waiting.append(replace(record, read=self.pool.submit(record.read).result))

    def taken(self, *, leaves: int) -> Iterator[RawRecord]:
        """The oldest, until no more than so many are under way; all of them where none is to be."""
        while self.waiting and (not leaves or len(self.under_way) > leaves or len(self.waiting) > LONGEST):
            record = self.waiting.popleft()
            self.under_way.discard(record.local_id)
            yield record

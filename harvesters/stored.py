"""Documents that were received earlier, as a source: read again from what was kept, without any request."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from harvesters.source import Content, Cursor, HeldPage, HeldRecord, Mark, RawRecord


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """``read`` gives the bytes as they came, with the facts of how they came."""

    local_id: str
    hint: str | None
    declared: str | None
    read: Callable[[], Content]


class StoredSource:
    kind: ClassVar[str] = "stored"
    holds_history: ClassVar[bool] = False

    def __init__(self, documents: Iterable[StoredDocument]) -> None:
        self._documents = documents

    def records(self, after: Cursor | None = None) -> Iterator[RawRecord | Mark]:  # noqa: ARG002  there is nothing to fetch again
        """No mark: this is no listing, so nothing can be missing from it."""
        for one in self._documents:
            listed = {"@schema": one.declared} if one.declared else None
            yield RawRecord(one.local_id, read=one.read, hint=one.hint, listed=listed)


class NothingHeld:
    """So that no document is taken for known: it is read again whatever is held."""

    def page(self, page_key: str) -> HeldPage | None:  # noqa: ARG002  see above
        return None

    def pages_of(self, local_id: str) -> Sequence[HeldPage]:  # noqa: ARG002  see above
        return ()

    def record(self, local_id: str) -> HeldRecord | None:  # noqa: ARG002  see above
        return None

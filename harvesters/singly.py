"""Single records of a source that can be asked for each by its identifier, without its listing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import ClassVar, Protocol, runtime_checkable

from harvesters.source import Content, Cursor, Mark, RawRecord


@runtime_checkable
class ReadsSingly(Protocol):
    """What a source is besides, whose protocol answers for one record."""

    def read_one(self, local_id: str) -> Content:
        """The document as the listing would give it. Raises :class:`SourceError`: ``detail-missing`` for what is not there any more."""
        ...


class SingleRecords:
    kind: ClassVar[str] = "single-records"
    holds_history: ClassVar[bool] = False

    def __init__(self, source: ReadsSingly, local_ids: Iterable[str]) -> None:
        self._source = source
        self._local_ids = local_ids

    def records(self, after: Cursor | None = None) -> Iterator[RawRecord | Mark]:  # noqa: ARG002  there is no listing to go on in
        """No mark: this is no listing, so nothing can be missing from it. No hint either: each is read whatever was held."""
        for local_id in self._local_ids:
            yield RawRecord(local_id, read=partial(self._source.read_one, local_id), is_fetched=True)

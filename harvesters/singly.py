"""Single records of a source that can be asked for each by its identifier, or by the page it is on, without its listing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import ClassVar, Protocol, TypeGuard, runtime_checkable

from harvesters.source import Content, Cursor, Mark, RawRecord, Source


@runtime_checkable
class ReadsSingly(Protocol):
    """What a source is besides, whose protocol answers for one record."""

    def read_one(self, local_id: str) -> Content:
        """The document as the listing would give it. Raises :class:`SourceError`: ``detail-missing`` for what is not there any more."""
        ...


@runtime_checkable
class ReadsAgain(Protocol):
    """What a source is besides, whose records stand on pages that can each be asked for."""

    def read_again(self, local_ids: Iterable[str]) -> Iterator[RawRecord]:
        """Each page once, with what is wanted of it. ``detail-missing`` are those that their page does not show any more, and those of which
        no page is known. Raises :class:`SourceError` where the site fails."""
        ...


def reads_singly(source: Source) -> TypeGuard[ReadsSingly | ReadsAgain]:
    return isinstance(source, ReadsSingly | ReadsAgain)


class SingleRecords:
    kind: ClassVar[str] = "single-records"
    holds_history: ClassVar[bool] = False

    def __init__(self, source: ReadsSingly | ReadsAgain, local_ids: Iterable[str]) -> None:
        self._source = source
        self._local_ids = local_ids

    def records(self, after: Cursor | None = None) -> Iterator[RawRecord | Mark]:  # noqa: ARG002  there is no listing to go on in
        """No mark: this is no listing, so nothing can be missing from it. Each is asked for whatever was held."""
        if isinstance(self._source, ReadsAgain):
            yield from self._source.read_again(self._local_ids)
            return
        for local_id in self._local_ids:
            yield RawRecord(local_id, read=partial(self._source.read_one, local_id), is_fetched=True)

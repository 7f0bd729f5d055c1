"""What a custodian pushes, as a source: one document under the identifier it was sent to, or a file of many.

A push enters the flow where every harvested record does (harvesters/pipeline.py). What came last holds, so nothing here
is history; only a whole listing (``is_whole``) may say by silence that a dataset is gone.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar, Final

from harvesters.files import FilesConfig, FilesSource
from harvesters.source import Content, Cursor, FetchRefused, HeldPage, HeldRecord, Mark, PageUnreadable, RawRecord

SUFFIXES: Final[dict[str, str]] = {
    "application/json": ".json", "application/x-ndjson": ".jsonl", "application/ndjson": ".jsonl", "application/jsonl": ".jsonl",
    "application/json-lines": ".jsonl", "application/zip": ".zip", "text/csv": ".csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "text/turtle": ".ttl", "application/n-triples": ".nt", "application/rdf+xml": ".rdf", "application/ld+json": ".jsonld",
    "application/xml": ".xml", "text/xml": ".xml",
}
"""Media types of files that hold many datasets, and the ending by which harvesters/files.py knows each."""


class PushSource:
    kind: ClassVar[str] = "push"
    holds_history: ClassVar[bool] = False

    def __init__(self, pushed: Iterable[RawRecord], *, is_whole: bool = False) -> None:
        self._pushed = pushed
        self._is_whole = is_whole

    def records(self, after: Cursor | None = None) -> Iterator[RawRecord | Mark]:  # noqa: ARG002  there is nothing to fetch again
        """One mark at the end. Going on after an interruption means going through the file anew, which is at hand."""
        found: list[str] = []
        unread: str | None = None
        for record in self._pushed:
            found += [record.local_id] if record.local_id else []
            unread = unread or (record.problem if not record.local_id else None)
            yield record
        is_complete = self._is_whole and unread is None
        yield Mark(
            cursor=None, page_key="push", local_ids=tuple(dict.fromkeys(found)), complete=is_complete,
            why_incomplete=unread if self._is_whole else None,
        )


def pushed_document(local_id: str, content: Content, *, declared: str | None = None) -> RawRecord:
    """``declared`` names the specification that the document follows, where the sender says so."""
    return RawRecord(local_id, read=lambda: content, listed=_listed(declared))


def pushed_file(path: Path, *, declared: str | None = None) -> Iterator[RawRecord]:
    """Every dataset in a file of many, each under the identifier it bears; its ending says what it is.

    Raises :class:`FetchRefused` where the file cannot be opened.
    """
    source = FilesSource(FilesConfig(path=str(path)), "full", _Nothing())
    for item in source.records():
        if isinstance(item, RawRecord):
            yield replace(item, hint=None, replaces_held=False, listed=item.listed or _listed(declared))


def pushed_one(local_id: str, content: Content, *, declared: str | None = None) -> RawRecord:
    """A document of any form that a file may have, which holds one dataset, under the identifier it was sent to.

    Raises :class:`PageUnreadable` for one that holds none, several, or cannot be read.
    """
    suffix = SUFFIXES.get(content.media_type)
    if suffix is None or content.media_type == "application/json":
        return pushed_document(local_id, content, declared=declared)
    with tempfile.TemporaryDirectory(prefix="gateway-push-") as folder:
        path = Path(folder) / f"pushed{suffix}"
        path.write_bytes(content.body)
        found = list(islice(pushed_file(path, declared=declared), 2))
        if len(found) != 1:
            said = "holds several datasets; they go in one call to datasets:bulk" if found else "holds no dataset"
            raise PageUnreadable("no-dataset", f"The document {said}.")
        if found[0].problem is not None and found[0].problem != "missing-id":
            raise PageUnreadable(found[0].problem, found[0].problem_detail or "The document cannot be read.")
        return replace(found[0], local_id=local_id, read=partial(_as_read, found[0].read()))


def _as_read(content: Content) -> Content:
    return content


def nothing_to_fetch(*_: object) -> PushSource:
    """A push source has no address: it is run with what was sent, never by hand or by schedule."""
    raise FetchRefused("no-dataset", "This source takes what its custodian sends; there is nothing to fetch.")


def _listed(declared: str | None) -> dict[str, Any] | None:
    return {"@schema": declared} if declared else None


class _Nothing:
    """What is held is compared in the pipeline; a file that was sent is always read whole."""

    def page(self, page_key: str) -> HeldPage | None:  # noqa: ARG002  as above
        return None

    def pages_of(self, local_id: str) -> Sequence[HeldPage]:  # noqa: ARG002  as above
        return ()

    def record(self, local_id: str) -> HeldRecord | None:  # noqa: ARG002  as above
        return None

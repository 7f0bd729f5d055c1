"""The lock of a rebuild: a document on the server that one process at a time makes, renews and removes.

A process that dies leaves it behind; it is anyone's once its time is over. Clocks of the machines may differ by less than the lease.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

from elastic_transport import ApiError, TransportError
from elasticsearch import ConflictError, Elasticsearch, NotFoundError

from search.engine import IndexLocked

DOCUMENT: Final = "rebuild"


class Lease:
    def __init__(self, client: Elasticsearch, index: str, *, seconds: float) -> None:
        self._client = client
        self._index = index
        self._seconds = seconds
        self._owner = uuid.uuid4().hex
        self._place: dict[str, Any] = {}
        self._renew_at = 0.0

    @contextmanager
    def held(self) -> Iterator[Lease]:
        """Raises IndexLocked where another process holds it."""
        self._take()
        try:
            yield self
        finally:
            with suppress(ApiError, TransportError):
                self._client.delete(index=self._index, id=DOCUMENT, **self._place)

    def renew(self, *, now: bool = False) -> None:
        """Keep it, where it is time to. Raises IndexLocked where it was lost."""
        if not now and time.monotonic() < self._renew_at:
            return
        try:
            self._write(**self._place)
        except (ConflictError, NotFoundError) as error:
            raise IndexLocked("Another process rebuilds the search index now.") from error

    def _take(self) -> None:
        try:
            self._write(op_type="create")
        except ConflictError:
            self._take_over()

    def _take_over(self) -> None:
        try:
            found = self._client.get(index=self._index, id=DOCUMENT)
            if found["_source"]["until"] > time.time():
                raise IndexLocked("Another process rebuilds the search index.")
            self._write(if_seq_no=found["_seq_no"], if_primary_term=found["_primary_term"])
        except (ConflictError, NotFoundError) as error:
            raise IndexLocked("Another process rebuilds the search index.") from error

    def _write(self, **conditions: Any) -> None:
        document = {"owner": self._owner, "until": time.time() + self._seconds}
        answer = self._client.index(index=self._index, id=DOCUMENT, document=document, **conditions)
        self._place = {"if_seq_no": answer["_seq_no"], "if_primary_term": answer["_primary_term"]}
        self._renew_at = time.monotonic() + self._seconds / 3

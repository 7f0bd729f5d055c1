"""Writing many documents: pieces bounded by bytes, an answer for each document, smaller pieces and pauses where the server is pressed.

Versions are external and never go back (``external_gte``). What a server refuses of one document is logged and does not stop the
others; a server that stays busy is SearchUnavailable, and what was not written is written again by whoever asked.
"""

from __future__ import annotations

import logging
import random
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final, Literal

import orjson
from elastic_transport import ApiError
from elasticsearch import Elasticsearch

from search.elastic.connection import BUSY, BUSY_SECONDS
from search.engine import SearchUnavailable

PIECE_BYTES: Final = 2_000_000
PIECE_WRITES: Final = 1_000
TRIES: Final = 8
FIRST_PAUSE_SECONDS: Final = 0.1
LONGEST_PAUSE_SECONDS: Final = 8.0
log = logging.getLogger(__name__)
Outcome = Literal["written", "older", "absent", "refused", "no index"]


@dataclass(frozen=True, slots=True)
class Write:
    """One document to be written, or removed where there is no source. ``target`` is an alias, which must be there, for a document
    that is written; an index for one that is removed: a server would make an index of the name of an alias that went meanwhile."""

    target: str
    id: str
    version: int
    source: dict[str, Any] | None = None

    def lines(self) -> list[bytes]:
        action = {"_index": self.target, "_id": self.id, "version": self.version, "version_type": "external_gte"}
        if self.source is None:
            return [orjson.dumps({"delete": action})]
        return [orjson.dumps({"index": {**action, "require_alias": True}}), orjson.dumps(self.source)]


@dataclass(frozen=True, slots=True)
class _Ready:
    """A write with its lines."""

    target: str
    id: str
    lines: list[bytes]


def write(client: Elasticsearch, writes: Iterable[Write]) -> Counter[tuple[str, Outcome]]:
    """How many writes had which outcome, by target. While the server takes a piece the next one is made."""
    outcomes: Counter[tuple[str, Outcome]] = Counter()
    with ThreadPoolExecutor(1, thread_name_prefix="bulk") as beside:
        under_way: Future[list[tuple[str, Outcome]]] | None = None
        for piece in _pieces(writes):
            if under_way is not None:
                outcomes.update(under_way.result())
            under_way = beside.submit(_sent, client, piece)
        if under_way is not None:
            outcomes.update(under_way.result())
    return outcomes


def _sent(client: Elasticsearch, piece: Sequence[_Ready]) -> list[tuple[str, Outcome]]:
    return list(_send(client, piece))


def _pieces(writes: Iterable[Write]) -> Iterator[list[_Ready]]:
    piece: list[_Ready] = []
    size = 0
    for each in writes:
        ready = _Ready(each.target, each.id, each.lines())
        length = sum(map(len, ready.lines))
        if piece and (size + length > PIECE_BYTES or len(piece) == PIECE_WRITES):
            yield piece
            piece, size = [], 0
        piece.append(ready)
        size += length
    if piece:
        yield piece


def _send(client: Elasticsearch, piece: Sequence[_Ready], *, tries: int = TRIES) -> Iterator[tuple[str, Outcome]]:
    """Send until each write has its outcome. A piece that is too much at once is sent in halves."""
    pause = FIRST_PAUSE_SECONDS
    pending = list(piece)
    for _ in range(tries):
        try:
            lines: list[Any] = [line for ready in pending for line in ready.lines]
            answer = client.bulk(operations=lines)
        except ApiError as error:
            if error.meta.status not in BUSY and error.meta.status != 413:
                raise
            if len(pending) > 1:
                middle = len(pending) // 2
                _rest(pause)
                yield from _send(client, pending[:middle], tries=tries)
                yield from _send(client, pending[middle:], tries=tries)
                return
        else:
            answered = [(ready, next(iter(item.values()))) for ready, item in zip(pending, answer["items"], strict=True)]
            yield from ((ready.target, _outcome(ready, item)) for ready, item in answered if item["status"] not in BUSY)
            pending = [ready for ready, item in answered if item["status"] in BUSY]
            if not pending:
                return
        _rest(pause)
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
    raise SearchUnavailable("The search server is too busy to take what is to be indexed.", retry_after_seconds=BUSY_SECONDS)


def _rest(seconds: float) -> None:
    """Not everyone at once again."""
    time.sleep(seconds * random.uniform(0.5, 1.0))  # noqa: S311  spreads retries, guards no secret


def _outcome(ready: _Ready, item: dict[str, Any]) -> Outcome:
    status, error = item["status"], item.get("error")
    if status < 300:
        return "written"
    if status == 409:
        return "older"
    if status == 404:
        return "no index" if error else "absent"
    log.warning("search.document_refused", extra={"id": ready.id, "status": status, "reason": str((error or {}).get("reason", ""))[:300]})
    return "refused"

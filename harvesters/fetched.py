"""What a fetch gives: the answer, and the count of what it took."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from harvesters.response_times import ResponseTimes
from harvesters.source import Content


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer. ``body`` is decoded; ``body_hash`` is its SHA-256 in hex. ``not_modified`` stands for a 304.

    A larger body lies in ``file`` where the caller gave a folder for it; ``link`` is the ``Link`` header.
    """

    status: int
    body: bytes
    media_type: str
    charset: str | None
    url: str
    etag: str | None
    last_modified: str | None
    body_hash: str
    not_modified: bool = False
    link: str | None = None
    file: Path | None = None

    @property
    def whole(self) -> bytes | Path:
        """What a parser is given."""
        return self.file or self.body

    def start(self, length: int) -> bytes:
        if self.file is None:
            return self.body[:length]
        with self.file.open("rb") as opened:
            return opened.read(length)

    def as_content(self) -> Content:
        return Content(
            body=self.body, media_type=self.media_type, charset=self.charset, url=self.url, status=self.status,
            etag=self.etag, last_modified=self.last_modified,
        )


_ADDING: Final = threading.Lock()


@dataclass(slots=True)
class FetchStatistics:
    """What a fetcher did so far. ``received_bytes`` are counted before decompression."""

    requests: int = 0
    not_modified: int = 0
    retries: int = 0
    rate_limited: int = 0
    received_bytes: int = 0
    decoded_bytes: int = 0
    waited_seconds: float = 0.0
    dns_seconds: float = 0.0
    connect_seconds: float = 0.0
    """Of the connection itself; with TLS its first part."""
    first_byte_seconds: float = 0.0
    """From the request to the head of its answer, connections included."""
    body_seconds: float = 0.0
    response_times: ResponseTimes = field(default_factory=ResponseTimes)
    """From the request to the end of its answer, or to its failure."""

    def add(self, **amounts: float) -> None:
        """Several requests may be under way at once."""
        with _ADDING:
            for name, amount in amounts.items():
                setattr(self, name, getattr(self, name) + amount)

    def answered(self, address: str, seconds: float) -> None:
        """``address`` without anything secret."""
        with _ADDING:
            self.response_times.note(address, seconds)

    def as_json(self) -> dict[str, Any]:
        counted = {name: getattr(self, name) for name in self.__slots__ if name != "response_times"}
        return {**counted, **self.response_times.as_json()}


def merged(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """Of one run over several attempts, as :meth:`FetchStatistics.as_json` tells of each."""
    times = ResponseTimes.of(before)
    times.add(ResponseTimes.of(now))
    told = times.as_json()
    return {**{name: before.get(name, 0) + now.get(name, 0) for name in {**before, **now} if name not in ("response_ms", "slowest")}, **told}

"""What a fetch gives: the answer, and the count of what it took."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Final

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
    waited_seconds: float = 0.0
    dns_seconds: float = 0.0
    connect_seconds: float = 0.0
    """Of the connection itself; with TLS its first part."""
    first_byte_seconds: float = 0.0
    """From the request to the head of its answer, connections included."""

    def add(self, **amounts: float) -> None:
        """Several requests may be under way at once."""
        with _ADDING:
            for name, amount in amounts.items():
                setattr(self, name, getattr(self, name) + amount)

    def as_json(self) -> dict[str, float]:
        return {name: getattr(self, name) for name in self.__slots__}

"""A server that stands in front of a feed's own and misbehaves: fails, breaks off, dawdles, sends pages for people, lies about paging.

What it does is drawn from a seed, so that a failing test fails again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from random import Random

from tests.contracts.feeds import FEEDS, Feed, FilesFeed
from tests.harvesters.web_server import Answer, Asked

SILENCE_SECONDS = 0.25
LIMITS = {"connect_seconds": 1.0, "silence_seconds": SILENCE_SECONDS, "total_seconds": 0.6, "file_total_seconds": 0.6, "max_wait_in_place_seconds": 0.0}
PAGE = Answer(b"<!doctype html><html><body>Down for maintenance.</body></html>", headers={"Content-Type": "text/html"})


class Chaos:
    """``share`` of the requests go wrong while it is ``raging``; ``done`` counts each way in which they did."""

    def __init__(self, feed: Feed, *, count: int, seed: int, share: float = 0.4) -> None:
        self.feed, self.random, self.share = feed, Random(seed), share
        self.short = FEEDS[feed.kind](feed.server, feed.fetcher)
        """The same feed with half of its records: what it answers are pages that hold fewer than they should."""
        if not isinstance(self.short, FilesFeed):
            self.short.hold(count // 2, in_pages=True)
        self.raging = False
        self.done: dict[str, int] = {}
        self.given: list[Answer] = []
        self.ways: dict[str, Callable[[Asked], Answer]] = {
            "time-out": self._silent, "reset": self._reset, "truncation": self._half, "429": self._later(429), "503": self._later(503),
            "500": lambda _: Answer(status=500), "drip": self._drip, "page": lambda _: PAGE, "empty": lambda _: Answer(b""),
            "fewer than asked": self.short.answer, "going back": self._back, "past the end": self._past,
        }  # fmt: skip

    def answer(self, asked: Asked) -> Answer:
        if not self.raging or self.random.random() >= self.share:
            answer = self.feed.answer(asked)
            self.given.append(answer)
            return answer
        way = self.random.choice(sorted(self.ways))
        self.done[way] = self.done.get(way, 0) + 1
        return self.ways[way](asked)

    @staticmethod
    def _later(status: int) -> Callable[[Asked], Answer]:
        return lambda _: Answer(status=status, headers={"Retry-After": "60"})

    @staticmethod
    def _silent(_: Asked) -> Answer:
        def say_nothing(handler: BaseHTTPRequestHandler) -> None:
            time.sleep(SILENCE_SECONDS * 2)

        return Answer(raw=say_nothing)

    @staticmethod
    def _reset(_: Asked) -> Answer:
        return Answer(raw=lambda handler: handler.connection.close())

    def _half(self, asked: Asked) -> Answer:
        whole = self.feed.answer(asked)
        body = whole.body[: len(whole.body) // 2]
        return Answer(body, whole.status, {**whole.headers, "Content-Length": str(len(whole.body) + 1)}, raw=None if whole.status == 304 else _cut(whole, body))

    def _drip(self, asked: Asked) -> Answer:
        def drip(handler: BaseHTTPRequestHandler) -> None:
            with suppress(OSError):
                handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
                for _ in range(20):
                    handler.wfile.write(b" ")
                    handler.wfile.flush()
                    time.sleep(0.05)

        return Answer(raw=drip)

    def _back(self, asked: Asked) -> Answer:
        """A page that was given before, in the place of the one asked for."""
        return self.random.choice(self.given) if self.given else self.feed.answer(asked)

    def _past(self, asked: Asked) -> Answer:
        """The last page over again: what stands behind the end."""
        return self.given[-1] if self.given else self.feed.answer(asked)


def _cut(whole: Answer, body: bytes) -> Callable[[BaseHTTPRequestHandler], None]:
    def write(handler: BaseHTTPRequestHandler) -> None:
        kind = whole.headers.get("Content-Type", "application/json")
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(whole.body) + 1}\r\n\r\n"
        with suppress(OSError):
            handler.wfile.write(head.encode() + body)

    return write


class SpoiltFolder:
    """The same for a folder: files that are cut, empty or pages while it rages, and whole again afterwards."""

    def __init__(self, feed: FilesFeed, *, seed: int) -> None:
        self.feed, self.random = feed, Random(seed)
        self.whole = {path: path.read_bytes() for path in sorted(feed.folder.iterdir())}

    def rage(self) -> None:
        for path, body in self.whole.items():
            path.write_bytes(self.random.choice([body, body, body[: len(body) // 2], b"", PAGE.body]))

    def calm(self) -> None:
        for path, body in self.whole.items():
            path.write_bytes(body)

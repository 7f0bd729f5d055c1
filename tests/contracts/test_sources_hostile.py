"""What every kind of source makes of a server that fails, lies or means harm: a named reason, and never a whole listing (S1)."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from harvesters.reasons import reason
from harvesters.source import Mark, SourceError
from tests.contracts.feeds import FEEDS, Feed, serving_feed
from tests.harvesters.holding import Holding
from tests.harvesters.web_server import LOOPBACK, Answer, loopback_fetcher

KINDS = [kind for kind, feed in FEEDS.items() if feed.least_requests]
STRICT = replace(LOOPBACK, total_seconds=0.4, file_total_seconds=0.4, max_body_bytes=3_000_000, max_file_bytes=3_000_000, attempts=1)
TEN_GIGABYTES = 10 * 2**30


def sending(head: bytes, body: Callable[[BaseHTTPRequestHandler], None]) -> Answer:
    def write(handler: BaseHTTPRequestHandler) -> None:
        with suppress(OSError):  # who asked has heard enough
            handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n")
            body(handler)

    return Answer(raw=write)


def bomb(handler: BaseHTTPRequestHandler) -> None:
    """Ten gigabytes of zeros, packed into ten megabytes as they are sent."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    block = bytes(2**20)
    for _ in range(TEN_GIGABYTES // len(block)):
        handler.wfile.write(packer.compress(block))


def drip(handler: BaseHTTPRequestHandler) -> None:
    for _ in range(100):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.05)


def endless(handler: BaseHTTPRequestHandler) -> None:
    block = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    while True:
        handler.wfile.write(block)


def half(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b'{"items": [')


PAGE = Answer(b"<!doctype html><html><body>Please sign in.</body></html>", headers={"Content-Type": "text/html"})
HAZARDS: dict[str, tuple[Answer, set[str]]] = {
    "500": (Answer(status=500), {"server-error"}),
    "503 for ever": (Answer(status=503, headers={"Retry-After": "3600"}), {"server-error"}),
    "429": (Answer(status=429, headers={"Retry-After": "3600"}), {"rate-limited"}),
    "401": (Answer(status=401), {"credentials"}),
    "204": (Answer(status=204), {"empty-answer"}),
    "206": (Answer(b"{}", status=206), {"truncated"}),
    "empty body": (Answer(b"", headers={"Content-Type": "application/json"}), {"empty-answer"}),
    "login page": (PAGE, {"html-instead-of-data"}),
    "redirect to a private address": (Answer(status=302, headers={"Location": "http://10.0.0.1/"}), {"address-refused"}),
    "redirect to a file": (Answer(status=302, headers={"Location": "file:///etc/passwd"}), {"redirect-refused"}),
    "redirect in a circle": (Answer(status=302, headers={"Location": "/x"}), {"redirect-refused"}),
    "cut off": (sending(b"Content-Length: 100000\r\n", half), {"truncated"}),
    "drip of single bytes": (sending(b"Content-Length: 100000\r\n", drip), {"time-limit"}),
    "gzip bomb of 10 GB": (sending(b"Content-Encoding: gzip\r\n", bomb), {"compression"}),
    "endless chunks": (sending(b"Transfer-Encoding: chunked\r\n", endless), {"too-large"}),
    "header of 1 MiB": (sending(b"X-Long: " + b"x" * 2**20 + b"\r\nContent-Length: 0\r\n", lambda _: None), {"protocol-error"}),
    "brotli unasked": (Answer(b"x", headers={"Content-Encoding": "br"}), {"compression"}),
}  # fmt: skip
TAKEN_FOR_AN_EMPTY_FOLDER = {("web-files", hazard) for hazard in ("204", "empty body", "login page")}
"""Nothing is listed, and the listing claims to be whole. The plan holds that back, since it would remove everything."""


def ending(feed: Feed) -> tuple[str | None, list[Any]]:
    items: list[Any] = []
    try:
        with loopback_fetcher(policy=STRICT) as fetcher:
            items.extend(feed.source(Holding(), "full", fetcher=fetcher).records())
    except SourceError as failure:
        return failure.reason, items
    return next((item.why_incomplete for item in reversed(items) if isinstance(item, Mark)), None), items


@pytest.mark.parametrize("hazard", HAZARDS)
@pytest.mark.parametrize("kind", KINDS)
def test_s1_a_hostile_answer_ends_in_a_named_reason_and_never_in_a_whole_listing(kind: str, hazard: str, tmp_path: Path) -> None:
    answer, reasons = HAZARDS[hazard]
    with serving_feed(kind, tmp_path, 3) as feed:
        feed.hazard = answer
        why, items = ending(feed)
    if (kind, hazard) in TAKEN_FOR_AN_EMPTY_FOLDER:
        assert not any(mark.local_ids for mark in items if isinstance(mark, Mark))
        return
    assert not any(item.complete for item in items if isinstance(item, Mark))
    assert why in reasons
    assert reason(why or "").hint

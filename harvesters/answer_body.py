"""Reading an answer's body within limits: decompressed by us in small steps, so that no bomb unfolds in memory."""

from __future__ import annotations

import hashlib
import secrets
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from harvesters.fetch_policy import MEBIBYTE, FetchPolicy
from harvesters.source import FetchDeferred, FetchRefused

STEP_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Body:
    """``bytes`` after decompression, or ``file`` where a larger body was put; ``sha256`` in hex is that of either."""

    bytes: bytes
    file: Path | None
    sha256: str
    received_bytes: int
    decoded_bytes: int


NO_BODY = Body(b"", None, hashlib.sha256().hexdigest(), 0, 0)


def read_body(chunks: Iterable[bytes], *, encoding: str, policy: FetchPolicy, folder: Path | None = None) -> Body:
    """The decoded body; where a ``folder`` is given, one above a mebibyte goes into a file there.

    Raises :class:`FetchRefused` (``too-large``, ``compression``) and :class:`FetchDeferred` (``truncated``).
    """
    meter = _Meter(policy)
    limit = policy.max_file_bytes if folder else policy.max_body_bytes
    steps = _inflated(meter.received(chunks)) if is_gzip(encoding) else meter.received(chunks)
    digest, size = hashlib.sha256(), 0
    start = bytearray()
    with ExitStack() as opened:
        path: Path | None = None
        sink: BinaryIO | None = None
        for step in steps:
            size += len(step)
            meter.check(size, limit)
            digest.update(step)
            if folder is not None and sink is None and size > MEBIBYTE:
                path = folder / f"body-{secrets.token_hex(8)}"
                sink = opened.enter_context(path.open("wb"))
                sink.write(start)
                start.clear()
            if sink is not None:
                sink.write(step)
            else:
                start += step
    return Body(bytes(start), path, digest.hexdigest(), meter.received_bytes, size)


def is_gzip(encoding: str) -> bool:
    """Raises :class:`FetchRefused` (``compression``) for anything but plain content and gzip applied once."""
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return False
    if name in ("gzip", "x-gzip"):
        return True
    raise FetchRefused("compression", f"The answer is encoded as {name[:40]!r}; only plain content and gzip are read.")


class _Meter:
    def __init__(self, policy: FetchPolicy) -> None:
        self._policy = policy
        self.received_bytes = 0

    def received(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self.received_bytes += len(chunk)
            yield chunk

    def check(self, decoded_bytes: int, limit: int) -> None:
        if decoded_bytes > limit:
            raise FetchRefused("too-large", f"The answer is larger than {limit:,} bytes.")
        ratio = self._policy.max_compression_ratio
        if decoded_bytes > MEBIBYTE and decoded_bytes > ratio * self.received_bytes:
            raise FetchRefused("compression", f"The answer unfolds to more than {ratio} times its size.")


def _inflated(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Gzip members one after another, at most ``STEP_BYTES`` at a time."""
    inflater = zlib.decompressobj(16 + zlib.MAX_WBITS)
    has_data = False
    try:
        for chunk in chunks:
            pending = chunk
            while pending:
                has_data = True
                inflater = zlib.decompressobj(16 + zlib.MAX_WBITS) if inflater.eof else inflater
                yield inflater.decompress(pending, STEP_BYTES)
                pending = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
            while not inflater.eof and (step := inflater.decompress(b"", STEP_BYTES)):
                yield step
    except zlib.error:
        raise FetchRefused("compression", "The answer claims to be gzip but is not.") from None
    if has_data and not inflater.eof:
        raise FetchDeferred("truncated", "The compressed answer broke off before its end.")

"""Reading an answer's body within limits: decompressed by us in small steps, so that no bomb unfolds in memory."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

from harvesters.fetch_policy import MEBIBYTE, FetchPolicy
from harvesters.source import FetchDeferred, FetchRefused

STEP_BYTES = 64 * 1024


def read_body(chunks: Iterable[bytes], *, encoding: str, policy: FetchPolicy) -> tuple[bytes, int]:
    """The decoded body and the number of bytes received.

    Raises :class:`FetchRefused` (``too-large``, ``compression``) and :class:`FetchDeferred` (``truncated``).
    """
    meter = _Meter(policy)
    steps = _inflated(meter.received(chunks)) if is_gzip(encoding) else meter.received(chunks)
    body = bytearray()
    for step in steps:
        body += step
        meter.check(len(body))
    return bytes(body), meter.received_bytes


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

    def check(self, decoded_bytes: int) -> None:
        limit = self._policy.max_body_bytes
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

"""What a fetch may do: which addresses, how long, how much, how often. The defaults suit an unknown public server."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class FetchPolicy:
    """Only an operator should widen the first three, and ``connections``.

    ``allowed_networks`` (CIDR) may be called although they are not public; addresses inside them may also be written as
    numbers. ``allowed_ports`` are allowed beside 80 and 443.
    """

    allow_http: bool = False
    allowed_ports: Collection[int] = ()
    allowed_networks: Collection[str] = ()
    max_redirects: int = 5

    connect_seconds: float = 10.0
    silence_seconds: float = 30.0
    total_seconds: float = 120.0
    """For one request with its redirects, whatever trickles in meanwhile."""
    max_body_bytes: int = 64 * MEBIBYTE
    """After decompression."""
    max_file_bytes: int = 1024 * MEBIBYTE
    """The same, for what is put into a file: catalogues that come as one document."""
    file_total_seconds: float = 600.0
    max_compression_ratio: int = 100
    """Judged once a mebibyte came out."""

    attempts: int = 5
    backoff_seconds: float = 2.0
    max_backoff_seconds: float = 300.0
    max_wait_in_place_seconds: float = 30.0
    """A server that asks for a longer pause ends the run for now."""
    min_interval_seconds: float = 0.25
    """Between the starts of two requests."""
    connections: int = 1
    """Requests under way at once."""
